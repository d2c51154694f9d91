package scenario

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/sharded"
	"stickylab/cluster/engineio"
	"stickylab/cluster/nginx"
	"stickylab/sim/scenario/yamltree"
)

// mapping describes the keys of a file.
func (f *File) mapping() mapping {
	return mapping{name: "scenario", what: "a scenario", fields: f.fields(), defaults: NewFile().fields, block: true}
}

func (f *File) fields() []field {
	return []field{
		{key: "title", required: true, value: text(&f.Title), doc: "What the scenario shows, in a few words."},
		{key: "summary", value: text(&f.Summary), doc: "What happens and why, in a sentence or two."},
		{key: "seed", value: seedNumber(&f.Seed), doc: "Decides everything random. The same file and seed give the same run."},
		{key: "duration", required: true, value: duration(&f.Duration), doc: "How long the run takes, in virtual time."},
		{key: "settle", value: instant(&f.Settle), doc: "How long judging waits for what was sent before an expectation's instant."},
		{key: "nginx_version", value: version((*string)(&f.NginxVersion)), doc: "The nginx whose defaults apply. 1.30 speaks HTTP/1.1 to upstreams and knows sticky."},
		{key: "nodes", value: f.Nodes.value(), doc: "The chat servers: a number, or a list. Left out, they come from the server lines of the upstream."},
		{key: "hosts", value: hosts(&f.Hosts), doc: "Addresses of further host names in the nginx text."},
		{key: "socketio", value: f.SocketIO.mapping().value(), doc: "Options of the Socket.IO server on every node."},
		{key: "adapter", value: choice(&f.Adapter, adapter.Names()...), doc: "What carries messages between nodes at the start: " + adapter.Explained() + "."},
		{key: "adapter_options", value: f.AdapterOptions.mapping().value(), doc: "Options of the adapters, as those of the official packages."},
		{key: "url", value: text(&f.URL), doc: "Where clients go. Left out: the first server that proxies to an upstream, path /socket.io/."},
		{key: "proxy", required: true, value: f.Proxy.mapping().value(), doc: "The proxy, in nginx's language or in the short form."},
		{key: "front", value: fronts(&f.Fronts), doc: "A proxy in front of the proxy, such as a CDN, with its own address; or several in a row, the first being the one that clients reach."},
		{key: "network", value: f.Network.mapping().value(), doc: "One-way latencies, fixed or drawn from a range."},
		{key: "clients", required: true, value: groups(&f.Clients), doc: "Groups of like clients, by name. They are called beijing-01, beijing-02 and so on."},
		{key: "steps", value: list(&f.Steps, "a list of steps such as {at: 20s, adapter: redis}", bounds{}, func(int) Step { return Step{} }, func(_ int, s *Step) value { return s.value() }), doc: "What is done to the cluster and the clients, and when."},
		{key: "expect", value: list(&f.Expect, `a list of expectations such as {at: end, that: "delivery.total.ratio == 1"}`, bounds{}, func(int) Expectation { return Expectation{} }, func(_ int, e *Expectation) value { return e.value() }), doc: "What must be true, and when."},
		{key: "variants", value: variants(f), doc: "The same scenario with a few keys changed, by name."},
		{key: "lesson", value: lesson(&f.Lesson), doc: "What the scenario teaches."},
	}
}

// version is a version of nginx. One that is read as a number has lost the zero at its
// end.
func version(into *string) value {
	v := choice(into, nginx.Versions...)
	write := v.write
	v.write = func() string { return yamltree.QuoteSome(write()) }
	v.schema = func(*schemas) *jsonschema.Schema { return oneOf([]any{"1.30", "1.22", 1.3, 1.22}) }
	return v
}

func (n *Node) mapping() mapping {
	return mapping{name: "node", what: "a node", fields: n.fields(), defaults: (&Node{}).fields}
}

func (n *Node) fields() []field {
	return []field{
		{key: "name", required: true, value: name(&n.Name, hostName), doc: "The node's name, also its host name in nginx text."},
		{key: "listen", value: addrPort(&n.Listen), doc: "Address and port. Left out: an address that no other node has."},
		{key: "app", value: name(&n.App, hostName), doc: "The application that the node belongs to, where there are several."},
		{key: "key", value: name(&n.Key, hostName), doc: "The key of the adapter: the prefix of its channels on Redis. Default socket.io."},
	}
}

// value is a number of nodes, or a list of them.
func (n *Nodes) value() value {
	count := integer(&n.Count, 1, MaxNodes)
	several := list(&n.List, "a number, or a list such as [{name: im-3030, listen: 127.0.0.1:3030}]",
		bounds{1, MaxNodes, "node", "without `nodes:` they come from the server lines"},
		func(int) Node { return Node{} }, func(_ int, n *Node) value { return n.mapping().value() })
	v := several
	v.form = "number, list"
	v.read = func(d *decoder, in *yamltree.Node, path, what string) {
		if in.Kind == yamltree.Scalar {
			count.read(d, in, path, what)
			return
		}
		several.read(d, in, path, what)
		for i := range n.List {
			at := yamltree.Index(path, i)
			d.Origin.Bad[path] = d.bad(path, at, at+".name", at+".listen")
		}
	}
	v.write = func() string { return count.write() + several.write() }
	v.check = func(r *yamltree.Reporter, path, what string) {
		if n.Count != 0 {
			count.check(r, path, what)
		} else {
			several.check(r, path, what)
		}
	}
	v.schema = func(s *schemas) *jsonschema.Schema { return either(count.schema(s), several.schema(s)) }
	return v
}

// hosts are names with their addresses.
func hosts(into *[]Host) value {
	addresses := func(h *Host) value {
		f := form[netip.Addr]{
			name: "address", expected: "an address such as 10.0.0.1, or a list of them", define: "text", schema: textForm.schema, text: true, format: netip.Addr.String,
			parse: parsed(netip.ParseAddr, func(a netip.Addr) bool { return a.Zone() == "" && !a.Is4In6() }),
		}
		return oneOrMore(&h.Addresses, f, h.Name+" has no address").as("the address of " + h.Name)
	}
	pairs := func() []string {
		var out []string
		for i := range *into {
			out = append(out, yamltree.Quote((*into)[i].Name), addresses(&(*into)[i]).write())
		}
		return out
	}
	return value{
		form: "addresses by name",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			d.named(n, path, what, "names with their address, such as {chat-a: 10.0.0.1}", 0, func(p yamltree.Pair, at string) {
				h := Host{Name: p.Key}
				if !hostName.MatchString(p.Key) && !strings.HasPrefix(p.Key, "unix:/") {
					d.At(p.Place, fmt.Sprintf("%q is not a host name", p.Key), "letters, digits, - and dots, or unix: and the path of a socket", "")
				}
				v := addresses(&h)
				v.read(d, p.Value, at, v.what)
				d.Origin.Bad["hosts"] = d.bad("hosts", at)
				*into = append(*into, h)
			})
		},
		write: func() string { return flowOf(pairs()) },
		lines: func(margin string) string { return blockOf(pairs(), margin) },
		check: func(r *yamltree.Reporter, path, _ string) {
			for i := range *into {
				h := &(*into)[i]
				v := addresses(h)
				v.check(r, yamltree.Join(path, h.Name), v.what)
			}
		},
		schema: func(s *schemas) *jsonschema.Schema {
			return &jsonschema.Schema{Type: "object", AdditionalProperties: addresses(&Host{}).schema(s)}
		},
	}
}

func (s *SocketIO) mapping() mapping {
	usual := NewSocketIO()
	return mapping{name: "socketio", what: "socketio", fields: s.fields(), defaults: usual.fields}
}

func (s *SocketIO) fields() []field {
	return []field{
		{key: "path", value: path(&s.Path), doc: "Of the requests: the option `path`. Clients ask for it unless `url` has another path."},
		{key: "ping_interval", value: milliseconds(&s.PingInterval), doc: "From the last pong to the next ping."},
		{key: "ping_timeout", value: milliseconds(&s.PingTimeout), doc: "From a ping to the end of a session that does not answer."},
		{key: "upgrade_timeout", value: milliseconds(&s.UpgradeTimeout), doc: "For an upgrade to finish."},
		{key: "max_http_buffer_size", value: size(&s.MaxHTTPBufferSize, MaxBuffer), doc: "Bytes of one POST body or WebSocket message."},
		{key: "connect_timeout", value: milliseconds(&s.ConnectTimeout), doc: "For a session to join a namespace."},
		{key: "engine_io", value: choice(&s.EngineIO, engineio.Releases...), doc: "The release of engine.io whose rules apply. Since 6.6.13 a POST that is too large, or takes longer than 30 s, ends its session."},
		{key: "connection_state_recovery", value: s.Recovery.value(), doc: "A client that comes back in time has its id, its rooms and the messages that it missed. True means the defaults. Left out: off."},
	}
}

func (o *AdapterOptions) mapping() mapping {
	usual := NewAdapterOptions()
	return mapping{name: "adapter_options", what: "adapter_options", fields: o.fields(), defaults: usual.fields}
}

func (o *AdapterOptions) fields() []field {
	modes := make([]string, len(sharded.Modes))
	for i, m := range sharded.Modes {
		modes[i] = string(m)
	}
	return []field{
		{key: "subscription_mode", value: choice(&o.SubscriptionMode, modes...), doc: "Of redis-sharded: which rooms have a channel; dynamic: all but those of one socket, dynamic-private: all, static: none."},
		{key: "max_len", value: integer(&o.MaxLen, 1, 10_000_000), doc: "Of redis-streams: about how many entries the stream keeps."},
		{key: "read_count", value: integer(&o.ReadCount, 1, 10_000_000), doc: "Of redis-streams: how many entries a node reads at once."},
		{key: "block", value: milliseconds(&o.Block), doc: "Of redis-streams: how long a read waits for entries."},
	}
}

func (p *Proxy) mapping() mapping {
	return mapping{name: "proxy", what: "proxy", fields: p.fields(), defaults: (&Proxy{}).fields, block: true, exactlyOne: []string{"nginx", "policy"},
		after: func(d *decoder, n *yamltree.Node, path string) {
			long, short := d.Origin.Nodes[path+".nginx"], d.Origin.Nodes[path+".policy"]
			switch {
			case long == nil && short == nil:
				d.invalid(n, path, "proxy lacks its configuration", "nginx: with nginx's own text, or policy: with a balancing method", "the shortest is `proxy: {policy: ip_hash}`")
			case long != nil && short != nil:
				d.Key(path+".policy", "proxy has both nginx: and policy:", "one of them", "write the method into the upstream block, or leave nginx: out")
				d.Origin.Bad[path] = true
			case long != nil:
				for _, key := range []string{"listen", "server_name"} {
					if d.Origin.Nodes[yamltree.Join(path, key)] != nil {
						d.Key(yamltree.Join(path, key), fmt.Sprintf("%s belongs to the short form", key), "", "write it into the server block of the nginx text")
					}
				}
			}
		}}
}

func (p *Proxy) fields() []field {
	return []field{
		{key: "nginx", value: literal(&p.Nginx), doc: "Configuration text as nginx reads it."},
		{key: "policy", value: text(&p.Policy), doc: "Short form: the balancing method as nginx writes it, such as ip_hash or hash $remote_addr consistent."},
		{key: "listen", value: listenAddress(&p.Listen), doc: "Short form: where the proxy listens. Default " + DefaultListen + "."},
		{key: "server_name", value: name(&p.ServerName, hostName), doc: "Short form: the proxy's host name. Default " + DefaultServerName + "."},
	}
}

// mapping describes the i-th front in a row.
func (f *Front) mapping(i int) mapping {
	usual := NewFront(i, netip.Addr{})
	return mapping{name: "front", what: "front", fields: f.fields(), defaults: usual.fields, block: true}
}

func (f *Front) fields() []field {
	return []field{
		{key: "name", value: name(&f.Name, hostName), doc: "Its name, as a host; of the second in a row it is front-2."},
		{key: "ip", required: true, value: address(&f.IP, "an address such as 198.51.100.10", func(a netip.Addr) bool { return !a.Is4In6() && strange(a) == "" }), doc: "Its address: where clients connect, and what the proxy sees."},
		{key: "nginx", value: literal(&f.Nginx), doc: "What it does, as nginx configuration. Left out: it passes everything on and adds X-Forwarded-For."},
		{key: "latency", value: span(&f.Latency), doc: "Between it and the next in the row."},
		{key: "proxy_protocol", value: truth(&f.ProxyProtocol), doc: "It passes connections on, each with a PROXY line before it, and knows nothing of HTTP."},
	}
}

// fronts is one front, or several in a row.
func fronts(into *[]Front) value {
	several := list(into, "", bounds{1, MaxFronts, "front", ""},
		func(i int) Front { return NewFront(i, netip.Addr{}) },
		func(i int, f *Front) value { return f.mapping(i).value() })
	one := func() value { return (&(*into)[0]).mapping(0).value() }
	v := several
	v.form = "mapping, list"
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if n.Kind == yamltree.Sequence {
			several.read(d, n, path, what)
			for i := range *into {
				d.Origin.Bad[path] = d.bad(path, yamltree.Index(path, i))
			}
			return
		}
		*into = append(*into, NewFront(0, netip.Addr{}))
		one().read(d, n, path, what)
	}
	v.lines = func(margin string) string {
		if len(*into) == 1 {
			return one().lines(margin)
		}
		return several.lines(margin)
	}
	v.check = func(r *yamltree.Reporter, path, what string) {
		if len(*into) == 1 {
			one().check(r, path, what)
			return
		}
		several.check(r, path, what)
	}
	v.schema = func(s *schemas) *jsonschema.Schema {
		return either((&Front{}).mapping(0).value().schema(s), several.schema(s))
	}
	return v
}

func (n *Network) mapping() mapping {
	return mapping{name: "network", what: "network", fields: n.fields(), defaults: NewFile().Network.fields}
}

func (n *Network) fields() []field {
	return []field{
		{key: "client", value: span(&n.Client), doc: "Between client and proxy, drawn once per client."},
		{key: "backend", value: span(&n.Backend), doc: "Between proxy and node, drawn once per link."},
		{key: "redis", value: span(&n.Redis), doc: "Between node and Redis, drawn once per link."},
	}
}

// value describes an expectation.
func (e *Expectation) value() value {
	m := mapping{name: "expectation", what: "an expectation", fields: e.fields(), defaults: (&Expectation{}).fields}
	return m.value()
}

func (e *Expectation) fields() []field {
	return []field{
		{key: "from", value: instant(&e.From), doc: "Start of the window of what was sent."},
		{key: "at", required: true, value: orEnd(&e.At, &e.End), doc: "The instant looked at, end of the window; end is the duration."},
		{key: "that", required: true, value: condition(&e.That), doc: "A condition over delivery, nodes, groups, clients, sessions, errors, latency, messages and requests."},
		{key: "because", value: text(&e.Because), doc: "Why it must be so; the report shows it."},
	}
}
