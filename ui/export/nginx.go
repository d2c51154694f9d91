package export

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Nginx returns a whole nginx.conf for the scenario's proxy, with the nodes on
// ports of this machine, and notes on what will be different. It fails when a
// server line stands for several nodes.
func Nginx(o Options) (text string, remarks []string, err error) {
	o.Listen = cmp.Or(o.Listen, defaultListen)
	places := onThisMachine(o.Plan)
	tree, err := proxyText(o.Plan, places, listens(o.Plan, o.Listen))
	if err != nil {
		return "", nil, err
	}
	lines := []string{"", "The nodes that it leads to:"}
	for _, p := range places {
		lines = append(lines, "  "+command(o.Plan, p.node.Name, p.address, "redis://127.0.0.1:6379"))
	}
	lines = append(lines, "",
		"Clients on this machine have the address 127.0.0.1. To give each its own, add",
		"these lines to the server block and send X-Forwarded-For:",
		"  set_real_ip_from 127.0.0.0/8;",
		"  real_ip_header X-Forwarded-For;")
	return head(o, lines...) + "\n" + whole(tree), notes(o.Plan), nil
}

// command returns the command line that starts a node.
func command(p *plan.Plan, name, listen, redis string) string {
	c := fmt.Sprintf("stickylab node --name %s --listen %s", name, listen)
	if p.File.Adapter == scenario.AdapterRedis {
		c += " --redis " + redis
		if n := p.Node(name); n != nil && n.Key != "" {
			c += " --key " + n.Key
		}
	}
	usual := scenario.NewSocketIO()
	s := p.File.SocketIO
	for _, one := range []struct {
		flag        string
		is, usually time.Duration
	}{
		{"ping-interval", s.PingInterval, usual.PingInterval}, {"ping-timeout", s.PingTimeout, usual.PingTimeout},
		{"upgrade-timeout", s.UpgradeTimeout, usual.UpgradeTimeout}, {"connect-timeout", s.ConnectTimeout, usual.ConnectTimeout},
	} {
		if one.is != one.usually {
			c += fmt.Sprintf(" --%s %s", one.flag, one.is)
		}
	}
	if s.Path != usual.Path {
		c += " --path " + s.Path
	}
	if s.EngineIO != usual.EngineIO {
		c += " --engine-io " + s.EngineIO
	}
	if s.MaxHTTPBufferSize != usual.MaxHTTPBufferSize {
		c += fmt.Sprintf(" --max-http-buffer-size %d", s.MaxHTTPBufferSize)
	}
	return c
}

// whole wraps what belongs into an http block, unless it has one.
func whole(t *syntax.Tree) string {
	if t.HTTP() != nil {
		return strings.TrimRight(t.Text(), "\n") + "\n"
	}
	return "events {\n    worker_connections 4096;\n}\n\nhttp {\n" + indented(t.Text(), "    ") + "}\n"
}

// onThisMachine gives each node a port of 127.0.0.1: its own, or the next that
// no other node has.
func onThisMachine(p *plan.Plan) []place {
	taken := map[uint16]bool{}
	var list []place
	for _, n := range p.Nodes {
		port := n.Listen.Port()
		if port < 1024 {
			port += 8000
		}
		for taken[port] {
			port = max(port+1, 1024)
		}
		taken[port] = true
		list = append(list, place{n, net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port)))})
	}
	return list
}

// listens puts the entry of clients in the place of its listen directive, and
// the other ports next to it.
func listens(p *plan.Plan, entry string) func(string) string {
	host, port, _ := net.SplitHostPort(entry)
	first, _ := strconv.Atoi(port)
	main := p.Entry.Address
	return func(written string) string {
		address, n := cut(written)
		a, err := netip.ParseAddr(address)
		switch {
		case n == int(main.Port()) && (err != nil || a.IsUnspecified() || a == main.Addr()):
			n = first
		case n < 1024:
			n += 8000
		}
		to := host
		if err == nil && a.Is6() {
			if to = "::1"; host == "0.0.0.0" {
				to = "::"
			}
		}
		return net.JoinHostPort(to, strconv.Itoa(n))
	}
}
