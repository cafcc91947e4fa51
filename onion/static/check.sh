#!/bin/sh
# check.sh [renew]
#
# Compares the lock with what the package archive offers now and fails if they
# differ. With "renew" it writes the offer into the lock instead; the binaries
# are to be built anew then.
set -eu
. "$(dirname "$0")/archive.sh"
. "$here/offer.sh"

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "reading the package archive"
read_archive "$temp/apt"
offer >"$temp/offer"
grep -Ev '^(#|binary |owed )' "$lock" >"$temp/have"
lacks=$(awk '$1 == "source" && NF < 3 || $1 == "tool" && NF < 4 || $1 == "library" && NF < 6 { print $NF }' "$temp/offer" | sort -u)
[ -z "$lacks" ] || die "the archive has no" $lacks

if [ "${1:-}" = renew ]; then
	{ grep -E '^(#|owed )' "$lock"; cat "$temp/offer"; grep '^binary ' "$lock" || true; } >"$temp/lock"
	cat "$temp/lock" >"$lock"
elif diff "$temp/have" "$temp/offer" >"$temp/diff"; then
	say "the lock is what the archive offers"
else
	sed -n 's/^< /locked:  /p; s/^> /offered: /p' "$temp/diff"
	die "the archive has moved on: make tor-lock, then the tests."
fi
