//go:build peers

package peers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/engineio"
)

// Ways of the official client to connect, and where they lead.
var transports = map[string]struct {
	options map[string]any
	ends    string
}{
	"polling":   {map[string]any{"transports": []string{"polling"}}, "polling"},
	"websocket": {map[string]any{"transports": []string{"websocket"}}, "websocket"},
	"protocols": {map[string]any{"transports": []string{"websocket"}, "protocols": []string{"my-token", "other"}}, "websocket"},
	"upgrade":   {map[string]any{}, "websocket"},
}

func (s *script) connect(name, url string, options map[string]any) {
	s.Helper()
	all := map[string]any{"auth": map[string]any{"name": name}}
	for key, value := range options {
		all[key] = value
	}
	s.call("connect", name, url, all)
}

func bytesOf(data string) any {
	return map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(data))}
}

// The official client through our proxy to our server.
func TestClient(t *testing.T) {
	w := newWorld(t)
	s := w.newSite("one", engineio.Config{})
	url := w.proxied(s.addr)
	c := start(t, "client.mjs")
	for how, with := range transports {
		t.Run(how, func(t *testing.T) {
			c.T, s.T = t, t
			a, b := how+"-a", how+"-b"
			for _, name := range []string{a, b} {
				c.connect(name, url, with.options)
				c.hears(name, `"connect"`)
				c.call("transport", name, with.ends)
			}
			t.Run("events", func(t *testing.T) { testEvents(c, a) })
			t.Run("acknowledgements", func(t *testing.T) { testAcks(c, s, a) })
			t.Run("rooms", func(t *testing.T) { testRooms(c, s, a, b) })
			t.Run("namespaces", func(t *testing.T) { testNamespaces(c, a) })
			c.call("disconnect", a)
			c.hears(a, `"disconnect","io client disconnect"`)
			if got := s.reason(a); got != "client namespace disconnect" {
				t.Errorf("the server says %q", got)
			}
		})
	}
	c.T, s.T = t, t
}

// values that must come back as they were sent.
var values = []any{
	"hello", "", "żółć 中文 👩‍👩‍👧 \u2028\u0000\x1e\"\\", 0.0, -1.5, 1e21, 9007199254740991.0, true, nil,
	[]any{}, map[string]any{}, []any{1.0, []any{"2", map[string]any{"3": []any{nil}}}},
	strings.Repeat("long ", 150_000),
}

func testEvents(c *script, a string) {
	for _, v := range values {
		c.call("emit", a, "echo", v)
		want, _ := json.Marshal(v)
		if got := c.nextOf(a); !sameJSON(got, `"echo",`+string(want)) {
			c.Errorf("%.80s came back as %.80s", want, got)
		}
	}
	// Attachments, also inside, and one of none.
	c.call("emit", a, "echo", bytesOf("\x00\x01\xff"), map[string]any{"in": []any{bytesOf("two"), "text"}}, bytesOf(""))
	c.hears(a, `"echo",{"base64":"AAH/"},{"in":[{"base64":"dHdv"},"text"]},{"base64":""}`)
	c.call("emit", a, "echo", bytesOf(strings.Repeat("x", 700_000)))
	if got := c.nextOf(a); len(got) < 900_000 {
		c.Errorf("700 kB came back as %d", len(got))
	}
	for i := range 200 { // in order
		c.call("emit", a, "echo", i)
	}
	for i := range 200 {
		c.hears(a, fmt.Sprintf(`"echo",%d`, i))
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte("["+a+"]"), &x) == nil && json.Unmarshal([]byte("["+b+"]"), &y) == nil && cmp.Equal(x, y)
}

func testAcks(c *script, s *site, a string) {
	if got := c.call("ask", a, 5000, "echo", 1, bytesOf("b"), map[string]any{"x": nil}); got != `1` {
		c.Errorf("answered %s", got) // emitWithAck gives the first value
	}
	if got := c.call("ask", a, 5000, "echo", bytesOf("bytes")); got != `{"base64":"Ynl0ZXM="}` {
		c.Errorf("answered %s", got)
	}
	if r := c.try("ask", a, 50, "nobody listens"); r.Error != "operation has timed out" {
		c.Errorf("answered %s, %q", r.Result, r.Error)
	}

	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	k := s.socket(a)
	got, err := k.EmitWithAck(ctx, "question", "x", []byte{1, 2}, map[string]any{"deep": []byte{3}})
	want := []any{a, "x", []byte{1, 2}, map[string]any{"deep": []byte{3}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		c.Errorf("%v (-want +got):\n%s", err, diff)
	}
	c.hears(a, `"question","x",{"base64":"AQI="},{"deep":{"base64":"Aw=="}}`)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := k.EmitWithAck(short, "mute"); err == nil || err.Error() != "operation has timed out" {
		c.Errorf("answered with %v", err)
	}
	c.hears(a, `"mute"`)
}

func testRooms(c *script, s *site, a, b string) {
	main := s.io.Of("/")
	c.call("ask", a, 5000, "join", a+"'s room")
	c.call("ask", b, 5000, "join", "common")
	c.call("ask", a, 5000, "join", "common")
	main.To(a+"'s room").Emit("one", "room")
	main.To("common").To(a + "'s room").Emit("union")
	main.To("common").Except(a + "'s room").Emit("not a")
	c.call("ask", a, 5000, "shout", "common", "from", a)
	c.hears(b, `"union"`, `"not a"`, fmt.Sprintf(`"from",%q`, a))
	c.hears(a, `"one","room"`, `"union"`)
	c.call("ask", b, 5000, "leave", "common")
	main.To("common").Emit("left")
	main.To(s.socket(b).ID()).Emit("own room", []byte("bytes"))
	c.hears(a, `"left"`)
	c.hears(b, `"own room",{"base64":"Ynl0ZXM="}`)
	got, err := main.To(s.socket(a).ID(), s.socket(b).ID()).Timeout(timeout).EmitWithAck(context.Background(), "all", 1)
	if err != nil || len(got) != 2 {
		c.Errorf("answered %v, %v", got, err)
	}
	c.hears(a, `"all",1`)
	c.hears(b, `"all",1`)
}

func testNamespaces(c *script, a string) {
	custom := a + "/custom"
	c.call("share", custom, a, "/custom", map[string]any{"auth": map[string]any{"name": custom}})
	c.hears(custom, `"connect"`)
	c.call("emit", custom, "echo", "here", bytesOf("x"))
	c.hears(custom, `"echo","here",{"base64":"eA=="}`)
	c.call("share", a+"/nowhere", a, "/nowhere", map[string]any{})
	c.hears(a+"/nowhere", `"connect_error","Invalid namespace"`)
	c.call("share", a+"/private", a, "/private", map[string]any{})
	c.hears(a+"/private", `"connect_error","not authorized",{"content":"Please retry later"}`)
	c.call("disconnect", custom)
	c.hears(custom, `"disconnect","io client disconnect"`)
	c.call("emit", a, "echo", "still here")
	c.hears(a, `"echo","still here"`)
}

// Messages that cross an upgrade arrive once and in order.
func TestNothingIsLostInAnUpgrade(t *testing.T) {
	w := newWorld(t)
	s := w.newSite("one", engineio.Config{})
	c := start(t, "client.mjs")
	c.connect("a", w.proxied(s.addr), nil)
	c.hears("a", `"connect"`)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			s.socket("a").Emit("n", i)
			time.Sleep(time.Millisecond)
		}
	}()
	for i := range 300 {
		c.call("emit", "a", "echo", i)
	}
	<-done
	n, echo := 0, 0
	for n < 300 || echo < 300 {
		switch got := c.nextOf("a"); got {
		case fmt.Sprintf(`"n",%d`, n):
			n++
		case fmt.Sprintf(`"echo",%d`, echo):
			echo++
		default:
			t.Fatalf("heard %s after %d and %d", got, n, echo)
		}
	}
	c.call("transport", "a", "websocket")
}
