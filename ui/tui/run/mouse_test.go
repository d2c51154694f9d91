package run

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/inspect"
)

func TestMouse(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(10 * time.Second)
	s := d.m

	x, y := d.Point("[A]A A")
	d.Click(x+5, y)
	if s.selectedClient() != "beijing-03" {
		t.Errorf("clicked on the third mark, selected is %s", s.selectedClient())
	}
	x, y = d.Point("B B B B")
	d.Click(x, y)
	if s.selectedClient() != "shanghai-01" {
		t.Errorf("clicked on the first B, selected is %s", s.selectedClient())
	}
	d.Wheel(x, y, tea.MouseButtonWheelUp)
	if got := s.selectedClient(); !strings.HasPrefix(got, "beijing") {
		t.Errorf("turned the wheel up, selected is %s", got)
	}

	x, y = d.Point("B im-5080")
	d.Click(x, y+1)
	if n, _ := s.selectedNode(); n.Name != "im-5080" || s.view.focus != PaneNodes {
		t.Errorf("clicked on im-5080, selected is %s, pane %d", n.Name, s.view.focus)
	}

	x, y = d.Point("what happens")
	d.Click(x, y+3)
	if want := s.Frame.lines[2].seq; s.view.line != want || s.view.focus != PaneLog {
		t.Errorf("clicked on the third line, selected is %d, want %d", s.view.line, want)
	}
	d.Wheel(x, y+3, tea.MouseButtonWheelDown)
	if want := s.Frame.lines[3].seq; s.view.line != want {
		t.Errorf("turned the wheel down, selected is %d, want %d", s.view.line, want)
	}

	x, y = d.Point("who hears whom")
	d.Click(x, y)
	if !s.view.whole {
		t.Error("a click on the title of the matrix does not show the whole run")
	}
	x, y = d.Point("  0 % ")
	d.Click(x, y)
	if d.where() != "inspecting" || s.page.Kind != inspect.OfMessage {
		t.Fatalf("a click on a cell of the matrix: on %s", d.where())
	}
	d.Shows("never knew: 20 clients")
	d.Press("esc")
	d.Wait(time.Second)
	x, y = d.Point("B im-5080")
	d.Click(x, y)
	d.Click(x, y)
	if d.where() != "inspecting" || s.page.Kind != inspect.OfNode {
		t.Errorf("a double click on a node: on %s", d.where())
	}
	d.Press("esc")
	d.Click(0, 0)
	d.Click(5, 39)
	d.Press("enter")
	if d.where() != "inspecting" {
		t.Errorf("on %s", d.where())
	}
}

// A click on any cell, at any size, does no harm.
func TestClicksEverywhere(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.to(8 * time.Second)
	d.Press("tab", "x")
	d.to(9 * time.Second)
	for _, size := range sizes {
		d.Size(size[0], size[1])
		for y := range size[1] {
			for x := 0; x < size[0]; x += 3 {
				d.Click(x, y)
				if d.where() == "inspecting" { // it was a second click, or on the matrix
					d.Press("esc")
				}
				d.Wheel(x, y, tea.MouseButtonWheelDown)
			}
		}
	}
	if d.where() != "run" {
		t.Errorf("on %s", d.where())
	}
}
