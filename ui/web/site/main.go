// Command site builds the page with the engine for a browser's tab into a folder for any static host:
//
//	go run ./ui/web/site OUT
//
// It needs only Go. The folder must be new or empty, or an earlier site.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"stickylab/sim/format"
	"stickylab/ui/web/app"
	"stickylab/ui/web/internal/module"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" || os.Args[1][0] == '-' {
		fmt.Fprintln(os.Stderr, "usage: go run ./ui/web/site OUT\nOUT is the folder for the site, which is made if it is not there.")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// build writes the site into a folder, and what it has into out. It fails when the folder holds anything else, the
// engine does not compile or a file cannot be written.
func build(folder string, out io.Writer) error {
	files, err := app.Files(app.InTab)
	if err != nil {
		return err
	}
	if err := usable(folder, files); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "building the engine for WebAssembly")
	engine, err := compile()
	if err != nil {
		return err
	}
	if files[engineFile], err = compressed(engine); err != nil {
		return err
	}
	page := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o644); err != nil {
			return err
		}
		if name != engineFile {
			page += len(files[name])
		}
	}
	_, err = fmt.Fprintf(out, "%s: the page, %s kB, and the engine, %s kB (%s kB before compression)\n", folder,
		format.Number(page/1000), format.Number(len(files[engineFile])/1000), format.Number(len(engine)/1000))
	return err
}

const engineFile = "engine.bin"

// usable makes the folder, or fails when it holds anything that is no file of the site.
func usable(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, ours := files[e.Name()]; !ours && e.Name() != engineFile {
			return fmt.Errorf("%s holds %s, which is no part of the site: name a new or empty folder", folder, e.Name())
		}
	}
	return nil
}

// compile returns the engine as a module. It fails as module.Build does.
func compile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "stickylab-engine")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "engine.wasm")
	if err := module.Build(file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// compressed is the engine as a browser can unpack it.
func compressed(engine []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(engine); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
