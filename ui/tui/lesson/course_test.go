package lesson

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/ui/learn"
	"stickylab/ui/tui/run"
)

// In every lesson of the course each question is seen whole, with all that
// there is to choose from, also on a small screen.
func TestEveryQuestionIsSeen(t *testing.T) {
	course, err := learn.Course()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range course {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			d := attend(t, e.Name, 80, 24)
			l := d.m
			d.Until("it began", l.Ready)
			for range run.Speeds {
				d.Press(">")
			}
			for left := len(l.Lesson.Plan.Asked); left > 0; {
				d.Until("it waits", func() bool { return l.State() != learn.Running || l.held() })
				switch l.State() {
				case learn.Running:
					d.Press("enter")
				case learn.Asking:
					d.settle()
					said, _ := l.Last()
					asked := l.Lesson.Plan.Asked[said.N]
					for _, size := range [][2]int{{80, 24}, {100, 30}, {140, 45}} {
						d.Size(size[0], size[1])
						screen := d.Screen()
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
					d.Size(80, 24)
					left--
					d.Press("1")
				case learn.Revealed:
					d.Press("enter")
				}
			}
		})
	}
}
