package inspect

import (
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// tape is a run of events alone.
type tape struct {
	Run
	events []trace.Event
	oldest uint64
}

func (t *tape) Oldest() uint64 { return t.oldest }

func (t *tape) Events(from, to uint64) []trace.Event {
	from = max(from, t.oldest)
	if from > to {
		return nil
	}
	return t.events[from-1 : to]
}

// blank returns a source with an event each millisecond, from 1 ms on.
func blank(n int, oldest uint64) *Source {
	t := &tape{oldest: oldest}
	for i := range n {
		t.events = append(t.events, trace.Event{Seq: uint64(i + 1), At: time.Duration(i+1) * time.Millisecond})
	}
	return &Source{Run: t, Cursor: uint64(n), Now: time.Duration(n) * time.Millisecond, Ledger: ledger.New(ledger.Config{})}
}

func TestSearchSeesEachEventOnceInOrder(t *testing.T) {
	for _, n := range []int{1, window - 1, window, window + 1, 3*window + 7} {
		s := blank(n, 1)
		next := uint64(n)
		if how := back(s, uint64(n), func(e *trace.Event) bool {
			if e.Seq != next {
				t.Fatalf("back: event %d, want %d", e.Seq, next)
			}
			next--
			return true
		}); how != whole || next != 0 {
			t.Errorf("back over %d events: %v, %d left", n, how, next)
		}
		next = 1
		if how := ahead(s, 1, func(e *trace.Event) bool {
			if e.Seq != next {
				t.Fatalf("ahead: event %d, want %d", e.Seq, next)
			}
			next++
			return true
		}); how != whole || next != uint64(n)+1 {
			t.Errorf("ahead over %d events: %v, up to %d", n, how, next)
		}
	}
}

func TestSearchEnds(t *testing.T) {
	nothing := func(*trace.Event) bool { return true }
	stop := func(e *trace.Event) bool { return e.Seq != 50 }
	for _, c := range []struct {
		name string
		got  end
		want end
	}{
		{"found, back", back(blank(100, 1), 100, stop), found},
		{"found, ahead", ahead(blank(100, 1), 1, stop), found},
		{"from nowhere", back(blank(100, 1), 0, nothing), whole},
		{"aged, back", back(blank(100, 60), 100, stop), aged},
		{"aged, ahead", ahead(blank(100, 60), 1, stop), aged},
		{"all gone", back(blank(100, 101), 100, nothing), aged},
		{"too far, back", back(blank(2*reach, 1), 2*reach, nothing), tooFar},
		{"too far, ahead", ahead(blank(2*reach, 1), 1, nothing), tooFar},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestSince(t *testing.T) {
	for _, c := range []struct {
		oldest uint64
		at     time.Duration
		want   uint64
	}{
		{1, 0, 1}, {1, time.Millisecond, 1}, {1, time.Millisecond + 1, 2}, {1, 100 * time.Millisecond, 100}, {1, time.Second, 101},
		{60, 0, 60}, {60, 70 * time.Millisecond, 70}, {101, 0, 101},
	} {
		if got := since(blank(100, c.oldest), c.at); got != c.want {
			t.Errorf("since %v of 100 events from %d on: %d, want %d", c.at, c.oldest, got, c.want)
		}
	}
}

// faded is a run whose early events are no longer kept.
type faded struct {
	Run
	oldest uint64
}

func (f faded) Oldest() uint64 { return f.oldest }

func (f faded) Events(from, to uint64) []trace.Event { return f.Run.Events(max(from, f.oldest), to) }

// without returns a source without the events before the oldest.
func without(s *Source, oldest uint64) *Source {
	out := *s
	out.Run = faded{s.Run, oldest}
	return &out
}

// What is no longer kept is said to be so, and breaks nothing.
func TestAgedOut(t *testing.T) {
	live := recorded(t, "two-regions", "")
	fresh := seen(live, 30*time.Second)
	old := without(fresh, live.Before(25*time.Second))
	has := func(lines []string, want string) {
		t.Helper()
		if page := strings.Join(lines, "\n"); !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	has(Client(old, "beijing-07", 120), "so long ago that the request is no longer kept")
	id := fresh.Ledger.Recent(1000)[200].ID
	has(Message(old, id, 120), "no longer kept")
	has(Message(fresh, id, 120), "arrived")
	Node(old, "im-3030", 120)

	broken := seen(recorded(t, "no-upgrade", ""), 30*time.Second)
	has(Error(without(broken, broken.Cursor-50), "Session ID unknown", 120), "it came first so long ago")
	gone := without(broken, broken.Cursor+1)
	for _, lines := range [][]string{Client(gone, "default-03", 80), Node(gone, "im-5080", 80), Error(gone, "Session ID unknown", 80), Message(gone, trace.Msg{From: trace.N("default-01"), N: 5}, 80)} {
		if len(lines) == 0 {
			t.Error("an empty page")
		}
	}
}
