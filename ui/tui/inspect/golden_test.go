package inspect

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
	"stickylab/ui/tui/style"
)

var update = flag.Bool("update", false, "write the golden files again")

func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// drawings are those that are looked at in a scenario at 30 s.
func drawings(s *Source, client, sender, text string) map[string]func(width int) []string {
	id := trace.Msg{From: trace.N(sender), N: 5}
	out := map[string]func(int) []string{
		"client":  func(w int) []string { return Client(s, client, w) },
		"message": func(w int) []string { return Message(s, id, w) },
		"node":    func(w int) []string { return Node(s, "im-5080", w) },
	}
	if text != "" {
		out["error"] = func(w int) []string { return Error(s, text, w) }
	}
	return out
}

var looks = []struct{ scenario, client, sender, text string }{
	{"two-regions", "beijing-07", "beijing-07", ""},
	{"redis-adapter", "shanghai-02", "beijing-07", ""},
	{"no-upgrade", "default-03", "default-01", "Session ID unknown"},
}

func TestScreens(t *testing.T) {
	for _, x := range looks {
		live := recorded(t, x.scenario, "")
		for name, draw := range drawings(seen(live, 30*time.Second), x.client, x.sender, x.text) {
			for _, size := range [][2]int{{80, 24}, {120, 40}} {
				lines := Window(draw(size[0]), 0, size[0], size[1])
				golden(t, fmt.Sprintf("%s-%s-%dx%d", x.scenario, name, size[0], size[1]), lines)
			}
		}
	}
}

// A kill in the middle: who fell over to the other node, what was missed.
const killing = `
title: A node dies
summary: One of two nodes dies and comes back.
seed: 7
duration: 60s
nodes:
  - {name: im-3030, listen: 127.0.0.1:3030}
  - {name: im-5080, listen: 127.0.0.1:5080}
adapter: redis
proxy: {policy: ip_hash}
clients:
  beijing: {count: 6, ip: 203.0.113.0/24, connect: 0s..2s, say: every 1s, room: lobby}
  shanghai: {count: 6, ip: 192.0.2.0/25, connect: 0s..2s, say: every 1s, room: lobby, transports: [websocket]}
  pollers: {count: 2, ip: 192.0.2.128/25, connect: 0s..2s, say: every 1s, room: lobby, transports: [polling]}
steps:
  - {at: 10s, kill: im-5080}
  - {at: 15s, say: beijing-01, text: "hello \"there\""}
  - {at: 20s, restart: im-5080}
  - {at: 25s, policy: least_conn}
`

func TestScreensOfAKill(t *testing.T) {
	live := recorded(t, "killing", killing)
	s := seen(live, 30*time.Second)
	for name, lines := range map[string][]string{
		"hashed-on":    Client(s, "shanghai-02", 80),
		"poller":       Client(s, "pollers-01", 80),
		"while-away":   Client(seen(live, 10*time.Second+100*time.Millisecond), "shanghai-02", 80),
		"dead-node":    Node(seen(live, 12*time.Second), "im-5080", 80),
		"missed":       Message(s, missedMost(s), 80),
		"refused-peer": Error(s, "connect() failed (111: Connection refused)", 80),
	} {
		golden(t, "killing-"+name, lines)
	}
}

// What nodes are told from outside, and what they say themselves.
const told = `
title: Told
summary: A node is frozen while the other counts and both speak.
seed: 7
duration: 60s
nodes: 2
adapter: redis
proxy: {policy: ip_hash}
clients:
  beijing: {count: 3, ip: 203.0.113.0/24, connect: 0s..2s}
  shanghai: {count: 3, ip: 192.0.2.0/25, connect: 0s..2s, transports: [websocket]}
steps:
  - {at: 5s, emit: lobby, text: news}
  - {at: 10s, freeze: im-2}
  - {at: 12s, count: lobby, node: im-1}
  - {at: 20s, resume: im-2}
`

func TestScreensOfOrders(t *testing.T) {
	live := recorded(t, "told", told)
	news := trace.Msg{From: trace.N("server"), N: 1}
	for name, lines := range map[string][]string{
		"still":    Node(seen(live, 18*time.Second), "im-2", 80),
		"asker":    Node(seen(live, 18*time.Second), "im-1", 80),
		"news":     Message(seen(live, 8*time.Second), news, 80),
		"news-120": Message(seen(live, 8*time.Second), news, 120),
	} {
		golden(t, "told-"+name, lines)
	}
}

// missedMost returns the remembered message that most receivers missed.
func missedMost(s *Source) (id trace.Msg) {
	most := -1
	for _, m := range s.Ledger.Recent(1000) {
		if m.Missed > most {
			most, id = m.Missed, m.ID
		}
	}
	return id
}

func TestEveryLineFits(t *testing.T) {
	for _, x := range looks {
		live := recorded(t, x.scenario, "")
		for _, at := range []time.Duration{0, time.Millisecond, 3 * time.Second, 20 * time.Second} {
			for name, draw := range drawings(seen(live, at), x.client, x.sender, x.text) {
				for width := 1; width <= 200; width += 7 {
					lines := draw(width)
					if len(lines) == 0 {
						t.Errorf("%s of %s is empty", name, x.scenario)
					}
					for _, l := range lines {
						if w := style.Width(l); w > width {
							t.Fatalf("%s of %s at %v: %d cells on %d: %q", name, x.scenario, at, w, width, l)
						}
					}
					for _, l := range Window(lines, 1000, width, 5) {
						if w := style.Width(l); w != width {
							t.Fatalf("a window of %d cells has %d: %q", width, w, l)
						}
					}
				}
			}
		}
	}
}
