//go:build peers

package peers

import (
	"strings"
	"testing"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
	"stickylab/cluster/redisadapter"
)

// garbage is what anybody may publish who can reach Redis.
var garbage = []string{
	"", "hello", "{", "{}", "[]", "null", "\x00", "\xc1", "\x93", "\x80", "\xdd\xff\xff\xff\xff", "\xdf\xff\xff\xff\xff",
	`{"type":1e9}`, `{"type":-1,"requestId":[]}`, `{"requestId":5}`, `{"type":5,"uid":"x","requestId":"r"}`,
	`{"type":2,"opts":{"rooms":"red"},"rooms":7}`, `{"type":4,"opts":null,"close":"yes"}`, `{"type":6,"data":{}}`, `{"type":6,"data":[]}`,
	"\x93\xa1x\x80\x80",
	"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xc4\x01e\xa3nsp\xa1/\x80",                                     // the name as bytes
	"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa7connect\xa3nsp\xa1/\x80",                                   // a reserved name
	"\x93\xa1x\x83\xa4type\x00\xa4data\x80\xa3nsp\xa1/\x80",                                              // CONNECT
	"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/\x83\xa5rooms\x05\xa6except\x90\xa5flags\x80", // rooms is a number
	strings.Repeat("\x91", 100_000),
	strings.Repeat("[", 100_000),
	strings.Repeat("\xff", 1_000_000),
}

// What strangers publish on the channels of the cluster harms neither our
// servers nor their clients. (A Node server would end.)
func TestGarbage(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, w *world, addr string) {
		s := w.newSite("ours", engineio.Config{})
		a, changes := s.join("/", redisadapter.Config{Config: link.Config{Addr: addr}})
		c := start(t, "client.mjs")
		c.connect("a", "http://"+s.addr, websocketOnly)
		c.hears("a", `"connect"`)
		c.call("ask", "a", 5000, "join", "red")
		for _, channel := range []string{
			"socket.io#/#", "socket.io#/#red#", "socket.io#/#\xff#", "socket.io-request#/#", "socket.io-response#/#",
			"socket.io-response#/#" + a.UID() + "#",
		} {
			for _, g := range garbage {
				publish(t, addr, channel, []byte(g))
			}
		}
		other := w.newSite("other", engineio.Config{})
		other.join("/", redisadapter.Config{Config: link.Config{Addr: addr}})
		other.io.Of("/").To("red").Emit("fine")
		c.hears("a", `"fine"`)
		if got := a.Stats().Malformed; got == 0 {
			t.Error("no garbage was counted")
		}
		if len(changes) != 0 {
			t.Errorf("the adapter is %q", <-changes)
		}
	})
}
