package doctor

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// theSite is the site of a text; it must have one.
func theSite(t *testing.T, conf string) *site {
	t.Helper()
	texts := newLibrary("", nil)
	p, problems := texts.prepare(texts.Scan(conf))
	if len(problems) > 0 {
		t.Fatalf("%s: %v", conf, problems)
	}
	sites := p.sites(choice{}).sites
	if len(sites) != 1 {
		t.Fatalf("%s: %d sites", conf, len(sites))
	}
	return sites[0]
}

// theTarget is the target of a text for its one site.
func theTarget(t *testing.T, conf string, o Options) (*examination, *target) {
	t.Helper()
	o.fill()
	s := theSite(t, conf)
	texts := newLibrary(o.Version, nil)
	x := newExamination(t.Context(), o, texts, s)
	g := x.target(texts.Scan(conf))
	if g == nil {
		t.Fatalf("%s: no target", conf)
	}
	return x, g
}

// made is a made-up outcome of an experiment on the nodes a and b, with clients
// that are written as "GROUP: STATE STATE ...", one state for each mark:
//
//	a       connected to node a since the mark before, or for the first time
//	~a      the same, after a connection was lost
//	a/poll  the same, on polling
//	-       not connected; a connection is lost when there was one
//
// A number before the group stands for as many clients.
func made(name string, clients ...string) *outcome {
	x := &experiment{name: name, duration: time.Minute}
	o := &outcome{experiment: x, plan: &plan.Plan{}, all: &ledger.Snapshot{}}
	for i, name := range []string{"a", "b"} {
		o.plan.Nodes = append(o.plan.Nodes, scenario.Node{Name: name, Listen: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 1)})
	}
	for _, text := range clients {
		count := 1
		if n, _ := fmt.Sscanf(text, "%d ", &count); n == 1 {
			_, text, _ = strings.Cut(text, " ")
		}
		group, states, _ := strings.Cut(text, ": ")
		for range count {
			o.clients = append(o.clients, madeClient(group, strings.Fields(states)))
		}
		for len(x.marks) < len(o.clients[0].at) {
			x.marks = append(x.marks, time.Duration(len(x.marks)+1)*time.Second)
			o.spans = append(o.spans, &ledger.Snapshot{View: ledger.View{Groups: map[string]ledger.Group{}}})
		}
	}
	o.all.Sessions.Opened = len(o.clients)
	return o
}

func madeClient(group string, states []string) *client {
	c := &client{name: group, group: group}
	var s ledger.ClientState
	for _, text := range states {
		rest, again := strings.CutPrefix(text, "~")
		node, transport, _ := strings.Cut(rest, "/")
		if again || node == "-" && s.Presence == ledger.Connected {
			s.Lost++
		}
		switch {
		case node != "-":
			s.Presence, s.Node, s.Transport, c.ever = ledger.Connected, node, scenario.Websocket, true
			if kind, _ := parseGroup(group); transport == "poll" || kind == polling || kind == native {
				s.Transport = scenario.Polling
			}
		case s.Presence == ledger.Connected:
			s.Presence = ledger.Away
		}
		c.at = append(c.at, s)
	}
	return c
}

// met adds errors that the clients of a group met in a span.
func (o *outcome) with(span int, group string, errors map[string]int) *outcome {
	o.spans[span].Groups[group] = ledger.Group{Errors: errors}
	return o
}

// unserved adds a request without an answer of a node, in a span, to the clients
// of a group.
func (o *outcome) unserved(span int, group string) *outcome {
	for _, c := range o.clients {
		for i := span; c.group == group && i < len(c.at); i++ {
			c.at[i].Unserved++
		}
	}
	return o
}

// String writes a verdict as "polling 1/2 how, native 0/2; seen".
func (v verdict) String() string {
	var parts []string
	for _, a := range v.judged {
		text := fmt.Sprintf("%s %d/%d", a.Kind, a.Bad, a.Of)
		if a.How != "" {
			text += " " + a.How
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ") + "; " + strings.Join(v.seen, ", ")
}
