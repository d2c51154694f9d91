package clusteradapter

import (
	"context"
	"time"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
)

// A pendingCall gathers the responses to a request. Its fields are guarded by
// Adapter.mu until done is closed or the call was withdrawn.
type pendingCall struct {
	id   string
	kind Type
	done chan struct{}

	// For all kinds but Broadcast: how many responses are expected, how many came, and
	// what they held.
	expected, current int
	sockets           []socketio.RemoteSocket
	values            []any // of Broadcast too: the acknowledgements

	// For Broadcast: the servers of the cluster (-1: not known yet), those
	// that have said how many clients they ask, and the sum.
	servers, counted, clients int
}

// ask registers q. False: the adapter is closed.
func (a *Adapter) ask(q *pendingCall) bool {
	q.done = make(chan struct{})
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.asked[q.id] = q
	return true
}

// withdraw forgets q, which from then on belongs to the caller.
func (a *Adapter) withdraw(q *pendingCall) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.asked, q.id)
}

// update changes q, if it is still waited for, and ends it when it is complete.
func (a *Adapter) update(q *pendingCall, change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked[q.id] != q {
		return
	}
	change()
	if q.complete() {
		delete(a.asked, q.id)
		close(q.done)
	}
}

func (q *pendingCall) complete() bool {
	if q.kind == Broadcast {
		return q.counted == q.servers && len(q.values) == q.clients
	}
	return q.current == q.expected
}

// take adds a response that names q. What does not answer q's question does
// not count.
func (q *pendingCall) take(m *Message) {
	switch {
	case q.kind == Broadcast && m.Type == ClientCount:
		q.counted++
		q.clients += m.Count
	case q.kind == Broadcast && m.Type == Ack:
		q.values = append(q.values, m.Value)
	case q.kind == Fetch && m.Type == FetchResponse:
		q.current++
		q.sockets = append(q.sockets, m.Sockets...)
	case q.kind == ServerSideEmit && m.Type == ServerSideEmitResponse:
		q.current++
		q.values = append(q.values, m.Value)
	}
}

// wait waits until q is complete, for at most timeout (0 for no limit), and
// withdraws it. With the time over, or ctx's deadline passed, it returns late.
func (a *Adapter) wait(ctx context.Context, q *pendingCall, timeout time.Duration, late func() error) error {
	err := a.await(ctx, q.id, q.done, timeout)
	a.withdraw(q)
	if err == link.ErrLate {
		return late()
	}
	return err
}

func (a *Adapter) await(ctx context.Context, key string, done <-chan struct{}, timeout time.Duration) error {
	return link.Await(ctx, a.cfg.Env.AfterFunc, key, done, a.ctx.Done(), timeout)
}
