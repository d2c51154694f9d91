package inspect

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/style"
)

// Config draws the nginx.conf that is running: what decides to which node a client gets, and what
// the last step that changed it did.
func Config(s *Source, client string, width int) []string {
	p := newPage(s, width)
	r, err := ruleAt(s, s.Now, routeOf(s, client))
	switch {
	case err != nil:
		p.add(loss(err.Error()))
		return p.lines
	case r.Config == nil || r.upstream == nil:
		p.add("no proxy: clients ask the nodes themselves")
		return p.lines
	}
	c, known := p.at.Client(client)
	head := []string{strong("nginx.conf"), "upstream " + r.upstream.Name}
	if known && c.Presence == ledger.Connected {
		head = append(head, "marked is what decides for "+strong(c.Name)+" "+dim(c.IP)+", which is on "+p.label(c.Node))
	} else if known {
		head = append(head, "marked is what decides for "+strong(c.Name)+" "+dim(c.IP)+", which is on no node")
	}
	p.flow(head...)
	p.gap()
	marks := r.deciding(c.Node)
	lines := strings.Split(strings.TrimRight(r.Config.Tree.Text(), "\n"), "\n")
	digits := len(fmt.Sprint(len(lines)))
	for i, line := range lines {
		number := style.Right(fmt.Sprint(i+1), digits)
		text := strings.ReplaceAll(format.Printable(line), "\t", "    ")
		why, marked := marks[i+1]
		if !marked {
			p.add(dim(number) + "   " + text)
			continue
		}
		p.add(style.Paint(style.Accent, number+" › "+text) + dim("   # "+why))
	}
	if r.method() == "round_robin" && r.upstream.Sticky == nil {
		p.gap()
		p.add("no line of the upstream names a method: it is round robin, which does not look at the client")
	}
	r.lastChange(s, p)
	return p.lines
}

// deciding returns the lines, from 1, that decide to which node a client gets that is on a node now, and what each does.
func (r rule) deciding(node string) map[int]string {
	out := make(map[int]string)
	for _, l := range r.lines(node) {
		if l.upstream == r.upstream.Name {
			out[l.Pos.Line] = "its server now"
		}
	}
	block := r.Config.Tree.Upstream(r.upstream.Name)
	if block == nil {
		return out
	}
	for _, d := range block.Block {
		if d.Name == r.upstream.Method.Name {
			out[d.Pos.Line] = "chooses the server"
		}
	}
	if s := r.upstream.Sticky; s != nil {
		out[s.Pos.Line] = "first: a client that comes back keeps its server"
	}
	if len(out) == 0 || out[block.Pos.Line] == "" && r.method() == "round_robin" && r.upstream.Sticky == nil {
		out[block.Pos.Line] = "round robin: servers in turn"
	}
	return out
}

// lastChange draws what the last step that changed the text did to it.
func (r rule) lastChange(s *Source, p *page) {
	if r.changed == 0 {
		return
	}
	before, err := ruleAt(s, r.changed-1, s.Plan().RouteOf(""))
	if err != nil {
		return
	}
	what := ""
	for _, step := range s.Steps() {
		if step.At == r.changed && step.Verb.Rewrites() {
			what = string(step.Verb)
			if step.Verb == scenario.Policy {
				what += " " + step.Policy
			}
		}
	}
	diff := format.Diff("before", before.Config.Tree.Text(), "after", r.Config.Tree.Text())
	if diff == "" {
		return
	}
	p.gap()
	p.add(strong("changed at "+style.Instant(r.changed)) + " by the step " + what)
	for _, line := range strings.Split(strings.TrimRight(diff, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "+"):
			line = style.Paint(style.Strong, line)
		case strings.HasPrefix(line, "-"):
			line = dim(line)
		}
		p.add(strings.ReplaceAll(line, "\t", "    "))
	}
}
