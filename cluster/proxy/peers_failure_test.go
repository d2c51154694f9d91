//go:build peers

package proxy

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// play is a script that nginx and the proxy live through side by side, with
// nodes a, b and on. Its lines are:
//
//	at 2                    continue when the second second has come
//	stop a | start a        refuse connections, or listen again
//	a close                 from now on: close, hang, hold, a status; ok: answer
//	get 192.0.2.1 [n]       n requests, 1 unless told, one after another
//	post 192.0.2.1
//	open x 192.0.2.1        a request that stays open, of a node on hold
//	release a               answer those
type play struct {
	name     string
	upstream string // with $a, $b for the nodes
	location string
	script   string
}

var plays = []play{
	{"refused", "ip_hash; server $a; server $b; server $c fail_timeout=1;", "", `
		get 192.0.2.1 2; get 198.51.100.1 2; get 10.7.3.1 2; get 10.8.3.1
		stop a; stop c
		get 192.0.2.1; get 198.51.100.1; get 10.7.3.1; get 10.8.3.1; get 10.9.3.1 3
		start a; start c
		get 192.0.2.1; get 198.51.100.1; get 10.7.3.1; get 10.8.3.1; get 10.9.3.1
		at 1; get 10.7.3.1 2; get 10.8.3.1; get 10.9.3.1
		at 2; get 192.0.2.1; get 10.7.3.1 2; get 10.8.3.1; get 10.9.3.1`},
	{"edges of the window", "server $a fail_timeout=1; server $b fail_timeout=2 max_fails=2;", "", `
		stop a; get 1.1.1.1 4; start a; get 1.1.1.1 4
		at 1; get 1.1.1.1 4
		at 2; get 1.1.1.1 4; stop b; get 1.1.1.1 5; start b; get 1.1.1.1 3
		at 3; get 1.1.1.1 4
		at 4; get 1.1.1.1 4
		at 5; get 1.1.1.1 4`},
	{"success does not forgive in the window", "server $a max_fails=3 fail_timeout=2; server $b weight=2;", "", `
		a close; get 1.1.1.1 3; a ok; get 1.1.1.1 3; a close; get 1.1.1.1 3; a ok; get 1.1.1.1 3; a close; get 1.1.1.1 3; a ok; get 1.1.1.1 6
		at 3; get 1.1.1.1 6`},
	{"max_fails=0", "server $a max_fails=0; server $b;", "", `
		stop a; get 1.1.1.1 6; post 1.1.1.1; post 1.1.1.1; start a; get 1.1.1.1 4`},
	{"weights after failures", "server $a weight=7 max_fails=3 fail_timeout=1; server $b weight=2; server $c weight=3;", "", `
		get 1.1.1.1 12; a close; get 1.1.1.1 6; a ok; get 1.1.1.1 12
		at 2; get 1.1.1.1 30`},
	{"all dead", "ip_hash; server $a fail_timeout=1; server $b fail_timeout=1;", "", `
		stop a; stop b; get 192.0.2.1; start a; start b; get 192.0.2.1; get 203.0.113.1
		at 1; get 192.0.2.1; get 203.0.113.1
		at 2; get 192.0.2.1; get 203.0.113.1`},
	{"only one", "server $a fail_timeout=5;", "", `
		stop a; get 1.1.1.1 3; start a; get 1.1.1.1; a close; get 1.1.1.1 2; post 1.1.1.1; a ok; get 1.1.1.1`},
	{"post", "server $a max_fails=0; server $b max_fails=0;", "", `
		a close; post 1.1.1.1; post 1.1.1.1; get 1.1.1.1 2; b close; post 1.1.1.1; get 1.1.1.1
		a ok; b ok; stop a; post 1.1.1.1; post 1.1.1.1`},
	{"post, non_idempotent", "server $a max_fails=0; server $b max_fails=0;", "proxy_next_upstream error timeout non_idempotent;", `
		a close; post 1.1.1.1; post 1.1.1.1; get 1.1.1.1 2`},
	{"statuses", "server $a; server $b;", "", `
		a 503; b 500; get 1.1.1.1 4; post 1.1.1.1; a ok; b ok; get 1.1.1.1 2`},
	{"http_503", "server $a fail_timeout=1; server $b fail_timeout=1;", "proxy_next_upstream http_503 http_404;", `
		a 503; get 1.1.1.1 4; b 503; get 1.1.1.1 3
		at 2; a 404; b 404; get 1.1.1.1 4; a ok; b ok; get 1.1.1.1 2; a close; get 1.1.1.1 3; b close; get 1.1.1.1 2`},
	{"off", "server $a fail_timeout=1; server $b;", "proxy_next_upstream off;", `
		stop a; get 1.1.1.1 4; start a; get 1.1.1.1 2; at 2; get 1.1.1.1 4`},
	{"tries", "server $a max_fails=0; server $b max_fails=0; server $c max_fails=0; server $d max_fails=0;", "proxy_next_upstream_tries 2;", `
		stop a; stop b; stop c; get 1.1.1.1 8`},
	{"hang", "server $a fail_timeout=1; server $b;", "proxy_read_timeout 1s;", `
		a hang; get 1.1.1.1; get 1.1.1.1 3; a ok; get 1.1.1.1 2
		at 2; get 1.1.1.1 2
		at 3; get 1.1.1.1 4; release a`},
	{"hang, post", "server $a; server $b;", "proxy_read_timeout 1s;", `
		a hang; post 1.1.1.1; get 1.1.1.1 3; release a`},
	{"time is over", "server $a max_fails=0; server $b max_fails=0;", "proxy_read_timeout 1s; proxy_next_upstream_timeout 500ms;", `
		a hang; get 1.1.1.1; get 1.1.1.1; release a`},
	{"a long probe", "server $a fail_timeout=1; server $b;", "", `
		stop a; get 1.1.1.1 2; start a
		at 2; a hold; b hold; open x 1.1.1.1; open y 1.1.1.1; open z 1.1.1.1; b ok; get 1.1.1.1 4; release b; get 1.1.1.1 3; release a; a ok; get 1.1.1.1 4`},
	{"backups", "server $a fail_timeout=1; server $b fail_timeout=1; server $c backup weight=2; server $d backup;", "", `
		get 1.1.1.1 3; stop a; get 1.1.1.1 2; stop b; get 1.1.1.1 6; stop c; get 1.1.1.1 4; start a; start b; get 1.1.1.1 2
		at 2; get 1.1.1.1 4; stop d; stop a; stop b; get 1.1.1.1 2`},
	{"backups of ip_hash", "server $a fail_timeout=1; server $b; server $c backup; ip_hash;", "", `
		get 1.1.1.1; get 203.0.113.1; stop a; get 1.1.1.1; get 203.0.113.1; get 192.0.2.1; stop b; get 1.1.1.1 2; get 203.0.113.1`},
	{"hash", "hash $remote_addr; server $a weight=3; server $b; server $c;", "", `
		get 1.1.1.1; get 1.1.1.2; get 1.1.1.3; get 1.1.1.4; get 1.1.1.5; get 1.1.1.6
		stop a; get 1.1.1.1; get 1.1.1.2; get 1.1.1.3; get 1.1.1.4; get 1.1.1.5; get 1.1.1.6; stop c; get 1.1.1.1; get 1.1.1.2; get 1.1.1.3
		start a; get 1.1.1.1; get 1.1.1.2; get 1.1.1.3`},
	{"consistent", "hash $remote_addr consistent; server $a weight=3; server $b; server $c;", "", `
		get 1.1.1.1; get 1.1.1.2; get 1.1.1.3; get 1.1.1.4; get 1.1.1.5; get 1.1.1.6
		stop a; get 1.1.1.1; get 1.1.1.2; get 1.1.1.3; get 1.1.1.4; get 1.1.1.5; get 1.1.1.6; stop c; get 1.1.1.1; get 1.1.1.2; get 1.1.1.3`},
	{"least_conn", "least_conn; server $a weight=2; server $b; server $c;", "", `
		get 1.1.1.1 4; a hold; b hold; c hold; open x 1.1.1.1; open y 1.1.1.1; open z 1.1.1.1; open w 1.1.1.1; open v 1.1.1.1
		release b; release c; b ok; c ok; get 1.1.1.1 3; stop c; get 1.1.1.1 3; release a; a ok; get 1.1.1.1 5`},
	{"max_conns", "server $a max_conns=1; server $b max_conns=1; server $c max_conns=2 backup;", "", `
		a hold; b hold; open x 1.1.1.1; open y 1.1.1.1; get 1.1.1.1 2; c hold; open z 1.1.1.1; open w 1.1.1.1; get 1.1.1.1
		release a; a ok; get 1.1.1.1 2; release b; release c; b ok; c ok; get 1.1.1.1 3`},
}

// TestPeersFailures promises nginx's attempts, statuses and pages while nodes
// refuse, crash, hang and come back, to the second. Where the machine was too busy for
// a play to keep its seconds, all are played again.
func TestPeersFailures(t *testing.T) {
	for try := 1; ; try++ {
		late := ""
		stages := perform(t)
		for _, s := range stages {
			late += s.late
		}
		if late != "" && try < 5 {
			t.Logf("again:%s", late)
			continue
		}
		for _, s := range stages {
			if s.wrong+s.late != "" {
				t.Error(s.wrong + s.late)
			}
		}
		return
	}
}

// perform plays all plays.
func perform(t *testing.T) []*sideBySide {
	addr := freeAddr(t)
	var upstreams, locations strings.Builder
	stages := make([]*sideBySide, len(plays))
	for i, p := range plays {
		s := &sideBySide{t: t, play: p, path: fmt.Sprintf("/p%d/", i), nodes: map[string]*realNode{}, open: map[string]*openPair{}}
		upstream := p.upstream
		for _, name := range []string{"a", "b", "c", "d"} {
			if strings.Contains(upstream, "$"+name+" ") || strings.Contains(upstream, "$"+name+";") {
				s.nodes[name] = startNode(t)
				upstream = strings.ReplaceAll(upstream, "$"+name+" ", s.nodes[name].addr+" ")
				upstream = strings.ReplaceAll(upstream, "$"+name+";", s.nodes[name].addr+";")
			}
		}
		upstream = fmt.Sprintf("upstream p%d { %s }\n", i, upstream)
		location := fmt.Sprintf("location %s { proxy_pass http://p%d; %s }\n", s.path, i, p.location)
		server := "server {\nlisten " + addr + ";\n" + harness + "add_header X-Upstream $upstream_addr always;\n"
		s.own = startOwn(t, upstream+server+location+"}\n")
		upstreams.WriteString(upstream)
		locations.WriteString(location)
		stages[i] = s
		if i == len(plays)-1 {
			realNginx(t, addr, upstreams.String()+server+locations.String()+"}\n")
		}
	}
	// Both count in whole seconds: begin within one, the same for all.
	zero := time.Now().Truncate(time.Second).Add(1300 * time.Millisecond)
	var running sync.WaitGroup
	for _, s := range stages {
		s.zero = zero
		s.real, s.mine = connect(t, addr), connect(t, s.own.addr)
		running.Go(s.run)
	}
	running.Wait()
	return stages
}

// sideBySide is a play with nginx on one side and the proxy on the other.
type sideBySide struct {
	t *testing.T
	play
	path  string
	nodes map[string]*realNode
	own   *ownProxy
	zero  time.Time

	real, mine *realClient
	open       map[string]*openPair

	wrong string // what differs, and where
	late  string // when the play was late
}

func (s *sideBySide) run() {
	s.at("0")
	lines := strings.FieldsFunc(s.script, func(r rune) bool { return r == ';' || r == '\n' })
	for i, line := range lines {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if wrong := s.step(words); wrong != "" {
			s.wrong = fmt.Sprintf("%s, step %d, %s: %s", s.name, i, strings.TrimSpace(line), wrong)
			return
		}
	}
}

// step does one line; wrong is what differs.
func (s *sideBySide) step(words []string) (wrong string) {
	times := 1
	switch words[0] {
	case "at":
		s.at(words[1])
		return ""
	case "stop":
		s.nodes[words[1]].stop()
		return ""
	case "start":
		n := s.nodes[words[1]]
		n.start(n.addr)
		return ""
	case "release":
		return s.release(s.nodes[words[1]])
	case "open":
		return s.opened(words[1], words[2])
	case "get", "post":
		if len(words) > 2 {
			times, _ = strconv.Atoi(words[2])
		}
		for range times {
			if wrong := s.both(strings.ToUpper(words[0]), words[1]); wrong != "" {
				return wrong
			}
		}
		return ""
	}
	s.nodes[words[0]].set(strings.TrimSuffix(words[1], "ok"))
	return ""
}

// at waits for a second of the play, and notes when it is late.
func (s *sideBySide) at(second string) {
	n, _ := strconv.Atoi(second)
	to := s.zero.Add(time.Duration(n) * time.Second)
	if late := time.Since(to); late > 500*time.Millisecond {
		s.late += fmt.Sprintf(" %s was %s late for second %d.", s.name, late, n)
	}
	time.Sleep(time.Until(to))
}

func (s *sideBySide) request(method, ip string) string {
	body := ""
	if method == "POST" {
		body = "hi"
	}
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: %s\r\nContent-Length: %d\r\n\r\n%s", method, s.path, ip, len(body), body)
}

// both makes one request on each side and compares the answers and the
// attempts.
func (s *sideBySide) both(method, ip string) (wrong string) {
	request := s.request(method, ip)
	var want, got gotten
	var running sync.WaitGroup
	running.Go(func() {
		io.WriteString(s.real, request)
		want = s.real.read(method)
	})
	io.WriteString(s.mine, request)
	got = s.mine.read(method)
	running.Wait()
	attempts := strings.Split(want.header.Get("X-Upstream"), ", ")
	none := false
	if last := len(attempts) - 1; attempts[last] == strings.Trim(s.path, "/") {
		attempts, none = attempts[:last], true
	}
	dials, gone := s.own.since()
	if want.status == 0 || got.status != want.status || got.body != want.body || gone != none || !slices.Equal(dials, attempts) {
		return fmt.Sprintf("got %d %q by %v, no live %t\nnginx: %d %q by %v, no live %t\n%s",
			got.status, got.body, s.named(dials), gone, want.status, want.body, s.named(attempts), none, s.upstream)
	}
	return ""
}

func (s *sideBySide) named(addrs []string) (list []string) {
	for _, addr := range addrs {
		for name, n := range s.nodes {
			if n.addr == addr {
				addr = name
			}
		}
		list = append(list, addr)
	}
	return list
}

// openPair is a request on each side that a node has on hold.
type openPair struct {
	node  *realNode
	sides []*realClient
}

// opened makes a request on each side that a node on hold must get.
func (s *sideBySide) opened(name, ip string) (wrong string) {
	request := s.request("GET", ip)
	var nodes []string
	pair := &openPair{}
	s.open[name] = pair
	for _, to := range []string{s.real.RemoteAddr().String(), s.own.addr} {
		before := s.waiting()
		c := connect(s.t, to)
		io.WriteString(c, request)
		pair.sides = append(pair.sides, c)
		node := ""
		for deadline := time.Now().Add(time.Minute); node == "" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			for name, n := range s.waiting() {
				if n > before[name] {
					node = name
				}
			}
		}
		nodes = append(nodes, node)
	}
	s.own.since()
	pair.node = s.nodes[nodes[0]]
	if nodes[0] == "" || nodes[0] != nodes[1] {
		return fmt.Sprintf("it is with %q, that of nginx with %q", nodes[1], nodes[0])
	}
	return ""
}

func (s *sideBySide) waiting() map[string]int {
	counts := map[string]int{}
	for name, n := range s.nodes {
		counts[name] = n.waiting()
	}
	return counts
}

// release answers what a node has on hold, and waits until both sides have
// passed it on.
func (s *sideBySide) release(n *realNode) (wrong string) {
	n.release()
	for name, pair := range s.open {
		if pair.node != n {
			continue
		}
		want, got := pair.sides[0].read("GET"), pair.sides[1].read("GET")
		if want.status != got.status || want.body != got.body {
			return fmt.Sprintf("%s ended with %d %q, that of nginx with %d %q", name, got.status, got.body, want.status, want.body)
		}
		delete(s.open, name)
	}
	// The peer is free again when nginx has noticed, a moment later, of which
	// nothing tells.
	time.Sleep(20 * time.Millisecond)
	return ""
}
