package virtualtime

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnHourTakesNoTime(t *testing.T) {
	wall := time.Now()
	var passed time.Duration
	err := Run(Options{}, func(b *Bubble) error {
		start := time.Now()
		time.Sleep(time.Hour)
		passed = time.Since(start)
		return nil
	})
	if err != nil || passed != time.Hour {
		t.Fatalf("passed %v, err %v", passed, err)
	}
	if w := time.Since(wall); w > time.Minute {
		t.Errorf("an hour of virtual time took %v", w)
	}
}

func TestBubblesSideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := Run(Options{}, func(b *Bubble) error {
				for range 100 {
					time.Sleep(time.Second)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestFailures(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name string
		f    func(*Bubble) error
		ok   func(error) bool
	}{
		{"an error", func(*Bubble) error { return boom }, func(err error) bool { return err == boom }},
		{"a panic in the root", func(*Bubble) error { panic("ouch") }, isPanic},
		{"a panic in a goroutine", func(b *Bubble) error {
			b.Go(func() { panic("ouch") })
			<-b.Failed()
			return nil
		}, isPanic},
		{"a leak", func(b *Bubble) error {
			b.Go(func() { <-make(chan int) })
			return nil
		}, func(err error) bool {
			var leak *LeakError
			return errors.As(err, &leak) && strings.Contains(leak.Detail(), "TestFailures")
		}},
		{"a deadlock", func(b *Bubble) error {
			<-make(chan int)
			return nil
		}, func(err error) bool {
			var dead *DeadlockError
			return errors.As(err, &dead)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := Run(Options{}, c.f); err == nil || !c.ok(err) {
				t.Errorf("got %T: %v", err, err)
			}
		})
	}
}

func isPanic(err error) bool {
	var p *PanicError
	return errors.As(err, &p) && p.Value == "ouch" && p.Stack != ""
}

// A goroutine that sleeps under a mutex that another one wants stops virtual
// time for good: the watchdog must say so.
func TestStallIsReported(t *testing.T) {
	release := make(chan struct{})
	err := Run(Options{Stall: 200 * time.Millisecond}, func(b *Bubble) error {
		<-release // made outside: stands for whatever is not durable
		return nil
	})
	var stall *StallError
	if !errors.As(err, &stall) || !strings.Contains(stall.Detail(), "TestStallIsReported") {
		t.Errorf("got %T: %v", err, err)
	}
	close(release)
}

// What is held, and what makes progress, is not stalled however long it takes.
func TestTheWatchdogWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ended := &Bubble{}, make(chan error, 1)
		go func() { ended <- b.watch(nil, time.Second) }()
		b.Hold(true)
		time.Sleep(time.Hour)
		b.Hold(false)
		for range 100 {
			b.progress.Add(1)
			time.Sleep(900 * time.Millisecond)
		}
		if len(ended) > 0 {
			t.Fatal(<-ended)
		}
		var stall *StallError
		if err := <-ended; !errors.As(err, &stall) {
			t.Errorf("got %T: %v", err, err)
		}
	})
}

func TestPacerHoldsTimeBack(t *testing.T) {
	g := NewPacer()
	at := make(chan time.Duration, 10)
	done := make(chan error, 1)
	go func() {
		defer g.Gone()
		done <- Run(Options{}, func(b *Bubble) error {
			start := time.Now()
			g.Attach(b)
			for range 3 {
				time.Sleep(time.Second)
				at <- time.Since(start)
			}
			return nil
		})
	}()
	if !g.Advance(nil, 999*time.Millisecond) || len(at) != 0 {
		t.Fatal("time ran past the pacer")
	}
	if !g.Advance(nil, 2*time.Millisecond) {
		t.Fatal("the bubble has ended early")
	}
	if got := <-at; got != time.Second {
		t.Fatalf("woke at %v, want 1s", got)
	}
	var inside time.Time
	g.Advance(func() { inside = time.Now() }, 0)
	if inside.Year() != 2000 {
		t.Errorf("the function ran outside: at %v", inside)
	}
	g.Release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(at) != 2 {
		t.Errorf("%d more wakes after the release, want 2", len(at))
	}
	if g.Advance(nil, time.Second) {
		t.Error("Advance succeeds in a bubble that has ended")
	}
}
