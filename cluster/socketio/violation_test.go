package socketio

import "testing"

// Each of these closes the connection.
func TestViolations(t *testing.T) {
	type violation struct {
		name   string
		joined bool
		frames []string
	}
	tests := []violation{
		{"event before CONNECT", false, []string{`2["message"]`}},
		{"disconnect before CONNECT", false, []string{`1`}},
		{"second CONNECT", true, []string{`0`}},
		{"event for a namespace not joined", true, []string{`2/custom,["message"]`}},
		{"ack for a namespace not joined", true, []string{`3/custom,1[]`}},
		{"event after DISCONNECT", true, []string{`1`, `2["message"]`}},
		{"CONNECT_ERROR from a client", true, []string{`4{"message":"no"}`}},
		{"CONNECT payload of no object", false, []string{`0["auth"]`}},
	}
	for _, m := range malformed {
		tests = append(tests, violation{m.name, true, m.frames})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				w.Of("/custom")
				ended := ""
				w.Of("/").OnConnection(func(s *Socket) { s.OnDisconnect(func(reason string) { ended = reason }) })
				p := w.open()
				if test.joined {
					p = w.join("/")
				}
				p.send(test.frames...)
				p.want(closed)
				if test.joined && ended == "" {
					t.Error("the socket did not end")
				}
			})
		})
	}
}

// The socket's reason tells a malformed packet from one that came at the wrong
// time, as that of the official server does.
func TestViolationReasons(t *testing.T) {
	for frame, want := range map[string]string{`9`: "forced close", `0`: "forced server close"} {
		inWorld(t, Config{}, func(w *world) {
			ended := ""
			w.Of("/").OnConnection(func(s *Socket) { s.OnDisconnect(func(reason string) { ended = reason }) })
			p := w.join("/")
			p.send(frame)
			p.want(closed)
			if ended != want {
				t.Errorf("after %q the reason is %q, want %q", frame, ended, want)
			}
		})
	}
}

// These are ignored in silence.
func TestIgnored(t *testing.T) {
	for name, frames := range map[string][]string{
		"unknown ack id":               {`399["x"]`},
		"ack without payload":          {`3`},
		"ack with id, without payload": {`30`},
		"event without payload":        {`2`},
		"event with nothing but an id": {`21`},
		"ack id beyond 64 bits":        {`399999999999999999999["x"]`},
		"event without a handler":      {`2["nobody-listens"]`},
		"event that asks nobody":       {`21["nobody-listens"]`},
		"event named by a number":      {`2[1]`},
		"unknown binary ack":           {`61-5[{"_placeholder":true,"num":0}]`, "#a"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				p := w.join("/")
				p.send(frames...)
				p.want(ping)
			})
		})
	}
}
