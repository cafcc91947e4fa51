# Of a sources.list: the lines of the Debian release "from", main section, both
# kinds of packages, for the release "to".
/^deb[ \t]/ {
	options = ""
	if (match($0, /\[[^]]*\]/)) {
		options = substr($0, RSTART + 1, RLENGTH - 2)
		gsub(/arch=[^ ]*/, "", options)
		sub(/\[[^]]*\][ \t]*/, "")
	}
	if (index($3, from) != 1 || $0 !~ /[ \t]main([ \t]|$)/) next
	sub(from, to, $3)
	if (options ~ /[^ ]/) options = "[" options "] "
	print "deb " options $2 " " $3 " main"
	print "deb-src " options $2 " " $3 " main"
}
