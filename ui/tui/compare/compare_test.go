package compare

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"stickylab/ui/tui/internal/drive"
	"stickylab/ui/tui/run"
)

func TestMain(m *testing.M) {
	drive.Colorless()
	os.Exit(m.Run())
}

// desk is a viewer at two runs.
type desk struct {
	*drive.Desk
	m *Model
}

// sit opens two runs.
func sit(t *testing.T, left, right string, width, height int) *desk {
	t.Helper()
	side := func(name string) Side {
		plan, name, err := drive.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		return Side{name, plan}
	}
	h := drive.NewHost()
	m := New(h.Shell, "regions", side(left), side(right), 1, h.Quit)
	t.Cleanup(m.Close)
	h.Show(m)
	d := &desk{drive.Sit(t, h.Shell, h.Update, width, height), m}
	d.Run(m.Init())
	return d
}

// settle waits until both sides show where the clock is.
func (d *desk) settle() {
	d.Helper()
	d.Until("both sides are shown", d.m.Settled)
}

func TestNoKeyIsBoundTwice(t *testing.T) {
	drive.CheckKeys(t, sit(t, "two-regions", "redis-adapter", 80, 24).m.Keys())
}

const short = `
title: Short
duration: 5s
nodes: 2
proxy: {policy: ip_hash}
clients: {users: {count: 4, ip: 172.16.0.0/12, say: every 2s}}
`

// Two runs go by one clock: what is on the screen is of one instant.
func TestOneClock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "short.yaml")
	if err := os.WriteFile(file, []byte(short), 0o644); err != nil {
		t.Fatal(err)
	}
	d := sit(t, file, "two-regions", 120, 40)
	p := d.m
	d.settle()
	d.Press(">", ">", ">", ">", " ")
	for range 200 {
		d.Wait(time.Second / 30)
		a, b := p.sides[0], p.sides[1]
		if a.At() > p.at || b.At() > p.at {
			t.Fatalf("at %v and %v when the clock is at %v", a.At(), b.At(), p.at)
		}
		if p.there() && a.Frame.Cursor.At != min(b.Frame.Cursor.At, a.End()) {
			t.Fatalf("%v next to %v", a.Frame.Cursor.At, b.Frame.Cursor.At)
		}
	}
	if p.at < 20*time.Second {
		t.Errorf("only at %v", p.at)
	}
	d.Press(" ", "home")
	d.settle()
	if p.sides[0].Frame.Cursor.At != run.Beginning {
		t.Errorf("at %v", p.sides[0].Frame.Cursor.At)
	}
	d.Press("]", "[", "end")
	d.Until("over", p.Over)
	// The shorter one stays at its end.
	if a, b := p.sides[0].At(), p.sides[1].At(); a >= b || b != p.end {
		t.Errorf("ends at %v and %v of %v", a, b, p.end)
	}
	d.Press(" ")
	d.Wait(time.Second)
	if p.Playing {
		t.Error("plays on beyond the end")
	}
	d.Press("v")
	d.Shows("last 10 s")
	d.Press("?")
	d.Shows("as fast as it can")
	d.Press("esc", "esc")
	if !d.Quit {
		t.Error("there is nothing behind it, and it stays")
	}
}

func TestCompareScreens(t *testing.T) {
	d := sit(t, "two-regions", "redis-adapter", 100, 30)
	d.settle()
	d.m.Seek(30 * time.Second)
	d.settle()
	for _, size := range [][2]int{{80, 24}, {100, 30}, {140, 45}} {
		d.Size(size[0], size[1])
		d.Golden(fmt.Sprintf("compare-%dx%d", size[0], size[1]))
	}
	d.Size(40, 12)
	d.Shows("this needs 61x12")
}

// A pair that fails says so, and can be left.
func TestPairFails(t *testing.T) {
	d := sit(t, "two-regions", "redis-adapter", 80, 24)
	d.settle()
	d.m.sides[1].Failure = errors.New("not today")
	d.m.Dirty = true
	d.Shows("not today")
	d.Press("q")
	if !d.Quit {
		t.Error("stays")
	}
}
