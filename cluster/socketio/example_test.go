package socketio_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// A chat: who connects joins a room, and what is said goes to all sockets in it.
func ExampleNewServer() {
	io := socketio.NewServer(socketio.Config{NewID: func(*engineio.Session) string { return "socket-1" }})
	defer io.Close()
	chat := io.Of("/")
	chat.OnConnection(func(s *socketio.Socket) {
		s.Join("lobby")
		s.On("say", func(args []any, ack func(...any)) {
			if err := chat.To("lobby").Emit("said", args...); err != nil {
				fmt.Println(err)
			}
		})
	})
	server := engineio.NewServer(engineio.Config{
		NewID:     func(*http.Request) string { return "session-1" },
		OnSession: io.Handle,
	})
	defer server.Close()
	request := func(method, query, body string) string {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest(method, "/socket.io/?EIO=4&transport=polling"+query, strings.NewReader(body)))
		return w.Body.String()
	}
	request("GET", "", "")
	for _, packet := range []string{"40", `42["say","hi"]`} {
		request("POST", "&sid=session-1", packet)
		fmt.Println(request("GET", "&sid=session-1", ""))
	}
	// Output:
	// 40{"sid":"socket-1"}
	// 42["said","hi"]
}

func ExampleEncode() {
	messages, err := socketio.Encode(socketio.Packet{Type: socketio.Event, Namespace: "/", Data: []any{"photo", []byte{1, 2, 3}}})
	if err != nil {
		panic(err)
	}
	for _, m := range messages {
		if m.Binary {
			fmt.Println(len(m.Data), "bytes")
		} else {
			fmt.Printf("%s\n", m.Data)
		}
	}
	// Output:
	// 51-["photo",{"_placeholder":true,"num":0}]
	// 3 bytes
}
