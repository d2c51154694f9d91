package scenarios_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

var update = flag.Bool("update", false, "rewrite the golden file of sentences")

// sentences are what reports say first of each run, by the run's name.
type sentences struct {
	mu sync.Mutex
	by map[string]string
}

// add keeps the sentence of a run, which must be true.
func (s *sentences) add(t *testing.T, r *report.Result) {
	t.Helper()
	text := report.Sentence(r.Final)
	s.mu.Lock()
	s.by[r.Name()] = text
	s.mu.Unlock()

	f := r.Final
	d, c := f.Delivery.Total, f.Clients
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(text), w) })
	}
	offAdapter := slices.ContainsFunc(f.Missed, func(m ledger.Miss) bool {
		return m.Reason == ledger.AdapterOffSender || m.Reason == ledger.AdapterOffReceiver
	})
	missed := d.Missed - f.LeftOver() // by a user
	for _, x := range []struct {
		what     string
		says, is bool
	}{
		{"something was lost", says("were lost", "was lost"), missed > 0},
		{"how much", says(format.Number(missed) + " of " + format.Number(d.Arrived+missed)), missed > 0},
		{"nothing was lost", says("every message"), missed == 0 && d.Pending == 0 && d.Arrived > 0},
		{"clients are off", says("not connected at the end", "no client is connected"), c.Connected < c.Count},
		{"no client is left", says("no client is connected"), c.Count > 0 && c.Connected == 0},
		{"duplicates", says("duplicate"), d.Duplicates > 0},
		{"no message crosses nodes", says("crosses nodes"), offAdapter && f.Delivery.Cross.Arrived == 0},
	} {
		if x.says != x.is {
			t.Errorf("%s: %q\nsays %s: %v, and it is %v", r.Name(), text, x.what, x.says, x.is)
		}
	}
	if says("adapter") && !offAdapter {
		t.Errorf("%s: %q, and no adapter was off", r.Name(), text)
	}
}

// compare compares the sentences with the golden file, which is there to be
// read: they tell different runs apart.
func (s *sentences) compare(t *testing.T) {
	path := filepath.Join("testdata", "sentences.txt")
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.by)) {
		b.WriteString(name + ": " + s.by[name] + "\n")
	}
	if *update && !raced {
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if !strings.Contains("\n"+string(want), "\n"+line) {
			t.Errorf("not in %s, renew it with -update: %s", path, line)
		}
	}
	if len(s.by) < strings.Count(string(want), "\n") {
		return // a part of the runs may be alike
	}
	different := make(map[string]bool)
	for _, text := range s.by {
		different[text] = true
	}
	if len(different)*4 < len(s.by)*3 {
		t.Errorf("%d runs share %d sentences", len(s.by), len(different))
	}
}
