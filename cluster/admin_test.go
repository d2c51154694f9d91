package cluster_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster"
	"stickylab/cluster/trace"
)

// listen waits for the next frame in the background. Only one at a time.
func (k *talker) listen() <-chan string {
	heard := make(chan string, 1)
	go func() {
		text, err := k.read()
		if err != nil {
			text = "error: " + err.Error()
		}
		heard <- text
	}()
	return heard
}

func TestAFrozenNodeTakesItAllAndDoesNothing(t *testing.T) {
	s := start(t, "", false)
	a, b := s.join("ann", "127.0.0.1:3030"), s.join("bob", "127.0.0.1:3030")
	first, err := s.Freeze("im-3030", "frozen")
	if err != nil || first == 0 {
		t.Fatal(first, err)
	}
	second, _ := s.Freeze("im-3030", "blocked")
	a.say(1, "is anybody there?")
	heard := b.listen()
	if err := s.Resume("im-3030", first); err != nil {
		t.Fatal(err)
	}
	s.Announce("im-3030", "news")
	select {
	case text := <-heard:
		t.Fatalf("bob heard %s", text)
	case <-time.After(50 * time.Millisecond):
	}
	s.Resume("im-3030", second)
	got := <-heard
	got += b.hear("") // in either order: by the wall clock those who are let through may overtake each other
	if !strings.Contains(got, "news") || !strings.Contains(got, "is anybody there?") {
		t.Errorf("bob heard %q", got)
	}
}

// Announce has a node emit a text to the lobby.
func (s *stage) Announce(node, text string) {
	s.t.Helper()
	err := s.Emit(node, cluster.Announcement{Room: "lobby", Text: text, ID: func(string) trace.Msg {
		return trace.Msg{From: trace.N(cluster.Server), N: 7}
	}})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestAnnouncements(t *testing.T) {
	s := start(t, "", false)
	a, c := s.join("ann", "127.0.0.1:3030"), s.join("cem", "127.0.0.1:5080")
	s.Announce("", "all")
	a.hear(`42["said",{"id":"server:7","from":"server","room":"lobby","text":"all","node":"im-3030"}]`)
	c.hear(`42["said",{"id":"server:7","from":"server","room":"lobby","text":"all","node":"im-5080"}]`)
	s.Kill("im-5080")
	s.Announce("", "again")
	a.hear(`42["said",{"id":"server:7","from":"server","room":"lobby","text":"again","node":"im-3030"}]`)
}

func TestSocketsAreDisconnected(t *testing.T) {
	s := start(t, "", false)
	a, c := s.join("ann", "127.0.0.1:3030"), s.join("cem", "127.0.0.1:5080")
	if err := s.DisconnectSockets("im-3030"); err != nil {
		t.Fatal(err)
	}
	a.hear("41")
	if _, err := a.read(); websocket.CloseStatus(err) != websocket.StatusNoStatusRcvd {
		t.Errorf("got %v, want an empty close frame", err)
	}
	c.say(1, "still here")
	c.hear(`42["said"`)
	s.join("ann", "127.0.0.1:3030")
}

func TestAShutNodeCanBeRestartedAtOnce(t *testing.T) {
	s := start(t, "", false)
	a := s.join("ann", "127.0.0.1:3030")
	if err := s.Shutdown("im-3030"); err != nil {
		t.Fatal(err)
	}
	if s.Node("im-3030").Up() {
		t.Error("it is still up")
	}
	if err := s.Restart("im-3030"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.read(); websocket.CloseStatus(err) != websocket.StatusNoStatusRcvd {
		t.Errorf("got %v, want an empty close frame", err)
	}
	s.join("ann", "127.0.0.1:3030")
}

// Orders to a node that is down are lost, those to one that there is not are
// refused.
func TestOrdersToNobody(t *testing.T) {
	s := start(t, "", false)
	s.Kill("im-3030")
	for _, node := range []string{"im-3030", "nobody"} {
		_, frozen := s.Freeze(node, "frozen")
		emitted := s.Emit(node, cluster.Announcement{Room: "lobby", ID: func(string) trace.Msg { return trace.Msg{} }})
		for _, err := range []error{frozen, s.Resume(node, 0), s.Shutdown(node), s.DisconnectSockets(node), s.Count(node, "lobby"), emitted} {
			if (err != nil) != (node == "nobody") {
				t.Errorf("%s: %v", node, err)
			}
		}
	}
}
