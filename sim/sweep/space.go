// Package sweep runs a scenario over seeds and parameters, on all cores or in shards on
// several machines, and folds the runs into distributions.
//
// A Space is the product of its axes and seeds; a Point of it is one run. What a run
// came to is a Record, one line of JSON. A Tally folds records into a Summary, whatever
// their order, so that the summary of merged shards is that of one run of all.
package sweep

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/scenario"
)

// Bounds of a sweep.
const (
	MaxPoints       = 1_000_000
	MaxCombinations = 1_000
)

// Axis is a key of the scenario file with the values that it takes, as YAML.
type Axis struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// Seeds are the seeds from one to another, both included.
type Seeds struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// String is the range as the command line takes it: "1..1000".
func (s Seeds) String() string {
	if s.From == s.To {
		return strconv.FormatUint(s.From, 10)
	}
	return fmt.Sprintf("%d..%d", s.From, s.To)
}

// ParseSeeds reads "1..1000", or one seed. It fails when that is no range, or one with more
// than MaxPoints.
func ParseSeeds(text string) (Seeds, error) {
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = first
	}
	from, err1 := strconv.ParseUint(first, 10, 64)
	to, err2 := strconv.ParseUint(last, 10, 64)
	if err1 != nil || err2 != nil || from > to {
		return Seeds{}, fmt.Errorf("%q is no range of seeds, such as 1..1000", text)
	}
	if to-from >= MaxPoints {
		return Seeds{}, fmt.Errorf("%q are too many seeds: at most %s", text, format.Number(MaxPoints))
	}
	return Seeds{from, to}, nil
}

// count is how many there are.
func (s Seeds) count() int { return int(s.To-s.From) + 1 }

// Space is what a sweep goes over: every combination of the values of its axes, each with
// every seed.
type Space struct {
	Axes  []Axis
	Seeds Seeds
}

// Point is one run of a sweep.
type Point struct {
	Index       int // from 0; seeds of one combination follow each other
	Combination int // from 0; the last axis changes first
	Seed        uint64
}

// Combinations is how many there are: 1 without axes.
func (s Space) Combinations() int {
	n := 1
	for _, a := range s.Axes {
		if len(a.Values) > 0 && n > math.MaxInt32/len(a.Values) {
			return math.MaxInt32
		}
		n *= len(a.Values)
	}
	return n
}

// Len is the number of points.
func (s Space) Len() int { return s.Combinations() * s.Seeds.count() }

// Check reports whether the space is one that can be run. It fails when it is too large, or
// when an axis is there twice or goes over the seed.
func (s Space) Check() error {
	for i, a := range s.Axes {
		if a.Key == "seed" {
			return errors.New("seed is what --seeds goes over")
		}
		if slices.ContainsFunc(s.Axes[:i], func(b Axis) bool { return a.Key == b.Key }) {
			return fmt.Errorf("%s is there twice", a.Key)
		}
	}
	if n := s.Combinations(); n > MaxCombinations {
		return fmt.Errorf("too many combinations of values: at most %s", format.Number(MaxCombinations))
	}
	if n := s.Len(); n > MaxPoints {
		return fmt.Errorf("%s: at most %s", format.Plural(n, "point"), format.Number(MaxPoints))
	}
	return nil
}

// At returns a point.
func (s Space) At(i int) Point {
	n := s.Seeds.count()
	return Point{Index: i, Combination: i / n, Seed: s.Seeds.From + uint64(i%n)}
}

// Settings returns what a combination sets, in the order of the axes.
func (s Space) Settings(combination int) []scenario.Setting {
	out := make([]scenario.Setting, len(s.Axes))
	for i := len(s.Axes) - 1; i >= 0; i-- {
		a := s.Axes[i]
		out[i] = scenario.Setting{Key: a.Key, Value: a.Values[combination%len(a.Values)]}
		combination /= len(a.Values)
	}
	return out
}

// ParseAxes reads axes, each "KEY=A,B". Commas inside of brackets, braces and quotes are
// part of a value. It fails when one has another form, a value twice, or a key that is
// there already.
func ParseAxes(flags []string) ([]Axis, error) {
	var out []Axis
	for _, text := range flags {
		key, values, _ := strings.Cut(text, "=")
		a := Axis{Key: key}
		if _, err := scenario.ParseSetting(text); err != nil {
			return nil, err
		}
		for _, v := range split(values) {
			one := scenario.Setting{Key: key, Value: strings.TrimSpace(v)}
			if _, err := scenario.ParseSetting(one.String()); err != nil {
				return nil, err
			}
			if slices.Contains(a.Values, one.Value) {
				return nil, fmt.Errorf("%q has the value %s twice", text, one.Value)
			}
			a.Values = append(a.Values, one.Value)
		}
		if slices.ContainsFunc(out, func(b Axis) bool { return a.Key == b.Key }) {
			return nil, fmt.Errorf("%s is there twice", a.Key)
		}
		out = append(out, a)
	}
	return out, nil
}

// split cuts values at the commas that are in no brackets and no quotes.
func split(text string) []string {
	var out []string
	depth, quote, from := 0, rune(0), 0
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote && (quote == '\'' || text[i-1] != '\\') {
				quote = 0
			}
		case c == '"' || c == '\'':
			if strings.TrimSpace(text[from:i]) == "" || depth > 0 {
				quote = c
			}
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth <= 0:
			out = append(out, text[from:i])
			from = i + 1
		}
	}
	return append(out, text[from:])
}

// Shard is one of several parts that a sweep is run in. The zero value is the whole.
type Shard struct {
	I int `json:"i"` // from 1
	N int `json:"n"`
}

// ParseShard reads "2/3". It fails when that is no part of a whole.
func ParseShard(text string) (Shard, error) {
	first, last, _ := strings.Cut(text, "/")
	i, err1 := strconv.ParseUint(first, 10, 31)
	n, err2 := strconv.ParseUint(last, 10, 31)
	if err1 != nil || err2 != nil || i < 1 || i > n || n > MaxPoints {
		return Shard{}, fmt.Errorf("%q is not I/N, such as 2/3: the second of three", text)
	}
	return Shard{int(i), int(n)}, nil
}

// String is the shard as the command line takes it, "" for the whole.
func (s Shard) String() string {
	if s.N == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.I, s.N)
}

// has reports whether a point belongs to the shard. Neighbours belong to different ones:
// all shards take about the same time.
func (s Shard) has(index int) bool { return s.N == 0 || index%s.N == s.I-1 }

// Points returns the points of the shard, in order.
func (s Shard) Points(of Space) []Point {
	var out []Point
	for i := range of.Len() {
		if s.has(i) {
			out = append(out, of.At(i))
		}
	}
	return out
}
