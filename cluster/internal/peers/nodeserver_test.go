//go:build peers

package peers

import (
	"encoding/json"
	"strings"
	"testing"

	"stickylab/cluster/adapter"
)

// A Node server next to our chat nodes, as one of the cluster.
func TestNodeServerAmongChatNodes(t *testing.T) {
	t.Parallel()
	ch := startChat(t, "ip_hash;", true)
	n := startNode(t, "redis", ch.Address(embeddedRedis))
	c := start(t, "client.mjs")
	at := enter(c, "ann", ch.url(front), "lobby", nil)
	enter(c, "bob", ch.url("127.0.0.1:3030"), "lobby", nil)
	enter(c, "cem", ch.url("127.0.0.1:5080"), "lobby", nil)
	c.connect("eve", unquote(t, n.call("url")), websocketOnly)
	c.hears("eve", `"connect"`)
	c.call("ask", "eve", 5000, "join", "lobby")
	eventually(t, "a cluster of three", func() bool { return n.call("count", "/") == "3" })

	say(c, "ann", 1, "lobby", "hello \U0001F44B")
	for _, name := range []string{"ann", "bob", "cem", "eve"} {
		c.hears(name, heard("ann", 1, "lobby", "hello \U0001F44B", at))
	}
	c.call("ask", "eve", 5000, "shout", "lobby", "said",
		json.RawMessage(`{"id":"eve:1","from":"eve","room":"lobby","text":"hi","node":"node"}`))
	for _, name := range []string{"ann", "bob", "cem"} {
		c.hears(name, heard("eve", 1, "lobby", "hi", "node"))
	}
	sockets := n.call("run", "/", [][]string{{"in", "lobby"}}, "fetchSockets")
	for _, name := range []string{"ann", "bob", "cem", "eve"} {
		if !strings.Contains(sockets, `"auth":{"name":"`+name+`"}`) {
			t.Errorf("%s is not among %s", name, sockets)
		}
	}

	// Off and on again, and a node that dies.
	if err := ch.SetAdapter("", adapter.None); err != nil {
		t.Fatal(err)
	}
	eventually(t, "alone", func() bool { return n.call("count", "/") == "1" })
	if err := ch.SetAdapter("", adapter.Redis); err != nil {
		t.Fatal(err)
	}
	eventually(t, "three again", func() bool { return n.call("count", "/") == "3" })
	if err := ch.Kill("im-5080"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "two", func() bool { return n.call("count", "/") == "2" })
	n.call("run", "/", [][]string{{"in", "lobby"}}, "disconnectSockets", true)
	c.until("bob", `"disconnect","io server disconnect"`)
	c.until("eve", `"disconnect","io server disconnect"`)
}
