package run

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/ui/stage"
)

// logLine is a line of what happens.
type logLine struct {
	ledger.Description
	seq    uint64
	at     time.Duration
	node   string // whose mark is on the line
	missed string // of a message, by whom and why
	step   bool

	words string // of a real client

	msg    trace.Msg // what is inspected from the line: this,
	socket string    // or this real client,
	client string    // or this,
	about  string    // or this node

	said int      // messages that fared alike and are told in this line; 0 for 1
	seqs []uint64 // of those, seq included
	open bool     // something of it is in flight
}

// mostLines bounds the lines that are kept for the screen.
const mostLines = 120

// logLines returns the lines up to the cursor that hold the filter, the
// newest first.
func logLines(f *Frame, filter string) []logLine {
	t := narrator{Frame: f, texts: wordsOf(f), usual: make(map[string]string), saidAt: make(map[trace.Msg]time.Duration)}
	filter = strings.ToLower(filter)
	var out []logLine
	f.source.Back(func(e *trace.Event) bool {
		h, ok := t.tell(e)
		if ok && (filter == "" || strings.Contains(strings.ToLower(h.String()), filter)) {
			out = append(out, h)
		}
		return len(out) < mostLines*3
	})
	for i := range out {
		if out[i].words != "" {
			out[i].What = "says " + strconv.Quote(out[i].words)
		} else if out[i].msg != (trace.Msg{}) {
			out[i].What = "says " + t.text(out[i].msg)
		}
	}
	return fold(f, out)
}

// fold tells messages that fared alike in one line, the newest first: those of one group, with one text, from one node.
// What happens in between separates them.
func fold(f *Frame, lines []logLine) (out []logLine) {
	type alike struct{ who, what, node, heard, lost string }
	at := make(map[alike]int)
	for _, h := range lines {
		if h.msg == (trace.Msg{}) || h.open {
			if h.msg == (trace.Msg{}) {
				clear(at)
			}
			out = append(out, h)
			continue
		}
		who := h.Subject
		if c, ok := f.Ledger.Client(h.client); ok {
			who = "group " + c.Group
		}
		key := alike{who, h.What, h.node, h.Detail, h.missed}
		i, known := at[key]
		if !known {
			at[key] = len(out)
			h.said, h.seqs = 1, []uint64{h.seq}
			out = append(out, h)
			continue
		}
		first := &out[i]
		first.said++
		first.seqs = append(first.seqs, h.seq)
		if c, ok := f.Ledger.Client(h.client); ok {
			first.Subject = c.Group
		}
	}
	for i := range out {
		if h := &out[i]; h.said > 1 {
			h.Subject += " x " + strconv.Itoa(h.said)
		}
	}
	return out[:min(len(out), mostLines)]
}

// holds reports whether the line tells of the event with that number.
func (h *logLine) holds(seq uint64) bool { return h.seq == seq || slices.Contains(h.seqs, seq) }

// String is the line without marks, for a filter.
func (h logLine) String() string {
	return strings.Join([]string{h.Subject, h.What, h.node, h.Detail, h.missed}, " ")
}

// narrator puts events into words.
type narrator struct {
	*Frame
	texts  words
	usual  map[string]string // what the clients of a group say on their own, in quotes
	saidAt map[trace.Msg]time.Duration
	names  map[string]string // clients by address
}

// saying is a client saying something by a step.
type saying struct {
	client string
	at     time.Duration
}

// text returns the text of a message, in quotes.
func (t *narrator) text(m trace.Msg) string {
	if at, ok := t.saidAt[m]; ok || len(t.texts) == 0 {
		if text, ok := t.texts[saying{m.From.String(), at}]; ok {
			return strconv.Quote(text)
		}
		c, _ := t.Ledger.Client(m.From.String())
		text, known := t.usual[c.Group]
		if !known {
			text = strconv.Quote(t.source.TextOf(m.From.String()))
			t.usual[c.Group] = text
		}
		return text
	}
	return "#" + strconv.Itoa(int(m.N))
}

// tell puts an event into words, if it is worth a line.
func (t *narrator) tell(e *trace.Event) (logLine, bool) {
	switch e.Kind {
	case trace.Read, trace.Wrote, trace.Published, trace.Relayed, trace.Asked, trace.Answered: // most events
		return logLine{}, false
	case trace.Said:
		t.saidAt[e.Msg] = e.At
		return logLine{}, false
	}
	h := logLine{
		Description: ledger.Describe(e), seq: e.Seq, at: e.At,
		node: e.Node.String(), client: e.Client.String(), about: e.Node.String(),
	}
	switch e.Kind {
	case trace.Sent:
		return t.message(h, e), true
	case trace.Step:
		h.node, h.step = "", true
	case trace.Proxied, trace.ProxyError, trace.FrontError, trace.Refused:
		return t.ofProxy(h, e)
	case trace.Connected:
		if c, ok := t.Ledger.Client(h.client); ok && c.Session == e.Session.String() {
			h.node = c.Node
		}
	case trace.NodeUp, trace.NodeDown, trace.NodeFroze, trace.NodeResumed, trace.Counted,
		trace.AdapterOn, trace.AdapterOff, trace.RedisUp, trace.RedisDown, trace.ConfigLoaded,
		trace.Upgraded, trace.UpgradeError, trace.ConnectError, trace.Disconnected, trace.Reconnecting, trace.ClientMoved:
	case trace.SocketOpened, trace.SocketClosed, trace.SessionUpgraded:
		return t.ofRealClient(h, e)
	default:
		return h, false
	}
	return h, true
}

// message tells of a message and its outcome.
func (t *narrator) message(h logLine, e *trace.Event) logLine {
	h.msg, h.What, h.words = e.Msg, "says", h.Detail
	m, ok := t.Ledger.Message(e.Msg)
	if !ok {
		h.Detail = "too long ago to tell what became of it"
		return h
	}
	h.Detail, h.missed = stage.JourneyOf(&m).Fate(t.Palette.Letter)
	h.Loss, h.open = h.missed != "", m.Pending > 0
	return h
}

// ofProxy is about a request: one that begins a session, or that failed.
func (t *narrator) ofProxy(h logLine, e *trace.Event) (logLine, bool) {
	if e.Kind == trace.Proxied && e.Session != (trace.Name{}) && e.Status < 400 {
		return h, false
	}
	if e.Lane.Direct() {
		h.client = e.Lane.Client().String()
	}
	if h.client == "" {
		h.client = t.clientAt(e.Peer.String())
	}
	switch {
	case e.Kind == trace.FrontError:
		h.node, h.about = "", ""
	case e.Kind != trace.ProxyError && h.client != "":
		h.Subject = h.client
	case e.Kind == trace.Refused: // the address is the proxy's
		h.Subject = h.node
	}
	return h, true
}

// clientAt returns the client at an address that no other one has.
func (t *narrator) clientAt(ip string) string {
	if t.names == nil {
		t.names = make(map[string]string)
		for _, c := range t.clients {
			if _, shared := t.names[c.ip]; shared {
				t.names[c.ip] = ""
			} else {
				t.names[c.ip] = c.name
			}
		}
	}
	return t.names[ip]
}
