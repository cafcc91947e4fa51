package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// entries are the scripts that pages name, and the style sheet.
var entries = []string{"send.ts", "open.ts", "control.ts", "write.ts", "return.ts", "inbox.ts", "ask.ts", "answer.ts", "operator.ts", "site.ts"}

const style = "style.css"

// bundle builds one entry by itself. Entries share no chunks: a shared one would be another
// request, and a request over Tor costs more than the bytes.
func bundle(front, entry string) (map[string][]byte, []string, error) {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     front,
		EntryPoints:       []string{entry},
		Outdir:            "out",
		EntryNames:        "[name].[hash]",
		ChunkNames:        "[name].[hash]",
		Bundle:            true,
		Splitting:         true,
		Format:            api.FormatESModule,
		Platform:          api.PlatformBrowser,
		Target:            api.ES2022,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone, // dist/NOTICE.txt has them
		Metafile:          true,
		LogLevel:          api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return nil, nil, errors.New(api.FormatMessages(result.Errors, api.FormatMessagesOptions{})[0])
	}
	out := make(map[string][]byte)
	for _, f := range result.OutputFiles {
		out["assets/"+filepath.Base(f.Path)] = f.Contents
	}
	packages, err := inspect(result.Metafile, path.Base(entry))
	return out, packages, err
}

type metafile struct {
	Inputs  map[string]struct{}
	Outputs map[string]struct {
		EntryPoint string
		Imports    []struct{ Path, Kind string }
	}
}

// inspect returns the npm packages that went into a bundle, and fails if its entry needs
// another script before it can run.
func inspect(meta, entry string) ([]string, error) {
	var m metafile
	if err := json.Unmarshal([]byte(meta), &m); err != nil {
		return nil, err
	}
	for _, o := range m.Outputs {
		for _, i := range o.Imports {
			if path.Base(o.EntryPoint) == entry && i.Kind == "import-statement" {
				return nil, fmt.Errorf("%s shares a chunk with a late import: that is one more request", entry)
			}
		}
	}
	var packages []string
	for input := range m.Inputs {
		if _, rest, ok := strings.Cut(input, "node_modules/"); ok {
			parts := strings.SplitN(rest, "/", 3)
			name := parts[0]
			if strings.HasPrefix(name, "@") {
				name += "/" + parts[1]
			}
			packages = append(packages, name)
		}
	}
	return packages, nil
}
