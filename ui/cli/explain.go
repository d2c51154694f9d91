package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
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
	loading
	nginx    string
	version  string
	upstream string
	down     []string
	compare  string
	alone    bool // without the files that are included
	requests int
	clients  string
	names    hostFlag
}

func newExplain() *cobra.Command {
	o := explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain {SCENARIO [IP...] | --nginx FILE {IP... | --clients FILE}}",
		Short: "Show which node an address lands on, and why",
		Long: `explain shows which server of an upstream a client's address leads to, and the
arithmetic that nginx does to get there.

An IP is an address, of which every step is shown, or a range such as
203.0.113.0/24, of which the clients of each server are counted: all addresses
of the range, or 65,536 drawn at random when there are more. Without any, a
scenario's own clients are counted, by group.

With --clients the addresses are those of your users, and policies are compared by
what each makes of them. FILE is a list with an address a line, and optionally the
number of clients behind it; or an access log, in the format combined or of JSON
objects with remote_addr. In a log each Socket.IO handshake is one client; in a log
without any, each address is. The address is the one that nginx saw, which is the
one that it hashes.`,
		Example: `  stickylab explain two-regions
  stickylab explain two-regions 203.0.113.77
  stickylab explain --nginx nginx.conf 203.0.113.0/24 192.0.2.7
  stickylab explain --nginx nginx.conf --clients access.log
  stickylab explain --nginx nginx.conf 10.0.0.0/8 --down 10.1.0.3:3000
  stickylab explain --nginx nginx.conf 10.0.0.0/8 --compare new.conf`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 || o.nginx != "" {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return names(cmd, args, word)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return explainTo(cmd, args, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.nginx, "nginx", "", "read nginx configuration from `FILE` (- for standard input), not a scenario")
	f.StringVar(&o.version, "nginx-version", string(nginx.DefaultVersion), "the nginx `VERSION` that reads FILE: 1.30 or 1.22")
	f.StringVar(&o.upstream, "upstream", "", "explain the upstream `NAME` (default: the one that clients reach)")
	f.StringArrayVar(&o.down, "down", nil, "take the server `NAME` as down: as written, its address, host or node (repeatable)")
	f.StringVar(&o.compare, "compare", "", "count the clients that move when `FILE` (nginx.conf or scenario) takes over")
	f.StringVar(&o.clients, "clients", "", "count the clients of `FILE` (- for standard input): an access log, or a list of addresses")
	f.IntVar(&o.requests, "requests", 12, "show `N` requests where an address decides nothing")
	o.names.register(cmd)
	o.seedFlag(cmd, "the seed `N` of what is drawn (default: the scenario's, else 1)")
	f.BoolVar(&o.alone, "no-includes", false, "read FILE alone: not the files that it includes in its directory and in /etc/nginx")
	f.BoolVar(&o.json, "json", false, "write one line of JSON, and nothing else, to standard output")
	return cmd
}

// explainTo answers on the command's output.
func explainTo(cmd *cobra.Command, args []string, o explainOptions) error {
	if err := o.usable(args); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	s, problems := o.subject(cmd, args)
	if len(problems) > 0 {
		return complain(cmd, o.json, s.source, problems)
	}
	q := explain.Question{Source: s.source, Requests: o.requests}
	if o.nginx == "" {
		args = args[1:]
	}
	if err := addresses(args, s.options.Seed, &q); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	if o.clients != "" {
		c, err := o.readClients(cmd, s.options.Seed)
		if err != nil {
			return &exitError{code: ExitInput, err: err}
		}
		q.Populations, q.Policies = append(q.Populations, c), true
	}
	if len(args) == 0 && o.clients == "" {
		q.Populations = populations(s.plan, s.options.Upstream)
	}
	all := s.options
	s.options.Down = o.down
	u, err := s.upstream()
	if err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	switch {
	case o.compare != "":
		other, problems := o.other(cmd)
		if len(problems) > 0 {
			return complain(cmd, o.json, other.source, problems)
		}
		other.options.Upstream, other.options.Down = o.upstream, o.down
		q.OtherSource = other.source
		if q.Other, err = other.upstreamOfThose(); err != nil {
			return &exitError{code: ExitInput, err: fmt.Errorf("%s: %w", other.source, err)}
		}
	case len(o.down) > 0:
		q.Down = true
		if q.Other, err = explain.New(s.config, all); err != nil {
			return &exitError{code: ExitInput, err: err}
		}
	}
	report := u.Answer(q)
	write := report.WriteText
	if o.json {
		write = report.WriteJSON
	}
	return failed(write(cmd.OutOrStdout()))
}

// usable checks the words of the command line that need no file.
func (o explainOptions) usable(args []string) error {
	_, versionErr := nginx.ParseVersion(o.version)
	switch {
	case o.nginx == "" && len(args) == 0:
		return errors.New("name a scenario, or a file with --nginx FILE\nsee: stickylab explain --help")
	case o.nginx != "" && len(args) == 0 && o.clients == "":
		return errors.New("give an address or a range, such as 203.0.113.0/24, or --clients FILE")
	case versionErr != nil:
		return fmt.Errorf("--nginx-version: %w", versionErr)
	case o.requests < 1 || o.requests > 1000:
		return fmt.Errorf("--requests: %d is not a number from 1 to 1000", o.requests)
	case o.nginx == "" && len(o.names.pairs) > 0:
		return errors.New("--host: a scenario says under hosts: what addresses its names have")
	case len(slices.DeleteFunc([]string{o.nginx, o.compare, o.clients}, func(name string) bool { return name != "-" })) > 1:
		return errors.New("standard input can be read only once")
	}
	if o.nginx == "" {
		if _, err := parseAddresses(args[0]); err == nil {
			return fmt.Errorf("%s is an address: name a scenario before it, or a file with --nginx FILE", args[0])
		}
	}
	return nil
}

// readClients reads the file of --clients.
func (o explainOptions) readClients(cmd *cobra.Command, seed uint64) (explain.Population, error) {
	file, err := readClients(cmd, o.clients)
	if err != nil {
		return explain.Population{}, err
	}
	return explain.Clients(nameOf(o.clients), file, seed), nil
}

// subject is a configuration that can be asked.
type subject struct {
	source  string
	config  *nginx.Config
	plan    *plan.Plan // nil when it is nginx text
	options explain.Options
}

// subject reads what is to be explained.
func (o explainOptions) subject(cmd *cobra.Command, args []string) (subject, yamltree.Errors) {
	if o.nginx != "" {
		return o.file(cmd, o.nginx)
	}
	s, problems := o.scenario(args[0])
	s.options.Upstream = cmp.Or(o.upstream, s.options.Upstream)
	return s, problems
}

// other reads what is compared with: a scenario file, nginx text, or, when
// there is no such file, a built-in scenario.
func (o explainOptions) other(cmd *cobra.Command) (subject, yamltree.Errors) {
	_, err := os.Stat(o.compare)
	if strings.HasSuffix(o.compare, ".yaml") || errors.Is(err, fs.ErrNotExist) && slices.Contains(scenarios.Names(), o.compare) {
		return o.scenario(o.compare)
	}
	return o.file(cmd, o.compare)
}

func (o explainOptions) file(cmd *cobra.Command, path string) (subject, yamltree.Errors) {
	s := subject{source: nameOf(path), options: explain.Options{Upstream: o.upstream, Seed: 1}}
	if o.seed != nil {
		s.options.Seed = *o.seed
	}
	hosts, err := o.names.hosts()
	if err != nil {
		return s, yamltree.Errors{{Text: err.Error()}}
	}
	s.options.Addresses = func(name string) []netip.Addr {
		for _, h := range hosts {
			if h.Name == name {
				return h.Addresses
			}
		}
		return nil
	}
	text, err := readNginx(cmd, path, !o.alone)
	if err != nil {
		return s, yamltree.Errors{{Text: err.Error()}}
	}
	config, problems := nginx.Parse(text, nginx.Version(o.version))
	s.config = config
	return s, placed(s.source, text, problems)
}

func (o explainOptions) scenario(arg string) (subject, yamltree.Errors) {
	s := subject{source: arg}
	src, file, problems := read(arg)
	if len(problems) > 0 {
		return s, problems
	}
	plan, problems := plan.Resolve(file, o.seed)
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
		Entry: plan.Entry.Address,
	}
	for _, f := range plan.Fronts {
		s.options.Fronts = append(s.options.Fronts, explain.Front{
			Name: f.Name, Address: f.IP, Config: f.Config, Host: plan.Target.Host, Listen: f.Listen, Accept: f.Accept,
		})
	}
	if s.config == nil {
		return s, yamltree.Errors{{File: src.file, Text: "there is no proxy in it"}}
	}
	return s, nil
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
