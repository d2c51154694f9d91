package run

import (
	"fmt"
	"testing"
	"time"
)

var sizes = [][2]int{{80, 24}, {120, 40}, {40, 12}}

// shoot compares the screen in all sizes.
func (d *desk) shoot(name string) {
	d.Helper()
	for _, size := range sizes {
		d.Size(size[0], size[1])
		d.Golden(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]))
	}
}

// shot is a screen: what is done to see it, and to be where it was again.
type shot struct {
	name string
	look func(*desk)
	back []string
}

func TestScreens(t *testing.T) {
	at := func(instant time.Duration, keys ...string) func(*desk) {
		return func(d *desk) {
			d.to(instant)
			d.Press(keys...)
		}
	}
	tests := map[string][][]shot{ // by scenario; those in a row are of one run
		"two-regions": {{
			{"joining", at(2 * time.Second), nil},
			{"two-regions", at(30 * time.Second), nil},
			{"client", at(30*time.Second, "right", "enter"), []string{"esc", "left"}},
			{"message", lookAtMissed, []string{"esc", "1", "esc"}},
			{"help", at(30*time.Second, "?"), []string{"esc"}},
			{"projector", at(30*time.Second, "V"), []string{"esc"}},
			{"past", func(d *desk) { d.to(30 * time.Second); d.Press("["); d.settle() }, nil},
			{"branches", at(25*time.Second, "a", "b"), []string{"esc"}},
			{"adapter-on", func(d *desk) {
				d.to(26 * time.Second)
				d.Wait(10 * time.Second)
			}, nil},
		}},
		"redis-adapter": {{
			{"redis-adapter", at(30 * time.Second), nil},
			{"projector-adapter-on", at(30*time.Second, "V"), []string{"V"}},
			{"killed", func(d *desk) {
				d.to(30 * time.Second)
				d.Press("tab", "down", "x")
				d.to(31 * time.Second)
				d.Wait(10 * time.Second) // the notice goes
			}, nil},
		}, {
			{"switches", func(d *desk) {
				d.to(10 * time.Second)
				d.Press("+", "tab", "down", "d", "r")
				d.to(15 * time.Second)
				d.Wait(10 * time.Second)
			}, nil},
		}},
		"sticky-cookie": {{{"ten-nodes", func(d *desk) {
			d.to(2 * time.Second)
			d.Press(":")
			d.Type("scale 10")
			d.Press("enter")
			d.Press(":")
			d.Type("reconnect all")
			d.Press("enter")
			d.to(20 * time.Second)
			d.Wait(10 * time.Second)
		}, nil}}},
		"node-dies": {{{"node-dies", at(20*time.Second + 200*time.Millisecond), nil}}},
	}
	for name, runs := range tests {
		for _, run := range runs {
			d := sit(t, name, 120, 40)
			for _, x := range run {
				t.Run(x.name, func(t *testing.T) {
					d.TB = t
					d.Size(120, 40)
					x.look(d)
					d.shoot(x.name)
					d.Press(x.back...)
				})
			}
		}
	}
}

// The picture in the README.
func TestProjectorInReadme(t *testing.T) {
	d := sit(t, "two-regions", 84, 18)
	d.to(30 * time.Second)
	d.Press("V")
	d.Golden("readme-84x18")
}

// lookAtMissed looks closer at the newest message that a client missed.
func lookAtMissed(d *desk) {
	d.to(30 * time.Second)
	for i, h := range d.m.Frame.lines {
		if h.Loss {
			d.Press("5")
			for range i {
				d.Press("down")
			}
			break
		}
	}
	d.Press("enter")
}

// At every size the screen is no larger than the terminal, or says that that is
// too small.
func TestEverySize(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.to(5 * time.Second)
	d.Fits("a run", 7, 3)
}
