package socketio

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What the handlers of a socket are told, and what the client gets, for each
// way to end.
func TestDisconnect(t *testing.T) {
	for _, test := range []struct {
		name   string
		do     func(w *world, p *peer, s *Socket)
		frames []string
		reason string
	}{
		{"client leaves the namespace", func(_ *world, p *peer, _ *Socket) { p.send(`1`) }, []string{ping}, "client namespace disconnect"},
		{"server disconnects the socket", func(_ *world, _ *peer, s *Socket) { s.Disconnect(false) }, []string{`1`, ping}, "server namespace disconnect"},
		{"server disconnects the client", func(_ *world, _ *peer, s *Socket) { s.Disconnect(true) }, []string{`1`, closed}, "server namespace disconnect"},
		{"server disconnects everybody", func(w *world, _ *peer, _ *Socket) { w.Of("/").To().Disconnect(true) }, []string{`1`, closed}, "server namespace disconnect"},
		{"client closes", func(_ *world, p *peer, _ *Socket) { p.leave() }, []string{closed}, "transport close"},
		{"client is silent", func(_ *world, _ *peer, _ *Socket) { time.Sleep(46 * time.Second) }, []string{closed}, "ping timeout"},
		{"session is closed", func(_ *world, _ *peer, s *Socket) { s.Session().Close() }, []string{closed}, "forced close"},
		{"server shuts down", func(w *world, _ *peer, _ *Socket) { w.Server.Close() }, []string{ping}, "server shutting down"},
		{"server shuts down, and the engine", func(w *world, _ *peer, _ *Socket) { w.Server.Close(); w.engine.Close() }, []string{closed}, "server shutting down"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{NewID: ids("s")}, func(w *world) {
				var calls []string
				socket := named(w, "/")
				w.Of("/").OnConnection(func(s *Socket) {
					s.Join("r")
					s.OnDisconnect(func(reason string) {
						calls = append(calls, "disconnect: "+reason)
						if len(s.Rooms()) != 0 {
							t.Errorf("rooms %v", s.Rooms())
						}
					})
				})
				p := w.open(`0{"name":"x"}`)
				p.recv()
				s := socket("x")
				test.do(w, p, s)
				p.want(test.frames...)
				synctest.Wait()
				if diff := cmp.Diff([]string{"disconnect: " + test.reason}, calls); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if s.Connected() || w.Of("/").Memory().HasRoom("r") {
					t.Error("the socket is not gone")
				}
				s.Emit("dropped")
				s.Disconnect(true)
				late := ""
				s.OnDisconnect(func(reason string) { late = reason })
				if late != test.reason {
					t.Errorf("a late handler got %q", late)
				}
			})
		})
	}
}

// The namespaces of a session end apart, or together with it.
func TestDisconnectOneOfTwo(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		var ends []string
		for _, name := range []string{"/", "/admin"} {
			w.Of(name).OnConnection(func(s *Socket) {
				s.OnDisconnect(func(reason string) { ends = append(ends, name+" "+reason) })
				s.On("bye", func([]any, func(...any)) { s.Disconnect(true) })
			})
		}
		p := w.join("/", "/admin")
		p.send(`1/admin,`)
		p.want(ping)
		p.send(`0/admin,`)
		p.recv()
		p.send(`2["bye"]`)
		p.want(`1`, `1/admin,`, closed)
		want := []string{"/admin client namespace disconnect", "/ server namespace disconnect", "/admin server namespace disconnect"}
		if diff := cmp.Diff(want, ends); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// A crash tells nobody.
func TestKill(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.Of("/").OnConnection(func(s *Socket) {
			s.OnDisconnect(func(reason string) { t.Errorf("told of %q", reason) })
		})
		p := w.join("/")
		w.Kill()
		w.engine.Kill()
		w.Of("/").Emit("dropped")
		w.Server.Close()
		_ = p
	})
}
