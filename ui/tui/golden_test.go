package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

var sizes = [][2]int{{80, 24}, {120, 40}, {40, 12}}

// shoot compares the screen in all sizes.
func (d *desk) shoot(name string) {
	d.Helper()
	for _, size := range sizes {
		d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		d.golden(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]))
	}
}

func TestScreens(t *testing.T) {
	tests := []struct {
		name, scenario string
		look           func(*desk)
	}{
		{"two-regions", "two-regions", func(d *desk) { d.to(30 * time.Second) }},
		{"redis-adapter", "redis-adapter", func(d *desk) { d.to(30 * time.Second) }},
		{"killed", "redis-adapter", func(d *desk) {
			d.to(30 * time.Second)
			d.press("tab", "down", "x")
			d.to(31 * time.Second)
			d.wait(10 * time.Second) // the notice goes
		}},
		{"joining", "two-regions", func(d *desk) { d.to(2 * time.Second) }},
		{"past", "two-regions", func(d *desk) { d.to(30 * time.Second); d.press("["); d.settle() }},
		{"help", "two-regions", func(d *desk) { d.press("?") }},
		{"branches", "two-regions", func(d *desk) { d.to(30 * time.Second); d.press("[", "a", "b") }},
		{"message", "two-regions", func(d *desk) {
			d.to(30 * time.Second)
			for i, h := range d.m.stage.frame.lines {
				if h.loss {
					d.press("tab", "tab")
					for range i {
						d.press("down")
					}
					break
				}
			}
			d.press("enter")
		}},
		{"client", "two-regions", func(d *desk) { d.to(30 * time.Second); d.press("right", "enter") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := sit(t, tt.scenario, 120, 40)
			tt.look(d)
			d.shoot(tt.name)
		})
	}
}

// At every size the screen is exactly as large as the terminal, or says that
// it is too small.
func TestEverySize(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.to(5 * time.Second)
	for w := 1; w <= 200; w += 7 {
		for h := 1; h <= 60; h += 3 {
			d.send(tea.WindowSizeMsg{Width: w, Height: h})
			lines := strings.Split(d.m.View(), "\n")
			if len(lines) > h {
				t.Fatalf("%dx%d: %d lines", w, h, len(lines))
			}
			for i, line := range lines {
				if got := len([]rune(line)); got > w {
					t.Fatalf("%dx%d: line %d is %d cells wide: %q", w, h, i, got, line)
				}
			}
		}
	}
}
