package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// ErrTooLarge is Encode's error for a file that Decode would not read back.
var ErrTooLarge = errors.New("the file would be too large")

// Encode writes a file as YAML that Decode reads back to an equal one. Keys with
// their default value are left out; comments of a file that was read are lost, and so
// are its variants and its lesson: they speak of the file as it was. It fails with
// ErrTooLarge.
func Encode(f *File) ([]byte, error) {
	w := &writer{}
	w.file(f)
	if out := w.String(); len(out) > yamltree.MaxSize || strings.Count(out, "\n") >= yamltree.MaxLines {
		return nil, ErrTooLarge
	}
	return []byte(w.String()), nil
}

// writer writes YAML by lines.
type writer struct{ strings.Builder }

func (w *writer) line(key, value string) { w.WriteString(key + ": " + value + "\n") }

func (w *writer) file(f *File) {
	d := NewFile()
	w.line("title", yamltree.Quote(f.Title))
	if f.Summary != "" {
		w.line("summary", yamltree.Quote(f.Summary))
	}
	if f.Seed != d.Seed {
		w.line("seed", strconv.FormatUint(f.Seed, 10))
	}
	w.line("duration", FormatDuration(f.Duration))
	if f.Settle != d.Settle {
		w.line("settle", FormatDuration(f.Settle))
	}
	if f.NginxVersion != d.NginxVersion {
		w.line("nginx_version", yamltree.Quote(string(f.NginxVersion)))
	}
	w.nodes(f.Nodes)
	if len(f.Hosts) > 0 {
		w.WriteString("hosts:\n")
		for _, h := range f.Hosts {
			var list []string
			for _, a := range h.Addresses {
				list = append(list, yamltree.Quote(a.String()))
			}
			w.line("  "+yamltree.Quote(h.Name), yamltree.OneOrList(list))
		}
	}
	if f.SocketIO != d.SocketIO {
		w.line("socketio", f.SocketIO.flow())
	}
	if f.Adapter != d.Adapter {
		w.line("adapter", f.Adapter)
	}
	if f.URL != "" {
		w.line("url", yamltree.Quote(f.URL))
	}
	w.proxy(f.Proxy)
	w.fronts(f.Fronts)
	if f.Network != d.Network {
		w.line("network", yamltree.Flow("client", f.Network.Client.String(), "backend", f.Network.Backend.String(), "redis", f.Network.Redis.String()))
	}
	w.WriteString("clients:\n")
	for _, g := range f.Clients {
		w.line("  "+yamltree.Quote(g.Name), g.flow())
	}
	if len(f.Steps) > 0 {
		w.WriteString("steps:\n")
		for _, s := range f.Steps {
			w.step(s)
		}
	}
	if len(f.Expect) > 0 {
		w.WriteString("expect:\n")
		for _, e := range f.Expect {
			w.WriteString("  - " + e.flow() + "\n")
		}
	}
}

func (w *writer) nodes(n Nodes) {
	if n.Count > 0 {
		w.line("nodes", strconv.Itoa(n.Count))
	}
	if len(n.List) > 0 {
		w.WriteString("nodes:\n")
		for _, one := range n.List {
			listen := ""
			if one.Listen.IsValid() {
				listen = yamltree.Quote(one.Listen.String())
			}
			w.WriteString("  - " + yamltree.Flow("name", yamltree.Quote(one.Name), "listen", listen, "app", yamltree.QuoteSome(one.App), "key", yamltree.QuoteSome(one.Key)) + "\n")
		}
	}
}

func (w *writer) proxy(p Proxy) {
	w.WriteString("proxy:\n")
	if p.Nginx != "" {
		w.WriteString("  nginx: " + yamltree.Literal(p.Nginx, "    ") + "\n")
		return
	}
	w.line("  policy", yamltree.Quote(p.Policy))
	if p.Listen != "" {
		w.line("  listen", yamltree.Quote(p.Listen))
	}
	if p.ServerName != "" {
		w.line("  server_name", yamltree.Quote(p.ServerName))
	}
}

// fronts writes one as a mapping, several as a list of them.
func (w *writer) fronts(list []Front) {
	if len(list) == 0 {
		return
	}
	w.WriteString("front:\n")
	for i, f := range list {
		first, margin := "  ", "  "
		if len(list) > 1 {
			first, margin = "  - ", "    "
		}
		d := NewFront(i, f.IP)
		if f.Name != d.Name {
			w.line(first+"name", yamltree.Quote(f.Name))
			first = margin
		}
		w.line(first+"ip", yamltree.Quote(f.IP.String()))
		if f.ProxyProtocol {
			w.line(margin+"proxy_protocol", "true")
		}
		if f.Latency != d.Latency {
			w.line(margin+"latency", f.Latency.String())
		}
		if f.Nginx != "" {
			w.WriteString(margin + "nginx: " + yamltree.Literal(f.Nginx, margin+"  ") + "\n")
		}
	}
}

func (g Group) flow() string { return yamltree.Flow(g.pairs()...) }

// pairs are the keys of the group with values that are not the defaults.
func (g Group) pairs() []string {
	d := NewGroup(g.Name)
	var ip []string
	for _, r := range g.IP {
		ip = append(ip, yamltree.Quote(r.String()))
	}
	connect, say, room, transports, kind := "", "", "", "", ""
	if g.Connect != d.Connect {
		connect = g.Connect.String()
	}
	if g.Say > 0 {
		say = "every " + FormatDuration(g.Say)
	}
	if g.Room != d.Room {
		room = yamltree.Quote(g.Room)
	}
	if !slices.Equal(g.Transports, d.Transports) {
		transports = "[" + strings.Join(g.Transports, ", ") + "]"
	}
	if g.Kind != d.Kind {
		kind = g.Kind
	}
	pairs := []string{"count", strconv.Itoa(g.Count), "ip", yamltree.OneOrList(ip), "connect", connect, "say", say,
		"room", room, "transports", transports, "kind", kind, "reconnection", g.Reconnection.flow()}
	return append(pairs, g.traitPairs()...)
}

func (r Reconnection) flow() string {
	d := NewGroup("").Reconnection
	attempts, delay, delayMax, factor := "", "", "", ""
	switch {
	case r.Off:
		return "false"
	case r == d:
		return ""
	}
	if r.Attempts > 0 {
		attempts = strconv.Itoa(r.Attempts)
	}
	if r.Delay != d.Delay {
		delay = FormatDuration(r.Delay)
	}
	if r.DelayMax != d.DelayMax {
		delayMax = FormatDuration(r.DelayMax)
	}
	if r.Factor != d.Factor {
		factor = strconv.FormatFloat(r.Factor, 'f', -1, 64)
	}
	return yamltree.Flow("attempts", attempts, "delay", delay, "delay_max", delayMax, "factor", factor)
}

func (w *writer) step(s Step) {
	if s.Verb == Reload {
		fmt.Fprintf(w, "  - at: %s\n    reload: %s\n", FormatDuration(s.At), yamltree.Literal(s.Nginx, "      "))
		return
	}
	pairs := []string{"at", FormatDuration(s.At)}
	add := func(more ...string) { pairs = append(pairs, more...) }
	delay := ""
	if s.Delay > 0 {
		delay = FormatDuration(s.Delay)
	}
	switch s.Verb {
	case Adapter:
		add("adapter", s.Adapter, "node", yamltree.QuoteSome(s.Node))
	case Kill, Close, Restart, Freeze, DisconnectSockets, Hang, Refuse, Resume:
		add(string(s.Verb), yamltree.Quote(s.Node))
	case Block:
		add("block", yamltree.Quote(s.Node), "for", delay)
	case Emit:
		add(s.emitPairs()...)
	case Count:
		add("count", yamltree.Quote(s.Room), "node", yamltree.Quote(s.Node))
	case Down, Up, Drain:
		add(string(s.Verb), yamltree.Quote(s.Node), "upstream", yamltree.QuoteSome(s.Upstream))
	case Slow:
		add("slow", yamltree.Quote(s.Node), "by", delay)
	case Policy:
		add("policy", yamltree.Quote(s.Policy), "upstream", yamltree.QuoteSome(s.Upstream))
	case Scale:
		add("scale", s.scaleFlow(), "upstream", yamltree.QuoteSome(s.Upstream))
	case Partition, Heal:
		add(string(s.Verb), "["+yamltree.Quote(s.Hosts[0])+", "+yamltree.Quote(s.Hosts[1])+"]")
	case Redis:
		if s.Redis != RedisSlow {
			delay = ""
		}
		add("redis", s.Redis, "by", delay)
	case Delays:
		add("latency", s.Latency.flow())
	case Add:
		add("add", yamltree.Quote(s.Who))
		add(s.newcomersFlow()...)
	default:
		add(string(s.Verb), yamltree.Quote(s.Who))
	}
	if s.Verb == Say {
		add("text", yamltree.QuoteSome(s.Text))
		if s.Size > 0 {
			add("size", FormatBytes(s.Size))
		}
	}
	if s.Verb == Move {
		var ip []string
		for _, r := range s.IP {
			ip = append(ip, yamltree.Quote(r.String()))
		}
		add("ip", yamltree.OneOrList(ip))
	}
	w.WriteString("  - " + yamltree.Flow(pairs...) + "\n")
}

func (s Step) scaleFlow() string {
	if s.Added != "" || s.Removed != "" {
		return yamltree.Flow("add", yamltree.QuoteSome(s.Added), "remove", yamltree.QuoteSome(s.Removed))
	}
	return strconv.Itoa(s.Count)
}

func (l Latency) flow() string {
	var pairs []string
	for _, one := range l.links() {
		if *one.span != nil {
			pairs = append(pairs, one.name, (*one.span).String())
		}
	}
	return yamltree.Flow(pairs...)
}

// newcomersFlow are the settings of clients that are added, as the step has
// them: also a default that was written out, since a group that grows may have
// another.
func (s Step) newcomersFlow() []string {
	g := *s.Group
	pairs := g.pairs()
	set := func(key, value string) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				pairs[i+1] = value
			}
		}
	}
	set("count", strconv.Itoa(max(g.Count, 1)))
	set("room", yamltree.QuoteSome(g.Room))
	set("kind", g.Kind)
	if g.Protocol != 0 {
		set("protocol", strconv.Itoa(g.Protocol))
	}
	set("transports", "")
	if len(g.Transports) > 0 {
		set("transports", "["+strings.Join(g.Transports, ", ")+"]")
	}
	switch g.Reconnection {
	case Reconnection{}:
		set("reconnection", "")
	case NewGroup("").Reconnection:
		set("reconnection", "true")
	}
	return pairs
}

func (e Expectation) flow() string {
	from, at := "", FormatDuration(e.At)
	if e.From > 0 {
		from = FormatDuration(e.From)
	}
	if e.End {
		at = "end"
	}
	return yamltree.Flow("from", from, "at", at, "that", strconv.Quote(e.That), "because", yamltree.QuoteSome(e.Because))
}
