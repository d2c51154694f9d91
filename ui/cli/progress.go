package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/sim/format"
)

// progress is one line on the terminal that shows how far the runs are. It
// does nothing when there is no terminal.
type progress struct {
	w    io.Writer
	jobs []job
	at   []atomic.Int64 // by job: the time of its run

	mu    sync.Mutex
	shown bool
	quit  chan struct{}
	ended sync.WaitGroup
}

// quietFor is how long a run may take before it is worth a line.
const quietFor = 300 * time.Millisecond

func startProgress(w io.Writer, jobs []job, silent bool) *progress {
	p := &progress{w: w, jobs: jobs, at: make([]atomic.Int64, len(jobs)), quit: make(chan struct{})}
	if silent || !format.ScreenOf(w).Terminal {
		return p
	}
	p.ended.Go(func() {
		ticker := time.NewTicker(quietFor)
		defer ticker.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-ticker.C:
				p.show()
			}
		}
	})
	return p
}

func (p *progress) show() {
	var parts []string
	for i := range p.jobs {
		total := p.jobs[i].plan.File.Duration
		if at := time.Duration(p.at[i].Load()); at > 0 && at < total {
			parts = append(parts, fmt.Sprintf("%s %s / %s", p.jobs[i].name, format.Clock(at.Truncate(time.Second)), format.Clock(total)))
		}
	}
	if len(parts) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	format.Styled(p.w, fmt.Sprintf("%s%.78s", format.EraseLine, strings.Join(parts, "   ")))
	p.shown = true
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		format.Styled(p.w, format.EraseLine)
		p.shown = false
	}
}

func (p *progress) stop() {
	close(p.quit)
	p.ended.Wait()
	p.clear()
}
