package client_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

// Each request carries the lines of the configuration, whose User-Agent takes
// the place of the client's own, and names the protocol that it says.
func TestHeadersAndProtocol(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		var mu sync.Mutex
		seen := map[string]http.Header{}
		versions := map[string]bool{}
		n.gate = func(_ http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			seen[r.Method+" "+r.URL.Query().Get("transport")] = r.Header.Clone()
			versions[r.URL.Query().Get("EIO")] = true
			return false
		}
		ann := w.client("ann", func(c *client.Config) {
			c.Header = http.Header{"X-Forwarded-For": {"203.0.113.7"}, "user-agent": {"curl/8"}}
		})
		ann.Connect()
		time.Sleep(5 * time.Second)
		mu.Lock()
		for _, request := range []string{"GET polling", "POST polling", "GET websocket"} {
			h := seen[request]
			if !slices.Equal(h["X-Forwarded-For"], []string{"203.0.113.7"}) || !slices.Equal(h["User-Agent"], []string{"curl/8"}) {
				t.Errorf("%s has %v", request, h)
			}
		}
		mu.Unlock()
		old := w.client("old", func(c *client.Config) { c.Protocol = 3 })
		old.Connect()
		time.Sleep(500 * time.Millisecond)
		if got := w.brief("old", trace.ConnectError); !slices.Equal(got, []string{"connect-error xhr poll error 400"}) {
			t.Errorf("the old client met %q", got)
		}
		if f := old.State().Failure; f.Message != "Unsupported protocol version" {
			t.Errorf("failure %+v", f)
		}
		mu.Lock()
		defer mu.Unlock()
		if !versions["3"] || !versions["4"] || len(versions) != 2 {
			t.Errorf("versions %v", versions)
		}
	})
}
