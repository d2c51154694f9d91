package run

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/internal/drive"
	"stickylab/ui/tui/screen"
)

// crowded is 1,000 clients in rooms of 20 that make 2,000 events a second.
func crowded(t testing.TB) *plan.Plan {
	f := scenario.NewFile()
	f.Title, f.Duration = "A thousand clients", time.Minute
	f.Nodes.Count = 4
	f.Adapter = scenario.AdapterRedis
	f.Proxy.Policy = "ip_hash"
	for i := range 50 {
		g := scenario.NewGroup(fmt.Sprintf("room%02d", i))
		g.Count, g.Room, g.Say = 20, g.Name, 20*time.Second
		g.Connect.Max = 2 * time.Second
		g.Transports = []string{scenario.Websocket}
		g.IP = []scenario.Range{{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", i))}}
		f.Clients = append(f.Clients, g)
	}
	p, errs := plan.Resolve(f, nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return p
}

// crowd opens it at 20 s.
func crowd(t testing.TB) *desk {
	d := open(t, crowded(t), "crowd", Options{}, 140, 45)
	d.Press(" ")
	d.to(20 * time.Second)
	return d
}

// The screen when the numbers change: four times a second.
func BenchmarkViewOfNewFrame(b *testing.B) {
	d := crowd(b)
	b.ReportAllocs()
	for b.Loop() {
		clear(d.m.drawnOf)
		d.m.Dirty = true
		d.m.View()
	}
}

// The screen in between, when only the clock moves.
func BenchmarkViewOfTick(b *testing.B) {
	d := crowd(b)
	b.ReportAllocs()
	for b.Loop() {
		d.m.Dirty = true
		d.m.View()
	}
}

// A key that moves the selection, and the screen after it.
func BenchmarkUpdateKey(b *testing.B) {
	d := crowd(b)
	keys := []tea.KeyMsg{drive.KeyOf("down"), drive.KeyOf("right"), drive.KeyOf("up"), drive.KeyOf("left")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.m.Update(keys[i%4])
		d.m.View()
	}
}

// A tick while nothing can move.
func BenchmarkUpdateTick(b *testing.B) {
	d := crowd(b)
	for b.Loop() {
		d.Update(screen.Tick{Now: d.Now})
	}
}

// Making a frame, which happens apart from the program's loop.
func BenchmarkTake(b *testing.B) {
	d := crowd(b)
	s := d.m
	b.ReportAllocs()
	for b.Loop() {
		if _, err := take(s.current.live, s.cursor, "", true); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(s.cursor.N)/s.cursor.At.Seconds(), "events/s")
}
