package tui

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/learn"
	"stickylab/ui/tui/picker"
)

var raced bool // the race detector is on

// In every lesson of the course each question is seen whole, with all that
// there is to choose from, also on a small screen.
func TestEveryQuestionIsSeen(t *testing.T) {
	course, err := learn.Course()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range course {
		if raced && i%6 > 0 {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			// Without the list of scenarios, which takes longer than a lesson.
			d := &desk{TB: t, m: &Model{o: Options{Speed: 1, Learn: learning(t)}, picker: picker.Of(nil)}, now: time.Unix(1, 0)}
			t.Cleanup(d.m.Close)
			d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
			d.run(d.m.teachArg(e.Name))
			l, s := d.m.lesson, d.m.stage
			s.speed = math.Inf(1)
			for left := len(l.Lesson.Plan.Asked); left > 0; {
				d.until("it waits", func() bool { return l.State() != learn.Running || l.held(s, d.m.last) })
				switch l.State() {
				case learn.Running:
					d.press("enter")
				case learn.Asking:
					d.settle()
					said, _ := l.Last()
					asked := l.Lesson.Plan.Asked[said.N]
					for _, size := range [][2]int{{80, 24}, {100, 30}, {140, 45}} {
						d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
						screen := d.screen()
						first := strings.Fields(asked.Ask)[0]
						if !strings.Contains(screen, "? "+first) {
							t.Errorf("%v: the question %q is not on the screen:\n%s", size, asked.Ask, screen)
						}
						for i, c := range asked.Choices {
							words := strings.Fields(c.Say)
							if !strings.Contains(screen, fmt.Sprintf("%d  %s", i+1, words[0])) || !strings.Contains(screen, words[len(words)-1]) {
								t.Errorf("%v: choice %d, %q, is not on the screen:\n%s", size, i+1, c.Say, screen)
							}
						}
					}
					d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
					left--
					d.press("1")
				case learn.Revealed:
					d.press("enter")
				}
			}
		})
	}
}
