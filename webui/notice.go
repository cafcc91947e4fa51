package webui

// Notice is the licence texts of the packages in the pages' scripts.
func Notice() string { return embedded()["NOTICE.txt"] }
