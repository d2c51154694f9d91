package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"stickylab/sim/scenario"
)

// job is a scenario that can be run.
type job struct {
	source
	plan *scenario.Plan
}

// load reads and checks all scenarios before any of them runs. What is wrong
// it tells, in JSON on standard output or in words on standard error.
func load(cmd *cobra.Command, args []string, seed *uint64, asJSON bool) (jobs []job, code int) {
	complain := func(arg string, problems scenario.Errors) {
		code = worse(code, ExitInput)
		if asJSON {
			writeJSONProblems(cmd.OutOrStdout(), arg, problems)
			return
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s\n\n", problems.Error())
	}
	for _, arg := range args {
		src, err := find(arg)
		if err != nil {
			complain(arg, scenario.Errors{problemOf(arg, err)})
			continue
		}
		file, problems := scenario.Parse(src.file, src.text)
		if len(problems) > 0 {
			complain(arg, problems)
			continue
		}
		plan, problems := scenario.Resolve(file, seed)
		if len(problems) > 0 {
			complain(arg, problems)
			continue
		}
		jobs = append(jobs, job{source: src, plan: plan})
	}
	return jobs, code
}

// problemOf is an error about a whole file.
func problemOf(arg string, err error) scenario.Problem {
	var lost *notFound
	if errors.As(err, &lost) {
		return scenario.Problem{Text: lost.text, Hint: lost.hint}
	}
	return scenario.Problem{Text: err.Error()}
}

// jsonProblems is the line for a scenario that can not be run.
type jsonProblems struct {
	Schema   int                `json:"schema"`
	Scenario string             `json:"scenario"`
	Verdict  string             `json:"verdict"` // "invalid": see problems; "error": see error
	Problems []scenario.Problem `json:"problems,omitempty"`
	Error    string             `json:"error,omitempty"`
}

func writeJSONProblems(w io.Writer, arg string, problems scenario.Errors) {
	writeJSONLine(w, jsonProblems{Schema: 1, Scenario: arg, Verdict: "invalid", Problems: problems})
}

func writeJSONError(w io.Writer, arg string, err error) {
	writeJSONLine(w, jsonProblems{Schema: 1, Scenario: arg, Verdict: "error", Error: err.Error()})
}

func writeJSONLine(w io.Writer, line any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(line)
}
