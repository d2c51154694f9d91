package swarm

import (
	"strconv"
	"strings"
	"time"

	"stickylab/sim/scenario"
)

// A shrinker makes a file smaller for as long as it still fails in the same way.
type shrinker struct {
	top   *tree
	fails func(text string) bool // for a valid file
	until time.Time
}

// shrink returns the smallest file that it finds until the time is over.
func shrink(top *tree, until time.Time, fails func(text string) bool) *tree {
	s := &shrinker{top, fails, until}
	for {
		before := s.top.String()
		s.visit(s.top, func(t *tree) { s.top = t })
		if s.top.String() == before || s.over() {
			return s.top
		}
	}
}

func (s *shrinker) over() bool { return time.Now().After(s.until) }

// visit shrinks one value. Put places another in its stead.
func (s *shrinker) visit(t *tree, put func(*tree)) *tree {
	try := func(smaller *tree) bool {
		if s.over() {
			return false
		}
		put(smaller)
		if text := s.top.String(); valid(text) && s.fails(text) {
			t = smaller
			return true
		}
		put(t)
		return false
	}
	switch {
	case t.shape == list || t.shape == pairs:
		t = chunks(t, len(t.list), (*tree).without, try)
	case strings.Contains(t.text, "\n"):
		lines := func(t *tree) []string { return strings.SplitAfter(t.text, "\n") }
		t = chunks(t, len(lines(t)), func(t *tree, i, j int) *tree {
			all := lines(t)
			return &tree{shape: t.shape, text: strings.Join(all[:i], "") + strings.Join(all[j:], "")}
		}, try)
	default:
		for _, simple := range simpler(t.text) {
			if simple == t.text || try(&tree{shape: t.shape, text: simple}) {
				break
			}
		}
	}
	for i := range t.list {
		s.visit(t.list[i], func(one *tree) {
			t = t.with(i, one)
			put(t)
		})
	}
	return t
}

// chunks takes out as many of n parts as it can, large pieces first.
func chunks(t *tree, n int, without func(t *tree, i, j int) *tree, try func(*tree) bool) *tree {
	for size := n; size > 0; size /= 2 {
		for i := n - size; i >= 0; i -= size {
			if smaller := without(t, i, i+size); try(smaller) {
				t, n = smaller, n-size
			}
		}
	}
	return t
}

// valid reports whether a file has no mistakes.
func valid(text string) bool {
	p, _ := parse(text)
	return p != nil
}

// simpler are values that are simpler than one, the simplest first.
func simpler(value string) []string {
	if low, high, ok := strings.Cut(value, ".."); ok {
		return []string{"0s", low, high}
	}
	if n, err := strconv.Atoi(value); err == nil {
		var out []string
		for _, m := range []int{1, 2, 3, n / 2, n - 1} {
			if m > 0 && m < n {
				out = append(out, strconv.Itoa(m))
			}
		}
		return out
	}
	period, every := strings.CutPrefix(value, "every ")
	d, err := time.ParseDuration(period)
	if err != nil {
		return nil
	}
	var out []string
	for _, simple := range []time.Duration{0, time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, d.Truncate(10 * time.Second), d.Truncate(time.Second), d.Truncate(100 * time.Millisecond), d.Truncate(time.Millisecond)} {
		text := scenario.FormatDuration(simple)
		if every {
			text = "every " + text
		}
		if out = append(out, text); simple == d {
			break
		}
	}
	return out
}
