# archive.sh is read by the other scripts of this folder: what they know of the
# lock and of the machine's package archive. It does nothing by itself.
# shellcheck shell=sh

here=$(cd "$(dirname "$0")" && pwd)
lock=$here/tor.lock

say() { printf 'static-tor: %s\n' "$*"; }
die() { printf 'static-tor: error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# locked KIND [ARCH]: what the lock's lines of that kind hold.
locked() {
	awk -v kind="$1" -v arch="${2:-}" '$1 == kind && (arch == "" || $2 == arch) {
		sub(/^[^ ]+ /, ""); if (arch != "") sub(/^[^ ]+ /, ""); print }' "$lock"
}

# debian_sources prints the machine's own Debian sources, source packages too,
# for the suite of the lock. Other archives of the machine stay out.
debian_sources() {
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	[ -n "$codename" ] || die "/etc/os-release names no Debian release."
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -r "$file" ] || awk -v from="$codename" -v to="$(locked suite)" -f "$here/oneline.awk" "$file"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -r "$file" ] || awk -v from="$codename" -v to="$(locked suite)" -f "$here/deb822.awk" "$file"
	done
}

# acquire_options prints how this machine reaches its archive: a proxy, say.
acquire_options() { apt-config dump | grep -E '^Acquire::(https?::|Check-)' || true; }
