package socketio

import (
	"context"
	"errors"
	"sync"
	"time"

	"stickylab/cluster/host"
)

// answers gathers the acknowledgements of a broadcast.
type answers struct {
	changed chan struct{} // holds a token when there is something new

	mu       sync.Mutex
	expected int
	values   []any
}

func (a *answers) init() { a.changed, a.values = make(chan struct{}, 1), []any{} }

func (a *answers) expect(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expected = n
}

func (a *answers) add(v any) {
	a.mu.Lock()
	a.values = append(a.values, v)
	a.mu.Unlock()
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// state returns the answers so far and whether they are all.
func (a *answers) state() ([]any, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.values, len(a.values) >= a.expected
}

// wait returns all answers, or those so far and why they are not all. A zero
// timeout is none.
func (a *answers) wait(ctx context.Context, after host.AfterFunc, timeout time.Duration, closed <-chan struct{}) ([]any, error) {
	if timeout > 0 {
		limited, cancel := after.WithTimeout(ctx, "answers", timeout)
		defer cancel()
		ctx = limited
	}
	for {
		values, all := a.state()
		if all {
			return values, nil
		}
		select {
		case <-a.changed:
		case <-ctx.Done():
			return values, contextError(ctx)
		case <-closed:
			return values, ErrClosed
		}
	}
}

// contextError returns why ctx ended; a deadline is ErrAckTimeout.
func contextError(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return ErrAckTimeout
	}
	return ctx.Err()
}
