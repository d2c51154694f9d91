package socketio

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster/engineio"
)

// On a WebSocket each message is a frame, and the server ends with an empty
// close frame.
func TestWebSocket(t *testing.T) {
	server := NewServer(Config{NewID: ids("s")})
	engine := engineio.NewServer(engineio.Config{OnSession: server.Handle})
	listener := httptest.NewServer(engine)
	defer listener.Close()
	defer engine.Close()
	server.Of("/").OnConnection(func(s *Socket) {
		s.Join("lobby")
		s.On("bin", func(args []any, _ func(...any)) {
			s.Namespace().To("lobby").Emit("bin-back", args[0], map[string]any{"n": []byte{9}})
		})
	})

	ctx := t.Context()
	c, _, err := websocket.Dial(ctx, strings.Replace(listener.URL, "http", "ws", 1)+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	write := func(kind websocket.MessageType, data string) {
		t.Helper()
		if err := c.Write(ctx, kind, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(kind websocket.MessageType, data string) {
		t.Helper()
		k, got, err := c.Read(ctx)
		if err != nil || k != kind || string(got) != data {
			t.Fatalf("%v %q, %v; want %v %q", k, got, err, kind, data)
		}
	}
	if _, _, err := c.Read(ctx); err != nil {
		t.Fatal(err)
	}
	write(websocket.MessageText, `40`)
	want(websocket.MessageText, `40{"sid":"s1"}`)
	write(websocket.MessageText, `451-["bin",{"_placeholder":true,"num":0}]`)
	write(websocket.MessageBinary, "\x01\x02\x03")
	want(websocket.MessageText, `452-["bin-back",{"_placeholder":true,"num":0},{"n":{"_placeholder":true,"num":1}}]`)
	want(websocket.MessageBinary, "\x01\x02\x03")
	want(websocket.MessageBinary, "\x09")
	write(websocket.MessageText, `42{}`)
	if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNoStatusRcvd {
		t.Errorf("ended with %v", err)
	}
}

// A client that has the answer to CONNECT is reached by each broadcast, and has
// got none before.
func TestTheAnswerToCONNECTComesWithTheNamespace(t *testing.T) {
	server := NewServer(Config{})
	engine := engineio.NewServer(engineio.Config{OnSession: server.Handle, PingInterval: time.Second})
	listener := httptest.NewServer(engine)
	defer listener.Close()
	defer engine.Close()
	stop := make(chan struct{})
	var running sync.WaitGroup
	defer running.Wait()
	defer close(stop)
	running.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				server.Of("/").Emit("any")
			}
		}
	})
	for range 100 {
		func() {
			c, _, err := websocket.Dial(t.Context(), strings.Replace(listener.URL, "http", "ws", 1)+"/socket.io/?EIO=4&transport=websocket", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			read := func() string {
				_, data, err := c.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			read()
			c.Write(t.Context(), websocket.MessageText, []byte("40"))
			if frame := read(); !strings.HasPrefix(frame, "40{") {
				t.Fatalf("%s came first", frame)
			}
			server.Of("/").Emit("now")
			for frame := read(); frame != `42["now"]`; frame = read() {
				if frame != `42["any"]` {
					t.Fatalf("got %s, not the broadcast", frame)
				}
			}
		}()
	}
}
