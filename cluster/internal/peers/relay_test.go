//go:build peers

package peers

import (
	"net"
	"sync"
)

// A relay forwards TCP connections to another address.
type relay struct {
	addr string

	mu     sync.Mutex
	hole   bool // new connections are swallowed
	target string
	open   map[net.Conn]*bool // whether they are black holes
}

// newRelay ends with the test.
func (w *world) newRelay(target string) *relay {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	r := &relay{addr: l.Addr().String(), target: target, open: map[net.Conn]*bool{}}
	w.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.Go(func() { r.forward(c) })
		}
	})
	w.Cleanup(func() {
		l.Close()
		r.cut()
	})
	return r
}

func (r *relay) forward(in net.Conn) {
	out, err := net.Dial("tcp", r.target)
	if err != nil {
		in.Close()
		return
	}
	r.mu.Lock()
	hole := r.hole
	r.open[in], r.open[out] = &hole, &hole
	r.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { r.copy(out, in, &hole) })
	both.Go(func() { r.copy(in, out, &hole) })
	both.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	in.Close()
	out.Close()
	delete(r.open, in)
	delete(r.open, out)
}

// copy ends at the end of from; in a black hole nobody is told of it.
func (r *relay) copy(to, from net.Conn, hole *bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		r.mu.Lock()
		lost := *hole
		r.mu.Unlock()
		if lost && err == nil {
			continue
		}
		if !lost {
			if err == nil {
				_, err = to.Write(buf[:n])
			} else {
				to.Close()
			}
		}
		if err != nil {
			return
		}
	}
}

// swallow makes the relay a black hole: nothing that is sent over the
// connections so far arrives any more, nor over new ones until heal. Nobody is
// told.
func (r *relay) swallow() { r.set(true) }

// heal forwards new connections again. The swallowed ones end: by then the other
// side would have noticed too.
func (r *relay) heal() {
	r.cut()
	r.set(false)
}

func (r *relay) set(hole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hole = hole
	for _, h := range r.open {
		*h = *h || hole
	}
}

// cut closes all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		c.Close()
	}
}
