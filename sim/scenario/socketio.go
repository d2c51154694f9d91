package scenario

import (
	"time"

	"stickylab/cluster/engineio"
)

// SocketIO are the options of the Socket.IO server on every node, by their
// names and with their defaults in socket.io 4. Clients are told the first two
// in the handshake and follow them.
type SocketIO struct {
	Path              string        // of the requests; default /socket.io/
	PingInterval      time.Duration // from the last pong to the next ping; default 25s
	PingTimeout       time.Duration // from a ping to the end of a silent session; default 20s
	UpgradeTimeout    time.Duration // for an upgrade to finish; default 10s
	MaxHTTPBufferSize int           // bytes of one POST body or WebSocket message; default 1MB
	ConnectTimeout    time.Duration // for a session to join a namespace; default 45s
	EngineIO          string        // one of engineio.Releases; default the newest
}

// MaxBuffer bounds max_http_buffer_size.
const MaxBuffer = 100_000_000

// NewSocketIO returns the defaults.
func NewSocketIO() SocketIO {
	return SocketIO{
		Path:         DefaultPath,
		PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second, UpgradeTimeout: 10 * time.Second,
		MaxHTTPBufferSize: 1_000_000, ConnectTimeout: 45 * time.Second, EngineIO: engineio.Releases[0],
	}
}
