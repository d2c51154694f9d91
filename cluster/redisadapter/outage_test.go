package redisadapter

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/memnet"
)

func TestRedisLostAndBack(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		near, far := a.join("/"), b.join("/")
		c.hub.lose()
		synctest.Wait()
		if got := a.notes(); len(got) != 2 || !strings.HasPrefix(got[1], "down: ") {
			t.Fatalf("notes %q", got)
		}
		a.main().Emit("lost")
		near.wants(`2["lost"]`)
		a.main().To(near.socket.ID()).Join("red")
		later(10 * time.Second)
		if got := near.socket.Rooms(); len(got) != 1 {
			t.Errorf("joined without Redis: %q", got)
		}
		if got := a.adapters[0].Stats().Dropped; got != 2 {
			t.Errorf("%d messages dropped, want 2", got)
		}
		c.hub.set(memnet.Link{})
		later(link.LastBackoff)
		a.main().Emit("back")
		synctest.Wait()
		b.main().Emit("both")
		far.wants(`2["back"]`, `2["both"]`)
		near.wants(`2["back"]`, `2["both"]`)
		got := a.notes()
		got[1] = got[1][:5]
		if diff := cmp.Diff([]string{"up a/redis/sub", "down:", "up a/redis/sub"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		far.quiet()
	})
}

// The waits between attempts are the same in every run.
func TestAttemptsBackOff(t *testing.T) {
	inCluster(t, nil, func(c *cluster) {
		c.hub.set(memnet.Link{Refused: true})
		n := c.start("a")
		n.adapt("/", Config{})
		attempts := func() int {
			c.hub.mu.Lock()
			defer c.hub.mu.Unlock()
			return len(c.hub.dials) / 2
		}
		var at []time.Duration
		for start := time.Now(); time.Since(start) < 8*time.Second; time.Sleep(50 * time.Millisecond) {
			synctest.Wait()
			for len(at) < attempts() {
				at = append(at, time.Since(start))
			}
		}
		ms := time.Millisecond
		if diff := cmp.Diff([]time.Duration{0, 50 * ms, 150 * ms, 350 * ms, 750 * ms, 1550 * ms, 3150 * ms, 5150 * ms, 7150 * ms}, at); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := n.notes(); len(got) != 1 || !strings.Contains(got[0], "connection refused") {
			t.Errorf("notes %q", got)
		}
		c.hub.set(memnet.Link{})
		later(link.LastBackoff)
		if got := n.notes(); len(got) != 2 || got[1] != "up a/redis/sub" {
			t.Errorf("notes %q", got)
		}
	})
}

// A line that Redis refused for long tries again as soon as the other one is
// served, and continues to back off if that was of no use.
func TestOneLineTellsTheOther(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		far := c.nodes[1].join("/")
		c.hub.mu.Lock()
		c.hub.denied = "a/redis/sub"
		c.hub.mu.Unlock()
		c.hub.lose()
		later(11 * time.Second)
		dials := func(lane string) (n int) {
			c.hub.mu.Lock()
			defer c.hub.mu.Unlock()
			for _, d := range c.hub.dials {
				if d == lane {
					n++
				}
			}
			return n
		}
		before := dials("a/redis/sub")
		c.hub.set(memnet.Link{})
		later(link.LastBackoff) // the publisher is back, the subscriber denied
		if got := dials("a/redis/sub") - before; got < 5 || got > 7 {
			t.Errorf("%d attempts in %v after the good news", got, link.LastBackoff)
		}
		c.hub.mu.Lock()
		c.hub.denied = ""
		c.hub.mu.Unlock()
		later(link.LastBackoff)
		c.nodes[0].main().Emit("back")
		far.wants(`2["back"]`)
	})
}

func TestFrozenRedisIsNoticed(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		near := a.join("/")
		later(3 * time.Second)
		c.hub.set(memnet.Link{Cut: true})
		start := time.Now()
		for call, want := range map[string]string{
			"fetch":  "timeout reached while waiting for fetchSockets response",
			"rooms":  "timeout reached while waiting for allRooms response",
			"emit":   "timeout reached while waiting for serverCount response",
			"ask":    "operation has timed out",
			"count5": "timeout reached while waiting for serverCount response",
		} {
			go func() {
				var err error
				switch call {
				case "fetch":
					_, err = a.main().FetchSockets(c.t.Context())
				case "rooms":
					_, err = a.main().Adapter().AllRooms(c.t.Context())
				case "emit":
					_, err = a.main().ServerSideEmitWithAck(c.t.Context(), "ev")
				case "ask":
					_, err = a.main().Timeout(5*time.Second).EmitWithAck(c.t.Context(), "ev")
				default:
					_, err = a.main().Adapter().ServerCount(c.t.Context())
				}
				if err == nil || err.Error() != want || time.Since(start) != 5*time.Second {
					t.Errorf("%s: %v after %v", call, err, time.Since(start))
				}
			}()
		}
		a.main().Emit("e") // the local ones get it
		synctest.Wait()
		if frame := near.recv(); !strings.HasPrefix(frame, "2") {
			t.Errorf("received %s", frame)
		}
		later(30 * time.Second)
		if got := a.notes(); len(got) != 2 || got[1] != "down: redis: no answer to a ping" {
			t.Errorf("notes %q", got)
		}
		c.hub.set(memnet.Link{})
		later(10 * time.Second)
		far := b.join("/")
		a.main().Emit("back")
		far.wants(`2["back"]`)
	})
}

// A question that is open when the connection is lost is asked again.
func TestCountOutlivesAConnection(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		c.hub.lose()
		synctest.Wait()
		time.AfterFunc(2*time.Second, func() { c.hub.set(memnet.Link{}) })
		start := time.Now()
		// Who has subscribed again by then is another question.
		if _, err := c.nodes[0].main().Adapter().ServerCount(c.t.Context()); err != nil || time.Since(start) < 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestIdleHoursCostPingsOnly(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		before := c.hub.redis.TotalConnectionCount()
		commands := c.hub.redis.CommandCount()
		later(time.Hour)
		if got := c.hub.redis.TotalConnectionCount(); got != before {
			t.Errorf("%d connections were made in an idle hour", got-before)
		}
		if got := c.hub.redis.CommandCount() - commands; got < 300 || got > 370 {
			t.Errorf("%d commands in an idle hour, want two in 20 s", got)
		}
		if got := c.nodes[0].notes(); len(got) != 1 {
			t.Errorf("notes %q", got)
		}
	})
}

func TestPassword(t *testing.T) {
	inCluster(t, nil, func(c *cluster) {
		c.hub.redis.RequireAuth("secret")
		good, bad := c.start("good"), c.start("bad")
		good.adapt("/", Config{Config: link.Config{Password: "secret"}})
		bad.adapt("/", Config{Config: link.Config{Password: "wrong"}})
		later(time.Second)
		if got := good.notes(); len(got) != 1 || got[0] != "up good/redis/sub" {
			t.Errorf("notes %q", got)
		}
		if got := bad.notes(); len(got) != 1 || !strings.Contains(got[0], "WRONGPASS") {
			t.Errorf("notes %q", got)
		}
	})
}

// What strangers publish reaches no client and harms nobody.
func TestGarbageOnAllChannels(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		p := c.nodes[1].join("/", "red")
		garbage := []string{
			"", "hello", "{", "[]", "null", `{"type":1e9}`, `{"requestId":5}`, "\xc1", "\x93", "\xdd\xff\xff\xff\xff", "\x93\xa1x\x80\x80",
			"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xc4\x01e\xa3nsp\xa1/\x80", // the name as bytes
			"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa7connect\xa3nsp\xa1/\x80",
			strings.Repeat("\x91", 100000),
			`{"type":6,"data":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		}
		for _, m := range recording(t) {
			garbage = append(garbage, string(m.raw[:len(m.raw)-1]), string(m.raw)+"}")
		}
		channels := []string{"socket.io#/#", "socket.io#/#red#", "socket.io-request#/#", "socket.io-response#/#", "socket.io-response#/#uid-b-#"}
		for _, channel := range channels {
			for _, m := range garbage {
				c.inject(channel, m)
			}
		}
		if got, want := c.nodes[1].adapters[0].Stats().Malformed, uint64(len(channels)*len(garbage)); got != want {
			t.Errorf("%d malformed messages counted, want %d", got, want)
		}
		c.nodes[0].main().Emit("fine")
		p.wants(`2["fine"]`)
		p.quiet()
		if got := c.nodes[1].notes(); len(got) != 1 {
			t.Errorf("notes %q", got)
		}
	})
}

// A namespace's name is no pattern.
func TestOddNamespace(t *testing.T) {
	inCluster(t, nil, func(c *cluster) {
		a, b := c.start("a"), c.start("b")
		for _, n := range []*node{a, b} {
			n.adapt("/x[y]*", Config{})
			n.adapt("/xy", Config{})
		}
		synctest.Wait()
		odd, other := b.join("/x[y]*"), b.join("/xy")
		a.io.Of("/x[y]*").Emit("e")
		odd.wants(`2/x[y]*,["e"]`)
		a.io.Of("/xy").Emit("f")
		other.wants(`2/xy,["f"]`)
		odd.quiet()
	})
}
