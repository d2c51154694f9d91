package explain

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
)

// turns shows what requests get where an address decides nothing.
func (p *page) turns(t *Turns, n int) {
	p.Gap()
	p.text("", "An address decides nothing here: "+t.Why+".")
	list := func(title string, servers []int) {
		p.Gap()
		p.text("", fmt.Sprintf("the first %s after a start of nginx, %s", format.Plural(n, p.u.unit()), title))
		words := make([]string, len(servers))
		for i, s := range servers {
			words[i] = fmt.Sprint(s)
			if s == 0 {
				words[i] = "502"
			}
		}
		p.text("  ", strings.Join(words, " "))
	}
	switch {
	case p.u.Block.Method.Name == "random":
		list(fmt.Sprintf("as drawn with seed %d", p.u.options.Seed), t.Done)
	case p.u.key.text != "":
		list("with an empty key, which means round robin", t.Done)
	case t.Held != nil:
		list("each over before the next begins", t.Done)
		list("none of them over, as with WebSockets", t.Held)
	default:
		list("by the number of the server", t.Done)
	}
}

// spread writes a histogram.
func (p *page) spread(s Spread) {
	n := len(s.Population.Addresses)
	title := fmt.Sprintf("%s: %s", s.Population.Label, format.Plural(n, "address"))
	if s.Population.Of != "" {
		title = fmt.Sprintf("%s: %s from %s", s.Population.Label, format.Plural(n, "client"), s.Population.Of)
	}
	switch {
	case s.Population.Sampled() && s.Population.Of != "":
		title = fmt.Sprintf("%s: %s clients from %s, of whom %s were drawn at random (seed %d)",
			s.Population.Label, s.Population.Total, s.Population.Of, format.Number(n), s.Population.Seed)
	case s.Population.Sampled():
		title = fmt.Sprintf("%s: %s addresses, of which %s were drawn at random (seed %d)",
			s.Population.Label, s.Population.Total, format.Number(n), s.Population.Seed)
	}
	p.text("", title)
	t := &format.Table{Heads: []string{"", "server", "node", "clients", "", ""}, Align: "rllrrl"}
	most, longest := s.Refused, 0
	for i, server := range p.u.Servers {
		most = max(most, s.Clients[i])
		longest = max(longest, format.Width(format.Clip(server.Address, 34))+format.Width(format.Clip(server.Node, 16)))
	}
	full := min(max(p.Room(31+longest), 1), 40) // what the other columns leave
	for i, server := range p.u.Servers {
		t.Add(fmt.Sprint(server.Number), format.Clip(server.Address, 34), format.Clip(server.Node, 16), format.Number(s.Clients[i]),
			format.Percent(s.Clients[i], n), bar(s.Clients[i], most, full))
	}
	if s.Refused > 0 {
		t.Add("", "no live upstreams, 502", "", format.Number(s.Refused), format.Percent(s.Refused, n), bar(s.Refused, most, full))
	}
	p.Table(2, t)
	p.together(s)
	if s.Loose > 0 {
		p.text("  ", fmt.Sprintf("%s of these by round robin, after the hash found no server that is up: they may get another one the next time.",
			format.Number(s.Loose)))
	}
}

// policies writes what methods make of the clients.
func (p *page) policies(r *Report) {
	if len(r.Policies) == 0 {
		return
	}
	n := 0
	for _, c := range r.Question.Populations {
		n += len(c.Addresses)
	}
	n += len(r.Question.Addresses)
	p.Gap()
	p.line("by policy")
	t := &format.Table{Heads: []string{"policy", "most", "fewest", "one more", "one fewer"}, Align: "lrrrr"}
	move := func(moved int) string {
		if moved == 0 {
			return "none move"
		}
		return format.Percent(moved, n) + " move"
	}
	for _, v := range r.Policies {
		method, fewer := format.Clip(v.Method, 34), "-"
		if v.Now {
			method += " (now)"
		}
		if v.Fewer != nil {
			fewer = move(*v.Fewer)
		}
		t.Add(method, format.Percent(v.Most, n), format.Percent(v.Fewest, n), move(v.More), fewer)
	}
	p.Table(2, t)
	p.text("  ", "round_robin, least_conn and random do not go by the address: they spread connections evenly, and keep no client on its server.")
}

// bar is a share of the most, from one mark up to a full bar.
func bar(n, most, full int) string {
	if n == 0 {
		return ""
	}
	return strings.Repeat("#", max(1, n*full/most))
}

// together says that all are on one server, and why.
func (p *page) together(s Spread) {
	if s.Reason == "" {
		return
	}
	i, _ := s.one()
	n := len(s.Population.Addresses)
	all := fmt.Sprintf("All %s land", format.Number(n))
	if n == 2 {
		all = "Both land"
	}
	if s.Population.Sampled() {
		all = "All that were drawn land"
	}
	text := fmt.Sprintf("%s on %s: %s", all, name(&p.u.Servers[i]), s.Reason)
	if n == 1 {
		text = strings.ToUpper(s.Reason[:1]) + s.Reason[1:]
	}
	p.text("  ", text)
}

// moves writes the comparison.
func (p *page) moves(r *Report) {
	q := r.Question
	if r.NoMoves != "" {
		p.Gap()
		p.text("", fmt.Sprintf("Compared with %s: no client can be placed, since %s.", format.Clip(q.OtherSource, 40), r.NoMoves))
	}
	m := r.Moves
	if m == nil {
		return
	}
	title := fmt.Sprintf("from %s to %s", format.Clip(q.Source, 40), format.Clip(q.OtherSource, 40))
	if q.Down {
		names := m.lost()
		if len(names) == 0 {
			return
		}
		title = listed(names) + " down"
	}
	p.Gap()
	n := len(m.Population.Addresses)
	switch {
	case n == 1 && m.Moved == 1:
		p.text("", title+": the client moves")
	case n == 1:
		p.text("", title+": the client stays")
		return
	case m.Moved == 0:
		p.text("", fmt.Sprintf("%s: all %s stay", title, format.Plural(n, "client")))
		return
	default:
		p.text("", fmt.Sprintf("%s: %s of %s move, %s", title, format.Number(m.Moved), format.Plural(n, "client"), format.Percent(m.Moved, n)))
	}
	t := &format.Table{Heads: []string{"from", "to", "clients", ""}, Align: "llrr"}
	for _, v := range m.List {
		t.Add(place(v.From), place(v.To), format.Number(v.Clients), format.Percent(v.Clients, n))
	}
	p.Table(2, t)
	if meaning := m.Meaning(); meaning != "" && n > 1 {
		p.text("  ", meaning)
	}
}

func place(address string) string {
	if address == "" {
		return "502"
	}
	return format.Clip(address, 30)
}
