package run

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"stickylab/ui/tui/style"
)

func crowdOf(sizes ...int) []group {
	var out []group
	for i, n := range sizes {
		g := group{name: fmt.Sprintf("group%d", i)}
		for k := range n {
			g.clients = append(g.clients, clientRow{name: fmt.Sprintf("group%d-%d", i, k), node: "a"})
		}
		out = append(out, g)
	}
	return out
}

func TestSpread(t *testing.T) {
	tests := []struct {
		name          string
		sizes         []int
		width, height int
		want          field
	}{
		{"room for all", []int{20, 20}, 35, 6, field{per: 1, gap: true, label: 7, row: 17}},
		{"names before the marks", []int{14, 14}, 37, 2, field{per: 1, gap: true, inline: true, label: 7, row: 14}},
		{"close together", []int{100, 100}, 35, 8, field{per: 1, label: 7, row: 35}},
		{"close together, names before them", []int{25, 25}, 35, 2, field{per: 1, inline: true, label: 7, row: 28}},
		{"two to a mark", []int{400}, 35, 8, field{per: 2, label: 7, row: 35}},
		{"many to a mark", []int{100_000}, 35, 12, field{per: 500, label: 7, row: 35}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := spread(crowdOf(tt.sizes...), 2, tt.width, tt.height)
			if !ok || got != tt.want {
				t.Errorf("%+v, %v; want %+v", got, ok, tt.want)
			}
		})
	}
	if _, ok := spread(crowdOf(make([]int, 30)...), 2, 35, 12); ok {
		t.Error("30 groups in 12 lines")
	}
}

// Whatever the clients do, each is in one mark of its kind, and the marks stay
// within the rows that were counted for them.
func TestMarksTellOfEveryClient(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	nodes := []string{"a", "b", "c"}
	p := style.NewPalette(nodes)
	for range 300 {
		g := crowdOf(1 + r.IntN(400))[0]
		for i := range g.clients {
			c := &g.clients[i]
			c.node, c.state = nodes[r.IntN(3)], style.State(r.IntN(len(style.States)))
		}
		width, height := 10+r.IntN(60), 2+r.IntN(12)
		x, ok := spread([]group{g}, len(nodes)+len(style.States), width, height)
		if !ok {
			t.Fatalf("%d clients do not fit into %dx%d", len(g.clients), width, height)
		}
		marks := marksOf(&g, x.per, p)
		seen := make(map[int]bool)
		for _, m := range marks {
			if len(m.members) == 0 || len(m.members) > x.per {
				t.Fatalf("a mark of %d, where it is up to %d", len(m.members), x.per)
			}
			for _, i := range m.members {
				c := g.clients[i]
				if seen[i] || c.state != m.state || c.state <= style.Polling && c.node != m.node {
					t.Fatalf("%+v in a mark of %+v", c, m)
				}
				seen[i] = true
			}
		}
		if len(seen) != len(g.clients) {
			t.Fatalf("%d of %d clients have a mark", len(seen), len(g.clients))
		}
		if rows := (len(marks) + x.row - 1) / x.row; rows > x.rows(len(g.clients), len(nodes)+len(style.States)) {
			t.Fatalf("%d rows, counted were %d", rows, x.rows(len(g.clients), len(nodes)+len(style.States)))
		}
	}
}
