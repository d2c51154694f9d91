package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
)

// nameOf returns what a file of the command line is called, "-" being standard
// input.
func nameOf(path string) string {
	if path == "-" {
		return "standard input"
	}
	return format.Line(path)
}

// readNginx reads a configuration file, but not more than a scenario file may
// hold.
func readNginx(cmd *cobra.Command, path string, includes bool) (string, error) {
	read := func() ([]byte, error) { return io.ReadAll(io.LimitReader(cmd.InOrStdin(), yamltree.MaxSize+1)) }
	if path != "-" {
		read = func() ([]byte, error) { return readFile(path) }
	}
	text, err := read()
	if err == nil && len(text) > yamltree.MaxSize {
		err = fmt.Errorf("%s: larger than %d bytes", nameOf(path), yamltree.MaxSize)
	}
	if err == nil && includes && path != "-" {
		return withIncludes(path, string(text)), nil
	}
	return string(text), err
}

// placed gives the problems of a text their place in the file, and an excerpt.
func placed(file, text string, problems []syntax.Problem) yamltree.Errors {
	lines := strings.Split(text, "\n")
	var out yamltree.Errors
	if len(problems) == 0 {
		return out
	}
	tree := syntax.Scan(text)
	for _, p := range problems {
		problem := yamltree.Problem{File: file, Line: p.Pos.Line, Column: p.Pos.Column, Text: format.Line(p.Text), Hint: format.Line(p.Hint)}
		if n := p.Pos.Line; n >= 1 && n <= len(lines) {
			name, own := tree.Place(n)
			problem.File, problem.Line = cmp.Or(name, file), own
			problem.Excerpt = format.Excerpt(strings.TrimRight(lines[n-1], "\r"), own, p.Pos.Column, 1)
		}
		out = append(out, problem)
	}
	return out
}
