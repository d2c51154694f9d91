package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
)

func ids(sockets []socketio.RemoteSocket) []string {
	var ids []string
	for _, s := range sockets {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestSocketsOfTheClusterAreFetched(t *testing.T) {
	inCluster(t, []string{"a", "b", "c"}, func(c *cluster) {
		ctx := c.t.Context()
		a1, b1, c1 := c.nodes[0].join("/", "red"), c.nodes[1].join("/", "red"), c.nodes[2].join("/")
		b1.socket.Data["n"] = 1
		got, err := c.nodes[0].main().FetchSockets(ctx)
		if err != nil || len(got) != 3 || got[0].ID != a1.socket.ID() {
			t.Fatalf("%v, %v", ids(got), err)
		}
		got, err = c.nodes[2].main().To("red").Except(a1.socket.ID()).FetchSockets(ctx)
		if diff := cmp.Diff([]string{b1.socket.ID()}, ids(got)); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff([]string{b1.socket.ID(), "red"}, got[0].Rooms); diff != "" {
			t.Errorf("rooms (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]any{"n": 1.0}, got[0].Data); diff != "" {
			t.Errorf("data (-want +got):\n%s", diff)
		}
		if got[0].Handshake["url"] != "/socket.io/?EIO=4&transport=polling" {
			t.Errorf("handshake %v", got[0].Handshake)
		}
		got, err = c.nodes[1].main().Local().FetchSockets(ctx)
		if diff := cmp.Diff([]string{b1.socket.ID()}, ids(got)); diff != "" || err != nil {
			t.Errorf("local, %v (-want +got):\n%s", err, diff)
		}
		_ = c1
	})
}

func TestRoomsAndServersOfTheCluster(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		a1, b1 := c.nodes[0].join("/", "red", "blue"), c.nodes[1].join("/", "red")
		rooms, err := c.nodes[1].main().Adapter().AllRooms(c.t.Context())
		if err != nil || len(rooms) != 4 {
			t.Errorf("rooms %q, %v", rooms, err)
		}
		for _, want := range []string{"red", "blue", a1.socket.ID(), b1.socket.ID()} {
			if !strings.Contains(fmt.Sprint(rooms), want) {
				t.Errorf("%s is not among %q", want, rooms)
			}
		}
		if n, err := c.nodes[0].main().Adapter().ServerCount(c.t.Context()); n != 2 || err != nil {
			t.Errorf("%d servers, %v, want 2", n, err)
		}
		c.nodes[1].adapters[0].Close()
		synctest.Wait()
		if n, err := c.nodes[0].main().Adapter().ServerCount(c.t.Context()); n != 1 || err != nil {
			t.Errorf("%d servers, %v, when one has left", n, err)
		}
		if got, err := c.nodes[0].main().FetchSockets(c.t.Context()); len(got) != 1 || err != nil {
			t.Errorf("alone: %q, %v", ids(got), err)
		}
	})
}

func TestOrdersReachEveryNode(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		a, b := c.nodes[0].main(), c.nodes[1].main()
		a1, b1 := c.nodes[0].join("/", "red"), c.nodes[1].join("/", "red")
		a.To("red").Join("blue", "green")
		synctest.Wait()
		b.To("blue").Emit("e")
		a1.wants(`2["e"]`)
		b1.wants(`2["e"]`)
		b.To("blue").Except(b1.socket.ID()).Leave("blue")
		synctest.Wait()
		if got := a1.socket.Rooms(); len(got) != 3 {
			t.Errorf("rooms %q", got)
		}
		if got := b1.socket.Rooms(); len(got) != 4 {
			t.Errorf("rooms %q", got)
		}
		a.Local().Join("x")
		synctest.Wait()
		if got := len(b1.socket.Rooms()) + len(a1.socket.Rooms()); got != 8 {
			t.Errorf("%d rooms in all after a local join", got)
		}
		a.To("blue").Disconnect(false)
		b1.wants(`1`)
		a1.quiet()
		b.To("green").Disconnect(true)
		a1.wants(`1`)
		if a1.socket.Connected() || b1.socket.Connected() {
			t.Error("still connected")
		}
	})
}

func TestRequestsOfOldServers(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		p := c.nodes[0].join("/")
		id := p.socket.ID()
		responses := c.tap("socket.io-response*")
		tests := []struct{ request, response string }{
			{`{"requestId":"r0","type":0,"rooms":[]}`, `{"requestId":"r0","sockets":["` + id + `"]}`},
			{`{"requestId":"r1","type":0,"rooms":["none"]}`, `{"requestId":"r1","sockets":[]}`},
			{`{"requestId":"r2","type":1}`, `{"requestId":"r2","rooms":["` + id + `"]}`},
			{`{"requestId":"r3","type":2,"sid":"` + id + `","room":"red"}`, `{"requestId":"r3"}`},
			{`{"requestId":"r4","type":0,"rooms":["red"]}`, `{"requestId":"r4","sockets":["` + id + `"]}`},
			{`{"requestId":"r5","type":3,"sid":"` + id + `","room":"red"}`, `{"requestId":"r5"}`},
			{`{"requestId":"r6","type":0,"rooms":["red"]}`, `{"requestId":"r6","sockets":[]}`},
			{`{"requestId":"r7","type":2,"sid":"nobody","room":"red"}`, ``},
			{`{"requestId":"r8","type":4,"sid":"` + id + `","close":false}`, `{"requestId":"r8"}`},
		}
		for _, tt := range tests {
			c.inject("socket.io-request#/#", tt.request)
			want := "socket.io-response#/# " + tt.response
			if got := strings.Join(responses(), "\n"); got != want && (tt.response != "" || got != "") {
				t.Errorf("%s: answered %s, want %s", tt.request, got, want)
			}
		}
		p.wants(`1`)
	})
}

func TestAnswersToTheAskerAlone(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		c.start("b").adapt("/", Config{PublishOnSpecificResponseChannel: true})
		synctest.Wait()
		responses := c.tap("socket.io-response*")
		if got, err := c.nodes[0].main().FetchSockets(c.t.Context()); len(got) != 0 || err != nil {
			t.Errorf("%v, %v", got, err)
		}
		want := []string{`socket.io-response#/#uid-a-# {"requestId":"uid-a-1","sockets":[]}`}
		if diff := cmp.Diff(want, responses()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestServerSideEvents(t *testing.T) {
	inCluster(t, []string{"a", "b", "c"}, func(c *cluster) {
		var got []string
		for _, n := range c.nodes {
			n.main().OnServerSide("ev", func(args []any, ack func(any)) {
				// It asks the cluster while the subscriber must continue reading.
				servers, err := n.main().Adapter().ServerCount(c.t.Context())
				sockets, err2 := n.main().FetchSockets(c.t.Context())
				if servers != 3 || len(sockets) != 0 || err != nil || err2 != nil {
					t.Errorf("in a handler: %d servers, %v, %v", servers, err, err2)
				}
				n.note(fmt.Sprint("ev ", args))
				if ack != nil {
					ack(map[string]any{"from": n.name, "n": args[0]})
					ack("twice")
				}
			})
		}
		a := c.nodes[0].main()
		if err := a.ServerSideEmit("ev", 1, "x"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, n := range c.nodes {
			got = append(got, n.notes()[1:]...)
		}
		if diff := cmp.Diff([]string{"ev [1 x]", "ev [1 x]"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n := len(c.nodes[0].notes()); n != 1 {
			t.Errorf("the emitter's own handlers ran")
		}
		answers, err := a.ServerSideEmitWithAck(c.t.Context(), "ev", 2)
		if err != nil || len(answers) != 2 {
			t.Fatalf("answers %v, %v", answers, err)
		}
		for _, v := range answers {
			if m := v.(map[string]any); m["n"] != 2.0 {
				t.Errorf("answer %v", m)
			}
		}
		if err := a.ServerSideEmit("ev", make(chan int)); err == nil {
			t.Error("a channel was sent")
		}
	})
}

func TestServerSideEventsToNobody(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		answers, err := c.nodes[0].main().ServerSideEmitWithAck(c.t.Context(), "ev")
		if len(answers) != 0 || err != nil {
			t.Errorf("%v, %v", answers, err)
		}
	})
}

// answer makes a client acknowledge the next event, whose id it returns.
func (p *client) answer(value string) {
	p.node.c.t.Helper()
	frame := p.recv()
	id, _, ok := strings.Cut(strings.TrimPrefix(frame, "2"), "[")
	if !ok || !strings.HasPrefix(frame, "2") {
		p.node.c.t.Errorf("client of %s received %s, want an event", p.node.name, frame)
		return
	}
	p.send("3" + id + "[" + value + "]")
}

type result struct {
	values []any
	err    error
}

func (n *node) emitWithAck(timeout time.Duration) chan result {
	done := make(chan result, 1)
	go func() {
		values, err := n.main().Timeout(timeout).EmitWithAck(context.Background(), "ask", 1)
		done <- result{values, err}
	}()
	synctest.Wait()
	return done
}

func TestAcknowledgementsOfTheCluster(t *testing.T) {
	inCluster(t, []string{"a", "b", "c"}, func(c *cluster) {
		a1, b1, b2 := c.nodes[0].join("/"), c.nodes[1].join("/"), c.nodes[1].join("/")
		done := c.nodes[0].emitWithAck(500 * time.Millisecond)
		b1.answer(`"one"`)
		a1.answer(`{"two":2}`)
		b2.answer(``)
		r := <-done
		if diff := cmp.Diff([]any{"one", map[string]any{"two": 2.0}, nil}, r.values); diff != "" || r.err != nil {
			t.Errorf("%v (-want +got):\n%s", r.err, diff)
		}

		start := time.Now()
		done = c.nodes[2].emitWithAck(500 * time.Millisecond)
		b1.answer(`"one"`)
		r = <-done
		if diff := cmp.Diff([]any{"one"}, r.values); diff != "" || !errors.Is(r.err, socketio.ErrAckTimeout) || r.err.Error() != "operation has timed out" {
			t.Errorf("%v (-want +got):\n%s", r.err, diff)
		}
		if d := time.Since(start); d != 500*time.Millisecond {
			t.Errorf("took %v", d)
		}
	})
}

func TestBroadcastWithAckToNobody(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		start := time.Now()
		if r := <-c.nodes[0].emitWithAck(time.Second); r.err != nil || len(r.values) != 0 || time.Since(start) != 0 {
			t.Errorf("%+v after %v", r, time.Since(start))
		}
	})
}

func TestTimeoutsSayWhatIsMissing(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		c.phantom()
		c.nodes[1].main().OnServerSide("ev", func(_ []any, ack func(any)) { ack("b") })
		main := c.nodes[0].main()
		tests := []struct {
			call func() (any, error)
			text string
			want any
			took time.Duration
		}{
			{func() (any, error) { return main.FetchSockets(c.t.Context()) },
				"timeout reached while waiting for fetchSockets response", []socketio.RemoteSocket(nil), 5 * time.Second},
			{func() (any, error) { return main.Adapter().AllRooms(c.t.Context()) },
				"timeout reached while waiting for allRooms response", []string(nil), 5 * time.Second},
			{func() (any, error) { return main.ServerSideEmitWithAck(c.t.Context(), "ev") },
				"timeout reached: only 1 responses received out of 2", []any{"b"}, 5 * time.Second},
			{func() (any, error) { return main.ServerSideEmitWithAck(c.t.Context(), "other") },
				"timeout reached: only 0 responses received out of 2", []any{}, 5 * time.Second},
			{func() (any, error) { return main.Timeout(300*time.Millisecond).EmitWithAck(c.t.Context(), "e") },
				"operation has timed out", []any{}, 300 * time.Millisecond},
			{func() (any, error) {
				ctx, cancel := context.WithTimeout(c.t.Context(), time.Second)
				defer cancel()
				return main.FetchSockets(ctx)
			}, "timeout reached while waiting for fetchSockets response", []socketio.RemoteSocket(nil), time.Second},
		}
		for _, tt := range tests {
			start := time.Now()
			got, err := tt.call()
			if err == nil || err.Error() != tt.text {
				t.Errorf("error %v, want %s", err, tt.text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: (-want +got):\n%s", tt.text, diff)
			}
			if d := time.Since(start); d != tt.took {
				t.Errorf("%s: took %v, want %v", tt.text, d, tt.took)
			}
		}
		ctx, cancel := context.WithCancel(c.t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := main.FetchSockets(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestCloseEndsWhatWaits(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		c.phantom()
		p := c.nodes[1].join("/")
		start := time.Now()
		time.AfterFunc(time.Second, func() {
			c.nodes[0].main().Emit("last")
			c.nodes[0].adapters[0].Close()
		})
		if _, err := c.nodes[0].main().FetchSockets(c.t.Context()); !errors.Is(err, link.ErrClosed) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		p.wants(`2["last"]`) // what was published before still goes out
		if _, err := c.nodes[0].main().Adapter().ServerCount(c.t.Context()); !errors.Is(err, link.ErrClosed) {
			t.Errorf("when closed: %v", err)
		}
		c.nodes[0].main().SetAdapter(nil)
		c.nodes[1].main().Emit("e")
		p.wants(`2["e"]`)
		if diff := cmp.Diff([]string{"up a/redis/sub"}, c.nodes[0].notes()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
