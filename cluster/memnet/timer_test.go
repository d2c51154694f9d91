package memnet

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// Timers of one instant run by their keys, and those of one key in the order in
// which they were set; each when what the one before it led to has come to rest.
func TestTimersOfOneInstantRunInOrder(t *testing.T) {
	for range 20 {
		inMemory(t, func(t *testing.T, n *Network, _ func(string) *trace.Lane) {
			var mu sync.Mutex
			var got []string
			say := func(what string) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, what)
			}
			instant := time.Now().Add(time.Second)
			n.At(instant, func() { say("what At was given") })
			keys := []string{"a", "b", "c"}
			for _, i := range rand.Perm(len(keys)) {
				key := keys[i]
				n.AfterFunc(key, time.Until(instant), func() {
					say(key + "1")
					led := make(chan struct{})
					go func() { close(led) }()
					<-led
					say(key + "1 led to this")
				})
				n.AfterFunc(key, time.Until(instant), func() { say(key + "2") })
			}
			time.Sleep(time.Hour)
			mu.Lock()
			defer mu.Unlock()
			want := []string{"a1", "a1 led to this", "a2", "b1", "b1 led to this", "b2", "c1", "c1 led to this", "c2", "what At was given"}
			if !slices.Equal(got, want) {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestATimerThatIsStoppedOrSetAnew(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, _ func(string) *trace.Lane) {
		began, fired := time.Now(), make(chan time.Duration, 10)
		note := func() { fired <- time.Since(began) }

		second := n.AfterFunc("b", time.Second, note)
		n.AfterFunc("a", time.Second, func() {
			if !second.Stop() { // it is due, but it is not its turn
				t.Error("a timer whose turn has not come cannot be stopped")
			}
		})
		time.Sleep(time.Minute)
		if second.Stop() || len(fired) > 0 {
			t.Error("a stopped timer fires, or is stopped twice")
		}

		if second.Reset(time.Minute) {
			t.Error("a timer that was stopped was set")
		}
		time.Sleep(30 * time.Second)
		if !second.Reset(time.Minute) {
			t.Error("a timer that runs was not set")
		}
		if at := <-fired; at != time.Minute+90*time.Second {
			t.Errorf("it fires after %v", at)
		}
		second.Reset(0)
		if at := <-fired; at != time.Minute+90*time.Second {
			t.Errorf("without a delay it fires after %v", at)
		}
	})
}
