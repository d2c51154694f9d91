package ledger

import (
	"fmt"
	"time"
)

// Window is a span of a run that is watched: deliveries count in it by when
// they were sent, everything else by when it happened, from From up to but
// without At. The state is that at At, before anything of that instant. A
// Window is good for the ledger that it came from and for its clones.
type Window struct {
	From, At time.Duration
	n        int
}

// watch is what the ledger knows of a window.
type watch struct {
	window *Window
	frozen *state    // from At on
	peak   int       // requests in the busiest second, once it is frozen
	judged *Snapshot // from At and settle on

	keep    bool          // clients, from At on
	clients []ClientState // at At
}

// Watch watches the window [from, at), which must begin now or later, or where
// another one begins or ends, and must end later than now. It panics if it
// does not: what has been counted together cannot be separated.
func (l *Ledger) Watch(from, at time.Duration) *Window {
	switch {
	case from < 0 || at < from:
		panic(fmt.Sprintf("ledger: window from %v to %v", from, at))
	case from < l.now && !l.segments.cut(from), at < l.now:
		panic(fmt.Sprintf("ledger: window from %v to %v watched at %v: too late", from, at, l.now))
	}
	for _, t := range [2]time.Duration{from, at} {
		if t > l.now {
			l.segments.bound(t)
		} else {
			l.segments.fix(t, l.owner)
		}
		l.countPeakFrom(t)
	}
	w := &Window{From: from, At: at, n: len(l.windows)}
	l.windows = append(l.windows, watch{window: w})
	l.plan()
	return w
}

// WatchClients is Watch, and keeps the state of each client at the end of the
// window for ClientsAt.
func (l *Ledger) WatchClients(from, at time.Duration) *Window {
	w := l.Watch(from, at)
	l.windows[w.n].keep = true
	return w
}

// ClientsAt returns the clients at the end of a window of WatchClients, in order
// of appearance, or nil while it has not ended. The slice must not be changed.
func (l *Ledger) ClientsAt(w *Window) []ClientState { return l.windows[w.n].clients }

// nextWindow returns when a window is to be frozen or judged.
func (l *Ledger) nextWindow() time.Duration {
	next := forever
	for i := range l.windows {
		w := &l.windows[i]
		switch {
		case w.frozen == nil:
			next = min(next, w.window.At)
		case w.judged == nil:
			next = min(next, w.window.At+l.config.Settle)
		}
	}
	return next
}

// freeze keeps the state for the windows that end.
func (l *Ledger) freeze(now time.Duration) {
	var s *state
	for i := range l.windows {
		if w := &l.windows[i]; w.frozen == nil && w.window.At <= now {
			if s == nil {
				s = l.state()
			}
			w.frozen, w.peak = s, l.peakSince(w.window.From)
			if w.keep {
				w.clients = l.Clients()
			}
		}
	}
}

// judge takes the final snapshot of the windows that have settled.
func (l *Ledger) judge(now time.Duration) {
	for i := range l.windows {
		if w := &l.windows[i]; w.judged == nil && w.window.At+l.config.Settle <= now {
			p := l.snapshot(w.window.From, w.window.At, w.frozen, w.peak)
			p.Judged = true
			w.judged = p
		}
	}
}

// Judged reports whether all that was sent in the window has settled. Its
// counts do not change any more.
func (l *Ledger) Judged(w *Window) bool { return l.windows[w.n].judged != nil }

// View returns what an expectation sees of the window: provisional until it is
// judged. The maps must not be changed.
func (l *Ledger) View(w *Window) View { return l.Snapshot(w).View }

// Snapshot returns all that is known of the window. It must not be changed.
func (l *Ledger) Snapshot(w *Window) *Snapshot {
	x := &l.windows[w.n]
	if x.judged != nil {
		return x.judged
	}
	s, peak := x.frozen, x.peak
	if s == nil {
		s, peak = l.state(), l.peakSince(w.From)
	}
	return l.snapshot(w.From, w.At, s, peak)
}

// SnapshotSince returns the snapshot of the time from an instant to now. The instant is
// put back to the last cut: to a multiple of Config.Every, to a Switch, or to where a
// window begins or ends. Its peak of requests is about right if it begins with a Switch.
func (l *Ledger) SnapshotSince(from time.Duration) *Snapshot {
	start := time.Duration(0)
	for s := range l.segments.all() {
		if s.from <= from {
			start = s.from
		}
	}
	p := l.snapshot(start, l.now+1, l.state(), l.peakSince(start))
	p.At = l.now
	return p
}
