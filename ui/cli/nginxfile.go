package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
)

// readNginx reads a configuration file, "-" being standard input, but not more
// than a scenario file may hold.
func readNginx(cmd *cobra.Command, path string) (string, error) {
	if path != "-" {
		text, err := readFile(path)
		return tooLarge(path, text, err)
	}
	text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), yamltree.MaxSize+1))
	return tooLarge("standard input", text, err)
}

func tooLarge(path string, text []byte, err error) (string, error) {
	if err == nil && len(text) > yamltree.MaxSize {
		err = fmt.Errorf("%s: larger than %d bytes", path, yamltree.MaxSize)
	}
	return string(text), err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// parseNginx reads a configuration; its problems come with their place in the
// file and an excerpt, as those of scenario files do.
func parseNginx(file, text, version string) (*nginx.Config, yamltree.Errors) {
	config, problems := nginx.Parse(text, nginx.Options{Version: nginx.Version(version)})
	if len(problems) == 0 {
		return config, nil
	}
	return nil, placed(file, text, problems)
}

// placed gives the problems of a text their place in the file, and an excerpt.
func placed(file, text string, problems []syntax.Problem) yamltree.Errors {
	lines := strings.Split(text, "\n")
	var out yamltree.Errors
	for _, p := range problems {
		problem := yamltree.Problem{File: file, Line: p.Pos.Line, Column: p.Pos.Column, Text: format.Line(p.Text), Hint: format.Line(p.Hint)}
		if n := p.Pos.Line; n >= 1 && n <= len(lines) {
			problem.Excerpt = format.Excerpt(strings.TrimRight(lines[n-1], "\r"), n, p.Pos.Column, 1)
		}
		out = append(out, problem)
	}
	return out
}
