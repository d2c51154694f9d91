package socketio

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recording is an adapter that notes what it is asked and passes broadcasts on.
type recording struct {
	*Memory
	calls []string
}

func (r *recording) note(call string) { r.calls = append(r.calls, call) }

func (r *recording) Broadcast(p Packet, o Options) {
	r.note("broadcast")
	r.Memory.Broadcast(p, o)
}

func (r *recording) AddSockets(Options, []string)        { r.note("add") }
func (r *recording) DelSockets(Options, []string)        { r.note("del") }
func (r *recording) DisconnectSockets(o Options, _ bool) { r.note("disconnect") }
func (r *recording) ServerSideEmit(data []any) error {
	r.note("emit " + data[0].(string))
	return nil
}

func (r *recording) ServerSideEmitWithAck(_ context.Context, data []any) ([]any, error) {
	r.note("ask " + data[0].(string))
	return data[1:], nil
}

func (r *recording) FetchSockets(context.Context, Options) ([]RemoteSocket, error) {
	r.note("fetch")
	return nil, nil
}

func (r *recording) BroadcastWithAck(context.Context, Packet, Options) ([]any, error) {
	r.note("ack")
	return nil, nil
}

func (r *recording) Close() error {
	r.note("close")
	return nil
}

// The adapter is swapped while clients are connected; sockets and rooms stay,
// and what is local does not go through it.
func TestSetAdapter(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		peers, sockets := three(w)
		n := w.Of("/")
		sockets["a"].Join("r")
		if n.Adapter() != Adapter(n.Memory()) {
			t.Error("the first adapter is not the memory")
		}
		other := &recording{Memory: n.Memory()}
		n.SetAdapter(other)
		if n.Adapter() != Adapter(other) {
			t.Error("the adapter is not in use")
		}
		if names := got(w, peers, func() { n.To("r").Emit("e", 1) }); names != "a" {
			t.Errorf("reached %q through the other adapter", names)
		}
		ctx := w.t.Context()
		n.To("r").Local().Emit("e")
		n.Local().Join("q")
		sockets["b"].Emit("e")
		sockets["b"].Join("r")
		n.To("x").Join("y")
		n.To("x").Leave("y")
		n.To("x").Disconnect(false)
		n.FetchSockets(ctx)
		n.To("x").EmitWithAck(ctx, "e")
		n.ServerSideEmit("s")
		answers, err := n.ServerSideEmitWithAck(ctx, "t", 1)
		if err != nil || !cmp.Equal(answers, []any{1}) {
			t.Errorf("%v %v", answers, err)
		}
		want := []string{"broadcast", "add", "del", "disconnect", "fetch", "ack", "emit s", "ask t"}
		if diff := cmp.Diff(want, other.calls); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		peers["a"].want(`2["e"]`)
		peers["b"].want(`2["e"]`)

		n.SetAdapter(nil)
		other.calls = nil
		if names := got(w, peers, func() { n.To("r").Emit("e") }); names != "ab" || other.calls != nil {
			t.Errorf("reached %q, after calls %v", names, other.calls)
		}
		n.SetAdapter(other)
		w.Server.Close()
		if !cmp.Equal(other.calls, []string{"close"}) {
			t.Errorf("at the end: %v", other.calls)
		}
	})
}

// Alone, a node has no other nodes to ask.
func TestMemoryAlone(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		n := w.Of("/")
		ctx := w.t.Context()
		if err := n.ServerSideEmit("e"); err != nil {
			t.Error(err)
		}
		if answers, err := n.ServerSideEmitWithAck(ctx, "e"); err != nil || len(answers) != 0 {
			t.Errorf("%v %v", answers, err)
		}
		if count, err := n.Adapter().ServerCount(ctx); err != nil || count != 1 {
			t.Errorf("%d %v", count, err)
		}
		if err := n.Adapter().Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestHandleServerSide(t *testing.T) {
	n := NewServer(Config{}).Of("/")
	var calls []any
	n.OnServerSide("e", func(args []any, ack func(any)) {
		calls = append(calls, args)
		if ack != nil {
			ack("first")
			ack("second")
		}
	})
	m := n.Memory()
	m.HandleServerSide([]any{"e", 1.0}, func(v any) { calls = append(calls, v) })
	m.HandleServerSide([]any{"e"}, nil)
	m.HandleServerSide([]any{"other"}, nil)
	m.HandleServerSide([]any{7.0}, nil)
	m.HandleServerSide(nil, nil)
	if diff := cmp.Diff([]any{[]any{1.0}, "first", []any{}}, calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Packets that other nodes send reach the sockets without having been encoded
// here before; what cannot be encoded is dropped.
func TestMemoryBroadcast(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		p := w.join("/")
		m := w.Of("/").Memory()
		m.Broadcast(Packet{Type: Event, Data: []any{"bin", []byte("x")}}, Options{})
		m.Broadcast(Packet{Type: Event, Data: []any{func() {}}}, Options{})
		cancel := m.BroadcastLocalWithAck(Packet{Type: Event, Data: []any{func() {}}}, Options{}, func(n int) {
			if n != 0 {
				t.Errorf("asked %d sockets", n)
			}
		}, nil)
		cancel()
		p.want(`51-["bin",{"_placeholder":true,"num":0}]`, "#x", ping)
	})
}
