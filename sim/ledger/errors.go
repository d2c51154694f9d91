package ledger

import (
	"strings"

	"stickylab/cluster/trace"
)

// The titles of nginx's error pages, by status. They count at Proxied, once
// for each request that was answered so.
var pages = map[int32]trace.Name{
	404: trace.N("404 Not Found"),
	413: trace.N("413 Request Entity Too Large"),
	502: trace.N("502 Bad Gateway"),
	504: trace.N("504 Gateway Time-out"),
}

// errorText returns the error text by which the event counts, or the empty
// Name. Each text is taken from one kind of event, so that one occurrence
// counts once, though it may show under several texts: what the node answers,
// what the client makes of it.
//
//	Refused       what the Engine.IO server answered, as it is
//	Proxied       the title of nginx's page for a 404, 413, 502 or 504
//	ProxyError    nginx's error log, and that of a front, without what it was doing ("while ...") and for whom
//	ConnectError  the client's connect_error: of the transport, or what the Socket.IO server answered
//	UpgradeError  the client's upgradeError
//	Counted       why a node could not count
//	Disconnected  the client's disconnect reason, but for its own wish
//
// A text with details after a colon counts as the one of Texts before it:
// "probe error: Error: websocket error" as "probe error". The reasons of
// SessionClosed and SocketClosed are not counted; the client has its own word
// for the same thing.
func (l *Ledger) errorText(e *trace.Event) trace.Name {
	switch e.Kind {
	case trace.Proxied:
		return pages[e.Status]
	case trace.Refused:
		if text := l.counted(e.Text); text != pages[e.Status] {
			return text
		}
	case trace.Counted:
		if e.Status < 0 {
			return l.counted(e.Text)
		}
	case trace.ProxyError, trace.FrontError, trace.ConnectError, trace.UpgradeError:
		return l.counted(e.Text)
	case trace.Disconnected:
		if !e.Text.Is(trace.ClientDisconnect) {
			return l.counted(e.Text)
		}
	}
	return trace.Name{}
}

// maxTexts bounds the error texts that are told apart: some hold what a client
// sent.
const maxTexts = 2000

var otherTexts = trace.N("other errors")

// counted returns the text as it is counted, and remembers it.
func (l *Ledger) counted(found trace.Name) trace.Name {
	text, ok := l.texts[found]
	if !ok && len(l.texts) >= maxTexts {
		return otherTexts
	}
	if !ok {
		text = trace.N(brief(found.String()))
		l.texts[found] = text
	}
	return text
}

// brief cuts a text down to what people search for.
func brief(text string) string {
	if strings.Contains(text, "no live upstreams") {
		return "no live upstreams"
	}
	for _, known := range ErrorTexts {
		if text == known {
			return known
		}
		if rest, ok := strings.CutPrefix(text, known); ok && strings.HasPrefix(rest, ":") {
			return known
		}
	}
	text, _, _ = strings.Cut(text, " while ")
	return text
}
