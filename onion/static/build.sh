#!/bin/sh
# build.sh ARCH CACHEDIR [relock]
#
# Builds the fully static Tor of tor.lock for amd64 or arm64 and puts it beside
# this script, compressed, with the licence texts of what is inside: there the
# Go build embeds it. What was built once is kept in CACHEDIR under the hash of
# the lock and of the script that builds. With "relock" the outcome's hash goes
# into the lock instead of being compared with it.
#
# The build runs in a fresh root made of the machine's own package archive, so
# that nothing of this machine gets into it. Nothing is installed here.
set -eu
. "$(dirname "$0")/archive.sh"

arch=${1:-} cache=${2:-}
case $arch in
amd64 | arm64) ;;
*) die "give an architecture, amd64 or arm64, and a folder: $0 amd64 build/static-tor" ;;
esac
[ -n "$cache" ] || die "give a folder for what is built: $0 $arch build/static-tor"
mkdir -p "$cache" || die "cannot make the folder $cache."
cache=$(cd "$cache" && pwd)
key() {
	awk -v arch="$arch" '/^(suite|source)/ || $2 == arch' "$lock" | cat - "$here/inside.sh" | sha256sum | cut -c 1-16
}
kept=$cache/$arch-$(key)

# install_kept puts what is kept where the Go build looks for it.
install_kept() {
	for f in tor licenses; do
		cmp -s "$kept/$f.zst" "$here/$f-$arch.zst" || cp "$kept/$f.zst" "$here/$f-$arch.zst"
	done
}

if [ -f "$kept/tor.zst" ] && [ -f "$kept/licenses.zst" ]; then
	install_kept
	exit 0
fi

missing=
have mmdebstrap || missing="$missing mmdebstrap"
[ "$(id -u)" -eq 0 ] || have newuidmap || missing="$missing uidmap"
have dpkg && have apt-get || die "this needs Debian or a descendant, to build Tor in a fresh root of it."
[ -z "$missing" ] || die "to build Tor, this is needed: sudo apt-get install --no-install-recommends$missing"
[ "$(dpkg --print-architecture)" = amd64 ] ||
	die "the hashes of the lock are those of a build on amd64; build there, for arm64 too."
if [ "$(id -u)" -ne 0 ] && ! unshare --user true 2>/dev/null; then
	die "user namespaces are off on this machine: turn them on (sudo sysctl kernel.unprivileged_userns_clone=1) or run this as root."
fi

exec 9>"$cache/.lock"
flock -n 9 || { say "waiting for another build"; flock 9; }

new=$cache/.new-$arch
rm -rf "$new"
mkdir -p "$new"
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is pinned, and what else a build needs.
libraries=$(locked library "$arch" | awk -v arch="$arch" '{ print $1 ":" arch }')
with=make,dpkg-dev,xz-utils,pkg-config,gcc,zstd
[ "$arch" = amd64 ] || with=$with,gcc-aarch64-linux-gnu
with=$with$(locked tool "$arch" | awk '{ printf ",%s=%s", $1, $2 }')
with=$with$(locked library "$arch" | awk -v arch="$arch" '{ printf ",%s:%s=%s", $1, arch, $2 }')
tor=$(locked source | tr ' ' '=')

debian_sources >"$new/sources"
[ -s "$new/sources" ] || die "the machine has no Debian sources in /etc/apt: add the distribution's main section."
acquire_options >"$new/apt.conf"

# show tells of each step: in one line on a terminal, else of those that differ.
show() {
	said=
	while read -r word rest; do
		[ "$word" = step ] || continue
		if [ -t 1 ]; then
			printf '\r\033[Kstatic-tor: %s' "$rest"
		elif [ "${rest%%,*}" != "$said" ]; then
			said=${rest%%,*}
			say "$said"
		fi
	done
	[ ! -t 1 ] || printf '\n'
}

make_root() {
	echo "step fetching the packages" >&2
	mmdebstrap --quiet --variant=apt --format=null \
		--architectures="amd64$([ "$arch" = amd64 ] || echo ",$arch")" \
		--include="$with" --aptopt="$new/apt.conf" --aptopt='Acquire::Languages "none"' \
		--customize-hook='mkdir "$1/build"' \
		--customize-hook='cd "$1/build" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -qq -o APT::Sandbox::User=root source --download-only '"$tor" \
		--customize-hook="upload '$here/inside.sh' /build/inside.sh" \
		--customize-hook="chroot \"\$1\" sh /build/inside.sh $arch $(echo $libraries)" \
		--customize-hook="sync-out /build/out '$new'" \
		"$(locked suite)" /dev/null "$new/sources"
}

say "building Tor ${tor#tor=} for $arch: some minutes, once"
mkfifo "$new/steps"
tee "$new/log" <"$new/steps" | show &
make_root 2>"$new/steps" >/dev/null || {
	wait
	grep -v '^step ' "$new/log" | tail -n 30 >&2
	die "Tor was not built. If a version is not found, the archive has moved on: make tor-check tells."
}
wait

sum=$(cat "$new/sha256")
if [ "${3:-}" = relock ]; then
	sed -i "/^binary $arch /d" "$lock"
	echo "binary $arch $sum" >>"$lock"
elif [ "$sum" != "$(locked binary "$arch")" ]; then
	die "the outcome's SHA-256 is $sum, the lock has another: something that goes into the build is not what it was."
fi
kept=$cache/$arch-$(key)
rm -rf "$kept"
mkdir "$kept"
mv "$new/tor.zst" "$new/licenses.zst" "$kept/"
install_kept
say "built: $(wc -c <"$kept/tor.zst") bytes compressed"
