package link

import (
	"context"
	"errors"
	"time"

	"stickylab/cluster/host"
)

// ErrLate is returned by Await when the time is over.
var ErrLate = errors.New("no answer in time")

// Await waits until done is closed, for at most timeout (0 for no limit), whose timer has
// the key. It fails with ErrLate when that has passed, or ctx's deadline, with ErrClosed
// when closed is, and with ctx's error.
func Await(ctx context.Context, after host.AfterFunc, key string, done, closed <-chan struct{}, timeout time.Duration) error {
	if timeout > 0 {
		limited, cancel := after.WithTimeout(ctx, key, timeout)
		defer cancel()
		ctx = limited
	}
	select {
	case <-done:
		return nil
	case <-closed:
		return ErrClosed
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			return ErrLate
		}
		return ctx.Err()
	}
}
