package ledger

import (
	"slices"
	"strings"

	"stickylab/cluster/trace"
)

// ErrorTexts are the error texts that errors[...] knows: those that the real
// systems print.
var ErrorTexts = slices.Concat(NodeErrors, PageErrors, ProxyErrors, ClientErrors, AdapterErrors, DisconnectReasons)

// NodeErrors are what a node answers: the Engine.IO server to a request, the
// Socket.IO server to CONNECT.
var NodeErrors = []string{
	"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version",
	"Payload Too Large", "Invalid namespace", "too many sessions", "too many sessions from one address",
}

// PageErrors are the titles of nginx's error pages.
var PageErrors = []string{"413 Request Entity Too Large", "502 Bad Gateway", "504 Gateway Time-out", "404 Not Found"}

// ProxyErrors are texts of nginx's error log, without what follows " while ".
var ProxyErrors = []string{
	noLiveUpstreams, "connect() failed (111: Connection refused)", "upstream prematurely closed connection",
	"upstream timed out (110: Connection timed out)", "upstream server temporarily disabled",
	"broken header", "client sent invalid request", "client sent invalid method", "client sent invalid header line",
	"client sent too long header line", "client sent too long URI", "client intended to send too large body", "client intended to send too large chunked body",
	"access forbidden by rule", "connection timed out (110: Connection timed out)",
}

// ClientErrors are the client's connect_error and upgradeError.
var ClientErrors = []string{
	string(trace.XHRPollError), string(trace.XHRPostError), string(trace.WebSocketError), string(trace.Timeout), string(trace.ProbeError),
}

// AdapterErrors are in the log of a node that asks the others through Redis.
var AdapterErrors = []string{"timeout reached while waiting for fetchSockets response"}

// DisconnectReasons are the reasons that a client reports, without its own
// disconnect().
var DisconnectReasons = []string{
	string(trace.TransportClose), string(trace.TransportError), string(trace.PingTimeout), string(trace.ParseError), string(trace.ServerDisconnect),
}

const noLiveUpstreams = "no live upstreams"

// errorPages are the titles of nginx's error pages, by status.
var errorPages = map[int32]trace.Name{
	404: trace.N("404 Not Found"),
	413: trace.N("413 Request Entity Too Large"),
	502: trace.N("502 Bad Gateway"),
	504: trace.N("504 Gateway Time-out"),
}

// ErrorPage returns the title of nginx's page for a status, "" if answers of
// that status are not counted as errors.
func ErrorPage(status int) string { return errorPages[int32(status)].String() }

// ErrorText returns the error text by which an event counts, "" for none. Each
// text is taken from one kind of event, so that one occurrence counts once,
// though it may show under several texts: what the node answers, what the
// client makes of it.
//
//	Refused       what the Engine.IO server answered
//	Proxied       the title of nginx's page for a 404, 413, 502 or 504
//	ProxyError    nginx's error log, and that of a front
//	ConnectError  the client's connect_error: of the transport, or what the Socket.IO server answered
//	UpgradeError  the client's upgradeError
//	Counted       why a node could not count
//	Disconnected  the client's disconnect reason, unless it disconnected itself
//
// The texts are cut down by Brief. The reasons of SessionClosed and SocketClosed
// are not counted; the client has its own word for the same thing.
func ErrorText(e *trace.Event) string {
	return errorText(e, func(text trace.Name) trace.Name { return trace.N(Brief(text.String())) }).String()
}

func errorText(e *trace.Event, brief func(trace.Name) trace.Name) trace.Name {
	switch e.Kind {
	case trace.Proxied:
		if e.Text.Is(trace.Connection) { // which just ends: there is no page
			return trace.Name{}
		}
		return errorPages[e.Status]
	case trace.Refused:
		if text := brief(e.Text); text != errorPages[e.Status] {
			return text
		}
	case trace.Counted:
		if e.Status < 0 {
			return brief(e.Text)
		}
	case trace.ProxyError, trace.FrontError, trace.ConnectError, trace.UpgradeError:
		return brief(e.Text)
	case trace.Disconnected:
		if !e.Text.Is(trace.ClientDisconnect) {
			return brief(e.Text)
		}
	}
	return trace.Name{}
}

// Brief cuts an error text down to what people search for: a text with details
// after a colon to the one of ErrorTexts before it ("probe error: Error:
// websocket error" to "probe error"), an entry of nginx's error log to what
// comes before what it was doing ("while ...") and for whom.
func Brief(text string) string {
	if strings.Contains(text, noLiveUpstreams) {
		return noLiveUpstreams
	}
	for _, known := range ErrorTexts {
		if rest, ok := strings.CutPrefix(text, known); ok && (rest == "" || rest[0] == ':') {
			return known
		}
	}
	text, _, _ = strings.Cut(text, " while ")
	return text
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
		text = trace.N(Brief(found.String()))
		l.texts[found] = text
	}
	return text
}
