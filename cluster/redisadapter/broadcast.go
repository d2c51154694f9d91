package redisadapter

import (
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// emitterUID is the uid that @socket.io/redis-emitter gives, which is no
// server; it writes the options in its own order.
const emitterUID = "emitter"

// A broadcast is a message on K#N# or K#N#ROOM#: [uid, packet, opts].
type broadcast struct {
	pack.Received
	uid     string
	options socketio.Options
}

// appendBroadcast appends the message and returns the messages that this
// node's sockets get.
func appendBroadcast(dst []byte, uid, nsp string, p socketio.Packet, o socketio.Options) ([]byte, []engineio.Message, error) {
	dst = msgp.AppendArrayHeader(dst, 3)
	dst = pack.AppendString(dst, uid)
	dst, messages, err := pack.AppendEvent(dst, p, nsp, o.Encoded)
	if err != nil {
		return dst, messages, fmt.Errorf("encoding a broadcast: %w", err)
	}
	return pack.AppendOptions(dst, o, uid == emitterUID), messages, nil
}

// decodeBroadcast reads a message. For one whose uid is self it returns at
// once and leaves the rest empty: it is the echo of what this node published.
func decodeBroadcast(b []byte, self string) (m broadcast, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("decoding a broadcast: %w", err)
		}
	}()
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return m, err
	}
	if n < 3 {
		return m, errors.New("options are missing")
	}
	uid, b, err := msgp.ReadStringZC(b)
	if err != nil {
		return m, err
	}
	if string(uid) == self {
		m.uid = self
		return m, nil
	}
	m.uid = string(uid)
	if m.Received, b, err = pack.ReadPacket(b, "/"); err != nil {
		return m, err
	}
	if m.options, b, err = pack.ReadOptions(b); err != nil {
		return m, err
	}
	for range n - 3 {
		if b, err = msgp.Skip(b); err != nil {
			return m, err
		}
	}
	if len(b) > 0 {
		return m, pack.ErrTrailing
	}
	return m, nil
}
