package cli

import (
	"sync"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
	"stickylab/ui/outfile"
)

// traceFile carries a trace out of a run into a file: add is called where
// virtual time is, so it only encodes, and a goroutine of this side writes.
type traceFile struct {
	file *outfile.File
	more chan struct{} // something was added, or the end
	done chan error

	mu      sync.Mutex
	pending []byte
	ended   bool
}

// newTraceFile writes a trace to a file, until end.
func newTraceFile(file *outfile.File) *traceFile {
	t := &traceFile{file: file, more: make(chan struct{}, 1), done: make(chan error, 1)}
	go func() { t.done <- t.write() }()
	return t
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
	return failure
}

// end writes the rest. The file gets its name unless stopped, or the writing of it,
// is an error; it returns what failed to be written.
func (t *traceFile) end(stopped error) error {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.nudge()
	if err := <-t.done; err != nil || stopped != nil {
		t.file.Discard()
		return err
	}
	return t.file.Commit()
}
