//go:build peers

package peers

import (
	"encoding/json"
	"fmt"
	"testing"
)

// nodeOf waits for the welcome of a client and returns the node.
func nodeOf(c *script, name string) string {
	c.Helper()
	event := c.until(name, `"welcome"`)
	var w []json.RawMessage
	var body struct{ Node string }
	if json.Unmarshal([]byte("["+event+"]"), &w) != nil || json.Unmarshal(w[1], &body) != nil || body.Node == "" {
		c.Fatalf("%s was welcomed with %s", name, event)
	}
	return body.Node
}

// enter connects a client and puts it into a room; it returns the node.
func enter(c *script, name, url, room string, options map[string]any) string {
	c.Helper()
	c.connect(name, url, options)
	node := nodeOf(c, name)
	if got, want := c.call("ask", name, 5000, "join", room), fmt.Sprintf(`{"room":%q,"node":%q}`, room, node); got != want {
		c.Errorf("joined %s, want %s", got, want)
	}
	return node
}

func say(c *script, name string, n int, room, text string) {
	c.Helper()
	c.call("emit", name, "say", map[string]string{"id": fmt.Sprintf("%s:%d", name, n), "room": room, "text": text})
}

// heard returns the event that the others get.
func heard(name string, n int, room, text, node string) string {
	return fmt.Sprintf(`"said",{"id":"%s:%d","from":%q,"room":%q,"text":%q,"node":%q}`, name, n, name, room, text, node)
}

func TestChat(t *testing.T) {
	t.Parallel()
	for _, adapter := range []bool{false, true} {
		t.Run(fmt.Sprint("adapter ", adapter), func(t *testing.T) {
			ch := startChat(t, "", adapter)
			c := start(t, "client.mjs")
			a := enter(c, "ann", ch.url("127.0.0.1:3030"), "lobby", pollingOnly)
			b := enter(c, "bob", ch.url("127.0.0.1:3030"), "lobby", websocketOnly)
			d := enter(c, "dan", ch.url("127.0.0.1:5080"), "lobby", nil)
			if a != "im-3030" || b != a || d != "im-5080" {
				t.Errorf("on %s, %s and %s", a, b, d)
			}
			enter(c, "eve", ch.url("127.0.0.1:3030"), "elsewhere", nil)
			say(c, "ann", 1, "lobby", `"quoted" 中文`)
			for _, name := range []string{"ann", "bob"} {
				c.hears(name, `"said",{"id":"ann:1","from":"ann","room":"lobby","text":"\"quoted\" 中文","node":"im-3030"}`)
			}
			say(c, "dan", 1, "lobby", "over here")
			want := heard("dan", 1, "lobby", "over here", "im-5080")
			if adapter {
				c.hears("dan", `"said",{"id":"ann:1","from":"ann","room":"lobby","text":"\"quoted\" 中文","node":"im-3030"}`)
				c.hears("ann", want)
				c.hears("bob", want)
			}
			c.hears("dan", want)
			say(c, "eve", 1, "elsewhere", "alone")
			c.hears("eve", heard("eve", 1, "elsewhere", "alone", "im-3030"))
		})
	}
}

// Without affinity polling does not get far.
func TestRoundRobinBreaksPolling(t *testing.T) {
	t.Parallel()
	ch := startChat(t, "", false)
	c := start(t, "client.mjs")
	c.connect("ann", ch.url(front), pollingOnly)
	// The other node knows no such session, be it the GET or the POST that it gets.
	if got := c.nextOf("ann"); got != `"connect_error","xhr poll error",400` && got != `"connect_error","xhr post error",400` {
		t.Errorf("heard %s", got)
	}
	enter(c, "bob", ch.url(front), "lobby", websocketOnly)
}

// The node dies; the client finds the other one through the proxy by itself.
func TestReconnectAfterAKill(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, transport string, options map[string]any) {
		ch := startChat(t, "ip_hash;", false)
		c := start(t, "client.mjs")
		node := enter(c, "ann", ch.url(front), "lobby", map[string]any{
			"transports": options["transports"], "reconnectionDelay": 20, "randomizationFactor": 0,
		})
		other := map[string]string{"im-3030": "im-5080", "im-5080": "im-3030"}[node]
		if err := ch.Kill(node); err != nil {
			t.Fatal(err)
		}
		want := `"disconnect","transport close"`
		if transport == "polling" { // the proxy asks the other node, which knows no such session
			want = `"disconnect","transport error","xhr poll error",400`
		}
		if got := c.until("ann", `"disconnect"`); got != want {
			t.Errorf("heard %s, want %s", got, want)
		}
		if got := nodeOf(c, "ann"); got != other {
			t.Errorf("came back on %s, want %s", got, other)
		}
		say(c, "ann", 1, "", "ignored")
		c.call("ask", "ann", 5000, "join", "lobby")
		say(c, "ann", 2, "lobby", "here again")
		c.hears("ann", heard("ann", 2, "lobby", "here again", other))
	})
}

// io.close() on the node: clients are told, and come back on the other.
func TestReconnectAfterAStop(t *testing.T) {
	t.Parallel()
	ch := startChat(t, "ip_hash;", false)
	c := start(t, "client.mjs")
	back := map[string]any{"reconnectionDelay": 20, "randomizationFactor": 0}
	node := enter(c, "ann", ch.url(front), "lobby", back)
	ch.Node(node).Stop()
	c.until("ann", `"disconnect","transport close"`)
	if got := nodeOf(c, "ann"); got == node {
		t.Errorf("came back on %s", got)
	}
}
