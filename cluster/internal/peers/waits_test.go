//go:build peers

package peers

import (
	"syscall"
	"testing"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
)

// With the sharded and the streams adapter a server serves its own clients only when Redis has
// taken the message, with the classic one at once: ours as those of Node.
func TestWhoWaitsForRedis(t *testing.T) {
	t.Parallel()
	for _, spec := range adapter.Kinds {
		if spec.Kind == adapter.None {
			continue
		}
		t.Run(string(spec.Kind), func(t *testing.T) {
			t.Parallel()
			r := newRedis(t)
			a := allyWith(t, newWorld(t), "redis", r.addr, spec.Kind, adapter.Options{}, map[string]any{})
			r.process.Process.Signal(syscall.SIGSTOP)
			a.main().Emit("e", "ours")
			a.run(nil, "emit", "e", "node")
			own := map[string]string{"ours2": `"e","ours"`, "node2": `"e","node"`}
			if !spec.Waits {
				for name, event := range own {
					a.clients.hears(name, event)
				}
			}
			time.Sleep(300 * time.Millisecond) // for what must not come
			for name := range own {
				select {
				case event := <-a.clients.of(name):
					t.Errorf("%s heard %s, with Redis stopped", name, event)
				default:
				}
			}
			r.process.Process.Signal(syscall.SIGCONT)
			for name, event := range own {
				heard := map[string]bool{}
				for range 2 {
					if !spec.Waits && len(heard) == 0 {
						heard[event] = true
						continue
					}
					heard[a.clients.nextOf(name)] = true
				}
				if !heard[`"e","ours"`] || !heard[`"e","node"`] {
					t.Errorf("%s heard %v", name, heard)
				}
			}
		})
	}
}

// A server of Node with the classic adapter on ioredis ends when one with the streams adapter asks the
// others on the same Redis; ours drops what it cannot read.
func TestStreamsAmongClassic(t *testing.T) {
	t.Parallel()
	w, addr := newWorld(t), newRedis(t).addr
	node := startNode(t, "ioredis", addr)
	node.mayEnd = true
	classic, streams := w.newSite("classic", engineio.Config{}), w.newSite("streams", engineio.Config{})
	classic.open("/", adapter.Redis, link.Config{Addr: addr}, adapter.Options{})
	streams.open("/", adapter.Streams, link.Config{Addr: addr}, adapter.Options{})
	eventually(t, "a cluster of two", func() bool { return node.call("count", "/") == "2" })
	streams.io.Of("/").ServerSideEmit("hello")
	select {
	case <-node.exited:
	case <-time.After(timeout):
		t.Error("the server of Node has not ended")
	}
	eventually(t, "alone", func() bool {
		n, err := classic.io.Of("/").Adapter().ServerCount(t.Context())
		return n == 1 && err == nil
	})
}
