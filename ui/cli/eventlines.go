package cli

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// writeEvents puts what happens into lines, until ctx ends. What happens often is
// told a few times in a second, and then counted.
func writeEvents(ctx context.Context, run running, say *logWriter) {
	n := newEventLines(say)
	var flusher sync.WaitGroup
	flusher.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				n.flush(run.Head())
			case <-ctx.Done():
				n.flush(run.Head())
				return
			}
		}
	})
	run.Follow(ctx, 1, func(events []trace.Event) error {
		for i := range events {
			n.tell(&events[i])
		}
		return nil
	})
	flusher.Wait()
}

const (
	toldEach = 3   // lines of one sort in a second
	mostSort = 100 // sorts that are told apart in a second
)

// eventLines writes lines, not a flood.
type eventLines struct {
	say *logWriter

	mu     sync.Mutex
	counts map[string]int // by sort, in this second
}

func newEventLines(say *logWriter) *eventLines {
	return &eventLines{say: say, counts: make(map[string]int)}
}

func (n *eventLines) tell(e *trace.Event) {
	sort, text := words(e)
	if text == "" {
		return
	}
	n.mu.Lock()
	if n.counts[sort] == 0 && len(n.counts) >= mostSort {
		sort = "something else"
	}
	n.counts[sort]++
	told := n.counts[sort] > toldEach || sort == "something else"
	n.mu.Unlock()
	if !told {
		n.say.line(e.At, text)
	}
}

// flush writes how many events were left out.
func (n *eventLines) flush(now time.Duration) {
	n.mu.Lock()
	counts := n.counts
	n.counts = make(map[string]int)
	n.mu.Unlock()
	var sorts []string
	for s, count := range counts {
		if count > toldEach || s == "something else" {
			sorts = append(sorts, s)
		}
	}
	sort.Strings(sorts)
	for _, s := range sorts {
		more := counts[s] - toldEach
		if s == "something else" {
			more = counts[s]
		}
		n.say.line(now, fmt.Sprintf("%d more: %s", more, s))
	}
}

// told are the events that are worth a line.
var told = map[trace.Kind]bool{
	trace.Step: true, trace.ClientMoved: true,
	trace.NodeUp: true, trace.NodeDown: true, trace.NodeFroze: true, trace.NodeResumed: true, trace.Counted: true,
	trace.AdapterOn: true, trace.AdapterOff: true, trace.RedisUp: true, trace.RedisDown: true,
	trace.ConfigLoaded: true, trace.ProxyError: true, trace.FrontError: true,
	trace.Joined: true, trace.SocketClosed: true, trace.Refused: true, trace.ConnectError: true, trace.UpgradeError: true,
}

// words puts an event into words; sort is what it has in common with others
// like it. text is "" when it is not worth a line.
func words(e *trace.Event) (sort, text string) {
	if !told[e.Kind] {
		return "", ""
	}
	d := ledger.Describe(e)
	text = d.String()
	switch e.Kind {
	case trace.Step:
		return "steps", text
	case trace.ClientMoved:
		return "clients moved", text
	case trace.ProxyError, trace.FrontError:
		return "in the log of " + d.Subject, text + ", for " + e.Peer.String()
	case trace.Joined, trace.SocketClosed, trace.Refused, trace.ConnectError, trace.UpgradeError:
		d.Subject = "clients"
	}
	return d.String(), text
}
