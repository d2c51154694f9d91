//go:build peers

package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/engineio"
)

// sockets are what the Socket.IO suite demands in addition to the engine.
var sockets = []behaviour{
	{"connects", connect("40", "40", `42["auth",{}]`)},
	{"connects with a payload", connect(`40{"token":"123"}`, "40", `42["auth",{"token":"123"}]`)},
	{"connects to a namespace", connect("40/custom,", "40/custom,", `42/custom,["auth",{}]`)},
	{"connects to a namespace with a payload", connect(`40/custom,{"token":"abc"}`, "40/custom,", `42/custom,["auth",{"token":"abc"}]`)},
	{"refuses an unknown namespace", func(v *visitor) {
		w := v.open()
		w.send("40/random")
		w.hears(`44/random,{"message":"Invalid namespace"}`)
	}},
	{"refuses nonsense", func(v *visitor) {
		w := v.open()
		w.send("4abc")
		w.closes()
	}},
	{"refuses silence", func(v *visitor) {
		start := time.Now()
		w := v.open()
		for {
			frame, err := w.read()
			if err != nil {
				break
			}
			if frame == "2" { // not for want of a pong
				w.send("3")
			}
		}
		if d := time.Since(start); v.ctx.Err() != nil || d < connectTimeout {
			v.Errorf("closed after %v", d)
		}
	}},
	{"disconnects", func(v *visitor) {
		w := v.join()
		w.send("41")
		w.hears("2") // the session lives on
	}},
	{"disconnects from a namespace", func(v *visitor) {
		w := v.join()
		w.send("40/custom")
		w.starts("40/custom,")
		w.hears(`42/custom,["auth",{}]`)
		w.send("41/custom", `42["message","to the main namespace"]`)
		w.hears(`42["message-back","to the main namespace"]`)
	}},
	{"sends back", exchange(
		[]string{`42["message",1,"2",{"3":[true]}]`},
		[]string{`42["message-back",1,"2",{"3":[true]}]`})},
	{"sends bytes back", exchange(
		[]string{`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01\x02\x03", "bin:\x04\x05\x06"},
		[]string{`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01\x02\x03", "bin:\x04\x05\x06"})},
	{"acknowledges", exchange(
		[]string{`42456["message-with-ack",1,"2",{"3":[false]}]`},
		[]string{`43456[1,"2",{"3":[false]}]`})},
	{"acknowledges with bytes", exchange(
		[]string{`452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01\x02\x03", "bin:\x04\x05\x06"},
		[]string{`462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01\x02\x03", "bin:\x04\x05\x06"})},
	{"closes at an unknown type", closesAt("4abc")},
	{"closes at an invalid payload", closesAt("42{}")},
	{"closes at an invalid id", closesAt(`42abc["message-with-ack",1,"2",{"3":[false]}]`)},
}

func connect(send, prefix, event string) func(*visitor) {
	return func(v *visitor) {
		w := v.open()
		w.send(send)
		var hello map[string]any
		if err := json.Unmarshal([]byte(w.starts(prefix)), &hello); err != nil || len(hello) != 1 || hello["sid"] == "" {
			v.Errorf("connected with %v, %v", hello, err)
		}
		w.hears(event)
	}
}

// join opens a session that has joined the main namespace.
func (v *visitor) join() *wire {
	v.Helper()
	w := v.open()
	w.send("40")
	w.starts("40{")
	w.hears(`42["auth",{}]`)
	return w
}

func exchange(send, hear []string) func(*visitor) {
	return func(v *visitor) {
		w := v.join()
		w.send(send...)
		w.hears(hear...)
	}
}

func closesAt(frame string) func(*visitor) {
	return func(v *visitor) {
		w := v.join()
		w.send(frame)
		w.closes()
	}
}

func TestSocketIO(t *testing.T) { demand(t, "/socket.io/", 32, engine, sockets) }

// demand runs the behaviours, which are so many in the official suite, against
// one server.
func demand(t *testing.T, path string, count int, lists ...[]behaviour) {
	var sessions sync.Map
	s := newServer(func(s *engineio.Session) { sessions.Store(s.ID(), s) })
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		s.close()
		server.Close()
	})
	t.Run("suite", func(t *testing.T) { // the server outlives the parallel ones
		for _, list := range lists {
			count -= len(list)
			for _, b := range list {
				t.Run(b.name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					defer cancel()
					b.run(&visitor{t, server.URL, path, ctx, &sessions})
				})
			}
		}
	})
	if count != 0 {
		t.Errorf("%d behaviours are missing", count)
	}
}
