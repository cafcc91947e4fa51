#!/bin/sh
# fetch-tor.sh DESTDIR
#
# Unpacks the distribution's tor, tor-gencert and the libraries tor links to
# below DESTDIR. Nothing is installed and no root is needed: apt works in
# folders of its own and dpkg only unpacks. apt still verifies the archive's
# signatures. libc is left out: the loader and libc must be of one build.
#
# Nothing is fetched if DESTDIR already holds a working tor, or if the one on
# PATH is new enough.
set -eu

least=0.4.9.11

say() { printf 'fetch-tor: %s\n' "$*"; }
die() { printf 'fetch-tor: error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

[ $# -eq 1 ] && [ -n "$1" ] || die "give one folder to unpack into: $0 build/tor"
mkdir -p "$1" || die "cannot make the folder $1: choose one that you may write to."
dest=$(cd "$1" && pwd)

# libdirs prints the folders of the unpacked libraries, separated by colons.
libdirs() {
	dirs=
	for d in "$dest"/usr/lib/*-linux-* "$dest"/lib/*-linux-*; do
		[ -d "$d" ] && dirs=$dirs${dirs:+:}$d
	done
	printf '%s' "$dirs"
}

# good TOR: is it new enough, with the proof of work module?
good() {
	"$1" --version 2>/dev/null | awk -v least="$least" '
		/^Tor version / && !seen {
			seen = 1
			n = split(least, want, "."); split($3, got, "[.-]")
			for (i = 1; i <= n && got[i] + 0 == want[i] + 0; i++);
			enough = i > n || got[i] + 0 > want[i] + 0
		}
		END { exit !enough }' || return 1
	"$1" --list-modules 2>/dev/null | grep -q '^pow: yes'
}

unpacked() {
	[ -x "$dest/usr/bin/tor" ] && [ -x "$dest/usr/bin/tor-gencert" ] &&
		(LD_LIBRARY_PATH=$(libdirs); export LD_LIBRARY_PATH; good "$dest/usr/bin/tor")
}

if have tor && have tor-gencert && good tor; then
	say "using the tor on PATH: $(command -v tor)"
	exit 0
fi
if unpacked; then
	say "already there: $dest"
	exit 0
fi

for tool in apt-get apt-cache dpkg flock; do
	have "$tool" ||
		die "$tool is missing (this needs Debian or a descendant): install tor $least or newer with proof of work, and put it on PATH."
done

# One at a time; who comes second finds the work done. The kernel drops the
# lock with the process, so none is ever stale.
exec 9>"$dest/.lock"
flock -n 9 || { say "waiting for another fetch into $dest"; flock 9; }
if unpacked; then
	say "already there: $dest"
	exit 0
fi

new=$dest/.new
rm -rf "$new"
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$new/lists/partial" "$new/cache/archives/partial" "$new/debs" "$new/root"

# apt's own sandbox user could not write into these folders.
in_private() {
	program=$1
	shift
	"$program" -o Dir::State::lists="$new/lists" -o Dir::Cache="$new/cache" \
		-o APT::Sandbox::User= -o Acquire::Retries=2 -o Acquire::http::Timeout=30 "$@"
}

say "reading the package archive"
in_private apt-get -qq --error-on=any update >"$new/log" 2>&1 || {
	sed 's/^/  /' "$new/log" >&2
	die "the package archive cannot be reached: check the network and /etc/apt/sources.list, then run this again."
}

# tor's own libraries but libc. What those need in turn (libgcrypt, liblz4) is
# on every machine that has apt.
libs=$(in_private apt-cache depends --no-recommends --no-suggests tor |
	sed -n 's/^ *|\{0,1\}Depends: \(lib[^ ]*\)$/\1/p' | grep -v '^libc6' | grep -v '^libelogind') || libs=
[ -n "$libs" ] || die "the package archive has no tor: add the distribution's main section to /etc/apt/sources.list, then run this again."

say "fetching" tor $libs
(cd "$new/debs" && in_private apt-get -qq download tor $libs) >"$new/log" 2>&1 || {
	sed 's/^/  /' "$new/log" >&2
	die "the packages could not be fetched: check the network, then run this again."
}
for deb in "$new"/debs/*.deb; do
	dpkg -x "$deb" "$new/root"
done

rm -rf "$dest/usr" "$dest/lib"
for d in usr lib; do
	[ ! -d "$new/root/$d" ] || mv "$new/root/$d" "$dest/$d"
done
unpacked || die "the distribution's tor is older than $least or lacks proof of work: install one that has both, and put it on PATH."
say "unpacked into $dest"
