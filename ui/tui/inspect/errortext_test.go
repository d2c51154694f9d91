package inspect

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// Every error text that is counted is explained, and where to read more is said.
func TestEveryTextIsExplained(t *testing.T) {
	s := seen(recorded(t, "two-regions", ""), 5*time.Second)
	for _, text := range ledger.ErrorTexts {
		page := strings.Join(Error(s, text, 80), "\n")
		for _, label := range []string{"means", "likely", "helps", "stickylab why "} {
			if !strings.Contains(page, label) {
				t.Errorf("%q: no %s in\n%s", text, label, page)
			}
		}
	}
}

// The events that a page takes for an error are those that the ledger counts,
// and the first is the first.
func TestErrorsAgreeWithTheLedger(t *testing.T) {
	for name, text := range map[string]string{"no-upgrade": "", "upgrade-only": "", "killing": killing} {
		live := recorded(t, name, text)
		s := seen(live, 28*time.Second)
		events := all(s)
		errors := s.Ledger.SnapshotSince(0).Errors
		if len(errors) < 3 {
			t.Errorf("%s has the errors %v", name, errors)
		}
		for text, want := range errors {
			n := 0
			var first, last *trace.Event
			for i := range events {
				if ledger.ErrorText(&events[i]) == text {
					n++
					last = &events[i]
					if first == nil {
						first = last
					}
				}
			}
			if n != want {
				t.Errorf("%s: %q %d times, the ledger counts %d", name, text, n, want)
			}
			if got, how := firstOf(s, text); how != found || got.Seq != first.Seq {
				t.Errorf("%s: the first %q is %v (%v), want %v", name, text, got, how, first)
			}
			if got := lastOf(s, text); got == nil || got.Seq != last.Seq {
				t.Errorf("%s: the last %q is %v, want %v", name, text, got, last)
			}
		}
	}
}

// A refusal is that of the client whose session it was, though connections
// between proxy and node are shared.
func TestRefusalsAreTheirClients(t *testing.T) {
	live := recorded(t, "no-upgrade", "")
	s := seen(live, 20*time.Second)
	events := all(s)
	owner := map[trace.Name]string{}
	checked := 0
	for i := range events {
		e := &events[i]
		switch {
		case e.Kind == trace.Asked && e.Session != (trace.Name{}):
			owner[e.Session] = e.Client.String()
		case e.Kind == trace.Refused && e.Session != (trace.Name{}) && e.At < 19*time.Second:
			checked++
			if got := whose(s, e); got != owner[e.Session] {
				t.Errorf("event %d was refused to %q, want %q", e.Seq, got, owner[e.Session])
			}
		}
	}
	if checked < 50 {
		t.Errorf("%d refusals", checked)
	}
}

// Requests are put together as the client saw them.
func TestRequestsAgreeWithTheClient(t *testing.T) {
	live := recorded(t, "no-upgrade", "")
	s := seen(live, 20*time.Second)
	events := all(s)
	list, how := requestsBefore(s, "default-03", s.Cursor, 1000)
	if how != whole || len(list) < 50 {
		t.Fatalf("%d requests, %v", len(list), how)
	}
	type answer struct {
		status int
		took   time.Duration
	}
	want := map[trace.Ref]answer{}
	asked := 0
	for _, e := range events {
		if e.Client.String() != "default-03" {
			continue
		}
		if e.Kind == trace.Asked {
			asked++
		}
		if e.Kind == trace.Answered {
			want[trace.Ref{Lane: e.Cause.Lane, N: e.Cause.N}] = answer{int(e.Status), e.Value}
		}
	}
	if asked != len(list) {
		t.Errorf("%d requests, the client made %d", len(list), asked)
	}
	for _, r := range list {
		a, answered := want[trace.Ref{Lane: r.lane, N: r.n}]
		if r.Done != answered || answered && (r.Status != a.status || r.Took != a.took) {
			t.Errorf("%+v, the client had %+v %v", r, a, answered)
		}
		if r.Status >= 400 && !slices.Contains([]string{"Session ID unknown", "Bad request"}, r.Why) {
			t.Errorf("refused for %q: %+v", r.Why, r)
		}
		if r.Passed > 0 && (r.AtProxy < r.At || r.Passed < r.AtProxy) {
			t.Errorf("asked at %v, at the proxy %v to %v", r.At, r.AtProxy, r.Passed)
		}
	}
}

func TestErrorThatIsNotThere(t *testing.T) {
	s := seen(recorded(t, "two-regions", ""), 5*time.Second)
	page := strings.Join(Error(s, "Session ID unknown", 80), "\n")
	if !strings.Contains(page, "0 times so far") || strings.Contains(page, "first") {
		t.Errorf("%s", page)
	}
}
