# offer.sh is read by the scripts that ask the archive what it has now. It does
# nothing by itself; apt works in a folder of its own, and no root is needed.
# shellcheck shell=sh

# read_archive DIR: fetches the lists of the archive.
read_archive() {
	apt_dir=$1
	for tool in apt-get apt-cache apt-config; do
		have "$tool" || die "$tool is missing: this needs Debian or a descendant."
	done
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial" "$apt_dir/parts"
	debian_sources >"$apt_dir/all"
	# apt tells the two formats apart by the file's name.
	grep -E '^deb' "$apt_dir/all" >"$apt_dir/parts/apt.list" || true
	grep -vE '^deb' "$apt_dir/all" >"$apt_dir/parts/apt.sources" || true
	in_archive apt-get -qq --error-on=any update >"$apt_dir/log" 2>&1 || {
		sed 's/^/  /' "$apt_dir/log" >&2
		die "the package archive cannot be reached: check the network and /etc/apt, then run this again."
	}
}

# in_archive PROGRAM ARG…: apt with these lists alone. Its own sandbox user
# could not write into these folders.
in_archive() {
	program=$1
	shift
	"$program" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt_dir/parts" \
		-o Dir::State::Lists="$apt_dir/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$apt_dir/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 \
		-o APT::Sandbox::User= -o Acquire::Retries=2 "$@"
}

# offered prints what the archive has of the binary packages of the lock: name,
# architecture, version, source, its version. Cross tools are amd64's.
offered() {
	# shellcheck disable=SC2046 # a list of names
	in_archive apt-cache show --no-all-versions $(awk '
		$1 == "library" { print $3 ":" $2 }
		$1 == "tool" { print $3 ":amd64" }' "$lock" | sort -u) 2>/dev/null | awk '
		/^Package: / { name = $2; source = version = built = "" }
		/^Architecture: / { arch = $2 }
		/^Version: / { version = $2 }
		/^Source: / { source = $2; built = $3; gsub(/[()]/, "", built) }
		/^$/ { print name, arch, version, source ? source : name, built ? built : version }'
}

# offer prints the lock as the archive would have it now, without the binaries.
offer() {
	offered >"$apt_dir/offered"
	in_archive apt-cache showsrc --only-source $(locked source | cut -d ' ' -f 1) 2>/dev/null |
		sed -n 's/^Version: //p' | sort -V | tail -n 1 >"$apt_dir/tor"
	awk -v tor="$(cat "$apt_dir/tor")" '
		FNR == NR { version[$1 ":" $2] = $3; source[$1 ":" $2] = $4 " " $5; next }
		$1 == "suite" { print $1, $2 }
		$1 == "source" { print $1, $2, tor }
		$1 == "library" { print $1, $2, $3, version[$3 ":" $2], source[$3 ":" $2] }
		$1 == "tool" { print $1, $2, $3, version[$3 ":amd64"] }' "$apt_dir/offered" "$lock"
}
