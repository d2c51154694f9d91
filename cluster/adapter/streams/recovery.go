package streams

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"stickylab/cluster/adapter/clusteradapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Adapter is the adapter of one namespace on one node. It keeps sessions for connection
// state recovery in Redis, where every node finds them, and sends again what the stream
// has.
type Adapter struct {
	*clusteradapter.Adapter
	transport *transport
}

var _ socketio.SessionAdapter = (*Adapter)(nil)

// sessionPrefix begins the keys of sessions: the default of the option sessionKeyPrefix.
const sessionPrefix = "sio:session:"

// Persist writes a session to Redis, which drops it in its time.
func (a *Adapter) Persist(s socketio.Session) {
	packed, err := pack.AppendValue(nil, pack.SessionObject(s), 0)
	if err != nil {
		return // its data has no form: as the official adapter, which fails there
	}
	life := a.Namespace().Recovery().MaxDisconnection
	a.transport.pub.Send(link.Command{Name: "SET", Wait: true, Args: []any{
		sessionPrefix + s.PID, base64.StdEncoding.EncodeToString(packed), "PX", strconv.FormatInt(life.Milliseconds(), 10),
	}})
}

// offsets are ids of entries.
var offsets = regexp.MustCompile(`^[0-9]+-[0-9]+$`)

// Restore takes a session from Redis, and then reads in the stream what came after the
// offset. done is called in the goroutine that reads the replies of Redis, and must
// not block.
func (a *Adapter) Restore(pid, offset string, done func(r *socketio.Restored, why trace.Text)) {
	if !offsets.MatchString(offset) {
		done(nil, trace.UnknownOffset)
		return
	}
	r := &restoring{adapter: a, offset: offset, done: done}
	// Unlike the official adapter with GET and DEL in a transaction.
	r.send(link.Command{Name: "GETDEL", Args: []any{sessionPrefix + pid}, Wait: true, Done: r.onSession})
	r.send(link.Command{Name: "XRANGE", Args: []any{a.transport.cfg.Key, offset, offset}, Wait: true, Done: r.onOffset})
}

// A restoring is a session that is being restored.
type restoring struct {
	adapter *Adapter
	offset  string // of the last entry that was read
	found   *socketio.Restored
	why     trace.Text // "" while it may succeed
	ended   bool
	done    func(r *socketio.Restored, why trace.Text)
}

func (r *restoring) send(c link.Command) {
	if queued, _ := r.adapter.transport.pub.Send(c); !queued {
		r.fail(trace.UnknownSession)
	}
}

// fail ends it without a session, once.
func (r *restoring) fail(why trace.Text) {
	if !r.ended {
		r.ended = true
		r.done(nil, why)
	}
}

func (r *restoring) onSession(reply any, _ bool, err error) {
	text, ok := reply.([]byte)
	if err != nil || !ok {
		r.why = trace.UnknownSession
		return
	}
	s, err := decodeSession(text)
	if err != nil {
		r.why = trace.UnknownSession
		return
	}
	r.found = &socketio.Restored{Session: s}
}

func (r *restoring) onOffset(reply any, _ bool, err error) {
	entries, _ := reply.([]any)
	switch {
	case r.ended:
	case r.found == nil:
		r.fail(r.why)
	case err != nil || len(entries) == 0:
		r.fail(trace.UnknownOffset)
	default:
		r.next()
	}
}

// next reads what comes after the offset, until nothing does.
func (r *restoring) next() {
	r.send(link.Command{Name: "XRANGE", Args: []any{r.adapter.transport.cfg.Key, next(r.offset), "+"}, Wait: true, Done: r.onEntries})
}

// next returns the offset after one: exclusive ranges are newer than Redis 5.
func next(offset string) string {
	at, number, _ := strings.Cut(offset, "-")
	n, _ := strconv.ParseUint(number, 10, 64)
	return at + "-" + strconv.FormatUint(n+1, 10)
}

func (r *restoring) onEntries(reply any, _ bool, err error) {
	entries, ok := reply.([]any)
	if err != nil || !ok {
		r.fail(trace.UnknownSession)
		return
	}
	for _, item := range entries {
		id, m, err := entryOf(item)
		if id != "" {
			r.offset = id
		}
		if err == nil && m != nil {
			r.enter(id, m)
		}
	}
	// What the reader hands out meanwhile the socket must have exactly once: it is admitted
	// while the reader waits, and when the reader is not ahead.
	t := r.adapter.transport
	t.handing.Lock()
	defer t.handing.Unlock()
	if len(entries) > 0 || after(t.handed, r.offset) {
		r.next()
		return
	}
	upTo := r.offset
	r.found.Had = func(offset string) bool { return offsets.MatchString(offset) && !after(offset, upTo) }
	r.ended = true
	r.done(r.found, "")
}

// enter adds an entry to what the client missed, if it was for it.
func (r *restoring) enter(id string, m *clusteradapter.Message) {
	a := r.adapter
	if m.Type != clusteradapter.Broadcast || m.Namespace != a.Namespace().Name() || m.Options == nil || !m.Options.Includes(r.found.Rooms) {
		return
	}
	messages := socketio.WithOffset(m.Messages, id)
	if f := a.transport.cfg.OnReplay; f != nil {
		messages[len(messages)-1].Tag = f(m.Event)
	}
	r.found.Missed = append(r.found.Missed, messages)
}

// after reports whether an offset comes after another one.
func after(a, b string) bool {
	if a == "" || a == "$" {
		return false
	}
	x, first, _ := strings.Cut(a, "-")
	y, second, _ := strings.Cut(b, "-")
	if x != y {
		return number(x) > number(y)
	}
	return number(first) > number(second)
}

func number(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

var errSession = errors.New("a session without an id")

// decodeSession reads what Persist writes, or the official adapter.
func decodeSession(text []byte) (s socketio.Session, err error) {
	packed, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return s, fmt.Errorf("decoding a session: %w", err)
	}
	v, _, err := pack.ReadValue(packed, 0)
	if err != nil {
		return s, fmt.Errorf("decoding a session: %w", err)
	}
	fields, _ := v.(map[string]any)
	s.SID, _ = fields["sid"].(string)
	s.PID, _ = fields["pid"].(string)
	if s.SID == "" || s.PID == "" {
		return s, errSession
	}
	rooms, _ := fields["rooms"].([]any)
	for _, room := range rooms {
		if name, ok := room.(string); ok {
			s.Rooms = append(s.Rooms, name)
		}
	}
	if s.Data, _ = fields["data"].(map[string]any); s.Data == nil {
		s.Data = map[string]any{}
	}
	return s, nil
}

// handed is what the reader has handed out; see restoring.onEntries.
func (t *transport) hand(id string, m *clusteradapter.Message, lane *trace.Lane) {
	t.handing.Lock()
	defer t.handing.Unlock()
	t.handed = id
	if m != nil {
		m.Offset = id
		t.adapter.Receive(lane, m)
	}
}
