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

// line is an event loop with goroutines that wait for it and say when they continue.
type line struct {
	*eventLoop
	t *testing.T

	mu  sync.Mutex
	log []string
}

func inLine(t *testing.T, f func(*line)) {
	synctest.Test(t, func(t *testing.T) {
		f(&line{eventLoop: &eventLoop{soon: func(f func()) { time.AfterFunc(time.Nanosecond, f) }}, t: t})
	})
}

func (l *line) come(q queue, name string) {
	go func() {
		l.wait(q)
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

func TestAResumedLoopLetsTimersContinueFirst(t *testing.T) {
	inLine(t, func(l *line) {
		l.come(input, "open")
		l.passed("open")
		l.pause()
		for i := range 3 {
			l.come(input, fmt.Sprint("input", i))
			l.come(timers, fmt.Sprint("timer", i))
		}
		time.Sleep(time.Hour)
		l.passed()
		if !l.isPaused() || !l.resume(0) || l.isPaused() {
			t.Error("a paused loop does not resume")
		}
		l.passed("timer0", "timer1", "timer2", "input0", "input1", "input2")
		l.come(input, "later")
		l.passed("later")
		if l.resume(0) {
			t.Error("a running loop resumes")
		}
	})
}

func TestALoopKnowsWhichPauseIsMeant(t *testing.T) {
	inLine(t, func(l *line) {
		first := l.pause()
		l.come(timers, "a")
		second := l.pause()
		if l.resume(first) || !l.isPaused() {
			t.Error("the end of the first pause ends the second")
		}
		l.passed()
		if !l.resume(second) {
			t.Error("the second pause does not end")
		}
		l.passed("a")
		if l.resume(second) {
			t.Error("it ends twice")
		}
	})
}

func TestALoopIsPausedWhileItResumes(t *testing.T) {
	inLine(t, func(l *line) {
		l.pause()
		for i := range 3 {
			l.come(input, fmt.Sprint(i))
		}
		l.resume(0)
		time.Sleep(time.Nanosecond) // the first is through, the next follows a moment later
		synctest.Wait()
		l.pause()
		l.passed("0")
		l.resume(0)
		l.passed("1", "2")
	})
}

func TestALoopThatIsNoneHoldsNobody(t *testing.T) {
	var none *eventLoop
	none.wait(input)
}
