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

// patient returns the bounds with time enough for a poll that waits from one
// ping to the next.
func (s *Serving) patient(o SocketIO) *Serving {
	if s == nil || s.RequestTimeout <= 0 || s.RequestTimeout > o.PingInterval+slack {
		return s
	}
	out := *s
	out.RequestTimeout = o.PingInterval + slack
	return &out
}

// slack is what a poll may take beyond the wait for a ping.
const slack = 30 * time.Second
