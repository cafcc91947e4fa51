#!/bin/sh
# inside.sh ARCH LIBRARY…
#
# Builds Tor in the fresh root that build.sh has made, from the source package
# in /build, and leaves tor.zst, licenses.zst and sha256 in /build/out. Nothing of
# the build's place or time gets into them: every path is the same wherever the
# root lies.
# Standard error tells how far it is, a line a step.
set -eu
arch=$1
shift
export LC_ALL=C TZ=UTC
cd /build
mkdir out

step() { printf 'step %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

step "unpacking the source"
dpkg-source --no-check -x tor_*.dsc tor >/dev/null
cd tor

cross= prefix=
static="-static-pie -Wl,-z,relro,-z,now -Wl,--build-id=none"
if [ "$arch" = arm64 ]; then
	prefix=aarch64-linux-gnu-
	cross=--host=aarch64-linux-gnu
	# The cross compiler brings a libc and a libgcc of its own, without the
	# distribution's security updates. Those of the lock go first.
	libs=/usr/lib/aarch64-linux-gnu
	for dir in $libs /usr/lib/gcc/aarch64-linux-gnu/*; do
		static="$static -B$dir -L$dir"
	done
	# Without these, lzma and zstd are dropped silently.
	export PKG_CONFIG=pkg-config PKG_CONFIG_LIBDIR=$libs/pkgconfig:/usr/share/pkgconfig
fi

step "configuring"
# A client and an onion service alone: no relay, no directory authority, nothing
# read from /etc. The proof of work is GPL-3.
./configure $cross --enable-gpl --disable-asciidoc --disable-manpage --disable-html-manual \
	--disable-unittests --disable-systemd --disable-system-torrc --disable-libscrypt \
	--enable-lzma --enable-zstd --disable-module-relay --disable-module-dirauth \
	--prefix=/usr --sysconfdir=/nonexistent \
	CFLAGS="-O2 -ffile-prefix-map=/build/tor=/tor" >/build/log 2>&1 ||
	{ tail -n 20 /build/log >&2; die "configure failed"; }
for have in HAVE_LZMA HAVE_ZSTD HAVE_MODULE_POW; do
	grep -q "^#define $have 1" orconfig.h || die "configure has dropped $have"
done
for without in HAVE_MODULE_RELAY HAVE_MODULE_DIRAUTH; do
	! grep -q "^#define $without 1" orconfig.h || die "configure has kept $without"
done

step "compiling"
total=$(make -n V=0 src/app/tor 2>/dev/null | grep -c 'echo "  CC ') || true
(
	# Ends with its parent, which removes the file.
	while sleep 2 && [ -e /build/compiling ]; do
		step "compiling, $(grep -c '^  CC ' /build/log) of $total files"
	done
) &
touch /build/compiling
make -j"$(nproc)" V=0 src/app/tor LDFLAGS="$static" >/build/log 2>&1 ||
	{ tail -n 20 /build/log >&2; rm /build/compiling; die "the compiler failed"; }
rm /build/compiling
wait
"${prefix}strip" -s -o /build/tor.stripped src/app/tor

step "checking"
"${prefix}readelf" -hdl /build/tor.stripped >/build/elf
grep -q 'Type: *DYN' /build/elf || die "tor is not position independent"
grep -q 'FLAGS.*BIND_NOW\|Flags:.*NOW' /build/elf || die "tor binds lazily"
! grep -q 'INTERP\|NEEDED' /build/elf || die "tor is not static"
if [ "$arch" = amd64 ]; then
	/build/tor.stripped --list-modules | tr '\n' ' ' >/build/modules
	[ "$(cat /build/modules)" = "relay: no dirauth: no dircache: no pow: yes " ] ||
		die "tor has other modules: $(cat /build/modules)"
fi

step "collecting the licences"
{
	printf '==== tor %s\n\n' "$(sed -n 's/^Version: //p' /build/tor_*.dsc)"
	cat debian/copyright LICENSE
	for library; do
		printf '\n\n==== %s %s\n\n' "$library" "$(dpkg-query -W -f '${Version}' "$library")"
		cat "/usr/share/doc/${library%%:*}/copyright"
	done
} >/build/texts
{
	cat /build/texts
	grep -o '/usr/share/common-licenses/[A-Za-z0-9.+-]*[A-Za-z0-9]' /build/texts | sort -u |
		while read -r file; do
			[ -f "$file" ] || continue
			printf '\n\n==== the text of %s\n\n' "${file##*/}"
			cat "$file"
		done
} >/build/licenses

step "compressing"
sha256sum /build/tor.stripped | cut -d ' ' -f 1 >/build/out/sha256
# In four frames, which can be unpacked side by side.
split -n 4 /build/tor.stripped /build/part.
for part in /build/part.??; do
	zstd -q --ultra -22 -c "$part" >>/build/out/tor.zst
done
zstd -q --ultra -22 /build/licenses -o /build/out/licenses.zst
