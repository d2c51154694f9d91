// Package app is the page that shows a run in a browser: a few modules that it loads as they are. There is no
// build step. Where its engine is, and which scenarios there are, the page is told by whoever serves it.
package app

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"

	"stickylab/ui/web/board"
)

//go:embed assets
var assets embed.FS

// An Engine is where the engine of the page is.
type Engine string

// The places.
const (
	InTab Engine = "tab"  // the file engine.bin next to the page, gzip or not, in a worker
	Live  Engine = "live" // the program that serves the page, behind a WebSocket at "engine"
)

// policy is the Content-Security-Policy in index.html.
var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="[^"]*">`)

// Files returns the files of the page by their names, "index.html" among them. It fails when a built-in scenario is
// not valid.
func Files(engine Engine) (map[string][]byte, error) {
	out := make(map[string][]byte)
	err := fs.WalkDir(assets, "assets", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := assets.ReadFile(path)
		out[d.Name()] = text
		return err
	})
	if err != nil {
		return nil, err
	}
	const root = `<html lang="en">`
	if !bytes.Contains(out["index.html"], []byte(root)) {
		return nil, fmt.Errorf("index.html has no %s", root)
	}
	out["index.html"] = bytes.Replace(out["index.html"], []byte(root), fmt.Appendf(nil, `<html lang="en" data-engine="%s">`, engine), 1)
	list, err := board.Catalogue()
	if err != nil {
		return nil, err
	}
	out["catalogue.json"], err = json.Marshal(list)
	return out, err
}
