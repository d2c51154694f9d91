package run

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/style"
)

// happening is a line of what happens.
type happening struct {
	seq  uint64
	at   time.Duration
	who  string // a client, a node, or who did it
	what string
	node string // whose mark goes between what and rest
	rest string
	loss bool // rest tells of one

	words string // of a real user

	msg    trace.Msg // what a closer look at the line shows: this,
	socket string    // or this real user,
	client string    // or this,
	about  string    // or this node
}

const (
	mostLines = 120    // that are kept for the screen
	mostSeen  = 30_000 // events looked through for them
)

// happenings returns the lines up to the cursor that hold the filter, the
// newest first.
func happenings(f *Frame, filter string) []happening {
	t := teller{Frame: f, texts: textsSaid(f), saidAt: make(map[trace.Msg]time.Duration)}
	t.sized = f.Live.Plan().Sized(stepsUntil(f.Live, f.Cursor.At)...)
	filter = strings.ToLower(filter)
	var out []happening
	to, oldest := f.Cursor.N, f.Live.Oldest()
	for seen := uint64(0); to >= oldest && to > 0 && seen < mostSeen && len(out) < mostLines; {
		from := max(oldest, to-min(to, 2048)+1, 1)
		events := f.Live.Events(from, to)
		for i := len(events) - 1; i >= 0 && len(out) < mostLines; i-- {
			h, ok := t.tell(&events[i])
			if ok && (filter == "" || strings.Contains(strings.ToLower(h.String()), filter)) {
				out = append(out, h)
			}
		}
		seen += to - from + 1
		to = from - 1
	}
	for i := range out {
		if out[i].words != "" {
			out[i].what = "says " + strconv.Quote(out[i].words)
		} else if out[i].msg != (trace.Msg{}) {
			out[i].what = "says " + t.text(out[i].msg)
		}
	}
	return out
}

// String is the line without marks, for a filter.
func (h happening) String() string {
	return strings.Join([]string{h.who, h.what, h.node, h.rest}, " ")
}

// teller puts events into words.
type teller struct {
	*Frame
	texts  map[saying]string
	saidAt map[trace.Msg]time.Duration
	names  map[string]string // clients by address
	sized  bool              // some clients say long texts
}

// saying is a client saying something by a step.
type saying struct {
	client string
	at     time.Duration
}

// textsSaid returns what was said by steps; all else is the default text.
func textsSaid(f *Frame) map[saying]string {
	out := make(map[saying]string)
	for _, s := range stepsUntil(f.Live, f.Cursor.At) {
		switch s.Verb {
		case scenario.Say:
			text := s.Text
			if s.Size > 0 {
				text = scenario.Words(s.Size)
			}
			out[saying{s.Who, s.At}] = text
		case scenario.Emit:
			out[saying{cluster.Server, s.At}] = s.Text
		}
	}
	return out
}

// text is what a message says, in quotes.
func (t *teller) text(m trace.Msg) string {
	if at, ok := t.saidAt[m]; ok || len(t.texts) == 0 {
		if text, ok := t.texts[saying{m.From.String(), at}]; ok {
			return strconv.Quote(text)
		}
		return strconv.Quote(t.usual(m.From.String()))
	}
	return "#" + strconv.Itoa(int(m.N))
}

// usual is what a client says on its own.
func (t *teller) usual(client string) string {
	if !t.sized {
		return scenario.DefaultText
	}
	c, _ := t.Ledger.Client(client)
	return t.Live.Plan().TextOf(c.Group, stepsUntil(t.Live, t.Cursor.At)...)
}

// tell puts an event into words, if it is worth a line.
func (t *teller) tell(e *trace.Event) (happening, bool) {
	h := happening{
		seq: e.Seq, at: e.At, who: style.Printable(e.Client.String()), node: e.Node.String(), client: e.Client.String(),
		about: e.Node.String(), rest: style.Printable(e.Text.String()),
	}
	switch e.Kind {
	case trace.Said:
		t.saidAt[e.Msg] = e.At
		return h, false
	case trace.Sent:
		return t.message(h, e)
	case trace.Step:
		return happening{seq: e.Seq, at: e.At, who: "step", what: e.Text.String(), client: h.client, about: h.about}, true
	case trace.NodeUp, trace.NodeDown, trace.NodeFroze, trace.NodeThawed, trace.Counted,
		trace.AdapterOn, trace.AdapterOff, trace.RedisUp, trace.RedisDown, trace.ConfigLoaded:
		return t.ofNode(h, e)
	case trace.Proxied, trace.ProxyError, trace.FrontError, trace.Refused:
		return t.ofProxy(h, e)
	case trace.Connected, trace.Upgraded, trace.UpgradeError, trace.ConnectError, trace.Disconnected, trace.Reconnecting, trace.ClientMoved:
		return t.ofClient(h, e)
	case trace.SocketOpened, trace.SocketClosed, trace.SessionUpgraded:
		return t.ofRealClient(h, e)
	}
	return h, false
}

// message is what became of a message.
func (t *teller) message(h happening, e *trace.Event) (happening, bool) {
	h.msg, h.what, h.words = e.Msg, "says", e.Text.String()
	m, ok := t.Ledger.Message(e.Msg)
	if !ok {
		h.rest = "too long ago to tell who heard it"
		return h, true
	}
	h.rest, h.loss = fate(m, t.Palette), m.Missed > 0
	return h, true
}

// ofNode is about a node or the proxy's configuration.
func (t *teller) ofNode(h happening, e *trace.Event) (happening, bool) {
	h.who, h.client = h.node, ""
	switch e.Kind {
	case trace.NodeUp:
		h.what, h.rest = "is up", e.Peer.String()
	case trace.NodeDown:
		h.what, h.loss = style.Printable(e.Text.String()), true
		h.rest = ""
	case trace.NodeFroze:
		h.what, h.rest, h.loss = "is "+e.Text.String(), "", true
	case trace.NodeThawed:
		h.what = "goes on"
	case trace.Counted:
		h.what = "counts"
		if h.loss = e.Status < 0; !h.loss {
			h.rest = fmt.Sprintf("%d in %s, %s", e.Status, e.Room, e.Text)
		}
	case trace.AdapterOn:
		h.what = "adapter on"
	case trace.AdapterOff:
		h.what = "adapter off"
	case trace.RedisUp:
		h.what = "Redis link up"
	case trace.RedisDown:
		h.what, h.loss = "Redis link down", true
	case trace.ConfigLoaded:
		h.who, h.what = "proxy", "loaded"
	}
	return h, true
}

// ofProxy is about a request: one that begins a session, or that failed.
func (t *teller) ofProxy(h happening, e *trace.Event) (happening, bool) {
	if h.client = t.clientOf(e.Lane); h.client == "" {
		h.client = t.clientAt(e.Peer.String())
	}
	if h.who = h.client; h.who == "" {
		h.who = e.Peer.String()
	}
	switch e.Kind {
	case trace.ProxyError, trace.FrontError:
		h.who, h.what, h.loss = "proxy", "error", true
		h.rest, _, _ = strings.Cut(h.rest, " while ")
		if e.Kind == trace.FrontError {
			h.who, h.node, h.about = e.Node.String(), "", ""
		}
	case trace.Refused:
		if h.client == "" {
			h.who = h.node
		}
		h.what, h.rest, h.loss = "refused", fmt.Sprintf("%d %s", e.Status, h.rest), true
	default:
		if e.Session != (trace.Name{}) && e.Status < 400 {
			return h, false
		}
		h.what, h.rest, h.loss = h.rest, strconv.Itoa(int(e.Status)), e.Status >= 400
	}
	return h, true
}

// clientOf returns the client whose request a lane is about, "" when that cannot
// be told.
func (t *teller) clientOf(l *trace.Lane) string {
	if !l.Direct() {
		return ""
	}
	return l.Client().String()
}

// clientAt returns the client at an address that no other one has.
func (t *teller) clientAt(ip string) string {
	if t.names == nil {
		t.names = make(map[string]string)
		for _, g := range t.groups {
			for _, c := range g.clients {
				if _, shared := t.names[c.ip]; shared {
					t.names[c.ip] = ""
				} else {
					t.names[c.ip] = c.name
				}
			}
		}
	}
	return t.names[ip]
}

// ofClient is what a client knows of itself.
func (t *teller) ofClient(h happening, e *trace.Event) (happening, bool) {
	switch e.Kind {
	case trace.Connected:
		h.what = "connected"
		if c, ok := t.Ledger.Client(h.client); ok && c.Session == e.Session.String() {
			h.node = c.Node
		}
	case trace.Upgraded:
		h.what, h.rest = "upgraded", "now on websocket"
	case trace.UpgradeError:
		h.what, h.loss = "upgrade failed", true
	case trace.ConnectError:
		h.what, h.loss = "can not connect", true
	case trace.Disconnected:
		h.what, h.loss = "disconnected", !e.Text.Is(trace.ClientDisconnect)
	case trace.Reconnecting:
		h.what = "reconnecting"
		h.rest = fmt.Sprintf("attempt %d, after %s", e.Status, style.Span(e.Value))
	case trace.ClientMoved:
		h.what, h.rest = "moved", "to "+e.Peer.String()
	}
	return h, true
}
