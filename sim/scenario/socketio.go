package scenario

import (
	"strconv"
	"time"

	"github.com/invopop/jsonschema"

	"stickylab/cluster/engineio"
	"stickylab/sim/scenario/yamltree"
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
	Recovery          Recovery      // connection state recovery; its zero value means off, the default
}

// Recovery is the option connection_state_recovery. The zero value means off.
type Recovery struct {
	MaxDisconnectionDuration time.Duration // how long the state of a client that is gone is kept; default 2m
	SkipMiddlewares          bool          // a recovered client does not pass them; default true
}

// NewRecovery returns the defaults.
func NewRecovery() Recovery {
	return Recovery{MaxDisconnectionDuration: 2 * time.Minute, SkipMiddlewares: true}
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

// On reports whether connections are recovered.
func (r Recovery) On() bool { return r != Recovery{} }

func (r *Recovery) mapping() mapping {
	usual := NewRecovery()
	return mapping{name: "connection_state_recovery", what: "connection_state_recovery", fields: r.fields(), defaults: usual.fields}
}

func (r *Recovery) fields() []field {
	return []field{
		{key: "max_disconnection_duration", value: milliseconds(&r.MaxDisconnectionDuration), doc: "How long the state of a client that is gone is kept, and the messages since: the option `maxDisconnectionDuration`."},
		{key: "skip_middlewares", value: truth(&r.SkipMiddlewares), doc: "Whether a recovered client does not pass the middlewares again: the option `skipMiddlewares`."},
	}
}

// value is true, false or the mapping.
func (r *Recovery) value() value {
	usual := NewRecovery()
	v := r.mapping().value()
	v.form = "true, false, mapping"
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if n.Kind == yamltree.Scalar {
			on, ok := n.Value.(bool)
			if !ok || n.Text != strconv.FormatBool(on) {
				d.wrong(n, path, what, "true, false, or a mapping with "+yamltree.OneOf(keysOf(r.fields())), "")
				return
			}
			if *r = (Recovery{}); on {
				*r = usual
			}
			return
		}
		*r = usual
		d.mapping(n, path, what, r.fields(), nil)
	}
	v.write = func() string {
		switch *r {
		case Recovery{}:
			return ""
		case usual:
			return "true"
		}
		return yamltree.Flow(pairsOf(r.fields(), usual.fields())...)
	}
	check := v.check
	v.check = func(in *yamltree.Reporter, path, what string) {
		if r.On() {
			check(in, path, what)
		}
	}
	v.schema = func(s *schemas) *jsonschema.Schema {
		return either(&jsonschema.Schema{Type: "boolean"}, r.mapping().value().schema(s))
	}
	return v
}
