// Command release makes the parts of a release that the build does not: man pages,
// completions, and archives that are the same bytes each time. `.ci/release` calls it.
//
//	release pages DIR SECONDS          man pages and completions, dated by seconds since 1970
//	release archive FILE DIR SECONDS   the folder as FILE, .tar.gz or .zip
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"stickylab/ui/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("pages DIR SECONDS, or archive FILE DIR SECONDS")
	}
	seconds, err := strconv.ParseInt(args[len(args)-1], 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no number of seconds", args[len(args)-1])
	}
	at := time.Unix(seconds, 0).UTC()
	switch {
	case args[0] == "pages" && len(args) == 3:
		return pages(args[1], at)
	case args[0] == "archive" && len(args) == 4:
		return archive(args[1], args[2], at)
	}
	return fmt.Errorf("unknown: %q", args)
}

// pages writes man pages and completions into folders of dir.
func pages(dir string, at time.Time) error {
	root := cli.Root()
	root.DisableAutoGenTag = true
	man := filepath.Join(dir, "man", "man1")
	completions := filepath.Join(dir, "completions")
	if err := errors.Join(os.MkdirAll(man, 0o755), os.MkdirAll(completions, 0o755)); err != nil {
		return err
	}
	header := doc.GenManHeader{Title: "STICKYLAB", Section: "1", Date: &at, Source: "stickylab", Manual: "stickylab"}
	if err := doc.GenManTree(root, &header, man); err != nil {
		return err
	}
	return errors.Join(
		root.GenBashCompletionFileV2(filepath.Join(completions, "stickylab.bash"), true),
		root.GenZshCompletionFile(filepath.Join(completions, "_stickylab")),
		root.GenFishCompletionFile(filepath.Join(completions, "stickylab.fish"), true),
		powershell(root, filepath.Join(completions, "stickylab.ps1")),
	)
}

func powershell(root *cobra.Command, path string) error {
	return root.GenPowerShellCompletionFileWithDesc(path)
}

// archive writes a folder, its name included, in the order of names, with one time, no owner
// and two modes: that of programs and that of texts.
func archive(file, dir string, at time.Time) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	var add func(name string, size int64, program bool, from io.Reader) error
	var end func() error
	switch {
	case strings.HasSuffix(file, ".tar.gz"):
		zipped, _ := gzip.NewWriterLevel(out, gzip.BestCompression) // a level that there is
		w := tar.NewWriter(zipped)
		add = func(name string, size int64, program bool, from io.Reader) error {
			err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: mode(program), ModTime: at, Format: tar.FormatUSTAR})
			if err != nil {
				return err
			}
			_, err = io.Copy(w, from)
			return err
		}
		end = func() error { return errors.Join(w.Close(), zipped.Close()) }
	case strings.HasSuffix(file, ".zip"):
		w := zip.NewWriter(out)
		add = func(name string, size int64, program bool, from io.Reader) error {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
			h.SetMode(fs.FileMode(mode(program)))
			into, err := w.CreateHeader(h)
			if err != nil {
				return err
			}
			_, err = io.Copy(into, from)
			return err
		}
		end = w.Close
	default:
		return fmt.Errorf("%s is neither .tar.gz nor .zip", file)
	}
	above := filepath.Dir(filepath.Clean(dir))
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // in the order of names
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(above, path)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		program := d.Name() == "stickylab" || d.Name() == "stickylab.exe"
		return add(filepath.ToSlash(name), info.Size(), program, f)
	})
	return errors.Join(err, end(), out.Close())
}

func mode(program bool) int64 {
	if program {
		return 0o755
	}
	return 0o644
}
