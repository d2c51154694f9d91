package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stickylab/cluster"
	"stickylab/cluster/engineio"
	"stickylab/sim"
	"stickylab/sim/scenario"
	"stickylab/ui/page"
)

// nodeOptions are the flags of node.
type nodeOptions struct {
	sim.NodeOptions
	advertise  string
	redis      string
	redisCA    string
	jsonEvents bool
}

func newNode() *cobra.Command {
	var o nodeOptions
	cmd := &cobra.Command{
		Use:   "node --name NAME --listen HOST:PORT",
		Short: "Run one chat node alone, for several processes or machines",
		Long: `node runs one chat node on TCP, so that several processes or machines form a
cluster behind a real nginx, with a real Redis between them. It starts by printing
the server line for nginx, and ends with a signal; clients are told so, as io.close()
does.`,
		Example: `  stickylab node --name im-1 --listen 127.0.0.1:3030
  stickylab node --name im-2 --listen 0.0.0.0:3030 --advertise 10.0.0.2:3030 --redis redis://:secret@10.0.0.9`,
		Args: nothing,
		RunE: func(cmd *cobra.Command, _ []string) error { return node(cmd, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.Name, "name", "", "the node's `NAME`")
	f.StringVar(&o.Listen, "listen", "", "the address to listen on, `HOST:PORT`")
	f.StringVar(&o.advertise, "advertise", "", "the address for the others, `HOST:PORT` (default: that of --listen)")
	f.StringVar(&o.redis, "redis", "", "share messages through the Redis at `URL`, redis:// or rediss:// (default: the adapter is off)")
	f.StringVar(&o.redisCA, "redis-ca", "", "trust the certificates in `FILE` (PEM) for rediss://")
	f.StringVar(&o.Key, "key", "", "the adapter's key, `NAME`: the prefix of its channels on Redis (default: socket.io)")
	f.BoolVar(&o.jsonEvents, "json-events", false, "write the trace to standard output as it happens, as JSON Lines, and nothing else")
	f.StringVar(&o.SocketIO.Path, "path", scenario.DefaultPath, "the `PATH` of Socket.IO's requests")
	f.DurationVar(&o.SocketIO.PingInterval, "ping-interval", 25*time.Second, "the time from a pong to the next ping, `DURATION`")
	f.DurationVar(&o.SocketIO.PingTimeout, "ping-timeout", 20*time.Second, "the time that a client has to answer a ping, `DURATION`")
	f.DurationVar(&o.SocketIO.UpgradeTimeout, "upgrade-timeout", 10*time.Second, "the time that an upgrade may take, `DURATION`")
	f.DurationVar(&o.SocketIO.ConnectTimeout, "connect-timeout", 45*time.Second, "the time that a session has to join a namespace, `DURATION`")
	f.StringVar(&o.SocketIO.EngineIO, "engine-io", engineio.Releases[0], "the release of engine.io whose rules apply, `RELEASE`: "+strings.Join(engineio.Releases, " or "))
	f.IntVar(&o.SocketIO.MaxPayload, "max-http-buffer-size", 1_000_000, "the largest POST body or WebSocket message, `BYTES`")
	f.IntVar(&o.MaxConnections, "max-connections", 10_000, "the maximum number of connections, `N`")
	f.IntVar(&o.MaxPerAddress, "max-per-address", cluster.DefaultPerAddress, "the maximum number of sessions of one client address, `N`; those beyond get 403")
	return cmd
}

var nodeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,39}$`)

var keyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$`)

func (o nodeOptions) usable() error {
	switch {
	case o.Name == "" || o.Listen == "":
		return errors.New("a node needs --name and --listen, such as --name im-1 --listen 127.0.0.1:3030")
	case !nodeName.MatchString(o.Name):
		return fmt.Errorf("--name: %q is not a name of at most 40 letters, digits and -", o.Name)
	case o.redis == "" && o.redisCA != "":
		return errors.New("--redis-ca needs --redis")
	case o.redis == "" && o.Key != "":
		return errors.New("--key needs --redis")
	case o.Key != "" && !keyName.MatchString(o.Key):
		return fmt.Errorf("--key: %q is not a key of at most 40 letters, digits, - and dots", o.Key)
	case !scenario.IsPath(o.SocketIO.Path):
		return fmt.Errorf("--path: %q is not a path such as /live/", o.SocketIO.Path)
	case o.SocketIO.PingInterval < time.Millisecond, o.SocketIO.PingTimeout < time.Millisecond,
		o.SocketIO.UpgradeTimeout < time.Millisecond, o.SocketIO.ConnectTimeout < time.Millisecond:
		return errors.New("--ping-interval, --ping-timeout, --upgrade-timeout and --connect-timeout are 1ms or more")
	case !slices.Contains(engineio.Releases, o.SocketIO.EngineIO):
		return fmt.Errorf("--engine-io: %q is neither %s", o.SocketIO.EngineIO, strings.Join(engineio.Releases, " nor "))
	case o.SocketIO.MaxPayload < 1 || o.SocketIO.MaxPayload > scenario.MaxBuffer:
		return fmt.Errorf("--max-http-buffer-size: %d is not a number from 1 to %d", o.SocketIO.MaxPayload, scenario.MaxBuffer)
	case o.MaxConnections < 1:
		return fmt.Errorf("--max-connections: %d is less than 1", o.MaxConnections)
	case o.MaxPerAddress < 1:
		return fmt.Errorf("--max-per-address: %d is less than 1", o.MaxPerAddress)
	}
	if o.advertise != "" {
		if _, _, err := net.SplitHostPort(o.advertise); err != nil {
			return fmt.Errorf("--advertise: %q is not a host and a port such as 10.0.0.2:3030", o.advertise)
		}
	}
	return checkListen("--listen", o.Listen)
}

// node runs a node until a signal or a failure.
func node(cmd *cobra.Command, o nodeOptions) error {
	if err := o.usable(); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	options := o.NodeOptions
	options.Listen, options.Page = numeric(o.Listen), page.Handler(o.Name)
	var err error
	if options.RedisAddress, options.Redis, err = parseRedis(o.redis, o.redisCA); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	warnOpen(cmd.ErrOrStderr(), "--listen", o.Listen)
	run, err := sim.StartNode(options)
	if err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	say := newLogWriter(cmd.OutOrStdout())
	if o.jsonEvents {
		say = newLogWriter(cmd.ErrOrStderr())
	}
	say.note(fmt.Sprintf("%s listens on %s; in an nginx upstream: server %s;", o.Name, run.Addr(), cmp.Or(o.advertise, run.Addr())))
	return failed(live(cmd.Context(), cmd.OutOrStdout(), run, o.jsonEvents, say))
}

// numeric puts an address in the place of localhost.
func numeric(address string) string {
	if host, port, err := net.SplitHostPort(address); err == nil {
		switch host {
		case "localhost":
			return net.JoinHostPort("127.0.0.1", port)
		case "":
			return net.JoinHostPort("0.0.0.0", port)
		}
	}
	return address
}
