package cli

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

const (
	mostLettered = 40 // clients of a group that are shown one by one
	mostCrowds   = 8  // groups that are shown
)

// groupPlacement is where the clients of a group are.
type groupPlacement struct {
	group   string
	letters strings.Builder // of each that is connected
	on      map[string]int  // connected ones, by node
	off     int             // not connected
}

// placementOf returns the groups in order of appearance.
func placementOf(state *ledger.Ledger, p *style.Palette) []*groupPlacement {
	var out []*groupPlacement
	at := make(map[string]*groupPlacement)
	for _, c := range state.Clients() {
		x := at[c.Group]
		if x == nil {
			x = &groupPlacement{group: c.Group, on: make(map[string]int)}
			at[c.Group], out = x, append(out, x)
		}
		if c.Presence != ledger.Connected {
			x.off++
			continue
		}
		x.on[c.Node]++
		x.letters.WriteString(p.Letter(c.Node))
	}
	return out
}

// counted returns how many clients are on each node.
func (x *groupPlacement) counted(p *style.Palette) string {
	var out []string
	for _, node := range p.Nodes() {
		if n := x.on[node]; n > 0 {
			out = append(out, format.Number(n)+" on "+p.Letter(node))
		}
	}
	if x.off > 0 {
		out = append(out, format.Number(x.off)+" not connected")
	}
	return strings.Join(out, ", ")
}

// placementLines writes which node each client is on, a line for each group: by the
// letters that the screen shows while there is room for them, and in numbers.
// There are none before anybody was connected.
func placementLines(state *ledger.Ledger, width int) []string {
	if !slices.ContainsFunc(state.Clients(), func(c ledger.ClientState) bool { return c.Presence != ledger.Never }) {
		return nil
	}
	var names []string
	for _, n := range state.Nodes() {
		names = append(names, n.Name)
	}
	p := style.NewPalette(names)
	all := placementOf(state, p)
	longest, letters := 0, 0
	for _, x := range all {
		longest, letters = max(longest, len(x.group)), max(letters, x.letters.Len())
	}
	var out []string
	for i, x := range all {
		if i == mostCrowds {
			out = append(out, fmt.Sprintf("and %s more", format.Plural(len(all)-i, "group")))
			break
		}
		head := fmt.Sprintf("%-*s  ", longest, x.group)
		text := x.counted(p)
		if full := fmt.Sprintf("%s%-*s  %s", head, letters, x.letters.String(), text); letters > 0 && letters <= mostLettered && len(full) <= width {
			out = append(out, full)
			continue
		}
		for k, line := range format.Wrap(text, max(width-len(head), 20)) {
			if k > 0 {
				head = strings.Repeat(" ", len(head))
			}
			out = append(out, head+line)
		}
	}
	return out
}
