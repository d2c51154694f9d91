package explain

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
)

// turns shows what requests get where an address decides nothing.
func (p *page) turns(t *Turns, n int) {
	p.gap()
	p.text("", "An address decides nothing here: "+t.Why+".")
	list := func(title string, servers []int) {
		p.gap()
		p.text("", fmt.Sprintf("the first %s after a start of nginx, %s", count(n, "request"), title))
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
	n := len(s.Crowd.Addresses)
	title := fmt.Sprintf("%s: %s", s.Crowd.Label, count(n, "address"))
	if s.Crowd.Of != "" {
		title = fmt.Sprintf("%s: %s from %s", s.Crowd.Label, count(n, "client"), s.Crowd.Of)
	}
	if s.Crowd.Sampled() {
		title = fmt.Sprintf("%s: %s addresses, of which %s were drawn at random (seed %d)",
			s.Crowd.Label, s.Crowd.Total, format.Number(n), s.Crowd.Seed)
	}
	p.text("", title)
	rows := [][]string{{"", "server", "node", "clients", "", ""}}
	most := s.Refused
	for _, k := range s.Clients {
		most = max(most, k)
	}
	for i, server := range p.u.Servers {
		rows = append(rows, []string{
			fmt.Sprint(server.Number), clip(server.Address, 34), clip(server.Node, 16), format.Number(s.Clients[i]), format.Percent(s.Clients[i], n),
			bar(s.Clients[i], most),
		})
	}
	if s.Refused > 0 {
		rows = append(rows, []string{"", "no live upstreams, 502", "", format.Number(s.Refused), format.Percent(s.Refused, n), bar(s.Refused, most)})
	}
	p.table(fit(rows), "rllrrl")
	p.together(s)
	if s.Loose > 0 {
		p.text("  ", fmt.Sprintf("%s of these by round robin, after the hash found no server that is up: they may get another one the next time.",
			format.Number(s.Loose)))
	}
}

// bar is a share of the most, from one mark up to a full bar.
func bar(n, most int) string {
	const full = 40
	if n == 0 {
		return ""
	}
	return strings.Repeat("#", max(1, n*full/most))
}

// fit shortens the bars, the last column, to what the page leaves them.
func fit(rows [][]string) [][]string {
	used := 0
	last := len(rows[0]) - 1
	for i := range last {
		w := 0
		for k, row := range rows {
			if k > 0 && row[i] != "" {
				w = max(w, wide(row[i])+2, wide(rows[0][i])+2)
			}
		}
		used += w
	}
	room, longest := max(width-used-2, 1), 1
	for _, row := range rows {
		longest = max(longest, len(row[last]))
	}
	if longest <= room {
		return rows
	}
	for _, row := range rows {
		if n := len(row[last]); n > 0 {
			row[last] = strings.Repeat("#", max(1, n*room/longest))
		}
	}
	return rows
}

// together says that all are on one server, and why.
func (p *page) together(s Spread) {
	if s.Reason == "" {
		return
	}
	i, _ := s.one()
	n := len(s.Crowd.Addresses)
	all := fmt.Sprintf("All %s land", format.Number(n))
	if n == 2 {
		all = "Both land"
	}
	if s.Crowd.Sampled() {
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
		p.gap()
		p.text("", fmt.Sprintf("Compared with %s: nobody's place can be named, since %s.", clip(q.OtherSource, 40), r.NoMoves))
	}
	m := r.Moves
	if m == nil {
		return
	}
	title := fmt.Sprintf("from %s to %s", clip(q.Source, 40), clip(q.OtherSource, 40))
	if q.Down {
		names := m.lost()
		if len(names) == 0 {
			return
		}
		title = listed(names) + " down"
	}
	p.gap()
	n := len(m.Crowd.Addresses)
	switch {
	case n == 1 && m.Moved == 1:
		p.text("", title+": the client moves")
	case n == 1:
		p.text("", title+": the client stays")
		return
	case m.Moved == 0:
		p.text("", fmt.Sprintf("%s: all %s stay", title, count(n, "client")))
		return
	default:
		p.text("", fmt.Sprintf("%s: %s of %s move, %s", title, format.Number(m.Moved), count(n, "client"), format.Percent(m.Moved, n)))
	}
	rows := [][]string{{"from", "to", "clients", ""}}
	for _, v := range m.List {
		rows = append(rows, []string{place(v.From), place(v.To), format.Number(v.Clients), format.Percent(v.Clients, n)})
	}
	p.table(rows, "llrr")
	if meaning := m.Meaning(); meaning != "" && n > 1 {
		p.text("  ", meaning)
	}
}

func place(address string) string {
	if address == "" {
		return "502"
	}
	return clip(address, 30)
}

// count writes a number of things: "1 client", "1,000 clients".
func count(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "s"):
		thing += "es"
	default:
		thing += "s"
	}
	return format.Number(n) + " " + thing
}
