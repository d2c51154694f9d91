package sweep

import (
	"cmp"
	"slices"
)

// Tally folds the records of a sweep. What it comes to does not depend on their order.
type Tally struct {
	header  *Header
	records int
	all     []*combination
	worst   []*Record // the worst first, mostWorst at the most
}

// combination is what the runs with the same settings came to.
type combination struct {
	verdicts map[string]int
	figures  map[string]*Series
	expects  []*expected
}

// expected is what the runs of a combination came to for one expectation.
type expected struct {
	first    Expectation
	verdicts map[string]int
	values   map[string]*Series
}

// mostWorst is how many runs are kept as the worst.
const mostWorst = 5

// NewTally returns a tally of a sweep without records.
func NewTally(h *Header) *Tally {
	t := &Tally{header: h}
	for range h.Space().Combinations() {
		t.all = append(t.all, &combination{verdicts: map[string]int{}, figures: map[string]*Series{}})
	}
	return t
}

// Add folds a record of the tally's sweep in.
func (t *Tally) Add(r *Record) {
	t.records++
	c := t.all[t.header.Space().At(r.Point).Combination]
	c.verdicts[r.Verdict]++
	for name, v := range r.Figures {
		series(c.figures, name).add(v)
	}
	for i, x := range r.Expectations {
		if i == len(c.expects) {
			c.expects = append(c.expects, &expected{first: x, verdicts: map[string]int{}, values: map[string]*Series{}})
		}
		e := c.expects[i]
		e.verdicts[x.Verdict]++
		for _, v := range x.Values {
			if s := series(e.values, v.Name); v.Value != nil {
				s.add(*v.Value)
			}
		}
	}
	i, _ := slices.BinarySearchFunc(t.worst, r, worse)
	if t.worst = slices.Insert(t.worst, i, r); len(t.worst) > mostWorst {
		t.worst = t.worst[:mostWorst]
	}
}

func series(of map[string]*Series, name string) *Series {
	if of[name] == nil {
		of[name] = &Series{}
	}
	return of[name]
}

// worse orders records, the worst first: by verdict, by failed expectations, by what was
// missed of what was expected, by lost sessions, by attempts to reconnect, then as they come.
func worse(a, b *Record) int {
	return cmp.Or(
		cmp.Compare(slices.Index(verdictNames, b.Verdict), slices.Index(verdictNames, a.Verdict)),
		cmp.Compare(b.failed(), a.failed()),
		cmp.Compare(a.delivered(), b.delivered()),
		cmp.Compare(b.Figures["sessions.lost"], a.Figures["sessions.lost"]),
		cmp.Compare(b.Figures["requests.reconnects"], a.Figures["requests.reconnects"]),
		cmp.Compare(a.Point, b.Point))
}

// failed is how many expectations failed.
func (r *Record) failed() int {
	n := 0
	for _, x := range r.Expectations {
		if x.Verdict == "fail" {
			n++
		}
	}
	return n
}

// delivered is the share of deliveries that arrived, 1 when none was expected.
func (r *Record) delivered() float64 {
	if v, ok := r.Figures["delivery.total.ratio"]; ok {
		return v
	}
	return 1
}

// Verdicts counts the runs by verdict: "pass", "fail", "inconclusive", "not judged", "error".
func (t *Tally) Verdicts() map[string]int {
	out := map[string]int{}
	for _, c := range t.all {
		for v, n := range c.verdicts {
			out[v] += n
		}
	}
	return out
}

// Series is a set of numbers.
type Series struct {
	values []float64
	sorted bool
}

func (s *Series) add(v float64) { s.values, s.sorted = append(s.values, v), false }

// ordered returns the numbers, the smallest first.
func (s *Series) ordered() []float64 {
	if !s.sorted {
		slices.Sort(s.values)
		s.sorted = true
	}
	return s.values
}

// Quantile returns the smallest number that at least so many of 1,000 are not above (nearest rank):
// one of the numbers, never one between two. There must be one.
func (s *Series) Quantile(permille int) float64 {
	v := s.ordered()
	return v[max(0, (len(v)*permille+999)/1000-1)]
}

// Mean returns the arithmetic mean. It adds in the order of size: the same numbers
// have the same mean.
func (s *Series) Mean() float64 {
	sum := 0.0
	for _, v := range s.ordered() {
		sum += v
	}
	return sum / float64(len(s.values))
}

// constant reports whether all numbers are equal.
func (s *Series) constant() bool {
	v := s.ordered()
	return len(v) == 0 || v[0] == v[len(v)-1]
}
