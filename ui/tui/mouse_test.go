package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/style"
)

// point returns where a text is on the screen.
func (d *desk) point(text string) (x, y int) {
	d.Helper()
	for y, line := range strings.Split(d.screen(), "\n") {
		if i := strings.Index(line, text); i >= 0 {
			return style.Width(line[:i]), y
		}
	}
	d.Fatalf("%q is not on the screen:\n%s", text, d.screen())
	return 0, 0
}

func (d *desk) click(x, y int) {
	d.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
}

func (d *desk) wheel(x, y int, button tea.MouseButton) {
	d.send(tea.MouseMsg{X: x, Y: y, Button: button, Action: tea.MouseActionPress})
}

func TestMouse(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(10 * time.Second)
	s := d.m.stage

	x, y := d.point("[A]A A")
	d.click(x+5, y)
	if s.selectedClient() != "beijing-03" {
		t.Errorf("clicked on the third mark, selected is %s", s.selectedClient())
	}
	x, y = d.point("B B B B")
	d.click(x, y)
	if s.selectedClient() != "shanghai-01" {
		t.Errorf("clicked on the first B, selected is %s", s.selectedClient())
	}
	d.wheel(x, y, tea.MouseButtonWheelUp)
	if got := s.selectedClient(); !strings.HasPrefix(got, "beijing") {
		t.Errorf("turned the wheel up, selected is %s", got)
	}

	x, y = d.point("B im-5080")
	d.click(x, y+1)
	if n, _ := s.selectedNode(); n.Name != "im-5080" || s.view.focus != paneNodes {
		t.Errorf("clicked on im-5080, selected is %s, pane %d", n.Name, s.view.focus)
	}

	x, y = d.point("what happens")
	d.click(x, y+3)
	if want := s.frame.lines[2].seq; s.view.line != want || s.view.focus != paneLog {
		t.Errorf("clicked on the third line, selected is %d, want %d", s.view.line, want)
	}
	d.wheel(x, y+3, tea.MouseButtonWheelDown)
	if want := s.frame.lines[3].seq; s.view.line != want {
		t.Errorf("turned the wheel down, selected is %d, want %d", s.view.line, want)
	}

	x, y = d.point("who hears whom")
	d.click(x, y+1)
	if !s.view.whole {
		t.Error("a click on the matrix does not show the whole run")
	}
	d.click(0, 0)
	d.click(5, 39)
	d.press("enter")
	if d.m.mode != modeCloser {
		t.Errorf("mode %d", d.m.mode)
	}
}

// A click on any cell, at any size, does no harm.
func TestClicksEverywhere(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.to(8 * time.Second)
	d.press("tab", "x")
	d.to(9 * time.Second)
	for _, size := range sizes {
		d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for y := range size[1] {
			for x := 0; x < size[0]; x += 3 {
				d.click(x, y)
				d.wheel(x, y, tea.MouseButtonWheelDown)
			}
		}
	}
	if d.m.mode != modeStage {
		t.Errorf("mode %d", d.m.mode)
	}
}
