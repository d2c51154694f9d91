package cli

import (
	"errors"
	"os"
	"sync"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
)

// traceFile carries a trace out of a run into a file: add is called where
// virtual time is, so it only encodes, and a goroutine of this side writes.
type traceFile struct {
	file *os.File
	more chan struct{} // something was added, or the end
	done chan error

	mu      sync.Mutex
	pending []byte
	ended   bool
}

// createTrace creates the file.
func createTrace(path string) (*traceFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	t := &traceFile{file: f, more: make(chan struct{}, 1), done: make(chan error, 1)}
	go func() { t.done <- t.write() }()
	return t, nil
}

func (t *traceFile) add(events []trace.Event) {
	t.mu.Lock()
	t.pending = report.AppendEvents(t.pending, events)
	t.mu.Unlock()
	t.nudge()
}

func (t *traceFile) nudge() {
	select {
	case t.more <- struct{}{}:
	default:
	}
}

// write writes what is added until the end.
func (t *traceFile) write() error {
	var failure error
	var buf []byte
	for range t.more {
		t.mu.Lock()
		buf, t.pending = t.pending, buf[:0]
		ended := t.ended
		t.mu.Unlock()
		if failure == nil {
			_, failure = t.file.Write(buf)
		}
		if ended {
			break
		}
	}
	return errors.Join(failure, t.file.Close())
}

// close writes the rest and closes the file.
func (t *traceFile) close() error {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.nudge()
	return <-t.done
}
