package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/learn"
)

// Every lesson of the course can be played to its end, and on a small screen
// each question is seen whole, with all that there is to choose from.
func TestEveryLessonOnASmallScreen(t *testing.T) {
	course, err := learn.Course()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range course {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			d := attend(t, e.Name, 80, 24)
			l, s := d.m.lesson, d.m.stage
			s.speed = 100
			for l.State() != learn.Over {
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
					d.press("1")
				case learn.Revealed:
					said, _ := l.Last()
					if l.Reveal(said.N).Prediction.Right() < 0 {
						t.Errorf("nothing holds of %q", l.Reveal(said.N).Ask)
					}
					d.press("enter")
				}
			}
			d.press("enter")
			if l.Lesson.Fixed != nil {
				d.bothSettle()
				if len(l.differs.Nginx)+len(l.differs.Keys) == 0 {
					t.Error("what mends it is nothing")
				}
			}
			if !d.m.o.Learn.Progress.Finished(e.Name) && inCourse(d.m.o.Learn.Course, e.Name) {
				t.Error("not finished")
			}
		})
	}
}
