package cli

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"stickylab/cluster/trace"
)

// followed is a run whose events can be had as they happen.
type followed interface {
	Head() time.Duration
	Follow(ctx context.Context, from uint64, f func([]trace.Event) error) error
}

// narrate puts what happens into lines, until ctx ends. What happens often is
// told a few times in a second, and then counted.
func narrate(ctx context.Context, run followed, say *speaker) {
	n := newNarrator(say)
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

// narrator writes lines, not a flood.
type narrator struct {
	say *speaker

	mu     sync.Mutex
	counts map[string]int // by sort, in this second
}

func newNarrator(say *speaker) *narrator { return &narrator{say: say, counts: make(map[string]int)} }

func (n *narrator) tell(e *trace.Event) {
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

// flush tells how much was not told.
func (n *narrator) flush(now time.Duration) {
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

// words puts an event into words; sort is what it has in common with others
// like it. text is "" when it is not worth a line.
func words(e *trace.Event) (sort, text string) {
	node, who, why := e.Node.String(), e.Client.String(), e.Text.String()
	switch e.Kind {
	case trace.Step:
		return "steps", "step: " + why
	case trace.NodeUp:
		return node + " is up", node + " is up"
	case trace.NodeDown:
		return node + " is down", fmt.Sprintf("%s is down (%s)", node, why)
	case trace.NodeFroze:
		return node + " stands still", fmt.Sprintf("%s stands still (%s)", node, why)
	case trace.NodeThawed:
		return node + " goes on", node + " goes on"
	case trace.Counted:
		if e.Status < 0 {
			return node + " can not count", fmt.Sprintf("%s can not count %s: %s", node, e.Room, why)
		}
		return node + " counts", fmt.Sprintf("%s counts %d in %s, %s", node, e.Status, e.Room, why)
	case trace.AdapterOn, trace.AdapterOff:
		text = fmt.Sprintf("%s: adapter %s", node, map[bool]string{true: "on", false: "off"}[e.Kind == trace.AdapterOn])
		return text, text
	case trace.RedisUp:
		return node + " is linked to redis", node + " is linked to redis"
	case trace.RedisDown:
		return node + " has no link to redis", fmt.Sprintf("%s has no link to redis: %s", node, why)
	case trace.ConfigLoaded:
		return "proxy configurations", "proxy: " + why
	case trace.Joined:
		sort = fmt.Sprintf("joined %s on %s", e.Room, node)
		return sort, who + " " + sort
	case trace.SocketClosed:
		sort = fmt.Sprintf("gone from %s: %s", node, why)
		return sort, fmt.Sprintf("%s is %s", who, sort)
	case trace.Refused:
		sort = fmt.Sprintf("refused by %s: %d %s", node, e.Status, why)
		return sort, fmt.Sprintf("%s is %s", e.Peer, sort)
	case trace.ProxyError:
		return "in the proxy's log", fmt.Sprintf("proxy, for %s: %s", e.Peer, why)
	case trace.FrontError:
		return "in the log of " + node, fmt.Sprintf("%s, for %s: %s", node, e.Peer, why)
	case trace.ConnectError, trace.UpgradeError:
		return "could not connect: " + why, fmt.Sprintf("%s could not connect: %s", who, why)
	case trace.ClientMoved:
		return "clients moved", fmt.Sprintf("%s moved to %s", who, e.Peer)
	}
	return "", ""
}
