//go:build peers

package peers

import (
	"bytes"
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

	second []byte        // see letPass
	passed chan struct{} // closed when an answer has passed, or all is cut
}

// newRelay ends with the test.
func (w *world) newRelay(target string) *relay {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	r := &relay{addr: l.Addr().String(), target: target, open: map[net.Conn]*bool{}, passed: make(chan struct{})}
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
	both.Go(func() { r.copy(out, in, &hole, nil) })
	both.Go(func() { r.copy(in, out, &hole, r.inTurn) })
	both.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	in.Close()
	out.Close()
	delete(r.open, in)
	delete(r.open, out)
}

// copy ends at the end of from; in a black hole nobody is told of it. What it
// forwards goes through write, if that is given.
func (r *relay) copy(to, from net.Conn, hole *bool, write func(to net.Conn, b []byte) error) {
	if write == nil {
		write = func(to net.Conn, b []byte) error { _, err := to.Write(b); return err }
	}
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
				err = write(to, buf[:n])
			} else {
				to.Close()
			}
		}
		if err != nil {
			return
		}
	}
}

// letPass keeps an answer that begins so until another one has passed. Which of
// two answers on two connections comes first is up to the network, and some
// clients decide by it.
func (r *relay) letPass(prefix string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.second = []byte(prefix)
}

// inTurn forwards an answer, or a part of one.
func (r *relay) inTurn(to net.Conn, b []byte) error {
	r.mu.Lock()
	second := r.second
	r.mu.Unlock()
	waits := second != nil && bytes.HasPrefix(b, second)
	if waits {
		<-r.passed
	}
	_, err := to.Write(b)
	if second != nil && !waits {
		r.release()
	}
	return err
}

// release lets go of what letPass keeps.
func (r *relay) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.passed:
	default:
		close(r.passed)
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
	r.release()
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		c.Close()
	}
}
