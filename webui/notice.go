package webui

// Notice is the licence texts of the packages in the pages' scripts.
func Notice() (string, error) {
	b, err := dist.ReadFile("dist/NOTICE.txt")
	return string(b), err
}
