package balance

import (
	"bufio"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// event is a line of vectors-fail.jsonl.
type event struct {
	S      string
	T      int
	Ev     string
	IP     string
	M      string
	Node   string
	Mode   string
	ID     string
	Trace  []string
	Status int
}

// readEvents reads an event file, grouped by configuration.
func readEvents(t *testing.T, file string) map[string][]event {
	t.Helper()
	f, err := os.Open(filepath.Join(vectors(), file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scenarios := map[string][]event{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		scenarios[e.S] = append(scenarios[e.S], e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return scenarios
}

// TestFailures promises nginx's choices while nodes stop, hang and come back,
// each event at its recorded second.
func TestFailures(t *testing.T) {
	files := map[string]map[string][]event{}
	replayed := 0
	for _, c := range readConfigs(t) {
		if !c.events() {
			continue
		}
		if files[c.Vectors] == nil {
			files[c.Vectors] = readEvents(t, c.Vectors)
		}
		events := files[c.Vectors][c.ID]
		delete(files[c.Vectors], c.ID)
		replayed += len(events)
		t.Run(c.ID, func(t *testing.T) {
			if len(events) == 0 {
				t.Fatalf("no events recorded in %s", c.Vectors)
			}
			synctest.Test(t, func(t *testing.T) {
				s := stage{c: c, u: c.upstream(t), mode: map[string]string{}, held: map[string]*Attempt{}}
				start := time.Now()
				for i, e := range events {
					time.Sleep(time.Until(start.Add(time.Duration(e.T) * time.Second)))
					s.play(t, i, e)
				}
			})
			if t.Failed() {
				t.Logf("under %v", c)
			}
		})
	}
	t.Logf("%d events", replayed)
	for file, left := range files {
		for id, events := range left {
			t.Errorf("%s: %d events of %q, which is no configuration", file, len(events), id)
		}
	}
}

// stage is an upstream and what its nodes do.
type stage struct {
	c    config
	u    *Upstream
	mode map[string]string // by node; "": answers
	held map[string]*Attempt
}

func (s *stage) play(t *testing.T, i int, e event) {
	switch e.Ev {
	case "stop":
		s.mode[e.Node] = "refuse"
	case "start":
		s.mode[e.Node] = ""
	case "mode":
		s.mode[e.Node] = e.Mode
	case "note":
	case "close", "abort":
		if a := s.held[e.ID]; a != nil {
			a.Done(false)
			delete(s.held, e.ID)
		}
	case "open":
		a, trace, status := s.request(e)
		if e.Node == "" { // it was refused
			if a.Done(false); status != e.Status {
				t.Errorf("event %d %+v: got %v, status %d", i, e, trace, status)
			}
			return
		}
		if status != 200 || trace[len(trace)-1] != e.Node {
			t.Errorf("event %d %+v: got %v, status %d", i, e, trace, status)
		}
		s.held[e.ID] = a
	case "req":
		a, trace, status := s.request(e)
		a.Done(false)
		if status != e.Status || !slices.Equal(trace, e.Trace) {
			t.Errorf("event %d: %s got %v status %d, want %v status %d", i, e.IP, trace, status, e.Trace, e.Status)
		}
	default:
		t.Errorf("event %d: unknown %q", i, e.Ev)
	}
}

// request runs a request up to the answer's head, by nginx's rules for
// proxy_next_upstream error timeout.
func (s *stage) request(e event) (a *Attempt, trace []string, status int) {
	r := Request{Addr: netip.MustParseAddr(e.IP)}
	r.Key = s.c.key(r.Addr, nil)
	a = s.u.Start(r)
	for {
		p, err := a.Next()
		if err != nil {
			return a, append(trace, "u_"+s.c.ID), 502
		}
		trace = append(trace, p.Address)
		sent := true
		switch s.mode[p.Address] {
		case "":
			return a, trace, 200
		case "500":
			return a, trace, 500
		case "503":
			return a, trace, 503
		case "refuse":
			sent, status = false, 502
		case "close":
			status = 502
		case "hang":
			time.Sleep(time.Second)
			status = 504
		}
		a.Done(true)
		if a.TriesLeft() == 0 || sent && e.M == "POST" {
			return a, trace, status
		}
	}
}
