package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/sim/plan"
)

func newCheck() *cobra.Command {
	var expand bool
	var o loading
	cmd := &cobra.Command{
		Use:               "check SCENARIO...",
		Short:             "Check scenario files without running them",
		Args:              someScenarios,
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs, code := load(cmd, args, o)
			for _, j := range jobs {
				if expand {
					format.Data(cmd.OutOrStdout(), endLine(plan.Expand(j.plan.File)))
					continue
				}
				summarize(cmd.OutOrStdout(), j)
			}
			return said(code)
		},
	}
	o.variantFlag(cmd, "check this `VARIANT`; base is the file itself")
	cmd.Flags().BoolVar(&expand, "expand", false, "print the nginx text that the proxy is configured with")
	return cmd
}

// summarize writes what a valid scenario holds and what it will cost.
func summarize(w io.Writer, j job) {
	p := j.plan
	fmt.Fprintf(w, "%s: ok\n  %s, %s, %s, %s, %s\n  %s\n",
		format.Line(j.arg), format.Plural(len(p.Nodes), "node"), format.Plural(len(p.Clients), "client"), format.Plural(len(p.Steps), "step"), format.Plural(len(p.Expect), "expectation"),
		format.Seconds(p.File.Duration), costs(plan.Estimate(p)))
	if n := len(p.File.Variants); n > 0 {
		fmt.Fprintf(w, "  %s\n", format.Plural(n, "variant"))
	}
	for _, note := range p.Notes {
		fmt.Fprintf(w, "  note: %s\n", note.Error())
	}
}

func endLine(s string) string {
	if s == "" || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}
