// Package learn runs lessons: what is said and asked while a scenario runs,
// what came of it, why, and what the scenario's fixed variant does instead. It
// draws nothing; the command line and the terminal program do.
package learn

import (
	"errors"
	"fmt"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/seed"
)

// Lesson is a scenario's lesson, ready to be told.
type Lesson struct {
	Arg   string     // by which the scenario is loaded
	Name  string     // of the scenario, without folder and ending
	Plan  *plan.Plan // its File.Lesson is the text; the choices of its questions are shuffled
	Fixed *plan.Plan // the fix; nil when there is none
}

// ErrNone is the error of New for a scenario without a lesson.
var ErrNone = errors.New("this scenario has no lesson")

// New returns the lesson of a scenario. The choices of each question are shuffled by
// the scenario's seed, or by shuffle if it is not nil. It fails with ErrNone; what is
// wrong with the scenario is a yamltree.Errors.
func New(arg, name string, f *scenario.File, shuffle *uint64) (*Lesson, error) {
	if f.Lesson == nil {
		return nil, fmt.Errorf("%s: %w", arg, ErrNone)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		return nil, problems
	}
	l := &Lesson{Arg: arg, Name: name, Plan: p}
	if shuffle == nil {
		shuffle = &p.Seed
	}
	for i, asked := range p.Asked {
		order := seed.Rand(*shuffle, fmt.Sprintf("choices/%s/%d", name, i)).Perm(len(asked.Choices))
		p.Asked[i] = asked.InOrder(order)
	}
	if f.Lesson.Fix != "" {
		fixed, _ := f.Variant(f.Lesson.Fix) // resolving has made sure that there is one
		if l.Fixed, problems = plan.Resolve(fixed, nil); len(problems) > 0 {
			return nil, problems
		}
	}
	return l, nil
}

// Text is the lesson as it is written.
func (l *Lesson) Text() *scenario.Lesson { return l.Plan.File.Lesson }

// Conf returns the lines of the proxy's configuration at the start.
func (l *Lesson) Conf() []string { return linesOf(l.Plan.Config.Tree.Layout()) }

// Code returns the lines of the fix in the application; none means that it is not there.
func (l *Lesson) Code() []string { return linesOf(l.Text().Code) }

func linesOf(text string) []string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return nil
	}
	return strings.Split(printable(text), "\n")
}

// Title is the scenario's, on one line.
func (l *Lesson) Title() string { return format.Line(l.Plan.File.Title) }

// Place returns where in the course the lesson is: "the road, lesson 4".
func (l *Lesson) Place() string {
	place := format.Line(l.Text().Topic)
	if l.Text().Order > 0 {
		place = fmt.Sprintf("%s, lesson %d", place, l.Text().Order)
	}
	return place
}
