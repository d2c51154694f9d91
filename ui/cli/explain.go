package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/nginx"
	"stickylab/scenarios"
	"stickylab/sim/explain"
	"stickylab/sim/plan"
	"stickylab/sim/scenario/yamltree"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	nginx    string
	version  string
	upstream string
	down     []string
	compare  string
	requests int
	seed     uint64
	json     bool
}

func newExplain() *cobra.Command {
	o := explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain {SCENARIO [IP...] | --nginx FILE IP...}",
		Short: "Show which node an address lands on, and why",
		Long: `explain shows which server of an upstream a client's address leads to, and the
arithmetic that nginx does to get there.

An IP is an address, of which every step is shown, or a range such as
203.0.113.0/24, of which the clients of each server are counted: all addresses
of the range, or 65,536 drawn at random when there are more. Without any, a
scenario's own clients are counted, by group.`,
		Example: `  stickylab explain two-regions
  stickylab explain two-regions 203.0.113.77
  stickylab explain --nginx nginx.conf 203.0.113.0/24 192.0.2.7
  stickylab explain --nginx nginx.conf 10.0.0.0/8 --down 10.1.0.3:3000
  stickylab explain --nginx nginx.conf 10.0.0.0/8 --compare new.conf`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 || o.nginx != "" {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return names(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("seed") {
				return explainTo(cmd, args, o, nil)
			}
			return explainTo(cmd, args, o, &o.seed)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.nginx, "nginx", "", "read nginx configuration from `FILE` (- for standard input), not a scenario")
	f.StringVar(&o.version, "nginx-version", string(nginx.DefaultVersion), "the nginx `VERSION` that reads FILE: 1.30 or 1.22")
	f.StringVar(&o.upstream, "upstream", "", "explain the upstream `NAME` (default: the one that clients reach)")
	f.StringArrayVar(&o.down, "down", nil, "take the server `NAME` as down: as written, its address, host or node (repeatable)")
	f.StringVar(&o.compare, "compare", "", "count the clients that move when `FILE` (nginx.conf or scenario) takes over")
	f.IntVar(&o.requests, "requests", 12, "show `N` requests where an address decides nothing")
	f.Uint64Var(&o.seed, "seed", 0, "the seed `N` of what is drawn (default: the scenario's, else 1)")
	f.BoolVar(&o.json, "json", false, "write one line of JSON, and nothing else, to standard output")
	return cmd
}

// explainTo answers on the command's output.
func explainTo(cmd *cobra.Command, args []string, o explainOptions, seed *uint64) error {
	if err := o.usable(args); err != nil {
		return &exitError{ExitInput, err}
	}
	s, problems := o.subject(cmd, args, seed)
	if len(problems) > 0 {
		return complain(cmd, o.json, s.source, problems)
	}
	q := explain.Question{Source: s.source, Requests: o.requests}
	if o.nginx == "" {
		args = args[1:]
	}
	if err := addresses(args, s.options.Seed, &q); err != nil {
		return &exitError{ExitInput, err}
	}
	if len(args) == 0 {
		q.Populations = populations(s.plan, s.options.Upstream)
	}
	all := s.options
	s.options.Down = o.down
	u, err := s.upstream()
	if err != nil {
		return &exitError{ExitInput, err}
	}
	switch {
	case o.compare != "":
		other, problems := o.other(cmd, seed)
		if len(problems) > 0 {
			return complain(cmd, o.json, other.source, problems)
		}
		other.options.Upstream, other.options.Down = o.upstream, o.down
		q.OtherSource = other.source
		if q.Other, err = other.upstreamOfThose(); err != nil {
			return &exitError{ExitInput, fmt.Errorf("%s: %w", other.source, err)}
		}
	case len(o.down) > 0:
		q.Down = true
		if q.Other, err = explain.New(s.config, all); err != nil {
			return &exitError{ExitInput, err}
		}
	}
	report := u.Answer(q)
	write := report.WriteText
	if o.json {
		write = report.WriteJSON
	}
	if err := write(cmd.OutOrStdout()); err != nil {
		return &exitError{ExitProgram, err}
	}
	return nil
}

// usable checks the words of the command line that need no file.
func (o explainOptions) usable(args []string) error {
	_, versionErr := nginx.ParseVersion(o.version)
	switch {
	case o.nginx == "" && len(args) == 0:
		return errors.New("name a scenario, or a file with --nginx FILE\nsee: stickylab explain --help")
	case o.nginx != "" && len(args) == 0:
		return errors.New("give an address or a range, such as 203.0.113.0/24")
	case versionErr != nil:
		return fmt.Errorf("--nginx-version: %w", versionErr)
	case o.requests < 1 || o.requests > 1000:
		return fmt.Errorf("--requests: %d is not a number from 1 to 1000", o.requests)
	case o.nginx == "-" && o.compare == "-":
		return errors.New("standard input can be read only once")
	}
	if o.nginx == "" {
		if _, err := parseAddresses(args[0]); err == nil {
			return fmt.Errorf("%s is an address: name a scenario before it, or a file with --nginx FILE", args[0])
		}
	}
	return nil
}

// subject is a configuration that can be asked.
type subject struct {
	source  string
	config  *nginx.Config
	plan    *plan.Plan // nil when it is nginx text
	options explain.Options
}

// subject reads what is to be explained.
func (o explainOptions) subject(cmd *cobra.Command, args []string, seed *uint64) (subject, yamltree.Errors) {
	if o.nginx != "" {
		return o.file(cmd, o.nginx, seed)
	}
	s, problems := scenarioSubject(args[0], seed)
	s.options.Upstream = either(o.upstream, s.options.Upstream)
	return s, problems
}

// other reads what is compared with: a scenario file, nginx text, or, when
// there is no such file, a built-in scenario.
func (o explainOptions) other(cmd *cobra.Command, seed *uint64) (subject, yamltree.Errors) {
	if strings.HasSuffix(o.compare, ".yaml") || !exists(o.compare) && slices.Contains(scenarios.Names(), o.compare) {
		return scenarioSubject(o.compare, seed)
	}
	return o.file(cmd, o.compare, seed)
}

func (o explainOptions) file(cmd *cobra.Command, path string, seed *uint64) (subject, yamltree.Errors) {
	s := subject{source: path, options: explain.Options{Upstream: o.upstream, Seed: 1}}
	if path == "-" {
		s.source = "standard input"
	}
	if seed != nil {
		s.options.Seed = *seed
	}
	text, err := readNginx(cmd, path)
	if err != nil {
		return s, yamltree.Errors{{Text: err.Error()}}
	}
	var problems yamltree.Errors
	s.config, problems = parseNginx(s.source, text, o.version)
	return s, problems
}

func scenarioSubject(arg string, seed *uint64) (subject, yamltree.Errors) {
	s := subject{source: arg}
	src, err := find(arg)
	if err != nil {
		return s, yamltree.Errors{problemOf(err)}
	}
	file, problems := plan.Parse(src.file, src.text)
	if len(problems) > 0 {
		return s, problems
	}
	plan, problems := plan.Resolve(file, seed)
	if len(problems) > 0 {
		return s, problems
	}
	s.plan, s.config = plan, plan.Config
	s.options = explain.Options{
		Upstream: plan.Upstream, Seed: plan.Seed, NodeAt: plan.NodeAt,
		Addresses: func(host string) []netip.Addr {
			list, _ := plan.LookupHost(host)
			return list
		},
		Fronts: frontsOf(plan), Entry: plan.Entry.Address,
	}
	if s.config == nil {
		return s, yamltree.Errors{{File: src.file, Text: "there is no proxy in it"}}
	}
	return s, nil
}

// frontsOf are the proxies that clients come through.
func frontsOf(p *plan.Plan) []explain.Front {
	var list []explain.Front
	for _, f := range p.Fronts {
		list = append(list, explain.Front{
			Name: f.Name, Address: f.IP, Config: f.Config, Host: p.Target.Host, Listen: f.Listen, Accept: f.Accept,
		})
	}
	return list
}

func (s subject) upstream() (*explain.Upstream, error) { return explain.New(s.config, s.options) }

// upstreamOfThose leaves out the names in Down that the configuration does not
// have: another one has other servers.
func (s subject) upstreamOfThose() (*explain.Upstream, error) {
	down := s.options.Down
	s.options.Down = nil
	for _, name := range down {
		o := s.options
		o.Down = []string{name}
		if _, err := explain.New(s.config, o); err == nil {
			s.options.Down = append(s.options.Down, name)
		}
	}
	return s.upstream()
}

// either returns the first that is not empty.
func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
