package trace

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
)

// SharedLaneError says that two goroutines emitted on one lane in one step.
type SharedLaneError struct {
	Lane string
	What string // that came second: an event's kind, or what is counted
	At   string // the stack where it was emitted
}

func (e *SharedLaneError) Error() string {
	return fmt.Sprintf("two goroutines use the lane %s in one step, the second one for %q", e.Lane, e.What)
}

// used checks a use of the lane that is no event.
func (r *Recorder) used(l *Lane, what string) {
	if !r.strictly.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.strict != nil {
		r.enter(l)
		r.check(l, what)
	}
}

// check needs r.mu.
func (r *Recorder) check(l *Lane, what string) {
	var head [64]byte
	me := numberAfter(head[:runtime.Stack(head[:], false)], "goroutine ")
	if l.owner == 0 || l.owner == me || l.id.Serial {
		l.owner = me
		return
	}
	stack := make([]byte, 64<<10)
	stack = stack[:runtime.Stack(stack, false)]
	if numberAfter(stack, " in goroutine ") == l.owner { // which has started this one
		l.owner = me
		return
	}
	r.strict(&SharedLaneError{Lane: l.name, What: what, At: string(stack)})
}

// numberAfter returns the number that follows the last such words.
func numberAfter(text []byte, words string) uint64 {
	i := bytes.LastIndex(text, []byte(words))
	if i < 0 {
		return 0
	}
	rest := text[i+len(words):]
	end := bytes.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.ParseUint(string(rest[:max(end, 0)]), 10, 64)
	return n
}
