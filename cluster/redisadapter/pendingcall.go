package redisadapter

import (
	"context"
	"errors"
	"time"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
)

// Errors of calls that other nodes did not answer in time, in the words of the
// official adapter. (That has no limit for the count of servers, and no text.)
var (
	errFetchTimeout = errors.New("timeout reached while waiting for fetchSockets response")
	errRoomsTimeout = errors.New("timeout reached while waiting for allRooms response")
	errCountTimeout = errors.New("timeout reached while waiting for serverCount response")
)

// A pendingCall gathers the responses to a request. Its fields are guarded by
// Adapter.mu until done is closed or the call was withdrawn.
type pendingCall struct {
	id   string
	kind kind
	done chan struct{}

	// For all kinds but kindBroadcast: how many responses are missing, and what
	// came.
	missing int
	sockets []socketio.RemoteSocket
	rooms   []string
	values  []any // of kindBroadcast too: the acknowledgements

	// For kindBroadcast: the servers of the cluster (-1: not known yet), those
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
	if q.kind == kindBroadcast {
		return q.counted == q.servers && len(q.values) == q.clients
	}
	return q.missing == 0
}

// take adds a response that names q. What does not answer q's question does
// not count.
func (q *pendingCall) take(r response) {
	switch {
	case q.kind == kindBroadcast && r.kind == kindClientCount:
		q.counted++
		q.clients += r.count
	case q.kind == kindBroadcast && r.kind == kindAck:
		q.values = append(q.values, r.value)
	case q.kind == kindFetch && r.sockets != nil:
		q.missing--
		q.sockets = append(q.sockets, r.sockets...)
	case q.kind == kindAllRooms && r.rooms != nil:
		q.missing--
		q.rooms = append(q.rooms, r.rooms...)
	case q.kind == kindServerSideEmit && r.kind == kindServerSideEmit:
		q.missing--
		q.values = append(q.values, r.value)
	}
}

// wait waits until q is complete, for at most timeout (0 for no limit), and
// withdraws it. With the time over, or ctx's deadline passed, it returns late.
func (a *Adapter) wait(ctx context.Context, q *pendingCall, timeout time.Duration, late error) error {
	defer a.withdraw(q)
	return a.await(ctx, q.id, q.done, timeout, late)
}

func (a *Adapter) await(ctx context.Context, key string, done <-chan struct{}, timeout time.Duration, late error) error {
	err := link.Await(ctx, a.cfg.Env.AfterFunc, key, done, a.ctx.Done(), timeout)
	if err == link.ErrLate {
		return late
	}
	return err
}

// servers counts the servers of the cluster, this one included. late is
// returned when Redis does not answer within the requests' timeout.
func (a *Adapter) servers(ctx context.Context, late error) (int, error) {
	var n int
	done := make(chan struct{})
	forget := a.pub.Count(func(count int) {
		n = count
		close(done)
	}, "PUBSUB", "NUMSUB", a.requests)
	defer forget()
	if err := a.await(ctx, a.cfg.UID, done, a.cfg.RequestsTimeout, late); err != nil {
		return 0, err
	}
	return n, nil
}
