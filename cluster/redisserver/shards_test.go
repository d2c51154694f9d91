package redisserver

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// reply reads one reply of RESP2 and returns it on one line.
func (c *client) reply(t testing.TB) string {
	t.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	line = strings.TrimSpace(line)
	n := 0
	switch fmt.Sscan(line[1:], &n); line[0] {
	case '*':
		if n < 0 {
			return "(nil)"
		}
		parts := make([]string, n)
		for i := range parts {
			parts[i] = c.reply(t)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case '$':
		if n < 0 {
			return "(nil)"
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(c.in, b); err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	return line
}

// says sends a command and checks the replies.
func (c *client) says(t testing.TB, words string, replies ...string) {
	t.Helper()
	if words != "" {
		c.send(words)
	}
	for _, want := range replies {
		if got := c.reply(t); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

// shardedDialogue is what clients say about sharded channels and are told, by whom in which
// order. A redis-server 7 gives the same answers (peers_test.go).
func shardedDialogue(t testing.TB, addr string) {
	a, b, c := dial(t, addr), dial(t, addr), dial(t, addr)
	a.says(t, "SSUBSCRIBE one two", "[ssubscribe one :1]", "[ssubscribe two :2]")
	a.says(t, "SSUBSCRIBE one", "[ssubscribe one :2]")
	b.says(t, "SSUBSCRIBE one", "[ssubscribe one :1]")
	c.says(t, "PUBSUB SHARDNUMSUB one two three", "[one :2 two :1 three :0]")
	c.says(t, "PUBSUB SHARDNUMSUB", "[]")
	c.says(t, "PUBSUB SHARDCHANNELS t*", "[two]")
	c.says(t, "PUBSUB NUMSUB one", "[one :0]")
	c.says(t, "SPUBLISH one hi", ":2")
	a.says(t, "", "[smessage one hi]")
	b.says(t, "", "[smessage one hi]")
	c.says(t, "PUBLISH one other", ":0")
	c.says(t, "SPUBLISH none hi", ":0")
	c.says(t, "SPUBLISH one", "-ERR wrong number of arguments for 'spublish' command")
	c.says(t, "SSUBSCRIBE", "-ERR wrong number of arguments for 'ssubscribe' command")
	a.says(t, "PING", "[pong ]")
	a.says(t, "PING x", "[pong x]")
	a.says(t, "GET k", "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context")
	a.says(t, "SUNSUBSCRIBE one", "[sunsubscribe one :1]")
	c.says(t, "SPUBLISH one again", ":1")
	b.says(t, "", "[smessage one again]")
	a.says(t, "SUNSUBSCRIBE", "[sunsubscribe two :0]")
	a.says(t, "SUNSUBSCRIBE", "[sunsubscribe (nil) :0]")
	a.says(t, "GET k", "(nil)")
}

func TestShardedPubSub(t *testing.T) {
	_, addr := serve(t, Options{})
	shardedDialogue(t, addr)
}

// A client that is gone gets nothing and holds nothing, and one that subscribes without end
// is refused.
func TestShardedPubSubIsBounded(t *testing.T) {
	s, addr := serve(t, Options{MaxMemory: 100_000})
	a, b := dial(t, addr), dial(t, addr)
	refused := 0
	for i := range 300 {
		a.send(fmt.Sprintf("SSUBSCRIBE %s%d", strings.Repeat("x", 1000), i))
		if strings.HasPrefix(a.reply(t), "-OOM") {
			refused++
		}
	}
	if refused < 200 {
		t.Errorf("%d of 300 subscriptions were refused", refused)
	}
	held := func() int64 {
		s.memory.mu.Lock()
		defer s.memory.mu.Unlock()
		return s.memory.held
	}
	if held() < 50_000 {
		t.Errorf("%d bytes held by the subscriptions", held())
	}
	a.says(t, "SUNSUBSCRIBE "+strings.Repeat("x", 1000)+"0", "[sunsubscribe "+strings.Repeat("x", 1000)+"0 :"+fmt.Sprint(300-refused-1)+"]")
	a.says(t, "SSUBSCRIBE y", "[ssubscribe y :"+fmt.Sprint(300-refused)+"]")
	a.Close()
	for range 1000 {
		if b.send("PUBSUB SHARDCHANNELS"); b.reply(t) == "[]" {
			break
		}
	}
	b.says(t, "PUBSUB SHARDCHANNELS", "[]")
	if held() != 0 {
		t.Errorf("%d bytes held for a client that is gone", held())
	}
}

func TestMatches(t *testing.T) {
	for pattern, list := range map[string]string{
		"": "", "*": "a", "**": "abc", "a*c": "abbc", "a?c": "axc", "[a-c]x": "bx", "[^a]x": "bx", `\*`: "*", "[c-a]": "b", `[\]]`: "]",
	} {
		if !matches(pattern, list) {
			t.Errorf("%q does not match %q", pattern, list)
		}
	}
	for pattern, s := range map[string]string{"": "a", "a": "", "a*c": "abb", "?": "", "[a]": "b", "[^a]": "a", `\*`: "a", "[": "x", "a*b*c": "ab"} {
		if matches(pattern, s) {
			t.Errorf("%q matches %q", pattern, s)
		}
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("*a?[b-d]", "xayc")
	f.Add(`[^\]`, "]")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if matches(pattern, s) && !matches("*"+pattern+"*", "x"+s) {
			t.Errorf("*%q* does not match x%q", pattern, s)
		}
	})
}
