package cli

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
)

// running is a cluster that runs until it is stopped.
type running interface {
	Head() time.Duration
	Follow(ctx context.Context, from uint64, f func([]trace.Event) error) error
	Failed() <-chan struct{}
	Close() error
}

// live follows a running cluster until ctx ends or something fails, and closes
// it. It returns what failed.
func live(ctx context.Context, out io.Writer, run running, jsonEvents bool, say *logWriter) error {
	watching, leave := context.WithCancel(context.Background())
	defer leave()
	var followers sync.WaitGroup
	broken := make(chan error, 1)
	if jsonEvents {
		followers.Go(func() {
			var lines []byte
			err := run.Follow(watching, 1, func(events []trace.Event) error {
				lines = report.AppendEvents(lines[:0], events)
				_, err := out.Write(lines)
				return err
			})
			if watching.Err() == nil {
				broken <- err
			}
		})
	}
	followers.Go(func() { writeEvents(watching, run, say) })
	var err error
	select {
	case <-ctx.Done():
		say.note("stopping")
	case <-run.Failed():
	case err = <-broken:
	}
	err = errors.Join(err, run.Close())
	leave()
	followers.Wait()
	return err
}
