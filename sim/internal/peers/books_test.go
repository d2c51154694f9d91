//go:build peers

package peers

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

var (
	booksClients = flag.Int("books.clients", 40, "the clients of TestBooksOfOfficialClients")
	booksFor     = flag.Duration("books.for", 20*time.Second, "how long it takes")
	booksKills   = flag.Duration("books.kills", 10*time.Second, "the time from one kill to the next")
	booksEvery   = flag.Duration("books.every", time.Second, "the time from one message of a client to its next")
)

const booksText = `title: Books
duration: 60s
nodes: 3
adapter: redis
proxy: {policy: ip_hash}
clients:
  none: {count: 1, ip: 203.0.113.0/24}
`

// chat is a Node program.
type chat struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	n   int
}

func newChat(t *testing.T, program string) *chat {
	cmd := exec.Command("node", "--max-old-space-size=2048", program)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: the suite needs node 20 or later", err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &chat{t: t, in: in, out: bufio.NewReader(out)}
}

// call calls a function of the program.
func (c *chat) call(result any, name string, args ...any) {
	c.t.Helper()
	c.n++
	if args == nil {
		args = []any{}
	}
	line, _ := json.Marshal(map[string]any{"id": c.n, "call": name, "args": args})
	fmt.Fprintf(c.in, "%s\n", line)
	for {
		line, err := c.out.ReadBytes('\n')
		if err != nil {
			c.t.Fatalf("%s: the clients have ended: %v", name, err)
		}
		var reply struct {
			ID     int
			Result json.RawMessage
			Error  string
		}
		if err := json.Unmarshal(line, &reply); err != nil || reply.Error != "" {
			c.t.Fatalf("%s: %v %s", name, err, line)
		}
		if reply.ID != c.n {
			continue // that it is ready
		}
		if result != nil {
			if err := json.Unmarshal(reply.Result, result); err != nil {
				c.t.Fatalf("%s: %v %s", name, err, reply.Result)
			}
		}
		return
	}
}

// due is what should reach one socket, by the order of the trace: what was sent
// while it was in the room and its client, as far as anyone could know, was there.
type due struct {
	node, session trace.Name
	gone          bool
	expected      map[int32]bool
}

// account follows the trace.
type account struct {
	sockets   map[trace.Name]*due // all
	room      map[trace.Name]*due // that are in it
	byName    map[trace.Name]*due // session -> socket, of those on polling
	websocket map[trace.Name]bool
	sent      int
	unknown   int // copies written to a client that was gone: it may have read some before it knew
}

func (a *account) apply(e *trace.Event) {
	switch e.Kind {
	case trace.SessionOpened:
		a.websocket[e.Session] = e.Text.Is(trace.WebSocket)
	case trace.SessionUpgraded:
		a.websocket[e.Session] = true
	case trace.SocketOpened:
		d := &due{node: e.Node, session: e.Session, expected: make(map[int32]bool)}
		a.sockets[e.Socket], a.byName[e.Session] = d, d
	case trace.Joined:
		a.room[e.Socket] = a.sockets[e.Socket]
	case trace.SocketClosed:
		delete(a.room, e.Socket)
	case trace.NodeDown:
		for socket, d := range a.room {
			if d.node == e.Node {
				delete(a.room, socket)
			}
		}
	case trace.Proxied: // an official client ends with a poll that fails
		if d := a.byName[e.Session]; d != nil && !a.websocket[e.Session] && !e.Text.Is(trace.GetWebSocket) && e.Status >= 400 && e.Status != 499 {
			d.gone = true
		}
	case trace.Wrote:
		if d := a.sockets[e.Socket]; d != nil && d.gone {
			a.unknown++
		}
	case trace.Sent:
		n, _ := strconv.Atoi(e.Text.String())
		a.sent++
		for _, d := range a.room {
			if !d.gone {
				d.expected[int32(n)] = true
			}
		}
	}
}

// Official clients over all transports, nodes that are killed, ids that are used
// again: what the clients' own books say was expected, heard and missed is what the
// ledger says, to the message, but for copies that were written while a request of the
// client failed. With -args -books.clients 200 -books.for 5m
// -books.kills 10s -books.every 5s it takes as long.
func TestBooksOfOfficialClients(t *testing.T) {
	f, problems := plan.Parse("books.yaml", []byte(booksText))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	port := 20_000 + os.Getpid()%4000*3 // that no other program takes while a node is down
	run, err := sim.Serve(p, sim.ServeOptions{Listen: "127.0.0.1:0", NodePorts: []int{port, port + 1, port + 2}, NoClients: true})
	if err != nil {
		t.Fatal(err)
	}
	a := &account{sockets: make(map[trace.Name]*due), room: make(map[trace.Name]*due), byName: make(map[trace.Name]*due), websocket: make(map[trace.Name]bool)}
	followed := uint64(0)
	ctx, stop := context.WithCancel(t.Context())
	var follower sync.WaitGroup
	follower.Go(func() {
		run.Follow(ctx, 1, func(events []trace.Event) error {
			for i := range events {
				if followed++; events[i].Seq != followed {
					t.Errorf("event %d is missing from the trace", followed)
					followed = events[i].Seq
				}
				a.apply(&events[i])
			}
			return nil
		})
	})
	defer func() {
		stop()
		follower.Wait()
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := newChat(t, "books.mjs")
	c.call(nil, "come", *booksClients, "http://"+run.Entry(), booksEvery.Milliseconds())
	wait(t, "all in the room", func() (ok bool) {
		var n int
		c.call(&n, "joined")
		return n == *booksClients
	})
	kills := 0
	do := func(verb scenario.Verb, node string) {
		if _, err := run.Do(scenario.Step{Verb: verb, Node: node}); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(*booksFor); time.Now().Before(end); kills++ {
		node := p.Nodes[kills%len(p.Nodes)].Name
		c.call(nil, "pause") // what is written is read: what a kill loses on its way is not in question
		do(scenario.Kill, node)
		c.call(nil, "resume")
		time.Sleep(*booksKills / 2)
		do(scenario.Restart, node)
		time.Sleep(*booksKills / 2)
	}
	c.call(nil, "pause")
	var total *ledger.Snapshot
	wait(t, "settled", func() bool {
		total = run.Ledger(run.Len(), run.Head()).SnapshotSince(0)
		return total.Delivery.Total.Pending == 0
	})
	var said int
	c.call(&said, "said")
	var books []struct {
		ID, User     string
		Heard        struct{ Base64 []byte }
		Sure, Unsure int
	}
	c.call(&books, "audit")
	stop()
	follower.Wait()

	unaccepted := said - total.Messages.Sent // whose node died first: expected of nobody
	var expected, heard, missed, late, twice, sure, unsure int
	for _, b := range books {
		d := a.sockets[trace.N(b.ID)]
		if d == nil {
			t.Fatalf("%s had a socket %s that no node knows", b.User, b.ID)
		}
		got := make(map[int32]bool)
		for raw := b.Heard.Base64; len(raw) > 0; raw = raw[4:] {
			n := int32(binary.LittleEndian.Uint32(raw))
			switch {
			case got[n]:
				twice++
			case d.expected[n]:
				heard++
			default:
				late++
			}
			got[n] = true
		}
		expected += len(d.expected)
		for n := range d.expected {
			if !got[n] {
				missed++
			}
		}
		sure, unsure = sure+b.Sure, unsure+b.Unsure
		if n := len(d.expected); n < b.Sure-unaccepted || n > b.Sure+b.Unsure {
			t.Errorf("%s on %s: %d expected, by the client's clock %d to %d", b.User, b.ID, n, b.Sure, b.Sure+b.Unsure)
		}
	}
	absent := 0 // deliveries to sockets whose clients were known to be gone
	for _, m := range total.Missed {
		t.Logf("%d missed: %s", m.Count, m)
		if m.Reason == ledger.LeftOver || m.Reason == ledger.ReceiverGone {
			absent += m.Count
		}
	}
	d := total.Delivery.Total
	t.Logf("%d kills, %d said, %d sent, %d sockets of %d clients; %d deliveries were for sockets that clients had left (%d left over)", kills, said, total.Messages.Sent, len(books), *booksClients, absent, total.LeftOver())
	t.Logf("the clients' books: expected %d (by their clocks %d to %d), heard %d, missed %d, late %d, twice %d", expected, sure, sure+unsure, heard, missed, late, twice)
	t.Logf("the ledger:         expected %d, heard %d, missed %d, late %d, twice %d", d.Due-absent, d.Arrived, d.Missed-absent, d.Extra, d.Duplicates)
	t.Logf("%d copies were written to clients while a request of theirs failed", a.unknown)
	near := func(a, b, by int) bool { return max(a-b, b-a) <= by }
	if d.Due-absent != expected || d.Duplicates != twice || total.Messages.Sent != a.sent || total.Untracked > 0 ||
		!near(d.Arrived, heard, a.unknown) || !near(d.Missed-absent, missed, a.unknown) || !near(d.Extra, late, a.unknown) {
		t.Errorf("the books differ: %+v", d)
	}
	if heard == 0 || kills == 0 {
		t.Error("nothing was to be counted")
	}
}

// wait waits until something is so.
func wait(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not %s", what)
		}
	}
}
