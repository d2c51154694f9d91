package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrTooLarge is Marshal's error for a file that Parse would not read back.
var ErrTooLarge = errors.New("the file would be too large")

// Marshal writes a file as YAML that Parse reads back to an equal one. Keys with
// their default value are left out; comments of a file that was read are lost.
// It fails when the file has mistakes, and with ErrTooLarge.
func Marshal(f *File) ([]byte, error) {
	if _, errs := Resolve(f, nil); len(errs) > 0 {
		return nil, fmt.Errorf("scenario can not be written: %w", errs)
	}
	w := &writer{}
	w.file(f)
	if out := w.String(); len(out) > MaxSize || strings.Count(out, "\n") >= MaxLines {
		return nil, ErrTooLarge
	}
	return []byte(w.String()), nil
}

// writer writes YAML by lines.
type writer struct{ strings.Builder }

func (w *writer) line(key, value string) { w.WriteString(key + ": " + value + "\n") }

func (w *writer) file(f *File) {
	d := NewFile()
	w.line("title", quote(f.Title))
	if f.Summary != "" {
		w.line("summary", quote(f.Summary))
	}
	if f.Seed != d.Seed {
		w.line("seed", strconv.FormatUint(f.Seed, 10))
	}
	w.line("duration", formatDuration(f.Duration))
	if f.Settle != d.Settle {
		w.line("settle", formatDuration(f.Settle))
	}
	if f.NginxVersion != d.NginxVersion {
		w.line("nginx_version", quote(f.NginxVersion))
	}
	w.nodes(f.Nodes)
	if len(f.Hosts) > 0 {
		w.WriteString("hosts:\n")
		for _, h := range f.Hosts {
			var list []string
			for _, a := range h.Addresses {
				list = append(list, quote(a.String()))
			}
			w.line("  "+quote(h.Name), oneOrList(list))
		}
	}
	if f.Adapter != d.Adapter {
		w.line("adapter", f.Adapter)
	}
	if f.URL != "" {
		w.line("url", quote(f.URL))
	}
	w.proxy(f.Proxy)
	if f.Network != d.Network {
		w.line("network", flow("client", f.Network.Client.String(), "backend", f.Network.Backend.String(), "redis", f.Network.Redis.String()))
	}
	w.WriteString("clients:\n")
	for _, g := range f.Clients {
		w.line("  "+quote(g.Name), g.flow())
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
	if f.Lesson != nil {
		w.WriteString("lesson:")
		w.free(f.Lesson, 1)
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
				listen = quote(one.Listen.String())
			}
			w.WriteString("  - " + flow("name", quote(one.Name), "listen", listen) + "\n")
		}
	}
}

func (w *writer) proxy(p Proxy) {
	w.WriteString("proxy:\n")
	if p.Nginx != "" {
		w.WriteString("  nginx: " + block(p.Nginx, "    ") + "\n")
		return
	}
	w.line("  policy", quote(p.Policy))
	if p.Listen != "" {
		w.line("  listen", quote(p.Listen))
	}
	if p.ServerName != "" {
		w.line("  server_name", quote(p.ServerName))
	}
}

func (g Group) flow() string {
	d := NewGroup(g.Name)
	var ip []string
	for _, r := range g.IP {
		ip = append(ip, quote(r.String()))
	}
	connect, say, room, transports := "", "", "", ""
	if g.Connect != d.Connect {
		connect = g.Connect.String()
	}
	if g.Say > 0 {
		say = "every " + formatDuration(g.Say)
	}
	if g.Room != d.Room {
		room = quote(g.Room)
	}
	if !slices.Equal(g.Transports, d.Transports) {
		transports = "[" + strings.Join(g.Transports, ", ") + "]"
	}
	return flow("count", strconv.Itoa(g.Count), "ip", oneOrList(ip), "connect", connect, "say", say,
		"room", room, "transports", transports, "reconnection", g.Reconnection.flow())
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
		delay = formatDuration(r.Delay)
	}
	if r.DelayMax != d.DelayMax {
		delayMax = formatDuration(r.DelayMax)
	}
	if r.Factor != d.Factor {
		factor = strconv.FormatFloat(r.Factor, 'f', -1, 64)
	}
	return flow("attempts", attempts, "delay", delay, "delay_max", delayMax, "factor", factor)
}

func (w *writer) step(s Step) {
	if s.Verb == Reload {
		fmt.Fprintf(w, "  - at: %s\n    reload: %s\n", formatDuration(s.At), block(s.Nginx, "      "))
		return
	}
	var ip []string
	for _, r := range s.IP {
		ip = append(ip, quote(r.String()))
	}
	pairs := []string{"at", formatDuration(s.At)}
	switch s.Verb {
	case Adapter:
		pairs = append(pairs, "adapter", s.Adapter, "node", quoteSome(s.Node))
	case Kill, Restart:
		pairs = append(pairs, string(s.Verb), quote(s.Node))
	case Policy:
		pairs = append(pairs, "policy", quote(s.Policy), "upstream", quoteSome(s.Upstream))
	default:
		pairs = append(pairs, string(s.Verb), quote(s.Who))
	}
	if s.Verb == Say {
		pairs = append(pairs, "text", quoteSome(s.Text))
	}
	if s.Verb == Move {
		pairs = append(pairs, "ip", oneOrList(ip))
	}
	w.WriteString("  - " + flow(pairs...) + "\n")
}

func (e Expectation) flow() string {
	from, at := "", formatDuration(e.At)
	if e.From > 0 {
		from = formatDuration(e.From)
	}
	if e.End {
		at = "end"
	}
	return flow("from", from, "at", at, "that", strconv.Quote(e.That), "because", quoteSome(e.Because))
}

// free writes a value of any form after its key, at a depth of indentation.
func (w *writer) free(v any, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v := v.(type) {
	case Pairs:
		if len(v) == 0 {
			w.WriteString(" {}\n")
			return
		}
		w.WriteString("\n")
		for _, p := range v {
			w.WriteString(indent + quote(p.Key) + ":")
			w.free(p.Value, depth+1)
		}
	case []any:
		if len(v) == 0 {
			w.WriteString(" []\n")
			return
		}
		w.WriteString("\n")
		for _, item := range v {
			w.WriteString(indent + "-")
			w.free(item, depth+1)
		}
	case string:
		w.WriteString(" " + block(v, indent) + "\n")
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		w.WriteString(" " + strings.NewReplacer("NaN", ".nan", "+Inf", ".inf", "-Inf", "-.inf").Replace(s) + "\n")
	case nil:
		w.WriteString(" null\n")
	default:
		w.WriteString(" " + fmt.Sprint(v) + "\n")
	}
}
