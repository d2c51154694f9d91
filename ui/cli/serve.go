package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"stickylab/cluster"
	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/control"
	"stickylab/ui/page"
	"stickylab/ui/tui"
	tuirun "stickylab/ui/tui/run"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	loading
	sim.ServeOptions
	redis        string
	redisCA      string
	judge        bool
	headless     bool
	jsonEvents   bool
	control      string
	controlToken string
}

// defaultServed is what is served when no scenario is named.
const defaultServed = "two-regions"

func newServe() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [SCENARIO]",
		Short: "Serve a scenario's cluster on TCP, for real clients",
		Long: `serve puts the cluster of a scenario (default two-regions) on TCP and the wall
clock: point your own socket.io-client at it, or open it in a browser. The
scenario's virtual clients chat as well, and its steps happen at their times. On a
terminal you watch it as with watch, and keys steer it; time is the clock's, so the
past can be looked at, not changed. It ends with q or a signal; clients are told so,
as io.close() does. With --judge the exit code is that of the verdicts once all of
them are there, else that of the signal.

Everything listens on 127.0.0.1 unless --listen says otherwise. A client of this
machine can have its own IP address: it connects from 127.0.0.0/8, or sends
a line of the PROXY protocol first ("PROXY TCP4 203.0.113.7 127.0.0.1 40000 80").

With --control programs can steer the cluster while it runs:

  curl localhost:9090/                          what there is
  curl localhost:9090/steps -d 'kill im-5080'   do a step, in words
  curl localhost:9090/steps -d '{"slow":"im-3030","by":"200ms"}'
  curl localhost:9090/state                     nodes, users, delivery, errors
  curl -N localhost:9090/trace                  the events, as they happen

A control port that other machines can reach needs a token, and each request
has to carry it: curl -H "Authorization: Bearer $TOKEN" ...`,
		Example: `  stickylab serve
  stickylab serve redis-adapter --listen 127.0.0.1:3000 --no-clients
  stickylab serve ./my.yaml --control 127.0.0.1:9090 --json-events
  stickylab serve two-regions --redis rediss://:secret@redis.example.com:6380`,
		Args:              atMostOne("scenario"),
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{defaultServed}
				fmt.Fprintf(cmd.ErrOrStderr(), "note: no scenario named, serving %s\n", defaultServed)
			}
			jobs, code := load(cmd, args, o.loading)
			if code != ExitOK {
				return said(code)
			}
			if !o.NoClients {
				if err := o.affordable(cmd, jobs, 1); err != nil {
					return err
				}
			}
			return serve(cmd, jobs[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", "", "the address that clients connect to, `HOST:PORT` (default: near 127.0.0.1:8080)")
	f.IntSliceVar(&o.NodePorts, "node-ports", nil, "the `PORTS` of the nodes, in order (default: the scenario's, or near them)")
	f.IntVar(&o.RedisPort, "redis-port", 0, "the `PORT` of the embedded Redis (default: 6379, or near it)")
	f.StringVar(&o.redis, "redis", "", "use the Redis at `URL`, redis:// or rediss://, not the embedded one")
	f.StringVar(&o.redisCA, "redis-ca", "", "trust the certificates in `FILE` (PEM) for rediss://")
	f.BoolVar(&o.NoClients, "no-clients", false, "run without the scenario's virtual clients")
	f.BoolVar(&o.judge, "judge", false, "judge the scenario's expectations at their times; the exit code is that of run")
	f.BoolVar(&o.headless, "headless", false, "write what happens as lines, also on a terminal")
	f.BoolVar(&o.jsonEvents, "json-events", false, "write the trace to standard output as it happens, as JSON Lines, and nothing else")
	f.StringVar(&o.control, "control", "", "open a control port at `HOST:PORT` (see above)")
	f.StringVar(&o.controlToken, "control-token", "", "the `TOKEN` that requests to the control port must carry (default: $STICKYLAB_CONTROL_TOKEN)")
	f.IntVar(&o.MaxConnections, "max-connections", 10_000, "the maximum number of connections to each port, `N`")
	f.IntVar(&o.MaxPerAddress, "max-per-address", cluster.DefaultPerAddress, "the maximum number of sessions of one client address on each node, `N`; those beyond get 403")
	o.variantFlag(cmd, "serve this `VARIANT`")
	o.seedFlag(cmd, otherSeed)
	o.yesFlag(cmd)
	motionFlag(cmd)
	return cmd
}

// serve serves a job until a signal or a failure.
func serve(cmd *cobra.Command, j job, o serveOptions) error {
	if err := o.usable(j); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	say := newLogWriter(cmd.OutOrStdout())
	if o.jsonEvents {
		say = newLogWriter(cmd.ErrOrStderr())
	}
	options := o.ServeOptions
	options.Listen, options.Page = numeric(o.Listen), page.Handler(nodeNames(j.plan)...)
	var err error
	if options.RedisAddress, options.Redis, err = parseRedis(o.redis, o.redisCA); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	worst, judged := ExitOK, 0 // all that is judged comes from one goroutine, which has ended once run is closed
	options.Failed = func(s scenario.Step, err error) {
		say.line(s.At, fmt.Sprintf("the step %q failed: %v", s, err))
		if o.judge {
			worst = worse(worst, ExitProgram) // what follows is another scenario
		}
	}
	if o.judge {
		options.Judged = func(x report.Expectation) {
			worst, judged = worse(worst, exitOf(x.Verdict)), judged+1
			say.line(x.At, fmt.Sprintf("%s: %s (%s)", x.Verdict, x.That, x.Actual))
		}
	}
	warnOpen(cmd.ErrOrStderr(), "--listen", o.Listen)
	run, err := sim.Serve(j.plan, options)
	if err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	port, err := o.openControl(cmd, run)
	if err != nil {
		run.Close()
		return &exitError{code: ExitInput, err: err}
	}
	about := describe(run, j, port, options)
	say.write(about)
	if o.onScreen(cmd) {
		err = perform(cmd.Context(), cmd, run, j, about, say)
	} else {
		err = live(cmd.Context(), cmd.OutOrStdout(), run, o.jsonEvents, say)
	}
	if port != nil {
		port.Close()
	}
	if err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	return &exitError{code: worst, judged: o.judge && judged == len(j.plan.Expect)}
}

// onScreen reports whether the cluster is watched on the terminal.
func (o *serveOptions) onScreen(cmd *cobra.Command) bool {
	return !o.headless && !o.jsonEvents && interactive(cmd)
}

// perform lets the cluster be watched and steered on the terminal until the
// viewer quits, ctx ends or something fails, and closes it.
func perform(ctx context.Context, cmd *cobra.Command, run *sim.Served, j job, about string, say *logWriter) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-run.Failed():
			stop()
		case <-ctx.Done():
		}
	}()
	err := tui.Run(ctx, tui.Options{
		Served: &tuirun.Served{Run: run, Name: j.name, URL: "http://" + run.Entry() + "/", About: about, Notes: say.hold()},
		Still:  still(cmd),
		In:     cmd.InOrStdin(), Out: screenOf(cmd),
	})
	say.release()
	if ctx.Err() != nil {
		err = nil // a signal, or a failure that Close knows
	}
	say.note("stopping")
	return errors.Join(err, run.Close())
}

// usable returns what is wrong with the flags, as far as that can be checked
// before anything is opened.
func (o *serveOptions) usable(j job) error {
	if o.controlToken == "" {
		o.controlToken = os.Getenv("STICKYLAB_CONTROL_TOKEN")
	}
	switch {
	case len(o.NodePorts) > len(j.plan.Nodes):
		return fmt.Errorf("--node-ports has %s, the scenario %s", format.Plural(len(o.NodePorts), "port"), format.Plural(len(j.plan.Nodes), "node"))
	case o.redis != "" && o.RedisPort != 0:
		return errors.New("--redis-port is for the embedded Redis, which --redis replaces")
	case o.redis == "" && o.redisCA != "":
		return errors.New("--redis-ca needs --redis")
	case o.MaxConnections < 1:
		return fmt.Errorf("--max-connections: %d is less than 1", o.MaxConnections)
	case o.MaxPerAddress < 1:
		return fmt.Errorf("--max-per-address: %d is less than 1", o.MaxPerAddress)
	}
	ports := o.NodePorts
	if o.RedisPort != 0 {
		ports = append([]int{o.RedisPort}, ports...)
	}
	for _, p := range ports {
		if p < 1 || p > 65535 {
			return fmt.Errorf("%d is not a port from 1 to 65535", p)
		}
	}
	return checkListen("--listen", o.Listen)
}

// openControl opens the control port, if one is wanted.
func (o *serveOptions) openControl(cmd *cobra.Command, run *sim.Served) (*control.Server, error) {
	if o.control == "" {
		return nil, nil
	}
	port, err := control.Open(o.control, run, o.controlToken)
	if err == nil {
		warnOpen(cmd.ErrOrStderr(), "--control", o.control)
	}
	return port, err
}

func nodeNames(p *plan.Plan) []string {
	var list []string
	for _, n := range p.Nodes {
		list = append(list, n.Name)
	}
	return list
}
