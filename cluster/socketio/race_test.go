package socketio

import (
	"fmt"
	"sync"
	"testing"
)

// Broadcasts, rooms, sockets and the adapter may change at the same time.
func TestConcurrency(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		n := w.Of("/")
		peers, sockets := three(w)
		var running sync.WaitGroup
		every := func(f func(i int)) {
			running.Go(func() {
				for i := range 200 {
					f(i)
				}
			})
		}
		for _, s := range sockets {
			every(func(i int) { s.Join(fmt.Sprint(i % 7)); s.Leave(fmt.Sprint(i % 5)) })
			every(func(i int) { s.To(fmt.Sprint(i%7)).Emit("e", i) })
		}
		every(func(i int) { n.To("1", "2").Emit("e", i) })
		every(func(int) { n.FetchSockets(w.t.Context()) })
		every(func(i int) {
			if n.SetAdapter(nil); i%2 == 0 {
				n.SetAdapter(NewMemory(n))
			}
		})
		running.Go(func() { n.Timeout(1).EmitWithAck(w.t.Context(), "q") })
		running.Go(func() { sockets["b"].Disconnect(false); peers["c"].leave() })
		running.Wait()
		n.SetAdapter(nil)
		if got := n.Memory().SocketIDs(Options{}); len(got) != 1 || got[0] != sockets["a"].ID() {
			t.Errorf("left are %v", got)
		}
	})
}
