package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"stickylab/ui/outfile"
	"stickylab/ui/terminal"
)

// endings are the signals that end every command, with their names. The exit
// code is that of a shell for a program that the signal ended, 128 more than its
// number.
var endings = map[os.Signal]string{
	syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGTERM: "SIGTERM",
}

// grace is how long a command may take to end after a signal: with it, it ends
// within a second. Tests may set it.
var grace = 500 * time.Millisecond

// signalled is the cause of a context that a signal ended.
type signalled struct{ syscall.Signal }

func (s signalled) Error() string { return "stopped by " + endings[s.Signal] }

func (s signalled) code() int { return 128 + int(s.Signal) }

// stoppedBy returns the signal that ended ctx, if one did.
func stoppedBy(ctx context.Context) (s signalled, found bool) {
	found = errors.As(context.Cause(ctx), &s)
	return s, found
}

// untilSignal returns a context that ends with the first signal. When the command
// has not ended after the grace, or with a second signal, the program ends: the
// terminal is as it was, and no file is half written. stop ends the listening.
func untilSignal(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	got := make(chan os.Signal, 2)
	for s := range endings {
		if s != syscall.SIGHUP || !signal.Ignored(s) { // nohup
			signal.Notify(got, s)
		}
	}
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe is an error like any other
	over := make(chan struct{})
	go func() {
		var first signalled
		select {
		case s := <-got:
			first = signalled{s.(syscall.Signal)}
		case <-over:
			return
		}
		cancel(first)
		select {
		case <-got:
		case <-time.After(grace):
		case <-over:
			return
		}
		terminal.Restore()
		outfile.DiscardAll()
		told := make(chan struct{})
		go func() {
			fmt.Fprintf(os.Stderr, "stickylab: %v; what was not finished is not judged, and not written\n", first)
			close(told)
		}()
		select {
		case <-told:
		case <-time.After(100 * time.Millisecond): // output is suspended
		}
		os.Exit(first.code())
	}()
	return ctx, func() {
		close(over)
		signal.Stop(got)
		signal.Reset(syscall.SIGPIPE)
		cancel(nil)
	}
}

// signalHelp returns the exit codes of the signals for the help.
func signalHelp() string {
	var out []string
	for s, name := range endings {
		out = append(out, fmt.Sprintf("%5d  %s ended it", signalled{s.(syscall.Signal)}.code(), name))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
