//go:build peers

package peers

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"stickylab/cluster"
	"stickylab/cluster/adapter"
	"stickylab/cluster/engineio"
	"stickylab/cluster/internal/clustertest"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// The official client through our proxy recovers on our server: the same id and rooms,
// and each event that it missed once and in order, bytes too.
func TestClientRecovers(t *testing.T) {
	w := newWorld(t)
	s := w.newSiteWith("one", engineio.Config{}, socketio.Config{Recovery: &socketio.Recovery{}})
	url := w.proxied(s.addr)
	c := start(t, "client.mjs")
	for how, with := range transports {
		t.Run(how, func(t *testing.T) {
			c.T, s.T = t, t
			options := map[string]any{"reconnectionDelay": 300, "randomizationFactor": 0}
			for key, value := range with.options {
				options[key] = value
			}
			c.connect(how, url, options)
			c.hears(how, `"connect"`)
			c.call("transport", how, with.ends)
			id := c.call("id", how)
			c.call("ask", how, 5000, "join", "r")
			seen := 0
			emit := func(n int) {
				for range n {
					seen++
					s.io.Of("/").To("r").Emit("count", seen, []byte{byte(seen)})
				}
			}
			hears := func(from int) {
				t.Helper()
				for i := from; i <= seen; i++ {
					// The offset is the last argument.
					want := fmt.Sprintf(`"count",%d,%s,"`, i, `{"base64":"`+base64Of(i)+`"}`)
					if got := c.nextOf(how); !strings.HasPrefix(got, want) {
						t.Fatalf("heard %s, want %s", got, want)
					}
				}
			}
			emit(2)
			hears(1)
			for range 3 {
				from := seen + 1
				c.call("drop", how)
				c.until(how, `"disconnect"`)
				eventually(t, "ended", func() bool { return len(s.io.Of("/").Sockets()) == 0 })
				emit(20)
				s.io.Of("/").To("q").Emit("not for it")
				hears(from) // before "connect"
				c.hears(how, `"connect"`)
				if got := c.call("id", how); got != id || c.call("recovered", how) != "true" {
					t.Fatalf("id %s, before it was %s", got, id)
				}
				emit(1)
				hears(seen)
			}
			c.call("disconnect", how)
			c.until(how, `"disconnect"`)
			eventually(t, "gone", func() bool { return len(s.io.Of("/").Sockets()) == 0 })
		})
	}
	c.T, s.T = t, t
}

func base64Of(n int) string { return base64.StdEncoding.EncodeToString([]byte{byte(n)}) }

// The official client recovers on whichever node it comes back to, through our proxy and
// over Redis Streams, when its node is closed: it hears each message once and in order.
func TestClientRecoversAcrossNodes(t *testing.T) {
	w := newWorld(t)
	cl, err := cluster.Start(w.Env(), cluster.Config{
		Nodes:   []cluster.NodeConfig{{Name: "im-3030", Listen: clustertest.First}, {Name: "im-5080", Listen: clustertest.Other}},
		Adapter: adapter.Streams, Redis: clustertest.Redis,
		Nginx: clustertest.Nginx(t, "", clustertest.First, clustertest.Other), Resolve: clustertest.Resolve,
		SocketIO: cluster.SocketIO{Recovery: &socketio.Recovery{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	c := start(t, "client.mjs")
	c.connect("ann", w.url(clustertest.Front), map[string]any{"reconnectionDelay": 300, "randomizationFactor": 0, "transports": []string{"websocket"}})
	c.hears("ann", `"connect"`)
	at := func() string {
		t.Helper()
		node, _, _ := strings.Cut(strings.TrimPrefix(c.until("ann", `"welcome"`), `"welcome",{"node":"`), `"`)
		return node
	}
	node := at()
	id := c.call("id", "ann")
	c.call("ask", "ann", 5000, "join", "lobby")
	said := uint32(0)
	emit := func(node string, n int) {
		for range n {
			said++
			msg := trace.Msg{From: trace.N("server"), N: said}
			if err := cl.Emit(node, cluster.Announcement{Room: "lobby", Text: "hi", ID: func(string) trace.Msg { return msg }}); err != nil {
				t.Fatal(err)
			}
		}
	}
	hears := func(from uint32) {
		t.Helper()
		for n := from; n <= said; n++ {
			if got, want := c.nextOf("ann"), fmt.Sprintf(`"said",{"id":"server:%d",`, n); !strings.HasPrefix(got, want) {
				t.Fatalf("heard %s, want %s", got, want)
			}
		}
	}
	emit(node, 3)
	hears(1)
	for range 8 {
		other := map[string]string{"im-3030": "im-5080", "im-5080": "im-3030"}[node]
		from := said + 1
		if err := cl.Shutdown(node); err != nil {
			t.Fatal(err)
		}
		c.until("ann", `"disconnect"`)
		emit(other, 10)
		hears(from)
		c.hears("ann", `"connect"`)
		if now := at(); now != other || c.call("id", "ann") != id || c.call("recovered", "ann") != "true" {
			t.Fatalf("on %s, not on %s, or not recovered", now, other)
		}
		emit(other, 1)
		hears(said)
		if err := cl.Restart(node); err != nil {
			t.Fatal(err)
		}
		node = other
	}
}
