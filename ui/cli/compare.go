package cli

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/nginx/edit"
	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/tui"
	"stickylab/ui/tui/compare"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	loading
	variants []string
	policies []string
	watch    bool
}

func newCompare() *cobra.Command {
	o := compareOptions{loading: loading{all: true, around: &around{}}}
	cmd := &cobra.Command{
		Use:   "compare {SCENARIO | NGINX.CONF} [OTHER]",
		Short: "Compare the variants of a scenario, balancing policies, or two files",
		Long: `compare runs each variant of a scenario and shows them in columns: placement,
delivery, what was lost, and which errors there were.

Two names are compared with each other, each as it is without variants: such as two
nginx.conf, around each of which a scenario with the same clients is made.

With --policy it compares balancing methods instead: the scenario is run with each,
its nginx text rewritten, its seed and all else the same. Use single
quotes: between double quotes the shell replaces $remote_addr.

With --watch you see two of them in the terminal, next to each other on one clock.`,
		Example: `  stickylab compare two-regions
  stickylab compare two-regions --policy 'ip_hash,hash $remote_addr consistent,least_conn,sticky cookie'
  stickylab compare ./my.yaml --variant base,fixed --json
  stickylab compare old.conf new.conf
  stickylab compare nginx.conf --policy 'ip_hash,least_conn'
  stickylab compare two-regions --watch`,
		Args:              oneOrTwo,
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				if err := o.two(args); err != nil {
					return &exitError{code: ExitInput, err: err}
				}
				o.all = false
			}
			jobs, code := load(cmd, args, o.loading)
			if code != ExitOK {
				return said(code)
			}
			tellScenes(cmd, jobs)
			return o.compare(cmd, jobs)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.policies, "policy", nil, "compare balancing `METHODS`, as nginx writes them, separated by commas")
	f.StringSliceVar(&o.variants, "variant", nil, "compare only these `VARIANTS`; base is the file itself")
	f.BoolVar(&o.json, "json", false, "write one line of JSON, and nothing else, to standard output")
	o.seedFlag(cmd, otherSeed)
	o.yesFlag(cmd)
	o.around.register(cmd)
	o.clientsFlag(cmd)
	motionFlag(cmd)
	f.BoolVar(&o.watch, "watch", false, "watch two of them in the terminal, next to each other")
	cmd.MarkFlagsMutuallyExclusive("policy", "variant")
	cmd.MarkFlagsMutuallyExclusive("watch", "json")
	return cmd
}

// compare runs what is compared. jobs are a scenario and its variants.
func (o compareOptions) compare(cmd *cobra.Command, jobs []job) error {
	c := report.Comparison{Scenario: jobs[0].arg, Title: jobs[0].plan.File.Title, Judged: len(o.policies) == 0 && len(jobs[0].said) == 0}
	var err error
	switch {
	case len(o.policies) > 0:
		var noted bool
		if o.policies, noted = withKeys(o.policies); noted {
			fmt.Fprintln(cmd.ErrOrStderr(), "note: a hash without a key: $remote_addr is used (between double quotes the shell replaces it by nothing)")
		}
		jobs, err = withPolicies(jobs[0], o.policies)
		c.Names = o.policies
	case len(o.variants) > 0:
		jobs, err = chosen(jobs, o.variants)
		c.Names = o.variants
	case len(jobs) == 2 && jobs[0].arg != jobs[1].arg:
		c.Scenario, c.Title = jobs[0].arg+" and "+jobs[1].arg, ""
		c.Names, c.Judged = []string{jobs[0].arg, jobs[1].arg}, c.Judged && len(jobs[1].said) == 0
	case len(jobs) == 1:
		err = fmt.Errorf("%s has no variants to compare\nhint: compare balancing methods: stickylab compare %s --policy 'ip_hash,least_conn'", jobs[0].arg, jobs[0].arg)
	default:
		for _, j := range jobs {
			c.Names = append(c.Names, j.plan.File.VariantName())
		}
	}
	if err != nil {
		return &exitError{code: ExitInput, err: err}
	}

	if err := o.affordable(cmd, jobs, runtime.GOMAXPROCS(0)); err != nil {
		return err
	}
	if o.watch {
		return watchBoth(cmd, jobs, c.Names)
	}
	progress := startProgress(cmd.ErrOrStderr(), jobs, o.json)
	running := startRuns(cmd.Context(), jobs, runtime.GOMAXPROCS(0), sim.Options{}, progress)
	code := ExitOK
	for i := range jobs {
		got := <-running.outcomes[i]
		if got.err != nil {
			code = worse(code, ExitProgram)
			err = errors.Join(err, fmt.Errorf("%s, %s: %w", jobs[i].arg, c.Names[i], got.err))
			continue
		}
		if c.Results = append(c.Results, got.result); c.Judged {
			code = worse(code, exitOf(got.result.Verdict))
		}
	}
	progress.stop()
	running.end(code)
	if err != nil {
		return &exitError{code: code, err: err}
	}
	out := cmd.OutOrStdout()
	if o.json {
		err = report.WriteComparisonJSON(out, &c)
	} else {
		err = report.WriteComparison(out, &c, format.ScreenOf(out))
	}
	if err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	return said(code)
}

// two checks what is asked of two files.
func (o compareOptions) two(args []string) error {
	switch {
	case args[0] == args[1]:
		return fmt.Errorf("%s is given twice: name another one, or only this for its variants", args[0])
	case len(o.policies) > 0:
		return errors.New("--policy compares methods for one file: name one")
	case len(o.variants) > 0:
		return errors.New("--variant compares variants of one file: name one")
	}
	return nil
}

// watchBoth shows two runs next to each other.
func watchBoth(cmd *cobra.Command, jobs []job, names []string) error {
	switch {
	case len(jobs) != 2:
		return &exitError{code: ExitInput, err: fmt.Errorf("--watch shows two runs, not %d\nhint: name them: --variant base,fixed or --policy ip_hash,least_conn", len(jobs))}
	case !interactive(cmd):
		return &exitError{code: ExitInput, err: errors.New("--watch needs a terminal for its input and its output")}
	}
	title := jobs[0].name
	if jobs[1].arg != jobs[0].arg {
		title += " and " + jobs[1].name
	}
	err := tui.Compare(cmd.Context(), tui.Options{Speed: 4, Still: still(cmd), In: cmd.InOrStdin(), Out: screenOf(cmd)}, title,
		compare.Side{Name: names[0], Plan: jobs[0].plan}, compare.Side{Name: names[1], Plan: jobs[1].plan})
	return failed(err)
}

// chosen returns the variants of those names, in their order.
func chosen(jobs []job, names []string) ([]job, error) {
	var out []job
	file := jobs[0].plan.File
	for _, name := range names {
		f, err := file.Variant(name)
		if err != nil {
			return nil, err
		}
		out = append(out, jobs[slices.IndexFunc(jobs, func(j job) bool { return j.plan.File == f })])
	}
	return out, nil
}

// withPolicies is a scenario under each of several balancing methods. Its
// expectations are left out: they speak of the method that it has.
func withPolicies(j job, policies []string) ([]job, error) {
	var out []job
	for _, policy := range policies {
		method, sticky, err := methodOf(policy)
		if err != nil {
			return nil, err
		}
		edited, err := edit.SetSticky(j.plan.Config.Tree, j.plan.Upstream, sticky)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", j.arg, err)
		}
		config, problems := j.plan.WithPolicy(edited, j.plan.Upstream, method)
		if len(problems) > 0 {
			err := fmt.Errorf("--policy %q: %s", policy, strings.TrimPrefix(problems[0].Text, "policy: "))
			if hint := problems[0].Hint; hint != "" {
				err = fmt.Errorf("%w\nhint: %s", err, hint)
			}
			return nil, err
		}
		file := *j.plan.File
		file.Proxy, file.Expect, file.Lesson, file.Variants, file.Of = scenario.Proxy{Nginx: config.Tree.Text()}, nil, nil, nil, policy
		plan, problems := plan.Resolve(file.Bare(), &j.plan.Seed)
		if len(problems) > 0 {
			return nil, fmt.Errorf("--policy %q: %w", policy, problems)
		}
		out = append(out, job{source: j.source, plan: plan})
	}
	return out, nil
}

// methodOf is a balancing method as one says it on a command line: "sticky
// cookie" is one as well, on top of round robin, and the name of its cookie goes
// without saying.
func methodOf(policy string) (method, sticky string, err error) {
	words := strings.Fields(policy)
	switch {
	case len(words) == 0:
		return "", "", errors.New("--policy: a method has no name\nhint: write it as 'ip_hash,least_conn'")
	case len(words) == 2 && words[0] == "sticky" && words[1] == "cookie":
		return "round_robin", "cookie srv", nil
	case words[0] == "sticky":
		return "round_robin", strings.Join(words[1:], " "), nil
	}
	return policy, "", nil
}

// withKeys gives a hash without a key the client's address: that is all that is left
// of "hash $remote_addr consistent" when a shell has taken the key for its own
// variable. Noted reports whether it did.
func withKeys(policies []string) (out []string, noted bool) {
	for _, policy := range policies {
		words := strings.Fields(policy)
		if len(words) > 0 && len(words) < 3 && words[0] == "hash" && (len(words) == 1 || words[1] == "consistent") {
			policy, noted = strings.Join(slices.Insert(words, 1, "$remote_addr"), " "), true
		}
		out = append(out, policy)
	}
	return out, noted
}
