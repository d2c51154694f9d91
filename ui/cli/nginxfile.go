package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
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
		out = append(out, yamltree.Problem{
			File: file, Line: p.Pos.Line, Column: p.Pos.Column, Text: visible(p.Text), Hint: visible(p.Hint), Excerpt: excerpt(lines, p.Pos),
		})
	}
	return out
}

// excerpt shows the line of a place and a caret under it.
func excerpt(lines []string, at syntax.Pos) string {
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	const most = 70
	row := []rune(strings.ToValidUTF8(visible(strings.TrimRight(lines[at.Line-1], "\r")), "?"))
	column := min(max(at.Column-1, 0), len(row))
	from := 0
	if column > most*3/4 {
		from = column - most/2
	}
	row = row[from:min(len(row), from+most)]
	column -= from
	margin := strings.Repeat(" ", runewidth.StringWidth(string(row[:min(column, len(row))])))
	return strings.TrimRight(fmt.Sprintf("%5d | %s", at.Line, string(row)), " ") + fmt.Sprintf("\n      | %s^", margin)
}

// visible keeps control characters of a file from reaching a terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return '?'
		}
		return r
	}, s)
}
