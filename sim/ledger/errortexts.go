package ledger

// ErrorTexts are the error texts that errors[...] knows: those that the real
// systems print, by who prints them.
var ErrorTexts = []string{
	// The Engine.IO server, to the request.
	"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version",
	"Payload Too Large",
	// The Socket.IO server, to CONNECT.
	"Invalid namespace",
	// nginx, to the request.
	"413 Request Entity Too Large", "502 Bad Gateway", "504 Gateway Time-out", "404 Not Found",
	// nginx, in its error log; what follows " while " is left out.
	"no live upstreams", "connect() failed (111: Connection refused)", "upstream prematurely closed connection",
	"upstream timed out (110: Connection timed out)", "upstream server temporarily disabled",
	"broken header", "client sent invalid request", "client intended to send too large body", "client intended to send too large chunked body",
	// The client: connect_error and upgradeError.
	"xhr poll error", "xhr post error", "websocket error", "timeout", "probe error",
	// A node that asks the others through Redis, in its own log.
	"timeout reached while waiting for fetchSockets response",
	// The client: why it was disconnected.
	"transport close", "transport error", "ping timeout", "parse error", "io server disconnect",
}
