package scenarios_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"stickylab/scenarios"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/learn"
)

// positions count at which place of the choices, as they are shown, the right one is.
type positions struct {
	mu    sync.Mutex
	right map[int][]int // by the number of choices
}

// add counts the questions of a lesson, which has been run.
func (p *positions) add(t *testing.T, name string, f *scenario.File, judged []report.Prediction) {
	t.Helper()
	l, err := learn.New(name, name, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, asked := range l.Plan.Asked {
		n := len(asked.Choices)
		if p.right[n] == nil {
			p.right[n] = make([]int, n)
		}
		if right := judged[i].Right(); right >= 0 {
			that := judged[i].Choices[right].That
			p.right[n][slices.IndexFunc(asked.Choices, func(c scenario.Choice) bool { return c.That == that })]++
		}
	}
}

// compare fails unless each place is right about as often as the others.
func (p *positions) compare(t *testing.T) {
	for n, right := range p.right {
		all := 0
		for _, count := range right {
			all += count
		}
		if all < 10*n {
			continue // too few to tell
		}
		for place, count := range right {
			if share := float64(count*n) / float64(all); share < 0.75 || share > 1.25 {
				t.Errorf("of %d questions with %d choices choice %d is right in %d", all, n, place+1, count)
			}
		}
	}
}

// Guessing is no better than one in three: two choices are only those of a question
// that is answered by yes or no.
func TestQuestionsHaveEnoughChoices(t *testing.T) {
	for _, name := range scenarios.Names() {
		for _, p := range read(t, name).Lesson.Predictions {
			var says []string
			for _, c := range p.Choices {
				first, _, _ := strings.Cut(c.Say, ",")
				says = append(says, first)
				if strings.TrimRight(c.Say, ".") != c.Say {
					t.Errorf("%s: %q ends with a full stop", name, c.Say)
				}
			}
			slices.Sort(says)
			if len(says) < 3 && !slices.Equal(says, []string{"No", "Yes"}) {
				t.Errorf("%s: %q has the choices %q", name, p.Ask, says)
			}
		}
	}
}

// What a lesson teaches of an nginx says since which nginx there is such a thing.
func TestNewDirectivesNameTheirRelease(t *testing.T) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "sticky cookie") && !strings.Contains(string(text), "1.29.6") {
			t.Errorf("%s uses sticky, which is part of nginx since 1.29.6, and does not say so", name)
		}
	}
}
