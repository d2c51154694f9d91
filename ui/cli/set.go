package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
	"stickylab/sim/sweep"
)

// setFlag adds the flag that sets values of a scenario.
func setFlag(cmd *cobra.Command, into *[]string, usage string) {
	cmd.Flags().StringArrayVar(into, "set", nil, usage)
}

// oneSetting reads settings that have one value each.
func oneSetting(flags []string) ([]scenario.Setting, error) {
	axes, err := sweep.ParseAxes(flags)
	if err != nil {
		return nil, fmt.Errorf("--set: %w", err)
	}
	var out []scenario.Setting
	for _, a := range axes {
		if len(a.Values) > 1 {
			return nil, fmt.Errorf("--set: %s has %d values, and a run has one: stickylab sweep runs them all, quotes keep one together: %s='\"%s\"'", a.Key, len(a.Values), a.Key, strings.Join(a.Values, ","))
		}
		out = append(out, scenario.Setting{Key: a.Key, Value: a.Values[0]})
	}
	return out, nil
}

// setFiles returns the files of a scenario, which are the file itself and variants of it,
// with values set. It fails when there is no such variant.
func setFiles(src source, text []byte, files []*scenario.File, set []scenario.Setting) ([]*scenario.File, yamltree.Errors, error) {
	var out []*scenario.File
	for _, f := range files {
		one, problems, err := plan.ParseSet(src.file, text, f.Of, set)
		if err != nil || len(problems) > 0 {
			return nil, problems, err
		}
		out = append(out, one)
	}
	return out, nil, nil
}
