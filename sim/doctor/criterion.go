package doctor

import (
	"slices"
	"strings"

	"stickylab/sim/format"
)

// A Grade is how bad a finding is.
type Grade string

// The grades.
const (
	Breaks Grade = "breaks" // clients lose what they need
	If     Grade = "if"     // they would under a condition that the text does not settle; not counted
	Costs  Grade = "costs"  // it works, at a cost
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
	lessons    []string // the first that there is

	// whole means that which kinds fail depends on placement, so that texts are
	// not compared by it.
	whole bool
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

	fates []int // how many of the bad met each
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

// passes is the fate of a client that a criterion does not fail.
const passes = -1

// affected counts the clients of each kind that were connected at the first mark
// or, for all, in any case, and those that met a fate: an index of how, where
// "%s" stands for their number. Kinds without clients are left out.
func (o *outcome) affected(which []string, all bool, how []string, fate func(*client) int) []Affected {
	var out []Affected
	for _, kind := range which {
		a := Affected{Kind: kind, fates: make([]int, len(how))}
		for _, c := range o.of(kind, "") {
			if !all && !c.connected(0) {
				continue
			}
			a.Of++
			if f := fate(c); f != passes {
				a.Bad++
				a.fates[f]++
			}
		}
		var parts []string
		for f, n := range a.fates {
			if n > 0 {
				parts = append(parts, strings.Replace(how[f], "%s", format.Number(n), 1))
			}
		}
		if a.How = strings.Join(parts, ", "); a.Of > 0 {
			out = append(out, a)
		}
	}
	return out
}

// when is the fate of clients that a condition holds for.
func when(bad func(*client) bool) func(*client) int {
	return func(c *client) int {
		if bad(c) {
			return 0
		}
		return passes
	}
}

// dropped are the fates of clients that did not stay connected.
var dropped = []string{"%s never connected", "%s lost their session"}

func unlessStayed(c *client) int {
	switch {
	case c.stayed():
		return passes
	case !c.ever:
		return 0
	}
	return 1
}
