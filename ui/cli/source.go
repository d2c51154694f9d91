package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/doctor"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// source is a scenario as named on the command line.
type source struct {
	arg  string // as given: what replays it
	name string // of the scenario, without folder and ending
	file string // for positions
	path string // that was read; "" for a built-in scenario

	scene *doctor.Scene // that it was made into, when it is an nginx.conf; nil means a scenario
	said  []string      // what is to be known of it, in sentences
	flags []string      // of the command line, that made it what it is
}

// read reads the scenario that arg names.
func read(arg string) (source, *scenario.File, yamltree.Errors) {
	src, text, problems := readText(arg)
	if len(problems) > 0 {
		return src, nil, problems
	}
	file, problems := plan.Parse(src.file, text)
	return src, file, problems
}

// readText reads the text of the scenario that arg names.
func readText(arg string) (source, []byte, yamltree.Errors) {
	if isFile(arg) {
		src := source{arg: arg, path: arg, name: format.Line(strings.TrimSuffix(path.Base(arg), ".yaml")), file: format.Line(arg)}
		text, err := readFile(arg)
		if err != nil {
			return src, nil, yamltree.Errors{{Text: err.Error()}}
		}
		if formOf(arg, string(text)) != scenarioForm {
			return src, nil, notAScenario(src, string(text))
		}
		return src, text, nil
	}
	src := source{arg: arg, name: arg, file: arg + ".yaml"}
	text, err := scenarios.Read(arg)
	if err != nil {
		hint := cmp.Or(nginxHint(arg), spell.DidYouMean(arg, scenarios.Names()), "see: stickylab list")
		return src, nil, yamltree.Errors{{Text: fmt.Sprintf("no built-in scenario %q (a file needs a / or the ending .yaml)", arg), Hint: hint}}
	}
	return src, text, nil
}

// notAScenario says what a file is instead of a scenario.
func notAScenario(src source, text string) yamltree.Errors {
	if formOf(src.arg, text) == nginxForm {
		return yamltree.Errors{{
			File: src.file, Text: "it is text of nginx, and not a scenario", Expected: "a scenario, which begins with a title",
			Hint: fmt.Sprintf("stickylab doctor %s finds what it breaks; watch, run and compare take it as well", format.ShellWord(src.arg)),
		}}
	}
	return yamltree.Errors{{
		File: src.file, Text: "it is neither a scenario nor text of nginx", Expected: "a scenario, which begins with a title, or an nginx.conf, with blocks such as server { }",
		Hint: "stickylab init writes a scenario to begin with",
	}}
}

// isFile reports whether arg names a file, not a built-in scenario.
func isFile(arg string) bool { return strings.Contains(arg, "/") || strings.HasSuffix(arg, ".yaml") }

// readFile reads a scenario file, but not more than one may hold.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		var perr *fs.PathError
		if errors.As(err, &perr) {
			return nil, fmt.Errorf("%s: %v", format.Line(path), perr.Err)
		}
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > yamltree.MaxSize {
		return nil, fmt.Errorf("%s: the file has %s bytes, at most %s are read", path, format.Number(int(info.Size())), format.Number(yamltree.MaxSize))
	}
	text, err := io.ReadAll(io.LimitReader(f, yamltree.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %v", format.Line(path), errors.Unwrap(err))
	}
	return text, nil
}

// names completes the names of the built-in scenarios; files are the shell's.
func names(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.Names(), cobra.ShellCompDirectiveDefault
}
