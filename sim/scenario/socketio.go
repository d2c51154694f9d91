package scenario

import (
	"time"

	"stickylab/sim/scenario/yamltree"
)

// SocketIO are the options of the Socket.IO server on every node, by their
// names and with their defaults in socket.io 4. Clients are told the first two
// in the handshake and follow them.
type SocketIO struct {
	PingInterval      time.Duration // from the last pong to the next ping; default 25s
	PingTimeout       time.Duration // from a ping to the end of a silent session; default 20s
	UpgradeTimeout    time.Duration // for an upgrade to finish; default 10s
	MaxHTTPBufferSize int           // bytes of one POST body or WebSocket message; default 1MB
	ConnectTimeout    time.Duration // for a session to join a namespace; default 45s
}

// MaxBuffer bounds max_http_buffer_size.
const MaxBuffer = 100_000_000

// NewSocketIO returns the defaults.
func NewSocketIO() SocketIO {
	return SocketIO{
		PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second, UpgradeTimeout: 10 * time.Second,
		MaxHTTPBufferSize: 1_000_000, ConnectTimeout: 45 * time.Second,
	}
}

func (d *decoder) socketIO(into *SocketIO) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if !d.mapping(n, path, "socketio", d.socketIOFields(into), nil) {
			d.Origin.Bad[path] = true
		}
	}
}

func (d *decoder) socketIOFields(into *SocketIO) []field {
	return []field{
		{"ping_interval", false, d.milliseconds(&into.PingInterval, "ping_interval")},
		{"ping_timeout", false, d.milliseconds(&into.PingTimeout, "ping_timeout")},
		{"upgrade_timeout", false, d.milliseconds(&into.UpgradeTimeout, "upgrade_timeout")},
		{"max_http_buffer_size", false, d.bytes(&into.MaxHTTPBufferSize, "max_http_buffer_size", 1, MaxBuffer)},
		{"connect_timeout", false, d.milliseconds(&into.ConnectTimeout, "connect_timeout")},
	}
}

// milliseconds reads a duration of whole milliseconds, in which the handshake
// tells it.
func (d *decoder) milliseconds(into *time.Duration, what string) func(*yamltree.Node, string) {
	read := d.duration(into, what, 0)
	return func(n *yamltree.Node, path string) {
		before := *into
		if read(n, path); *into%time.Millisecond != 0 {
			*into = before
			d.wrong(n, path, what, "whole milliseconds", "")
		}
	}
}

// option is one of the times, by its name.
type option struct {
	Name  string
	Value *time.Duration
}

func (s *SocketIO) Times() []option {
	return []option{
		{"ping_interval", &s.PingInterval}, {"ping_timeout", &s.PingTimeout},
		{"upgrade_timeout", &s.UpgradeTimeout}, {"connect_timeout", &s.ConnectTimeout},
	}
}

// flow are the options that are not the defaults.
func (s SocketIO) flow() string {
	d, pairs := NewSocketIO(), []string{}
	usual := d.Times()
	for i, one := range s.Times() {
		if *one.Value != *usual[i].Value {
			pairs = append(pairs, one.Name, FormatDuration(*one.Value))
		}
	}
	if s.MaxHTTPBufferSize != d.MaxHTTPBufferSize {
		pairs = append(pairs, "max_http_buffer_size", FormatBytes(s.MaxHTTPBufferSize))
	}
	return yamltree.Flow(pairs...)
}
