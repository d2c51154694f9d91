package socketio

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The handlers of the public protocol suites, and what the suites expect.
func TestEcho(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.Of("/").OnConnection(func(s *Socket) {
			s.On("message", func(args []any, ack func(...any)) {
				if ack != nil {
					t.Error("nobody asked for an ack")
				}
				s.Emit("message-back", args...)
			})
			s.On("message-with-ack", func(args []any, ack func(...any)) { ack(args...) })
		})
		p := w.join("/")
		p.send(`2["message",1,"2",{"3":[false]}]`)
		p.want(`2["message-back",1,"2",{"3":[false]}]`)
		p.send(`52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "#\x01\x02\x03", "#\x04\x05\x06")
		p.want(`52-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "#\x01\x02\x03", "#\x04\x05\x06")
		p.send(`2456["message-with-ack",1,"2",{"3":[false]}]`)
		p.want(`3456[1,"2",{"3":[false]}]`)
		p.send(`51-789["message-with-ack",{"_placeholder":true,"num":0}]`, "#\x01")
		p.want(`61-789[{"_placeholder":true,"num":0}]`, "#\x01")
		p.send(`20["message-with-ack"]`)
		p.want(`30[]`, ping)
	})
}

// All handlers of an event run, in order; the first answer counts.
func TestSeveralHandlers(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.Of("/").OnConnection(func(s *Socket) {
			s.On("e", func(_ []any, ack func(...any)) { ack("first"); ack("again") })
			s.On("e", func(_ []any, ack func(...any)) { ack("second"); s.Emit("both") })
			s.On("7", func([]any, func(...any)) { s.Emit("seven") })
		})
		p := w.join("/")
		p.send(`25["e"]`, `2[7]`)
		p.want(`35["first"]`, `2["both"]`, `2["seven"]`, ping)
	})
}

type result struct {
	args []any
	err  error
}

func askLater(ctx context.Context, s *Socket, event string) chan result {
	c := make(chan result, 1)
	go func() {
		args, err := s.EmitWithAck(ctx, event)
		c <- result{args, err}
	}()
	synctest.Wait()
	return c
}

// Ids of the server's questions count per namespace, not per socket.
func TestEmitWithAck(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		peers, sockets := three(w)
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
		defer cancel()

		a := askLater(ctx, sockets["a"], "q")
		b := askLater(ctx, sockets["b"], "q")
		peers["a"].want(`20["q"]`)
		peers["b"].want(`21["q"]`)
		peers["b"].send(`30["wrong id"]`, `31["answer",2]`)
		peers["a"].send(`30[]`)
		if r := <-a; r.err != nil || len(r.args) != 0 {
			t.Errorf("a answered %v %v", r.args, r.err)
		}
		if r := <-b; r.err != nil || !cmp.Equal(r.args, []any{"answer", 2.0}) {
			t.Errorf("b answered %v %v", r.args, r.err)
		}

		late := askLater(ctx, sockets["a"], "q")
		gone := askLater(ctx, sockets["b"], "q")
		peers["b"].leave()
		if r := <-gone; !errors.Is(r.err, ErrDisconnected) {
			t.Errorf("a socket that leaves: %v", r.err)
		}
		if _, err := sockets["b"].EmitWithAck(ctx, "q"); !errors.Is(err, ErrDisconnected) {
			t.Errorf("a socket that has left: %v", err)
		}
		for range 5 { // answers pings until a minute is over
			peers["a"].recv()
		}
		if r := <-late; !errors.Is(r.err, ErrAckTimeout) || r.err.Error() != "operation has timed out" {
			t.Errorf("no answer: %v", r.err)
		}
		if n := len(sockets["a"].acks); n != 0 {
			t.Errorf("%d acks are kept forever", n)
		}

		cancelled, stop := context.WithCancel(w.t.Context())
		stopped := askLater(cancelled, sockets["a"], "q")
		stop()
		if r := <-stopped; !errors.Is(r.err, context.Canceled) {
			t.Errorf("cancelled: %v", r.err)
		}
		killed := askLater(w.t.Context(), sockets["a"], "q")
		w.Kill()
		if r := <-killed; !errors.Is(r.err, ErrClosed) {
			t.Errorf("killed: %v", r.err)
		}
	})
}

func TestBroadcastWithAck(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		peers, sockets := three(w)
		sockets["a"].Join("r")
		sockets["b"].Join("r")
		ask := func(b *Broadcast) chan result {
			c := make(chan result, 1)
			go func() {
				values, err := b.EmitWithAck(w.t.Context(), "q", 1)
				c <- result{values, err}
			}()
			synctest.Wait()
			return c
		}

		all := ask(w.Of("/").To("r"))
		peers["a"].want(`20["q",1]`)
		peers["b"].want(`20["q",1]`)
		peers["b"].send(`30["b","ignored"]`)
		peers["a"].send(`30[]`)
		if r := <-all; r.err != nil || !cmp.Equal(r.args, []any{"b", nil}) {
			t.Errorf("answers %v %v", r.args, r.err)
		}

		some := ask(w.Of("/").To("r").Timeout(3 * time.Second))
		start := time.Now()
		peers["b"].send(`31["b"]`)
		if r := <-some; !errors.Is(r.err, ErrAckTimeout) || !cmp.Equal(r.args, []any{"b"}) {
			t.Errorf("answers %v %v", r.args, r.err)
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("waited %v", d)
		}

		if r := <-ask(w.Of("/").To("nobody")); r.err != nil || len(r.args) != 0 {
			t.Errorf("no receivers: %v %v", r.args, r.err)
		}
		missing := ask(w.Of("/").To("r"))
		peers["a"].leave() // its answer stays missing, as with the official server
		select {
		case r := <-missing:
			t.Errorf("answered %v %v", r.args, r.err)
		default:
		}
		w.Server.Close()
		if r := <-missing; !errors.Is(r.err, ErrClosed) {
			t.Errorf("closed: %v", r.err)
		}
	})
}
