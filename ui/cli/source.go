package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/scenario/yamltree"
)

// source is a scenario as named on the command line.
type source struct {
	arg  string // as given: what replays it
	name string // of the scenario, without folder and ending
	file string // for positions
	text []byte
}

// find reads the scenario that arg names.
func find(arg string) (source, error) {
	if isFile(arg) {
		text, err := readFile(arg)
		if err != nil {
			return source{}, &exitError{ExitInput, err}
		}
		name := arg[strings.LastIndex(arg, "/")+1:]
		name = strings.TrimSuffix(name, ".yaml")
		return source{arg: arg, name: name, file: arg, text: text}, nil
	}
	text, err := scenarios.Read(arg)
	if err != nil {
		lost := &notFound{text: fmt.Sprintf("no built-in scenario %q (a file needs a / or the ending .yaml)", arg), hint: "see: stickylab list"}
		if near := spell.Nearest(arg, scenarios.Names()); near != "" {
			lost.hint = fmt.Sprintf("did you mean %q?", near)
		}
		return source{}, &exitError{ExitInput, lost}
	}
	return source{arg: arg, name: arg, file: arg + ".yaml", text: text}, nil
}

// notFound says that there is no built-in scenario of a name.
type notFound struct{ text, hint string }

func (e *notFound) Error() string { return e.text + "\nhint: " + e.hint }

// isFile reports whether arg names a file, not a built-in scenario.
func isFile(arg string) bool { return strings.Contains(arg, "/") || strings.HasSuffix(arg, ".yaml") }

// readFile reads a scenario file, but not more than one may hold.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		var perr *fs.PathError
		if errors.As(err, &perr) {
			return nil, fmt.Errorf("%s: %v", path, perr.Err)
		}
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, yamltree.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %v", path, errors.Unwrap(err))
	}
	return text, nil
}

// names completes the names of the built-in scenarios; files are the shell's.
func names(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.Names(), cobra.ShellCompDirectiveDefault
}
