#!/bin/sh
# sources.sh DESTDIR
#
# Fetches the source packages of everything in the lock into DESTDIR: who passes
# the binary on owes its sources. apt verifies the archive's signatures. What the
# compiler adds (gcc) its licence frees from that.
set -eu
. "$(dirname "$0")/archive.sh"
. "$here/offer.sh"

[ $# -eq 1 ] && [ -n "$1" ] || die "give one folder to fetch into."
mkdir -p "$1"
dest=$(cd "$1" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "reading the package archive"
read_archive "$temp/apt"
{
	locked source | tr ' ' '='
	locked library | awk '$4 !~ /^gcc-/ { print $4 "=" $5 }'
} | sort -u >"$temp/wanted"
say "fetching the sources of" $(cut -d = -f 1 "$temp/wanted")
cd "$dest"
# shellcheck disable=SC2046 # a list of names
in_archive apt-get -qq source --only-source --download-only $(cat "$temp/wanted") >"$temp/log" 2>&1 || {
	sed 's/^/  /' "$temp/log" >&2
	die "the sources could not be fetched. If a version is not found, the archive has moved on: make tor-check tells."
}
