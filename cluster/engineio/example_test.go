package engineio_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"stickylab/cluster/engineio"
)

// A session over polling: the handshake, a message from the client, and the echo.
func ExampleNewServer() {
	server := engineio.NewServer(engineio.Config{
		NewID: func(*http.Request) string { return "session-1" },
		OnSession: func(s *engineio.Session) {
			s.OnMessage(func(data []byte, binary bool) {
				s.Send(engineio.Message{Data: []byte("echo " + string(data))})
			})
		},
	})
	defer server.Close()
	request := func(method, query, body string) {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest(method, "/socket.io/?EIO=4&transport=polling"+query, strings.NewReader(body)))
		fmt.Println(w.Code, w.Body)
	}
	request("GET", "", "")
	request("POST", "&sid=session-1", "4hi")
	request("GET", "&sid=session-1", "")
	request("GET", "&sid=session-2", "")
	// Output:
	// 200 0{"sid":"session-1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}
	// 200 ok
	// 200 4echo hi
	// 400 {"code":1,"message":"Session ID unknown"}
}
