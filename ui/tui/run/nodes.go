package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/inspect"
	"stickylab/ui/tui/style"
)

// drawNodes draws the nodes, in as many lines each as there is room for, the
// selected one with a "›" before it. The second result is how many lines a
// node takes, the third the first node that is shown.
func drawNodes(f *Frame, selected string, width, height int) (lines []string, each, first int) {
	if len(f.Nodes) == 0 || height <= 0 {
		return nil, 1, 0
	}
	each = min(max(height/len(f.Nodes), 1), 3)
	shown := max(height/each, 1)
	for i := range f.Nodes {
		if f.Nodes[i].Name == selected && i >= shown {
			first = i - shown + 1
		}
	}
	for i := first; i < len(f.Nodes) && i < first+shown; i++ {
		lines = append(lines, drawNode(f, i, f.Nodes[i].Name == selected, width, each)...)
	}
	return lines, each, first
}

// tip is what stands before a line: a "›" before the selected one.
func tip(selected bool) string {
	if selected {
		return style.Paint(style.Accent, "› ")
	}
	return "  "
}

func drawNode(f *Frame, i int, selected bool, width, each int) []string {
	n := &f.Nodes[i]
	label := tip(selected) + f.Palette.Label(n.Name)
	state := style.Paint(style.Loss, "down")
	if n.Up {
		state = style.Paint(style.Dim, "adapter "+n.AdapterText()+"  up")
		if n.Adapter && !n.Redis {
			state = style.Paint(style.Dim, "adapter "+n.AdapterText()+", ") + style.Paint(style.Loss, "no link")
		}
		if n.Frozen {
			state = style.Paint(style.Dim, "up, ") + style.Paint(style.Loss, "is frozen")
		}
	}
	standing := f.proxy.Standing(n.Name)
	word := style.Paint(style.Loss, standings[standing])
	switch {
	case standing == inspect.Removed:
		state = word
	case standing != inspect.Serving && n.Up:
		state = style.Paint(style.Dim, "up, ") + word + style.Paint(style.Dim, " in the proxy")
	}
	if each == 1 {
		brief := style.Count(n.Clients, 5) + style.Paint(style.Dim, " clients")
		if standing != inspect.Serving {
			brief = word + style.Paint(style.Dim, " in the proxy")
		}
		if !n.Up {
			brief = state
		}
		return []string{style.Spread(label, brief, width)}
	}
	count := func(n int) string { return style.Count(n, digits(f.count())) }
	head := style.Spread(label, state, width)
	clients := "    " + count(n.Clients) + style.Paint(style.Dim, " clients  ws ") + count(n.Clients-n.Poll) + style.Paint(style.Dim, "  polling ") + count(n.Poll)
	if each == 2 {
		return []string{head, clients}
	}
	t, span := traffic(f, n), min(f.Cursor.At, lately)
	rates := style.Paint(style.Dim, "    says ") + style.Right(style.Rate(t.Sent, span), 7) + style.Paint(style.Dim, "  writes ") + style.Right(style.Rate(t.Wrote, span), 8)
	return []string{head, clients, rates}
}

// standings are the words for what keeps requests from a node by the proxy's
// configuration.
var standings = [...]string{
	inspect.Removed: "taken away", inspect.Unlisted: "unlisted", inspect.Down: "down", inspect.Draining: "draining", inspect.Serving: "",
}

// digits returns the width of the largest count of clients.
func digits(most int) int { return max(style.Width(format.Number(most)), 2) }

// traffic returns the traffic of the node in the last moments.
func traffic(f *Frame, n *ledger.NodeState) ledger.Traffic {
	if i := slices.IndexFunc(f.Recent.Traffic, func(t ledger.Traffic) bool { return t.Node == n.Name }); i >= 0 {
		return f.Recent.Traffic[i]
	}
	return ledger.Traffic{}
}

// drawProxy draws where the proxy listens, how it chooses, and what came of it.
func drawProxy(f *Frame, width, height int) []string {
	plan := f.Live.Plan()
	var listen []string
	for _, a := range plan.Proxy {
		listen = append(listen, a.String())
	}
	lines := []string{strings.Join(listen, " ")}
	if used := plan.UsedBy(plan.Config); len(used) > 0 {
		lines = append(lines, style.Paint(style.Dim, "upstream ")+strings.Join(used, " "))
	}
	lines = append(lines, style.Paint(style.Strong, f.Policy))
	most := 1
	for _, n := range f.Nodes {
		most = max(most, n.Clients)
	}
	room := height - len(lines) - 1
	for i, n := range f.Nodes {
		if i == room-1 && len(f.Nodes) > room {
			lines = append(lines, style.Paint(style.Dim, fmt.Sprintf("and %d more", len(f.Nodes)-i)))
			break
		}
		bar := max(width-8, 1)
		drawn := f.Palette.Paint(n.Name, strings.Repeat("█", n.Clients*bar/most))
		if s := f.proxy.Standing(n.Name); s != inspect.Serving {
			drawn = style.Paint(style.Loss, standings[s])
		}
		lines = append(lines, f.Palette.Mark(n.Name)+" "+style.Fit(drawn, bar)+style.Count(n.Clients, 6))
	}
	upgrade := "yes"
	if !f.upgrade {
		upgrade = style.Paint(style.Strong, "no")
	}
	lines = append(lines, style.Paint(style.Dim, "upgrade ")+upgrade)
	if f.loaded > 1 && len(lines) < height {
		lines = append(lines, style.Paint(style.Dim, "loaded ")+fmt.Sprintf("%d times", f.loaded))
	}
	return lines
}

// drawRedis draws what goes through Redis.
func drawRedis(f *Frame, width int) []string {
	state, links, adapters := redisState(f)
	published, passing := 0, 0
	for i := range f.Nodes {
		published += f.Nodes[i].Traffic.Published
		passing += traffic(f, &f.Nodes[i]).Published
	}
	row := func(label, value string) string {
		return style.Spread(style.Paint(style.Dim, label), value, width)
	}
	ink := style.Plain
	if state != "up" {
		ink = style.Loss
	}
	return []string{
		style.Paint(ink, state),
		row("published", style.Count(published, 6)),
		row("", style.Rate(passing, min(f.Cursor.At, lately))),
		row("adapters", style.Count(adapters, 3)),
		row("links", style.Count(links, 3)),
	}
}

// redisState returns the state of Redis, and how many nodes have a link to it
// and an adapter.
func redisState(f *Frame) (state string, links, adapters int) {
	for _, n := range f.Nodes {
		if n.Redis {
			links++
		}
		if n.Adapter {
			adapters++
		}
	}
	return cmp.Or(f.redis, "up"), links, adapters
}
