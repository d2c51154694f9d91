package cluster_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster/internal/clustertest"
)

const proxyAddress = clustertest.Front

// stage is a cluster that a test can join.
type stage struct {
	t *testing.T
	*clustertest.Chat
}

func start(t *testing.T, method string, adapter bool) *stage {
	t.Helper()
	return &stage{t, clustertest.Start(t, method, adapter, nil)}
}

// talker is a WebSocket client in the room "lobby".
type talker struct {
	t    *testing.T
	name string
	conn *websocket.Conn
	node string
}

// join connects to an address of the configuration: the proxy's or a node's.
func (s *stage) join(name, addr string) *talker {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+s.Address(addr)+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.CloseNow() })
	k := &talker{t: s.t, name: name, conn: c}
	k.hear("0{")
	k.send(`40{"name":"` + name + `"}`)
	k.hear("40{")
	k.node = strings.TrimSuffix(strings.TrimPrefix(k.hear(`42["welcome"`), `42["welcome",{"node":"`), `"}]`)
	k.send(`420["join","lobby"]`)
	k.hear(`430[{"room":"lobby"`)
	return k
}

func (k *talker) send(text string) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := k.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talker) say(n int, text string) {
	k.t.Helper()
	k.send(fmt.Sprintf(`42["say",{"id":"%s:%d","room":"lobby","text":"%s"}]`, k.name, n, text))
}

// read returns the next frame.
func (k *talker) read() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, data, err := k.conn.Read(ctx)
	return string(data), err
}

// hear returns the next frame, which must begin so.
func (k *talker) hear(prefix string) string {
	k.t.Helper()
	text, err := k.read()
	if err != nil || !strings.HasPrefix(text, prefix) {
		k.t.Fatalf("%s: got %q, %v; want %q...", k.name, text, err, prefix)
	}
	return text
}

func TestARoomIsOneNodeWithoutAnAdapter(t *testing.T) {
	s := start(t, "", false)
	a, b, c := s.join("ann", "127.0.0.1:3030"), s.join("bob", "127.0.0.1:3030"), s.join("cem", "127.0.0.1:5080")
	a.say(1, "hi")
	said := `42["said",{"id":"ann:1","from":"ann","room":"lobby","text":"hi","node":"im-3030"}]`
	for _, k := range []*talker{a, b} {
		if got := k.hear(""); got != said {
			t.Errorf("%s heard %s", k.name, got)
		}
	}
	c.say(1, "anybody?")
	c.hear(`42["said",{"id":"cem:1"`) // its own is the first that it hears
}

func TestTheAdapterJoinsTheRoomsOfAllNodes(t *testing.T) {
	s := start(t, "", true)
	a, c := s.join("ann", "127.0.0.1:3030"), s.join("cem", "127.0.0.1:5080")
	// The subscriptions take a moment: say until somebody on the other node
	// hears it.
	heard := make(chan string)
	go func() {
		text, _ := c.read()
		heard <- text
	}()
	for n := 1; ; n++ {
		a.say(n, "hi")
		a.hear(`42["said",{"id":"ann:`)
		select {
		case text := <-heard:
			if !strings.Contains(text, `"from":"ann"`) || !strings.Contains(text, `"node":"im-3030"`) {
				t.Errorf("cem heard %s", text)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
		if n == 3000 {
			t.Fatal("nothing crossed in a minute")
		}
	}
}

func TestThroughTheProxy(t *testing.T) {
	s := start(t, "", false)
	a, b := s.join("ann", proxyAddress), s.join("bob", proxyAddress)
	if a.node == b.node {
		t.Errorf("round robin put both on %s", a.node)
	}
	h := start(t, "ip_hash;", false)
	if a, b := h.join("ann", proxyAddress), h.join("bob", proxyAddress); a.node != b.node {
		t.Errorf("ip_hash put one address on %s and %s", a.node, b.node)
	}
}

func TestAKilledNodeSaysNothing(t *testing.T) {
	s := start(t, "", false)
	a := s.join("ann", "127.0.0.1:3030")
	if err := s.Kill("im-3030"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.read(); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("got %v, want a connection that ends without a close frame", err)
	}
	if s.Node("im-3030").Up() {
		t.Error("it is still up")
	}
	if err := s.Restart("im-3030"); err != nil {
		t.Fatal(err)
	}
	s.join("ann", "127.0.0.1:3030")
	if err := s.Kill("nobody"); err == nil {
		t.Error("a node that does not exist was killed")
	}
}

func TestAStoppedNodeTellsItsClients(t *testing.T) {
	s := start(t, "", false)
	a := s.join("ann", "127.0.0.1:3030")
	s.Node("im-3030").Stop()
	if _, err := a.read(); websocket.CloseStatus(err) != websocket.StatusNoStatusRcvd {
		t.Errorf("got %v, want an empty close frame", err)
	}
}

func TestSayRefusesNonsense(t *testing.T) {
	s := start(t, "", false)
	a := s.join("ann", "127.0.0.1:3030")
	for _, text := range []string{
		`42["say"]`, `42["say",1]`, `42["say",{}]`, `42["say",{"room":"` + strings.Repeat("x", 65) + `"}]`,
		`42["join"]`, `42["join",""]`, `42["join",7]`, `42["leave"]`,
	} {
		a.send(text)
	}
	// Numbered by the node when the client does not.
	a.send(`42["say",{"room":"lobby","text":"no id"}]`)
	if got := a.hear(`42["said",`); !strings.Contains(got, `"text":"no id"`) || !strings.Contains(got, `:1",`) {
		t.Errorf("heard %s", got)
	}
}
