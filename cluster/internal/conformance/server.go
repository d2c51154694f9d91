package main

import (
	"net/http"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// What the suites have written into their tests.
const (
	pingInterval   = 300 * time.Millisecond
	pingTimeout    = 200 * time.Millisecond
	maxPayload     = 1_000_000
	connectTimeout = time.Second
)

// A server is what both suites test, on one port.
type server struct {
	http.Handler
	echo, engine *engineio.Server
	io           *socketio.Server
}

// newServer returns the server. opened, unless nil, is told of each new session.
func newServer(opened func(*engineio.Session)) *server {
	s := &server{io: socketio.NewServer(socketio.Config{ConnectTimeout: connectTimeout})}
	for _, name := range []string{"/", "/custom"} {
		s.io.Of(name).OnConnection(greet)
	}
	s.io.Of("/").OnConnection(reply)
	s.echo = newEngine("/engine.io/", opened, echo)
	s.engine = newEngine("/socket.io/", opened, s.io.Handle)
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", s.echo)
	mux.Handle("/socket.io/", s.engine)
	s.Handler = mux
	return s
}

func newEngine(path string, opened, serve func(*engineio.Session)) *engineio.Server {
	return engineio.NewServer(engineio.Config{
		Path: path, PingInterval: pingInterval, PingTimeout: pingTimeout, MaxPayload: maxPayload,
		OnSession: func(s *engineio.Session) {
			if opened != nil {
				opened(s)
			}
			serve(s)
		},
	})
}

// echo sends every message back as it came.
func echo(s *engineio.Session) {
	s.OnMessage(func(data []byte, binary bool) {
		s.Send(engineio.Message{Data: data, Binary: binary})
	})
}

// greetAfter keeps the answer to CONNECT and the event after it from reaching
// the client in one read: the suite takes one message in a turn of its event
// loop, and would miss the second.
const greetAfter = 25 * time.Millisecond

// greet tells a client what it sent with CONNECT.
func greet(s *socketio.Socket) {
	time.AfterFunc(greetAfter, func() {
		if err := s.Emit("auth", s.Auth()); err != nil {
			s.Disconnect(true)
		}
	})
}

// reply sends the arguments of a message back, in an event or in an
// acknowledgement.
func reply(s *socketio.Socket) {
	s.On("message", func(args []any, _ func(...any)) {
		if err := s.Emit("message-back", args...); err != nil {
			s.Disconnect(true)
		}
	})
	s.On("message-with-ack", func(args []any, ack func(...any)) {
		if ack != nil {
			ack(args...)
		}
	})
}

func (s *server) close() {
	s.io.Close()
	s.engine.Close()
	s.echo.Close()
}
