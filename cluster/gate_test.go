package cluster

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// line is a gate with goroutines that go through it and say so.
type line struct {
	*gate
	t *testing.T

	mu  sync.Mutex
	log []string
}

func inLine(t *testing.T, f func(*line)) {
	synctest.Test(t, func(t *testing.T) {
		f(&line{gate: &gate{start: func(f func()) { go f() }}, t: t})
	})
}

func (l *line) come(q queue, name string) {
	go func() {
		l.pass(q)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.log = append(l.log, name)
	}()
	synctest.Wait()
}

func (l *line) passed(want ...string) {
	l.t.Helper()
	time.Sleep(time.Microsecond)
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.log, want) {
		l.t.Errorf("passed %q, want %q", strings.Join(l.log, " "), strings.Join(want, " "))
	}
	l.log = nil
}

func TestGateLetsTimersThroughFirst(t *testing.T) {
	inLine(t, func(l *line) {
		l.come(input, "open")
		l.passed("open")
		l.close()
		for i := range 3 {
			l.come(input, fmt.Sprint("input", i))
			l.come(timers, fmt.Sprint("timer", i))
		}
		time.Sleep(time.Hour)
		l.passed()
		if !l.closed() || !l.open(0) || l.closed() {
			t.Error("a shut gate does not open")
		}
		l.passed("timer0", "timer1", "timer2", "input0", "input1", "input2")
		l.come(input, "later")
		l.passed("later")
		if l.open(0) {
			t.Error("an open gate opens")
		}
	})
}

func TestGateKnowsWhichTimeIsMeant(t *testing.T) {
	inLine(t, func(l *line) {
		first := l.close()
		l.come(timers, "a")
		second := l.close()
		if l.open(first) || !l.closed() {
			t.Error("the end of the first time opens the second")
		}
		l.passed()
		if !l.open(second) {
			t.Error("the second time does not end")
		}
		l.passed("a")
		if l.open(second) {
			t.Error("it ends twice")
		}
	})
}

func TestGateShutsWhileItOpens(t *testing.T) {
	inLine(t, func(l *line) {
		l.close()
		for i := range 3 {
			l.come(input, fmt.Sprint(i))
		}
		l.open(0)
		synctest.Wait() // the first is through, the next follows a moment later
		l.close()
		l.passed("0")
		l.open(0)
		l.passed("1", "2")
	})
}

func TestAbolishedGateHoldsNobody(t *testing.T) {
	inLine(t, func(l *line) {
		number := l.close()
		l.come(input, "a")
		l.abolish()
		l.passed("a")
		l.come(timers, "b")
		l.passed("b")
		if l.open(number) {
			t.Error("it opens again")
		}
	})
	var none *gate
	none.pass(input)
}
