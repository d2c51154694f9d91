//go:build peers

package peers

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
	"stickylab/cluster/redisadapter"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// A site is one of our servers with handlers that a test can exercise, in the
// namespaces "/" and "/custom"; "/private" refuses everybody.
type site struct {
	*world
	name   string
	addr   string
	engine *engineio.Server
	io     *socketio.Server
	http   *http.Server

	told chan string // server-side events "hello": the namespace and the arguments

	mu      sync.Mutex
	reasons map[string]string // of disconnects, by the name in auth
}

// refusal is a middleware's error that carries data.
type refusal struct{ error }

func (refusal) Data() any { return map[string]any{"content": "Please retry later"} }

// newSite starts a site. The engine's configuration may leave everything open.
func (w *world) newSite(name string, engine engineio.Config) *site {
	w.Helper()
	return w.newSiteWith(name, engine, socketio.Config{})
}

func (w *world) newSiteWith(name string, engine engineio.Config, config socketio.Config) *site {
	w.Helper()
	s := &site{world: w, name: name, told: make(chan string, 100), reasons: map[string]string{}}
	s.io = socketio.NewServer(config)
	for _, ns := range []string{"/", "/custom"} {
		s.io.Of(ns).OnConnection(s.welcome)
		s.io.Of(ns).OnServerSide("hello", func(args []any, _ func(any)) {
			said, _ := json.Marshal(args)
			s.told <- ns + string(said)
		})
		s.io.Of(ns).OnServerSide("ask", func(args []any, ack func(any)) {
			if ack != nil {
				ack(append([]any{name}, args...))
			}
		})
	}
	s.io.Of("/private").Use(func(*socketio.Socket) error { return refusal{errors.New("not authorized")} })
	engine.OnSession = s.io.Handle
	s.engine = engineio.NewServer(engine)
	s.http = &http.Server{Handler: s.engine}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	s.addr = l.Addr().String()
	w.Go(func() { s.http.Serve(l) })
	w.Cleanup(s.close)
	return s
}

func (s *site) close() {
	s.io.Close()
	s.engine.Close()
	s.http.Close()
}

// join gives a namespace of the site a Redis adapter, and waits until it is up.
// The changes after that are sent on the channel.
func (s *site) join(ns string, c redisadapter.Config) (*redisadapter.Adapter, <-chan string) {
	s.Helper()
	a, changes := s.adapt(ns, c)
	s.becomes(changes, "up")
	return a, changes
}

// open gives a namespace of the site an adapter of a kind, and waits until it is up.
func (s *site) open(ns string, kind adapter.Kind, c link.Config, o adapter.Options) adapter.Adapter {
	s.Helper()
	changes := make(chan string, 1000)
	c.Env, c.Host, c.Lane = s.Env(), s.name, s.name+ns
	c.OnUp = func(*trace.Lane) { changes <- "up" }
	c.OnDown = func(_ *trace.Lane, err error) { changes <- "down: " + err.Error() }
	a, err := adapter.Open(s.io.Of(ns), kind, c, o)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { a.Close() })
	s.io.Of(ns).SetAdapter(a)
	s.becomes(changes, "up")
	return a
}

// adapt is join without the wait.
func (s *site) adapt(ns string, c redisadapter.Config) (*redisadapter.Adapter, <-chan string) {
	s.Helper()
	changes := make(chan string, 1000)
	c.Env, c.Host, c.Lane = s.Env(), s.name, s.name+ns
	c.OnUp = func(*trace.Lane) { changes <- "up" }
	c.OnDown = func(_ *trace.Lane, err error) { changes <- "down: " + err.Error() }
	a, err := redisadapter.New(s.io.Of(ns), c)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { a.Close() })
	s.io.Of(ns).SetAdapter(a)
	return a, changes
}

// becomes fails the test unless the next status begins so.
func (w *world) becomes(changes <-chan string, want string) {
	w.Helper()
	select {
	case got := <-changes:
		if len(got) < len(want) || got[:len(want)] != want {
			w.Fatalf("the adapter is %q, want %q", got, want)
		}
	case <-time.After(timeout):
		w.Fatalf("the adapter is not %q in time", want)
	}
}

// welcome sets the handlers of a socket.
func (s *site) welcome(k *socketio.Socket) {
	k.Data["from"], k.Data["nsp"] = s.name, k.Namespace().Name()
	name, _ := k.Auth()["name"].(string)
	k.OnDisconnect(func(reason string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.reasons[name] = reason
	})
	k.On("echo", func(args []any, ack func(...any)) {
		if ack != nil {
			ack(args...)
		} else {
			k.Emit("echo", args...)
		}
	})
	k.On("join", func(args []any, ack func(...any)) {
		k.Join(args[0].(string))
		if ack != nil {
			ack(args[0])
		}
	})
	k.On("leave", func(args []any, ack func(...any)) {
		k.Leave(args[0].(string))
		ack(args[0])
	})
	// shout broadcasts to a room, "" for everybody, but for the sender.
	k.On("shout", func(args []any, ack func(...any)) {
		to := k.Broadcast()
		if room := args[0].(string); room != "" {
			to = to.To(room)
		}
		to.Emit(args[1].(string), args[2:]...)
		ack()
	})
	k.On("quit", func(args []any, _ func(...any)) { k.Disconnect(args[0].(bool)) })
}

// reason returns why the socket of that name has ended; it waits for the end.
func (s *site) reason(name string) (reason string) {
	s.Helper()
	eventually(s.T, name+" ended", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		reason = s.reasons[name]
		return reason != ""
	})
	return reason
}

// eventually waits until it is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(timeout); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it is not %s in time", what)
		}
	}
}

// socket returns the socket of that name in "/".
func (s *site) socket(name string) *socketio.Socket {
	s.Helper()
	for _, k := range s.io.Of("/").Sockets() {
		if k.Auth()["name"] == name {
			return k
		}
	}
	s.Fatalf("%s is not connected to %s", name, s.name)
	return nil
}
