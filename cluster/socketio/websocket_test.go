package socketio

import (
	"net/http/httptest"
	"strings"
	"testing"

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
