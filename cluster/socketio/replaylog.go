package socketio

import (
	"slices"
	"strconv"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
)

// cleaning is how often the official adapter drops what is too old. It does so by a
// timer; here it is done when the log is next used, as it would have been by then.
const cleaning = time.Minute

// A replayLog is what Memory keeps for connection state recovery, as the official
// SessionAwareAdapter does: sessions that have ended, and the events emitted since.
// It is guarded by the lock of its Memory.
type replayLog struct {
	max      time.Duration
	maxBytes int

	began    time.Time
	cleaned  time.Time // the cleaning that was done last
	sessions map[string]kept
	ended    []string // pids in the order of their last end
	events   []logged // in the order of emitting
	number   uint64   // of the last event
	bytes    int

	stamp string // of the last offset
	same  uint64 // offsets with that stamp, besides the first
}

type kept struct {
	Session
	at   time.Time
	size int
}

type logged struct {
	offset        string
	number        uint64 // from 1
	rooms, except []string
	messages      []engineio.Message
	at            time.Time
	size          int
}

func newReplayLog(r *Recovery) *replayLog {
	now := time.Now()
	return &replayLog{max: r.MaxDisconnection, maxBytes: r.MaxBytes, began: now, cleaned: now, sessions: make(map[string]kept)}
}

// clean drops what was too old at the last cleaning.
func (g *replayLog) clean(now time.Time) {
	last := g.began.Add(now.Sub(g.began).Truncate(cleaning))
	if !last.After(g.cleaned) {
		return
	}
	g.cleaned = last
	threshold := last.Add(-g.max)
	for len(g.ended) > 0 {
		if k, ok := g.sessions[g.ended[0]]; ok && !k.at.Before(threshold) {
			break
		}
		g.dropSession()
	}
	n := len(g.events)
	for n > 0 && !g.events[n-1].at.Before(threshold) {
		n--
	}
	for range n {
		g.dropEvent()
	}
}

// bound drops the oldest beyond the bound in bytes.
func (g *replayLog) bound() {
	for g.maxBytes > 0 && g.bytes > g.maxBytes {
		switch {
		case len(g.ended) > 0 && (len(g.events) == 0 || g.sessions[g.ended[0]].at.Before(g.events[0].at)):
			g.dropSession()
		case len(g.events) > 0:
			g.dropEvent()
		default:
			return
		}
	}
}

func (g *replayLog) dropSession() {
	pid := g.ended[0]
	g.ended = g.ended[1:]
	g.bytes -= g.sessions[pid].size
	delete(g.sessions, pid)
}

func (g *replayLog) dropEvent() {
	g.bytes -= g.events[0].size
	g.events[0] = logged{}
	g.events = g.events[1:]
}

// sessionSize is about how many bytes a session or an event takes besides its
// texts.
const sessionSize = 300

func (g *replayLog) persist(s Session) {
	now := time.Now()
	g.clean(now)
	k := kept{Session: s, at: now, size: sessionSize + len(s.PID) + len(s.SID)}
	for _, room := range s.Rooms {
		k.size += len(room) + 16
	}
	if old, ok := g.sessions[s.PID]; ok {
		g.bytes -= old.size
		g.ended = slices.DeleteFunc(g.ended, func(pid string) bool { return pid == s.PID })
	}
	g.sessions[s.PID] = k
	g.ended = append(g.ended, s.PID)
	g.bytes += k.size
	g.bound()
}

// add enters an event and returns its messages with the offset as last argument.
func (g *replayLog) add(messages []engineio.Message, o Options) []engineio.Message {
	now := time.Now()
	g.clean(now)
	g.number++
	e := logged{offset: g.nextOffset(now), number: g.number, rooms: o.Rooms, except: o.Except, at: now, size: sessionSize}
	e.messages = WithOffset(messages, e.offset)
	for _, m := range e.messages {
		e.size += len(m.Data)
	}
	g.events = append(g.events, e)
	g.bytes += e.size
	g.bound()
	return e.messages
}

// restore finds a session and what its client missed.
func (g *replayLog) restore(pid, offset string) (*Restored, trace.Text) {
	now := time.Now()
	g.clean(now)
	s, ok := g.sessions[pid]
	switch {
	case !ok:
		return nil, trace.UnknownSession
	case s.at.Add(g.max).Before(now):
		g.bytes -= s.size
		delete(g.sessions, pid)
		g.ended = slices.DeleteFunc(g.ended, func(p string) bool { return p == pid })
		return nil, trace.TooLate
	}
	at := slices.IndexFunc(g.events, func(e logged) bool { return e.offset == offset })
	if at < 0 {
		return nil, trace.UnknownOffset
	}
	r := &Restored{Session: s.Session, after: g.events[at].number}
	g.missed(r)
	return r, ""
}

// missed appends to r what was emitted to it since r.after.
func (g *replayLog) missed(r *Restored) {
	at, _ := slices.BinarySearchFunc(g.events, r.after+1, func(e logged, n uint64) int { return int(e.number) - int(n) })
	for _, e := range g.events[at:] {
		if (&Options{Rooms: e.rooms, Except: e.except}).Includes(r.Rooms) {
			r.Missed = append(r.Missed, e.messages)
		}
		r.after = e.number
	}
}

// offsetDigits are the digits of offsets, which are times in milliseconds.
const offsetDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

func appendDigits(dst []byte, n uint64) []byte {
	if n >= uint64(len(offsetDigits)) {
		dst = appendDigits(dst, n/uint64(len(offsetDigits)))
	}
	return append(dst, offsetDigits[n%uint64(len(offsetDigits))])
}

// nextOffset returns an offset that no other event of the log has: the time, with a
// number for all but the first of one millisecond.
func (g *replayLog) nextOffset(now time.Time) string {
	stamp := string(appendDigits(nil, uint64(now.UnixMilli())))
	if stamp != g.stamp {
		g.stamp, g.same = stamp, 0
		return stamp
	}
	g.same++
	return stamp + "." + string(appendDigits(nil, g.same-1))
}

// WithOffset returns the messages of an event with one more argument, the offset.
func WithOffset(messages []engineio.Message, offset string) []engineio.Message {
	out := slices.Clone(messages)
	text := out[0].Data
	text = append(make([]byte, 0, len(text)+len(offset)+3), text[:len(text)-1]...)
	text = append(text, ',')
	text = strconv.AppendQuote(text, offset)
	out[0].Data = append(text, ']')
	return out
}
