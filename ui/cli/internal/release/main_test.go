package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/ui/cli"
)

var at = time.Unix(1_700_000_000, 0).UTC()

// folder makes a folder of a release whose times and modes are those of the moment.
func folder(t *testing.T, mode os.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "stickylab-1")
	for name, text := range map[string]string{"stickylab": "program", "man/man1/stickylab.1": "page", "LICENSE": "licence", "a.txt": "a"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The same files make the same archive, byte for byte, whenever and by whomever they were
// written; the program can be run.
func TestArchivesAreReproducible(t *testing.T) {
	for _, ending := range []string{".tar.gz", ".zip"} {
		var all [][]byte
		for _, mode := range []os.FileMode{0o600, 0o755} {
			file := filepath.Join(t.TempDir(), "x"+ending)
			if err := archive(file, folder(t, mode), at); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
		if !bytes.Equal(all[0], all[1]) {
			t.Errorf("two archives %s differ", ending)
		}
		want := []string{"stickylab-1/LICENSE -rw-r--r--", "stickylab-1/a.txt -rw-r--r--", "stickylab-1/man/man1/stickylab.1 -rw-r--r--", "stickylab-1/stickylab -rwxr-xr-x"}
		if got := entries(t, all[0], ending); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", ending, got, want)
		}
	}
	if err := archive(filepath.Join(t.TempDir(), "x.rar"), folder(t, 0o644), at); err == nil {
		t.Error("a .rar is made")
	}
}

func entries(t *testing.T, b []byte, ending string) (out []string) {
	t.Helper()
	if ending == ".zip" {
		r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.File {
			out = append(out, f.Name+" "+f.Mode().String())
		}
		return out
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, h.Name+" "+h.FileInfo().Mode().String())
	}
}

// Every command has a man page, without the date of the day; every shell has its file.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	if err := pages(dir, at); err != nil {
		t.Fatal(err)
	}
	for _, c := range cli.Root().Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, "man/man1", "stickylab-"+c.Name()+".1"))
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(text), "Nov 2023") {
			t.Errorf("%s: %.200s", c.Name(), text)
		}
	}
	for _, name := range []string{"stickylab.bash", "_stickylab", "stickylab.fish", "stickylab.ps1"} {
		if info, err := os.Stat(filepath.Join(dir, "completions", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
