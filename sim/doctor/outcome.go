package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
)

// outcome is the result of an experiment. Its marks cut the run into spans: span
// i is from mark i-1 to mark i, the first begins with the run and the last ends
// with it.
type outcome struct {
	*experiment
	plan    *plan.Plan
	all     *ledger.Snapshot   // of the whole run
	spans   []*ledger.Snapshot // without the last
	clients []*client
}

// client is what became of one client.
type client struct {
	name, group string
	at          []ledger.ClientState // at each mark
	ever        bool                 // it was connected at all
}

// watch has a ledger keep what an outcome is made of: the counts of each span and
// the state of each client at the marks.
func (x *experiment) watch(l *ledger.Ledger) []*ledger.Window {
	var out []*ledger.Window
	from := time.Duration(0)
	for _, to := range x.marks {
		out = append(out, l.WatchClients(from, to))
		from = to
	}
	return out
}

// outcome makes the outcome of a run from the windows that were watched.
func (x *experiment) outcome(p *plan.Plan, all *ledger.Snapshot, l *ledger.Ledger, windows []*ledger.Window) *outcome {
	o := &outcome{experiment: x, plan: p, all: all}
	byName := map[string]*client{}
	for _, c := range p.Clients {
		byName[c.Name] = &client{name: c.Name, group: c.Group, at: make([]ledger.ClientState, len(windows))}
		o.clients = append(o.clients, byName[c.Name])
	}
	for i, w := range windows {
		o.spans = append(o.spans, l.Snapshot(w))
		for _, s := range l.ClientsAt(w) {
			if c := byName[s.Name]; c != nil {
				c.at[i] = s
			}
		}
	}
	for _, s := range l.Clients() {
		if c := byName[s.Name]; c != nil {
			c.ever = s.Presence != ledger.Never
		}
	}
	return o
}

// opened returns how many Engine.IO sessions there were.
func (o *outcome) opened() int { return o.all.Sessions.Opened }

// of returns the clients of a kind, from one origin or, for "", from all.
func (o *outcome) of(kind, origin string) []*client {
	var out []*client
	for _, c := range o.clients {
		if k, from := parseGroup(c.group); k == kind && (origin == "" || from == origin) {
			out = append(out, c)
		}
	}
	return out
}

// parseGroup returns the kind and the origin of a group: "browser" and "world" of
// "browser-world-more".
func parseGroup(name string) (kind, origin string) {
	kind, rest, _ := strings.Cut(name, "-")
	origin, _, _ = strings.Cut(rest, "-")
	return kind, origin
}

// heldKinds returns the kinds of which every client stayed connected.
func (o *outcome) heldKinds() []string {
	var out []string
	for _, kind := range kinds {
		all := o.of(kind, "")
		if len(all) > 0 && !slices.ContainsFunc(all, func(c *client) bool { return !c.stayed() }) {
			out = append(out, kind)
		}
	}
	return out
}

// connected reports whether the client was connected at a mark.
func (c *client) connected(mark int) bool { return c.at[mark].Presence == ledger.Connected }

// lost returns how often the client lost its connection in the spans [from, to).
func (c *client) lost(from, to int) int {
	n := c.at[to-1].Lost
	if from > 0 {
		n -= c.at[from-1].Lost
	}
	return n
}

// stayed reports whether the client was connected at the first two marks and had
// never lost a connection.
func (c *client) stayed() bool { return c.connected(0) && c.connected(1) && c.lost(0, 2) == 0 }

// moved reports whether a client lost its connection or changed its node between
// the first two marks.
func (c *client) moved() bool { return c.lost(1, 2) > 0 || c.at[1].Node != c.at[0].Node }

// got502 reports whether nginx had no node for a request of the client in a span.
func (o *outcome) got502(c *client, span int) bool {
	return c.at[span].Unserved > c.at[span-1].Unserved && o.spans[span].Groups[c.group].Errors[ledger.ErrorPage(502)] > 0
}

// errorTexts are the errors of requests: what nodes, error pages and clients say.
var errorTexts = slices.Concat(ledger.NodeErrors, ledger.PageErrors, ledger.ClientErrors)

// seen lists the errors that clients of those kinds met in the spans [from, to),
// the most frequent first.
func (o *outcome) seen(from, to int, which []string) []string {
	return o.most(from, to, which, errorTexts)
}

// reasons lists why clients were disconnected in the spans [from, to).
func (o *outcome) reasons(from, to int) []string {
	return o.most(from, to, kinds, ledger.DisconnectReasons)
}

// most lists the most frequent of the texts that clients of those kinds met.
func (o *outcome) most(from, to int, which, texts []string) []string {
	met := map[string]int{}
	for _, s := range o.spans[from:to] {
		for name, g := range s.Groups {
			if kind, _ := parseGroup(name); slices.Contains(which, kind) {
				for text, n := range g.Errors {
					met[text] += n
				}
			}
		}
	}
	maps.DeleteFunc(met, func(text string, _ int) bool { return !slices.Contains(texts, text) })
	found := slices.SortedFunc(maps.Keys(met), func(a, b string) int { return cmp.Or(met[b]-met[a], cmp.Compare(a, b)) })
	var out []string
	for _, text := range found[:min(len(found), 4)] {
		out = append(out, fmt.Sprintf("%s x %s", format.Number(met[text]), text))
	}
	return out
}
