package learn

import (
	"cmp"
	"fmt"
	"slices"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Entry is a lesson in the course.
type Entry struct {
	Name      string // of the built-in scenario
	Topic     string
	Order     int
	Title     string
	Summary   string
	Questions int
	Texts     []string // what people who need it search for
}

// Course returns the lessons of the built-in scenarios, topic by topic, in the
// order in which they are learned. It fails when a built-in scenario is not
// valid.
func Course() ([]Entry, error) {
	var out []Entry
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		if err != nil {
			return nil, err
		}
		f, problems := plan.Parse(name+".yaml", text)
		if len(problems) > 0 {
			return nil, problems
		}
		if l := f.Lesson; l != nil {
			out = append(out, Entry{name, l.Topic, l.Order, format.Line(f.Title), f.Summary, len(l.Predictions), l.Texts})
		}
	}
	inOrder(out)
	return out, nil
}

// inOrder brings lessons into the order of the course: the topics of
// scenario.Topics, then others as they come; in a topic by order, those without
// one last.
func inOrder(list []Entry) {
	topics := slices.Clone(scenario.Topics)
	for _, e := range list {
		topics = append(topics, e.Topic)
	}
	slices.SortStableFunc(list, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(slices.Index(topics, a.Topic), slices.Index(topics, b.Topic)),
			cmp.Compare(uint(a.Order-1), uint(b.Order-1)), // 0, which is no order, becomes the largest
		)
	})
}

// First returns the first lesson of the course that is not finished; ok is
// false when all are.
func First(course []Entry, p *Progress) (Entry, bool) {
	for _, e := range course {
		if !p.Status(e.Name).Finished {
			return e, true
		}
	}
	return Entry{}, false
}

// After returns the lesson that follows one in the course.
func After(course []Entry, name string) (Entry, bool) {
	i := slices.IndexFunc(course, func(e Entry) bool { return e.Name == name })
	if i < 0 || i+1 == len(course) {
		return Entry{}, false
	}
	return course[i+1], true
}

// Unknown returns the error for a name that no lesson has.
func Unknown(name string, course []Entry) error {
	names := make([]string, len(course))
	for i, e := range course {
		names[i] = e.Name
	}
	hint := cmp.Or(spell.DidYouMean(name, names), "see: stickylab learn --list")
	if _, err := scenarios.Read(name); err == nil {
		return fmt.Errorf("the scenario %q has no lesson\nhint: %s", name, hint)
	}
	return fmt.Errorf("no lesson %q (a file needs a / or the ending .yaml)\nhint: %s", name, hint)
}
