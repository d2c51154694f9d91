package doctor

import (
	"cmp"
	"slices"
	"strings"

	"stickylab/sim/format"
)

// A criterion judges the experiments with one text.
type criterion struct {
	id         string
	grade      Grade
	experiment string // without it, it judges nothing
	works      string // what is true when it is met
	fails      string // what is true when it is not
	judge      func(s *site, r results) verdict
	fixes      func(x *examination, g *target) []fix
	cause      func(x *examination, g *target, v verdict) Cause
	lessons    []string  // the first that there is
	special    []special // the first that holds
	elsewhere  string    // the fix, when it is not one of the text

	// whole means that which kinds fail depends on placement, so that texts are
	// not compared by it.
	whole bool
}

// special is what a finding is in a special case. What it leaves empty is as
// usual.
type special struct {
	when    func(x *examination, g *target, v verdict) bool
	grade   Grade
	title   string
	settle  string // of the grade If: what settles it
	lessons []string
}

// of returns the criterion as it is in the case of a target, with the special
// case.
func (c *criterion) of(x *examination, g *target, v verdict) special {
	out := special{grade: c.grade, title: c.fails, lessons: c.lessons}
	for _, s := range c.special {
		if s.when(x, g, v) {
			out.grade, out.title, out.settle = cmp.Or(s.grade, out.grade), cmp.Or(s.title, out.title), s.settle
			if s.lessons != nil {
				out.lessons = s.lessons
			}
			break
		}
	}
	return out
}

// results are the outcomes with one text, by experiment.
type results map[string]*outcome

// verdict is the outcome of a criterion: empty when no client was judged.
type verdict struct {
	judged []Affected
	seen   []string // in words, besides the counts
}

// Affected counts the clients of one kind that a criterion judged, and those
// that it failed.
type Affected struct {
	Kind string `json:"kind"` // "browser", "websocket", "polling", "native"
	Bad  int    `json:"bad"`
	Of   int    `json:"of"`
	How  string `json:"how,omitempty"` // "never connected"

	failures []int // how many of the bad failed in each way
}

// failed reports whether some clients were failed.
func (v verdict) failed() bool {
	return slices.ContainsFunc(v.judged, func(a Affected) bool { return a.Bad > 0 })
}

// met reports whether clients were judged and none failed.
func (v verdict) met() bool { return len(v.judged) > 0 && !v.failed() }

// passed reports whether clients of a kind were judged and all passed.
func (v verdict) passed(kind string) bool {
	return slices.ContainsFunc(v.judged, func(s Affected) bool { return s.Kind == kind && s.Bad == 0 })
}

// breaks reports whether w fails clients that v passed.
func (c *criterion) breaks(v, w verdict) bool {
	if c.whole && v.failed() {
		return false
	}
	for _, a := range v.judged {
		for _, b := range w.judged {
			if a.Kind == b.Kind && a.Bad == 0 && b.Bad > 0 {
				return true
			}
		}
	}
	return false
}

// passes stands for no failure.
const passes = -1

// affected counts the clients of each kind, without all only those that were
// connected at the first mark, and those among them that failed: failure returns
// passes or an index of how, where "%s" stands for the number of such clients.
// Kinds without clients are left out.
func (o *outcome) affected(which []string, all bool, how []string, failure func(*client) int) []Affected {
	var out []Affected
	for _, kind := range which {
		a := Affected{Kind: kind, failures: make([]int, len(how))}
		for _, c := range o.of(kind, "") {
			if !all && !c.connected(0) {
				continue
			}
			a.Of++
			if f := failure(c); f != passes {
				a.Bad++
				a.failures[f]++
			}
		}
		var parts []string
		for f, n := range a.failures {
			if n > 0 {
				parts = append(parts, strings.Replace(how[f], "%s", format.Number(n), 1))
			}
			if n == a.Bad && n > 0 {
				parts = []string{strings.TrimPrefix(how[f], "%s ")} // the count is that of all
			}
		}
		if a.How = strings.Join(parts, ", "); a.Of > 0 {
			out = append(out, a)
		}
	}
	return out
}

// when makes the one failure of clients that a condition holds for.
func when(bad func(*client) bool) func(*client) int {
	return func(c *client) int {
		if bad(c) {
			return 0
		}
		return passes
	}
}

// dropped are the failures of unlessStayed.
var dropped = []string{"%s never connected", "%s lost their session"}

// unlessStayed fails clients that did not stay connected.
func unlessStayed(c *client) int {
	switch {
	case c.stayed():
		return passes
	case !c.ever:
		return 0
	}
	return 1
}
