package sweep

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"stickylab/sim/format"
)

// NewHeader returns the header of a sweep, or of a shard of it.
func NewHeader(space Space, shard Shard) *Header {
	h := &Header{Schema: schema, Kind: kindHeader, Seeds: space.Seeds, Axes: space.Axes, Points: space.Len()}
	if shard.N > 0 {
		h.Shard = &shard
	}
	return h
}

// Records is how many were added.
func (t *Tally) Records() int { return t.records }

// Merge collects the lines of shards. The zero value is ready.
type Merge struct {
	header  *Header // without a shard; nil before the first file
	first   string  // the file that it is from
	records []*Record
	from    []string // the file of each record
}

// Read reads a file, or several that follow each other in one. Name is what errors call it. It
// fails with file and line when that is no output of a sweep, of another sweep, or holds
// a run that was read before.
func (m *Merge) Read(name string, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	var current *Header
	number := 0
	for lines.Scan() {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		h, err := m.line(name, current, lines.Bytes())
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		current = h
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", name, number+1, err)
	}
	if current == nil {
		return fmt.Errorf("%s: the file is empty, not the lines of stickylab sweep --out", name)
	}
	return nil
}

var errForeign = errors.New("this is no line of stickylab sweep --out")

// line reads a line after the header of its part, and returns the header of the next.
func (m *Merge) line(name string, current *Header, line []byte) (*Header, error) {
	var what struct {
		Schema int    `json:"schema"`
		Kind   string `json:"kind"`
	}
	if err := json.Unmarshal(line, &what); err != nil {
		return nil, errForeign
	}
	switch {
	case what.Kind != kindHeader && what.Kind != kindPoint:
		return nil, errForeign
	case what.Schema != schema:
		return nil, fmt.Errorf("schema %d, and this program reads schema %d", what.Schema, schema)
	case what.Kind == kindHeader:
		var h Header
		if err := strict(line, &h); err != nil {
			return nil, fmt.Errorf("%w: %w", errForeign, err)
		}
		return &h, m.begin(name, &h)
	case current == nil:
		return nil, errors.New("a run before the line of its sweep")
	}
	var r Record
	if err := strict(line, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", errForeign, err)
	}
	return current, m.add(name, current, &r)
}

// strict decodes JSON with no unknown key.
func strict(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// begin takes the header of a part.
func (m *Merge) begin(name string, h *Header) error {
	for _, a := range h.Axes {
		if len(a.Values) == 0 {
			return fmt.Errorf("%s has no values", a.Key)
		}
	}
	if h.Seeds.From > h.Seeds.To || h.Seeds.To-h.Seeds.From >= MaxPoints {
		return errors.New("seeds that are no range")
	}
	if err := h.Space().Check(); err != nil {
		return err
	}
	if h.Points != h.Space().Len() {
		return fmt.Errorf("%s are said, and its seeds and values make %s", format.Plural(h.Points, "run"), format.Number(h.Space().Len()))
	}
	if s := h.Shard; s != nil && (s.N < 1 || s.I < 1 || s.I > s.N) {
		return fmt.Errorf("%s is no shard", s)
	}
	whole := *h
	whole.Shard = nil
	if m.header == nil {
		m.header, m.first = &whole, name
		m.records, m.from = make([]*Record, whole.Points), make([]string, whole.Points)
		return nil
	}
	for _, one := range []struct {
		what string
		a, b any
	}{
		{"scenario", m.header.Scenario, whole.Scenario}, {"variant", m.header.Variant, whole.Variant},
		{"text of the scenario", m.header.SHA256, whole.SHA256}, {"seeds", m.header.Seeds, whole.Seeds},
		{"values of --set", m.header.Axes, whole.Axes}, {"version of stickylab", m.header.Program, whole.Program},
		{"title", m.header.Title, whole.Title},
	} {
		if !reflect.DeepEqual(one.a, one.b) {
			return fmt.Errorf("this is another sweep than that of %s: another %s (%v, and %v there)", m.first, one.what, one.b, one.a)
		}
	}
	return nil
}

// add takes a run.
func (m *Merge) add(name string, h *Header, r *Record) error {
	if r.Point < 0 || r.Point >= h.Points {
		return fmt.Errorf("run %d of %d", r.Point, h.Points)
	}
	if h.Shard != nil && !h.Shard.has(r.Point) {
		return fmt.Errorf("run %d is not one of shard %s", r.Point, h.Shard)
	}
	at := h.Space().At(r.Point)
	var set []string
	for _, s := range h.Space().Settings(at.Combination) {
		set = append(set, s.String())
	}
	if r.Seed != at.Seed || !slices.Equal(r.Set, set) {
		return fmt.Errorf("run %d has seed %d and %q; it should have seed %d and %q", r.Point, r.Seed, r.Set, at.Seed, set)
	}
	if !slices.Contains(verdictNames, r.Verdict) {
		return fmt.Errorf("verdict %q", r.Verdict)
	}
	if m.from[r.Point] != "" {
		return fmt.Errorf("run %d is in %s already: shards overlap, or a file is given twice", r.Point, m.from[r.Point])
	}
	m.records[r.Point], m.from[r.Point] = r, name
	return nil
}

// Whole returns the sweep with the runs of all shards, in order. It fails when some are missing,
// and says which.
func (m *Merge) Whole() (*Header, []*Record, error) {
	var missing []string
	n := 0
	for i, r := range m.records {
		if r != nil {
			continue
		}
		if n++; n <= 5 {
			at := m.header.Space().At(i)
			text := fmt.Sprintf("seed %d", at.Seed)
			if s := m.header.Space().Settings(at.Combination); len(s) > 0 {
				text += " with " + labelOf(s)
			}
			missing = append(missing, text)
		}
	}
	if n == 0 {
		return m.header, m.records, nil
	}
	if n > len(missing) {
		missing = append(missing, "...")
	}
	return nil, nil, fmt.Errorf("%s of %s missing: %s; a shard is not there, or was not finished", format.Number(n), format.Plural(len(m.records), "run"), strings.Join(missing, "; "))
}
