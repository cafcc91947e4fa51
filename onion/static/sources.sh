#!/bin/sh
# sources.sh DESTDIR
#
# Fetches the source packages of everything in the lock into DESTDIR; apt verifies
# the archive's signatures. What the lock says is owed must be there. Of the rest,
# what the archive lists but has not is named in DESTDIR/MISSING.txt, and the
# libraries it was built into come in its place, so that Tor can still be linked
# anew. What the compiler adds (gcc) its licence frees from that.
set -eu
. "$(dirname "$0")/archive.sh"
. "$here/offer.sh"
export LC_ALL=C # what apt says is looked at

[ $# -eq 1 ] && [ -n "$1" ] || die "give one folder to fetch into."
mkdir -p "$1"
dest=$(cd "$1" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

source_of() { in_archive apt-get -qq source --only-source --download-only "$@"; }

# only_absent says whether all that apt complains of is that files are not there:
# what a bad network keeps from us is not missing.
only_absent() {
	grep '^E: Failed to fetch [a-z]*:' "$temp/log" >"$temp/failed" && ! grep -qv '  404 ' "$temp/failed"
}

# absent prints the files of a source package that are not here, or not whole.
absent() {
	source_of --print-uris "$1" >"$temp/files"
	while read -r _ name _ sum; do
		echo "${sum#SHA256:}  $name" | sha256sum --status -c 2>/dev/null && continue
		rm -f "$name"
		printf ' %s' "$name"
	done <"$temp/files"
}

say "reading the package archive"
read_archive "$temp/apt"
{
	locked source
	locked library | awk '$4 !~ /^gcc-/ { print $4, $5 }'
} | sort -u >"$temp/wanted"
say "fetching the sources of" $(cut -d ' ' -f 1 "$temp/wanted")
cd "$dest"
while read -r name version; do
	source_of "$name=$version" >"$temp/log" 2>&1 || only_absent || {
		sed 's/^/  /' "$temp/log" >&2
		die "the source of $name could not be fetched. If its version is not found, the archive has moved on: make tor-check tells."
	}
	files=$(absent "$name=$version")
	[ -n "$files" ] || continue
	why=$(locked owed | sed -n "s/^$name //p")
	[ -z "$why" ] || die "the archive has no$files. Without the whole source of $name there is no release: $why."
	echo "$name $version:$files" >>"$temp/missing"
	libraries=$(locked library | awk -v name="$name" '$4 == name { print $2 ":" $1 "=" $3 }')
	# shellcheck disable=SC2086 # a list of names
	in_archive apt-get -qq download $libraries >"$temp/log" 2>&1 || {
		sed 's/^/  /' "$temp/log" >&2
		die "the libraries of $name could not be fetched in place of its source."
	}
done <"$temp/wanted"

[ -s "$temp/missing" ] || exit 0
{
	cat <<-'END'
		When this was collected, the package archive listed these files of source
		packages but did not have them. They are not here:

	END
	sed 's/^/  /' "$temp/missing"
	cat <<-'END'

		snapshot.debian.org keeps every version of every package: the name of the
		package and its exact version are above. In place of each, the packages of
		libraries are here that were linked into Tor.
	END
} >MISSING.txt
sed "s/^/static-tor: not in the archive: /" "$temp/missing"
