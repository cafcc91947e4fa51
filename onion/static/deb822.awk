# Of a .sources file: the paragraphs of the Debian release "from", main section,
# both kinds of packages, for the release "to".
BEGIN { RS = ""; FS = "\n" }
{
	text = ""; ours = main = off = drop = 0
	for (i = 1; i <= NF; i++) {
		if ($i ~ /^#/) continue
		key = tolower($i); sub(/:.*/, "", key)
		if ($i !~ /^[ \t]/) drop = key ~ /^(types|components|architectures|enabled)$/
		if (key == "enabled" && tolower($i) ~ /no|false/) off = 1
		if (key == "components" && $i ~ /[ \t]main([ \t]|$)/) main = 1
		if (key == "suites" && index($i, " " from)) { ours = 1; gsub(" " from, " " to, $i) }
		if (!drop) text = text $i "\n"
	}
	# The empty line ends the paragraph.
	if (ours && main && !off) print "Types: deb deb-src\nComponents: main\n" text
}
