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
	id      string
	grade   Grade
	works   string   // what is true when it is met
	fails   string   // what is true when it is not
	needs   []string // experiments; without them it judges nothing
	judge   func(s *site, r results) verdict
	fixes   func(x *examination, g *target) []fix
	cause   func(x *examination, g *target, v verdict) Cause
	lessons []string // the first that there is

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

	again int // of the bad, those that got 502 when a dead node was tried again
}

func (v verdict) state() (judged, bad bool) {
	for _, s := range v.judged {
		judged = judged || s.Of > 0
		bad = bad || s.Bad > 0
	}
	return judged, bad
}

// passed reports whether clients of a kind were judged and all passed.
func (v verdict) passed(kind string) bool {
	return slices.ContainsFunc(v.judged, func(s Affected) bool { return s.Kind == kind && s.Of > 0 && s.Bad == 0 })
}

// breaks reports whether w fails clients that v passed.
func (c *criterion) breaks(v, w verdict) bool {
	if _, bad := v.state(); c.whole && bad {
		return false
	}
	for _, a := range v.judged {
		for _, b := range w.judged {
			if a.Kind == b.Kind && a.Of > 0 && a.Bad == 0 && b.Bad > 0 {
				return true
			}
		}
	}
	return false
}

// kindsOf counts the bad clients of each kind; how says what became of them.
func kindsOf(o *outcome, which []string, bad func(*client) bool, how func(bad []*client) string) []Affected {
	var out []Affected
	for _, kind := range which {
		all := o.of(kind, "")
		if len(all) == 0 {
			continue
		}
		s := Affected{Kind: kind, Of: len(all)}
		var list []*client
		for _, p := range all {
			if bad(p) {
				list = append(list, p)
			}
		}
		if s.Bad = len(list); s.Bad > 0 && how != nil {
			s.How = how(list)
		}
		out = append(out, s)
	}
	return out
}

// lossesOf says how many never connected and how many lost their session.
func lossesOf(bad []*client) string {
	never, off := 0, 0
	for _, p := range bad {
		if !p.ever {
			never++
		} else {
			off++
		}
	}
	var parts []string
	if never > 0 {
		parts = append(parts, format.Number(never)+" never connected")
	}
	if off > 0 {
		parts = append(parts, format.Number(off)+" lost their session")
	}
	return strings.Join(parts, ", ")
}
