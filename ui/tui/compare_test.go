package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// beside opens the program on two runs.
func beside(t *testing.T, left, right string, width, height int) *desk {
	t.Helper()
	side := func(name string) Side {
		plan, name, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		return Side{name, plan}
	}
	d := sit(t, "", width, height)
	d.m.pair, d.m.mode = newPair("regions", side(left), side(right), 1), modePair
	d.run(d.m.pair.open())
	return d
}

// Two runs go by one clock: what is on the screen is of one instant.
func TestOneClock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "short.yaml")
	if err := os.WriteFile(file, []byte(short), 0o644); err != nil {
		t.Fatal(err)
	}
	d := beside(t, file, "two-regions", 120, 40)
	p := d.m.pair
	d.bothSettle()
	d.press(">", ">", ">", ">", " ")
	for range 200 {
		d.wait(frameTime)
		a, b := p.sides[0], p.sides[1]
		if a.cursor.at > p.at || b.cursor.at > p.at {
			t.Fatalf("at %v and %v when the clock is at %v", a.cursor.at, b.cursor.at, p.at)
		}
		if p.there() && a.frame.cursor.at != min(b.frame.cursor.at, a.current.live.End()) {
			t.Fatalf("%v beside %v", a.frame.cursor.at, b.frame.cursor.at)
		}
	}
	if p.at < 20*time.Second {
		t.Errorf("only at %v", p.at)
	}
	d.press(" ", "home")
	d.bothSettle()
	if p.sides[0].frame.cursor.at != beginning {
		t.Errorf("at %v", p.sides[0].frame.cursor.at)
	}
	d.press("]", "[", "end")
	d.until("over", p.over)
	// The shorter one stays at its end.
	if a, b := p.sides[0].cursor.at, p.sides[1].cursor.at; a >= b || b != p.end {
		t.Errorf("ends at %v and %v of %v", a, b, p.end)
	}
	d.press(" ")
	d.wait(time.Second)
	if p.playing {
		t.Error("plays on beyond the end")
	}
	d.press("v")
	d.shows("last 10 s")
	d.press("?")
	d.shows("as fast as it can")
	d.press("esc", "esc")
	if !d.quit {
		t.Error("there is nothing behind it, and it stays")
	}
}

func TestCompareScreens(t *testing.T) {
	d := beside(t, "two-regions", "redis-adapter", 100, 30)
	d.bothSettle()
	d.m.pair.seek(30 * time.Second)
	d.bothSettle()
	for _, size := range lessonSizes {
		d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		d.golden(fmt.Sprintf("compare-%dx%d", size[0], size[1]))
	}
	d.send(tea.WindowSizeMsg{Width: 40, Height: 12})
	d.shows("larger screen")
}

// A pair that fails says so, and can be left.
func TestPairFails(t *testing.T) {
	d := beside(t, "two-regions", "redis-adapter", 80, 24)
	d.bothSettle()
	p := d.m.pair
	p.heard(advancedMsg{branch: p.sides[1].current, head: p.sides[1].current.head, err: errors.New("not today")})
	d.m.dirty = true
	d.shows("not today")
	d.press("q")
	if !d.quit {
		t.Error("stays")
	}
}
