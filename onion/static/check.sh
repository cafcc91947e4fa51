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
grep -Ev '^(#|binary )' "$lock" >"$temp/have"
if awk 'NF < 3 && $1 != "suite" { exit 1 }' "$temp/offer"; then :; else
	die "the archive lacks something: $(awk 'NF < 3 && $1 != "suite"' "$temp/offer" | tr '\n' ';')"
fi

if [ "${1:-}" = renew ]; then
	{ grep '^#' "$lock"; cat "$temp/offer"; grep '^binary ' "$lock" || true; } >"$temp/lock"
	cat "$temp/lock" >"$lock"
elif diff "$temp/have" "$temp/offer" >"$temp/diff"; then
	say "the lock is what the archive offers"
else
	sed -n 's/^< /locked:  /p; s/^> /offered: /p' "$temp/diff"
	die "the archive has moved on: make tor-lock, then the tests."
fi
