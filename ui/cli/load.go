package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// job is a scenario that can be run.
type job struct {
	source
	plan *plan.Plan
}

// loading says how scenarios are read.
type loading struct {
	seed    *uint64            // instead of the file's
	variant string             // of each scenario; "" is the file itself
	all     bool               // with no variant named: all of them
	json    bool               // tell what is wrong in JSON, on standard output
	set     []scenario.Setting // instead of values of the file
	yes     bool               // run also what is not expected to fit in memory
	around  *around            // how a scenario is made around an nginx.conf; nil means that none is
	clients string             // the file with the users that take the place of a scenario's clients; "" means none
}

// seedFlag adds the flag that gives a seed.
func (o *loading) seedFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().Var(seedValue{&o.seed}, "seed", usage)
}

const otherSeed = "run with the seed `N`, not the file's"

// seedValue is the value of that flag.
type seedValue struct{ seed **uint64 }

func (v seedValue) Set(text string) error {
	n, err := strconv.ParseUint(text, 0, 64)
	*v.seed = &n
	return err
}

func (v seedValue) String() string { return "" } // nothing is shown as its default
func (v seedValue) Type() string   { return "uint64" }

// variantFlag adds the flag that names a variant.
func (o *loading) variantFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&o.variant, "variant", "", usage)
	cmd.RegisterFlagCompletionFunc("variant", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		out := []string{scenario.Base}
		for _, arg := range args {
			if _, f, problems := read(arg); len(problems) == 0 {
				for _, v := range f.Variants {
					out = append(out, v.Name)
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
}

// files returns what of a scenario is asked for.
func (o loading) files(f *scenario.File) ([]*scenario.File, error) {
	if o.all && o.variant == "" {
		out := []*scenario.File{f}
		for _, v := range f.Variants {
			out = append(out, v.File)
		}
		return out, nil
	}
	one, err := f.Variant(o.variant)
	if err != nil {
		return nil, err
	}
	return []*scenario.File{one}, nil
}

// load reads and checks all scenarios before any of them runs, and complains of
// those that cannot be run. code is ExitOK when there are none.
func load(cmd *cobra.Command, args []string, o loading) (jobs []job, code int) {
	refuse := func(arg string, problems yamltree.Errors) {
		code = ExitInput
		complain(cmd, o.json, arg, problems)
	}
	people, err := o.users(cmd)
	if err == nil && people != nil && len(o.set) > 0 {
		err = errors.New("--clients and --set do not go together: put the values into the file")
	}
	if err == nil && o.around != nil {
		err = o.around.take(cmd, people)
	}
	if err != nil {
		refuse(strings.Join(args, " "), yamltree.Errors{{Text: err.Error()}})
		return nil, code
	}
	for _, arg := range args {
		var src source
		var text []byte
		var file *scenario.File
		var problems yamltree.Errors
		if len(o.set) == 0 {
			src, file, problems = o.read(cmd, arg)
		} else if src, text, problems = readText(arg); len(problems) == 0 {
			file, problems = plan.Parse(src.file, text)
		}
		if len(problems) > 0 {
			refuse(arg, problems)
			continue
		}
		if people != nil && src.scene == nil {
			if file, src.said, problems = people.in(file, o.seed); len(problems) > 0 {
				refuse(arg, problems)
				continue
			}
			src.flags = append(src.flags, "--clients="+o.clients)
		}
		files, err := o.files(file)
		if err == nil && len(o.set) > 0 {
			files, problems, err = setFiles(src, text, files, o.set)
		}
		if len(problems) > 0 {
			refuse(arg, problems)
			continue
		}
		if err != nil {
			refuse(arg, yamltree.Errors{{File: src.file, Text: err.Error()}})
			continue
		}
		for _, file := range files {
			plan, problems := plan.Resolve(file, o.seed)
			if len(problems) > 0 {
				refuse(arg, problems)
				break
			}
			jobs = append(jobs, job{source: src, plan: plan})
		}
	}
	return jobs, code
}

// read reads what arg names, and makes a scenario around it when it is an nginx.conf.
func (o loading) read(cmd *cobra.Command, arg string) (source, *scenario.File, yamltree.Errors) {
	if o.around == nil {
		return read(arg)
	}
	if isNginx(arg) {
		return o.around.read(cmd, arg, o.seed)
	}
	src, file, problems := read(arg)
	if err := o.around.noneOf(arg); err != nil && len(problems) == 0 {
		return src, nil, yamltree.Errors{{Text: err.Error()}}
	}
	return src, file, problems
}

// complain reports what is wrong with a scenario or another file, in JSON on
// standard output or in words on standard error. It returns the outcome of the
// command.
func complain(cmd *cobra.Command, asJSON bool, source string, problems yamltree.Errors) error {
	if asJSON {
		format.JSONLine(cmd.OutOrStdout(), jsonProblems{Schema: 1, Scenario: source, Verdict: "invalid", Problems: problems})
	} else {
		writeProblems(cmd.ErrOrStderr(), problems)
	}
	return said(ExitInput)
}

// writeProblems writes problems for people. One with a position begins with it,
// as editors expect; any other begins with the name of the program, as all
// errors do.
func writeProblems(w io.Writer, problems yamltree.Errors) {
	for _, p := range problems {
		head := ""
		if p.Line == 0 {
			head = "stickylab: "
		}
		fmt.Fprintf(w, "%s%s\n\n", head, p.String())
	}
}

// jsonProblems is the line for a scenario that cannot be run.
type jsonProblems struct {
	Schema   int                `json:"schema"`
	Scenario string             `json:"scenario"`
	Verdict  string             `json:"verdict"` // "invalid": see problems; "error": see error
	Problems []yamltree.Problem `json:"problems,omitempty"`
	Error    string             `json:"error,omitempty"`
}

func writeJSONError(w io.Writer, arg string, err error) {
	format.JSONLine(w, jsonProblems{Schema: 1, Scenario: arg, Verdict: "error", Error: err.Error()})
}
