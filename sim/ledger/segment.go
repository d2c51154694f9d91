package ledger

import (
	"iter"
	"maps"
	"slices"
	"sort"
	"time"

	"stickylab/cluster/trace"
)

// A segment counts what happened, and what was sent, from an instant to the
// next at which some window begins or ends. A window is a row of segments.
type segment struct {
	owner  *owner
	from   time.Duration
	fixed  bool // a window begins or ends here, or the run
	side   int  // cells in a row
	cells  []cell
	nodes  []tally
	groups []groupCounts // by their number

	strangers   int // extra arrivals at sockets on no node: unknown, or ended before the message was sent
	latency     histogram
	errors      map[trace.Name]int
	groupErrors map[groupError]int

	opened, upgraded     int
	said, accepted, sent int // accepted: of those said here, how many a node has accepted
	untracked            int // sent, and not followed
	recovery             recoveries
	code                 codeCounts
}

// cell counts the deliveries from one node to one node.
type cell struct {
	Counts
	why [reasons]int
}

// tally counts what a node did with messages.
type tally struct{ sent, wrote, published, relayed, idle int }

func (c *cell) add(o *cell) {
	c.Counts.add(&o.Counts)
	for r, n := range o.why {
		c.why[r] += n
	}
}

// cell returns the books of deliveries between two nodes, to be changed.
func (s *segment) cell(from, to int32) *cell {
	if need := int(max(from, to)) + 1; need > s.side {
		s.widen(need)
	}
	return &s.cells[int(from)*s.side+int(to)]
}

func (s *segment) widen(side int) {
	cells := make([]cell, side*side)
	for from := range s.side {
		copy(cells[from*side:], s.cells[from*s.side:(from+1)*s.side])
	}
	s.side, s.cells = side, cells
}

func (s *segment) node(n int32) *tally {
	for int(n) >= len(s.nodes) {
		s.nodes = append(s.nodes, tally{})
	}
	return &s.nodes[n]
}

func (s *segment) fail(text trace.Name, n int) {
	if s.errors == nil {
		s.errors = make(map[trace.Name]int)
	}
	s.errors[text] += n
}

// merge adds what o counted.
func (s *segment) merge(o *segment) {
	for i := range o.cells {
		s.cell(int32(i/o.side), int32(i%o.side)).add(&o.cells[i])
	}
	for n, t := range o.nodes {
		mine := s.node(int32(n))
		mine.sent += t.sent
		mine.wrote += t.wrote
		mine.published += t.published
		mine.relayed += t.relayed
		mine.idle += t.idle
	}
	for n := range o.groups {
		s.group(int32(n)).add(&o.groups[n])
	}
	s.strangers += o.strangers
	s.latency.merge(&o.latency)
	for text, n := range o.errors {
		s.fail(text, n)
	}
	for m, n := range o.groupErrors {
		s.addGroupError(m, n)
	}
	s.opened += o.opened
	s.upgraded += o.upgraded
	s.said += o.said
	s.accepted += o.accepted
	s.sent += o.sent
	s.untracked += o.untracked
	s.recovery.add(&o.recovery)
	s.code.add(&o.code)
}

func (s *segment) clone(by *owner) *segment {
	c := *s
	c.owner = by
	c.cells, c.nodes, c.groups = slices.Clone(s.cells), slices.Clone(s.nodes), slices.Clone(s.groups)
	c.latency = s.latency.clone()
	c.errors, c.groupErrors = maps.Clone(s.errors), maps.Clone(s.groupErrors)
	return &c
}

// segments holds those of a run in order of time, without a gap. Each has a
// number, its place.
type segments struct {
	past   []*segment // folded together: nothing is entered any more but late acceptances
	list   []*segment
	base   uint64          // the number of list[0]
	bounds []time.Duration // where to cut, in the future, ascending
}

// all yields them in order of time.
func (s *segments) all() iter.Seq[*segment] {
	return func(yield func(*segment) bool) {
		for _, row := range [...][]*segment{s.past, s.list} {
			for _, x := range row {
				if !yield(x) {
					return
				}
			}
		}
	}
}

// bound asks for a cut at an instant.
func (s *segments) bound(at time.Duration) {
	if i, found := slices.BinarySearch(s.bounds, at); !found {
		s.bounds = slices.Insert(s.bounds, i, at)
	}
}

// cut reports whether there is, or will be, a cut at an instant.
func (s *segments) cut(at time.Duration) bool {
	for x := range s.all() {
		if x.from == at {
			return true
		}
	}
	_, found := slices.BinarySearch(s.bounds, at)
	return found
}

// fix makes sure that the cut at an instant, if it is in the past, stays.
func (s *segments) fix(at time.Duration, by *owner) {
	for i, x := range s.list {
		if x.from == at && !x.fixed {
			owned(&s.list[i], by).fixed = true
		}
	}
}

func (s *segments) start(from time.Duration, by *owner, fixed bool) {
	s.list = append(s.list, &segment{owner: by, from: from, fixed: fixed})
}

func (s *segments) latest() uint64 { return s.base + uint64(len(s.list)) - 1 }

// last returns the segment of now, to be changed.
func (s *segments) last(by *owner) *segment {
	return owned(&s.list[len(s.list)-1], by)
}

// at returns the segment of that number, to be changed.
func (s *segments) at(n uint64, by *owner) *segment {
	return owned(&s.list[n-s.base], by)
}

// owned returns the segment, copied first if a clone shares it.
func owned(slot **segment, by *owner) *segment {
	if (*slot).owner != by {
		*slot = (*slot).clone(by)
	}
	return *slot
}

// around returns the segment that holds an instant, to be changed.
func (s *segments) around(at time.Duration, by *owner) *segment {
	row := s.list
	if at < s.list[0].from {
		row = s.past
	}
	i := sort.Search(len(row), func(i int) bool { return row[i].from > at }) - 1
	return owned(&row[i], by)
}

// next returns the instant of the next cut.
func (s *segments) next(every time.Duration) time.Duration {
	next := forever
	if len(s.bounds) > 0 {
		next = s.bounds[0]
	}
	if every > 0 {
		from := s.list[len(s.list)-1].from
		next = min(next, from-from%every+every)
	}
	return next
}

// advance makes the cuts up to now.
func (s *segments) advance(now, every time.Duration, by *owner) {
	for next := s.next(every); next <= now; next = s.next(every) {
		fixed := len(s.bounds) > 0 && s.bounds[0] == next
		if fixed {
			s.bounds = s.bounds[1:]
		}
		s.start(next, by, fixed)
	}
}

// Segments stay apart, slicesKept of them and of large ones fewer, before the
// older half of them is folded together.
const (
	slicesKept  = 8192
	sliceMemory = 64 << 20 // bytes of all
)

// kept returns how many segments like the last one stay apart.
func (s *segments) kept() int {
	const itself, cell = 4 << 10, 160 // bytes
	side := s.list[len(s.list)-1].side
	return min(slicesKept, sliceMemory/(itself+cell*side*side))
}

// fold keeps the memory of an endless run bounded: of many slices the older
// ones, that ended before an instant, are merged between fixed cuts.
func (s *segments) fold(before time.Duration, by *owner) {
	kept := s.kept()
	if len(s.list) < kept {
		return
	}
	n := 0
	for ; n < len(s.list)-kept/2 && s.list[n+1].from <= before; n++ {
		x, last := s.list[n], len(s.past)-1
		if x.fixed || last < 0 {
			s.past = append(s.past, x)
			continue
		}
		owned(&s.past[last], by).merge(x)
	}
	s.list = slices.Clone(s.list[n:])
	s.base += uint64(n)
}

// sum returns the counts of all segments that begin in [from, at).
func (s *segments) sum(from, at time.Duration) *segment {
	total := &segment{from: from}
	for x := range s.all() {
		if x.from >= from && x.from < at {
			total.merge(x)
		}
	}
	return total
}
