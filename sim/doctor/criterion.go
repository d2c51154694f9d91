package doctor

import (
	"slices"
	"strings"
)

// Grade says how bad a finding is.
type Grade string

// The grades.
const (
	Breaks Grade = "breaks" // clients lose what they need
	If     Grade = "if"     // they would, if something is so that the text does not tell; it does not count
	Costs  Grade = "costs"  // it works, at a price
)

// A criterion judges the experiments with one text.
type criterion struct {
	id      string
	grade   Grade
	works   string   // what is true when it is met
	fails   string   // what is true when it is not
	needs   []string // experiments; without them it judges nothing
	judge   func(s *site, r results) verdict
	mends   func(x *examination, g *ground) []mend
	cause   func(x *examination, g *ground, v verdict) Cause
	lessons []string // the first that there is

	// whole: when it fails some kinds it is no use to compare which, since that
	// hangs on who happens to be where.
	whole bool
}

// results are the outcomes with one text, by experiment.
type results map[string]*outcome

// verdict is what a criterion says: nothing at all when nobody was judged.
type verdict struct {
	judged []Sufferers
	seen   []string // in words, beside the counts
}

// Sufferers are the clients of one kind that a criterion judged, and how many
// of them it failed.
type Sufferers struct {
	Kind string `json:"kind"` // "browser", "websocket", "polling", "native"
	Bad  int    `json:"bad"`
	Of   int    `json:"of"`
	How  string `json:"how,omitempty"` // "never connected"

	again int // of the bad, those whom a dead node that is tried again answers 502
}

func (v verdict) state() (judged, bad bool) {
	for _, s := range v.judged {
		judged = judged || s.Of > 0
		bad = bad || s.Bad > 0
	}
	return judged, bad
}

// passed tells whether all clients of a kind that were judged passed.
func (v verdict) passed(kind string) bool {
	return slices.ContainsFunc(v.judged, func(s Sufferers) bool { return s.Kind == kind && s.Of > 0 && s.Bad == 0 })
}

// breaks tells whether w fails clients whom v had passed.
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

// of returns the clients of a kind, from one origin or, for "", from all.
func (t *tally) of(kind, origin string) []*patient {
	var out []*patient
	for _, p := range t.clients {
		k, o, _ := strings.Cut(strings.TrimSuffix(p.group, "-more"), "-")
		if k == kind && (origin == "" || o == origin) {
			out = append(out, p)
		}
	}
	return out
}

// heldKinds are the kinds of which every client stayed connected.
func (t *tally) heldKinds() []string {
	var out []string
	for _, kind := range kinds {
		all := t.of(kind, "")
		if len(all) > 0 && !slices.ContainsFunc(all, func(p *patient) bool { return !p.stayed() }) {
			out = append(out, kind)
		}
	}
	return out
}

// stayed tells whether the client came and never lost its connection.
func (p *patient) stayed() bool { return p.held(1) && p.lost(0, 2) == 0 }

// kindsOf judges each kind by its clients; how tells of the bad ones what
// became of them.
func kindsOf(t *tally, which []string, bad func(*patient) bool, how func(bad []*patient) string) []Sufferers {
	var out []Sufferers
	for _, kind := range which {
		all := t.of(kind, "")
		if len(all) == 0 {
			continue
		}
		s := Sufferers{Kind: kind, Of: len(all)}
		var list []*patient
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

// fate says how many never connected and how many fell off.
func fate(bad []*patient) string {
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
		parts = append(parts, number(never)+" never connected")
	}
	if off > 0 {
		parts = append(parts, number(off)+" lost their session")
	}
	return strings.Join(parts, ", ")
}
