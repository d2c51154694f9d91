package run

import (
	"strings"
	"testing"
	"time"
)

// picture is what the projector view shows below its top line, where the clock is.
func (d *desk) picture() string {
	_, lines, _ := strings.Cut(d.Screen(), "\n")
	return lines
}

// While time passes the picture moves between two frames; when it is paused, or nothing is to move, it does not.
func TestPictureMoves(t *testing.T) {
	d := sit(t, "redis-adapter", 100, 30)
	d.to(20 * time.Second)
	d.Press("V")
	frames := func(n int) (seen map[string]bool, dots bool) {
		seen = make(map[string]bool)
		for range n {
			d.Wait(tick)
			seen[d.picture()] = true
		}
		return seen, len(d.m.moving()) > 0 || d.m.Player.Still
	}
	if seen, _ := frames(30); len(seen) != 1 {
		t.Errorf("paused, it changes %d times", len(seen))
	}
	d.Press("space")
	if seen, _ := frames(60); len(seen) < 20 {
		t.Errorf("in two seconds it changes %d times", len(seen))
	}
	d.m.Player.Still = true
	if seen, _ := frames(60); len(seen) > 12 {
		t.Errorf("without motion it changes %d times in two seconds", len(seen))
	}
	if strings.Contains(d.picture(), "▶●") || len(d.m.moving()) > 0 {
		t.Error("without motion there are dots")
	}
}

// In slow motion clients light up as they hear the last message.
func TestMarksLightUp(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.to(20 * time.Second)
	for range 5 {
		d.Press("<")
	}
	d.Press("space")
	most, least := 0, 100
	for range 120 {
		d.Wait(4 * tick)
		j := d.m.Frame.Stage.Last
		if n := len(d.m.Frame.lit); n != j.Arrived {
			t.Fatalf("%d clients are lit, %d heard it", n, j.Arrived)
		} else if j.Arrived+j.Pending == 40 {
			most, least = max(most, n), min(least, n)
		}
	}
	if most < 35 || least > 5 {
		t.Errorf("from %d to %d clients were lit, want nearly none to nearly all", least, most)
	}
}

// The picture with its dots, which is drawn 30 times a second while time passes: 5 % of a core are 1.6 ms each.
func BenchmarkViewOfMotion(b *testing.B) {
	d := crowd(b)
	for b.Loop() {
		d.m.motion.at -= time.Millisecond
		d.m.Dirty = true
		d.m.View()
	}
}
