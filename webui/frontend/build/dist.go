package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// build returns the files of dist by their slash-separated names.
func build(front string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	assets := make(map[string]string) // "send.js" -> "send.HASH.js"
	var packages []string
	sources := []string{style}
	for _, e := range entries {
		sources = append(sources, "src/pages/"+e)
	}
	for _, source := range sources {
		out, used, err := bundle(front, source)
		if err != nil {
			return nil, err
		}
		packages = append(packages, used...)
		for name, content := range out {
			files[name] = content
			parts := strings.Split(strings.TrimPrefix(name, "assets/"), ".")
			assets[parts[0]+"."+parts[2]] = name
		}
	}
	if err := addPages(front, assets, files); err != nil {
		return nil, err
	}
	notice, err := notices(front, packages)
	if err != nil {
		return nil, err
	}
	files["NOTICE.txt"] = notice
	files[packed], err = pack(files)
	return files, err
}

// packed holds all other files, and is what the program embeds.
const packed = "pages.json.zst"

// pack puts the files together, as texts by their names. The bundles have much in
// common: one by one they would take three times as much.
func pack(files map[string][]byte) ([]byte, error) {
	texts := make(map[string]string)
	for name, content := range files {
		texts[name] = string(content)
	}
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	e := json.NewEncoder(z)
	e.SetEscapeHTML(false)
	if err := e.Encode(texts); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// write brings dist to files: what the sources no longer give is removed, after the new files
// are there, because others may be building with dist embedded.
func write(dist string, files map[string][]byte) error {
	for name, content := range files {
		target := filepath.Join(dist, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return err
		}
	}
	found, err := list(dist)
	if err != nil {
		return err
	}
	for _, name := range found {
		if _, ok := files[name]; !ok {
			if err := os.Remove(filepath.Join(dist, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	report(files)
	return nil
}

// list returns the names of the files in dist, with slashes.
func list(dist string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(dist), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// compare fails with the names of the files that differ.
func compare(dist string, files map[string][]byte) error {
	found, err := list(dist)
	if err != nil {
		return err
	}
	differ := maps.Clone(files)
	for _, name := range found {
		got, err := os.ReadFile(filepath.Join(dist, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if want, ok := files[name]; ok && bytes.Equal(got, want) {
			delete(differ, name)
		} else {
			differ[name] = nil
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("webui/dist is not what the sources give; run `go run ./webui/frontend/build`: %s",
			strings.Join(slices.Sorted(maps.Keys(differ)), ", "))
	}
	return nil
}

// report prints what each file weighs, also on the wire.
func report(files map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Printf("%-32s %7d bytes, %6d compressed\n", name, len(files[name]), compressed(files[name]))
	}
}

func compressed(content []byte) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a good one
	z.Write(content)
	z.Close()
	return b.Len()
}
