//go:build peers

package peers

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
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
