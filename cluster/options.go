package cluster

import "time"

// SocketIO are the options of a node's Socket.IO server that the two ends of a
// connection notice. Zero fields have the defaults of socket.io 4.
type SocketIO struct {
	PingInterval   time.Duration // default 25 s
	PingTimeout    time.Duration // default 20 s
	UpgradeTimeout time.Duration // default 10 s
	ConnectTimeout time.Duration // default 45 s
	MaxPayload     int           // maxHttpBufferSize, in bytes; default 1e6, or what Bounds say
}

// patient returns the bounds with time enough for a poll that waits longer than
// usual for a ping.
func (s *Serving) patient(o SocketIO) *Serving {
	if s == nil || s.RequestTimeout <= 0 || o.PingInterval <= usualInterval {
		return s
	}
	out := *s
	out.RequestTimeout += o.PingInterval - usualInterval
	return &out
}

const usualInterval = 25 * time.Second
