package swarm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/sim/virtualtime"
)

// outcome is what a run leaves.
type outcome struct {
	trace  []byte
	report string
	err    error
	cut    bool // it had more events than it may
	broken []failure
}

// stall is how long, by the wall clock, virtual time may not move.
const stall = 20 * time.Second

// live runs a scenario, which must be valid, once; strict gives goroutines another
// order.
func live(text string, strict bool) *outcome {
	p, errs := parse(text)
	if errs != nil {
		return &outcome{err: errs}
	}
	out := &outcome{}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	books := newBooks(p)
	result, err := sim.Run(ctx, p, sim.Options{Name: "swarm", Stall: stall, Strict: strict, Trace: func(events []trace.Event) {
		out.trace = report.AppendEvents(out.trace, events)
		if books.add(events); books.seq > mostEvents {
			cancel()
		}
	}})
	switch {
	case errors.Is(err, sim.ErrStopped):
		out.cut = true
	case err != nil:
		out.err = err
	default:
		out.broken = books.close(result.Final)
		result.Wall = 0
		var b bytes.Buffer
		if err := report.WriteJSON(&b, result); err != nil {
			out.err = err
		}
		if err := report.WriteText(&b, result, format.Screen{Width: 100}); err != nil {
			out.err = err
		}
		out.report = b.String()
	}
	return out
}

// failure is what is wrong with a scenario.
type failure struct {
	kind   string // the same for the same fault, as far as a program can tell
	detail string
}

func (f *failure) String() string { return f.kind + "\n" + f.detail }

// try runs a scenario so many times, each with another order of goroutines, and
// returns what is wrong, nil for nothing. It sets GOMAXPROCS and GOGC.
func try(text string, runs int, r *rand.Rand) (*failure, *outcome) {
	var first *outcome
	for i := range runs {
		runtime.GOMAXPROCS([]int{1, 2, 4}[r.IntN(3)])
		debug.SetGCPercent([]int{20, 100, 400}[r.IntN(3)])
		o := live(text, i > 0)
		switch {
		case o.err != nil:
			return failed(o.err), o
		case len(o.broken) > 0:
			return &o.broken[0], o
		case first == nil:
			first = o
		case !bytes.Equal(o.trace, first.trace):
			return &failure{"the trace differs", difference(string(first.trace), string(o.trace))}, o
		case o.report != first.report:
			return &failure{"the report differs", difference(first.report, o.report)}, o
		}
	}
	return nil, first
}

var (
	particular = regexp.MustCompile(`("[^"]*"|[a-z]+-?[0-9]+|[0-9])[0-9a-z.:-]*`)
	frame      = regexp.MustCompile(`(?m)^stickylab/[^(]*`)
)

// failed is the failure of a run that ended with an error.
func failed(err error) *failure {
	f := &failure{kind: fmt.Sprintf("%T: %s", err, particular.ReplaceAllString(err.Error(), "*")), detail: err.Error()}
	var detailed interface{ Detail() string }
	if errors.As(err, &detailed) {
		f.detail += "\n" + detailed.Detail()
	}
	var shared *trace.SharedLaneError
	if errors.As(err, &shared) {
		f.detail += "\n" + shared.At
	}
	var p *virtualtime.PanicError
	if errors.As(err, &p) {
		for _, f := range frame.FindAllString(p.Stack, -1) {
			if !strings.Contains(f, "virtualtime") {
				return &failure{fmt.Sprintf("panic in %s: %v", f, p.Value), p.Stack}
			}
		}
	}
	return f
}

// difference is the first line in which two texts differ, after the one before it.
func difference(a, b string) string {
	one, other := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(one), len(other)) {
		line := func(of []string) string {
			if i < len(of) {
				return of[i]
			}
			return "(the end)"
		}
		if x, y := line(one), line(other); x != y {
			return fmt.Sprintf("  %s\n- %s\n+ %s", one[max(i-1, 0)], x, y)
		}
	}
	return ""
}
