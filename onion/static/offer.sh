# offer.sh is read by the scripts that ask the archive what it has now. It does
# nothing by itself; apt works in a folder of its own, and no root is needed.
# shellcheck shell=sh

# read_archive DIR: fetches the lists of the archive.
read_archive() {
	apt_dir=$1
	for tool in apt-get apt-cache apt-config; do
		have "$tool" || die "$tool is missing: this needs Debian or a descendant."
	done
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	debian_sources >"$apt_dir/all.sources"
	# apt tells the two formats apart by the file's name.
	grep -E '^deb' "$apt_dir/all.sources" >"$apt_dir/apt.list" || true
	grep -vE '^deb' "$apt_dir/all.sources" >"$apt_dir/apt.sources" || true
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
	"$program" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt_dir" \
		-o Dir::State::Lists="$apt_dir/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$apt_dir/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 \
		-o APT::Sandbox::User= -o Acquire::Retries=2 "$@"
}

# offered_source NAME: the newest version of a source package.
offered_source() {
	in_archive apt-cache showsrc --only-source "$1" 2>/dev/null | sed -n 's/^Version: //p' | sort -V | tail -n 1
}

# offered PACKAGE:ARCH: its version, its source and that one's version.
offered() {
	in_archive apt-cache show --no-all-versions "$1" 2>/dev/null | awk '
		/^Package: / && !name { name = $2 }
		/^Version: / && !version { version = $2 }
		/^Source: / && !source { source = $2; built = $3; gsub(/[()]/, "", built) }
		END { if (!source) source = name; if (!built) built = version; if (version) print version, source, built }'
}

# offer prints the lock as the archive would have it now, without the binaries.
offer() {
	while read -r kind a b _; do
		case $kind in
		suite) echo "suite $a" ;;
		source) echo "source $a $(offered_source "$a")" ;;
		library) echo "library $a $b $(offered "$b:$a")" ;;
		tool) echo "tool $a $b $(offered "$b:amd64" | cut -d ' ' -f 1)" ;;
		esac
	done <"$lock"
}
