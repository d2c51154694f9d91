package learn

import (
	"slices"
	"strings"

	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
)

// Compare returns the figures of the run of a lesson and of that of its fix that matter
// to it: those that its questions or the expectations of either are about, and what
// else differs in placement and delivery. Without any it returns all.
func (l *Lesson) Compare(fault, fixed *ledger.Snapshot) []report.Figure {
	all := report.Figures([]*ledger.Snapshot{fault, fixed})
	about := l.about()
	matter := slices.DeleteFunc(slices.Clone(all), func(f report.Figure) bool {
		return !about(f.Name) && !(f.Main && f.Differs())
	})
	if len(matter) == 0 {
		return all
	}
	return matter
}

// about returns a function that reports whether the lesson is about a figure.
func (l *Lesson) about() func(figure string) bool {
	var names []string
	expected := func(all []plan.Planned) {
		for _, x := range all {
			names = append(names, x.Check.Names()...)
		}
	}
	expected(l.Plan.Expect)
	if l.Fixed != nil {
		expected(l.Fixed.Expect)
	}
	for _, asked := range l.Plan.Asked {
		for _, check := range asked.Checks {
			names = append(names, check.Names()...)
		}
	}
	for i, name := range names {
		names[i] = shownBy(name)
	}
	return func(figure string) bool {
		return figure != "" && slices.ContainsFunc(names, func(name string) bool {
			return name == figure || strings.HasPrefix(name, figure+".")
		})
	}
}

// figureOf is the figure that shows what a part of a group, or of all clients, is about.
var figureOf = map[string]string{
	"connected": "clients.connected", "away": "clients.connected", "never": "clients.connected", "gone": "clients.connected",
	"polling": "sessions.upgraded", "websocket": "sessions.upgraded", "lost": "sessions.lost",
	"reconnects": "requests.reconnects", "missed_away": "messages.away",
}

// shownBy returns the name of the figure that shows what a name is about, or of a part
// of it.
func shownBy(name string) string {
	part, ofAll := strings.CutPrefix(name, "clients.")
	if !ofAll {
		_, of, ofGroup := strings.Cut(name, "'].")
		if !ofGroup || !strings.HasPrefix(name, "groups[") {
			return name
		}
		part = of
	}
	what, count, _ := strings.Cut(part, ".")
	switch {
	case figureOf[part] != "":
		return figureOf[part]
	case strings.HasPrefix(part, "nodes["):
		return part + ".clients"
	case what == "heard" || what == "said":
		return "delivery.total." + count
	}
	return part
}

// Errors counts all error texts that were met.
func Errors(p *ledger.Snapshot) int {
	sum := 0
	for _, n := range p.Errors {
		sum += n
	}
	return sum
}
