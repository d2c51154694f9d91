package sim

import (
	"stickylab/cluster"
	"stickylab/sim/scenario"
)

// socketIO are the file's options of the nodes. A size that is the default
// leaves the choice to who serves.
func (s *simulation) socketIO() cluster.SocketIO {
	in := s.plan.File.SocketIO
	out := cluster.SocketIO{
		PingInterval: in.PingInterval, PingTimeout: in.PingTimeout,
		UpgradeTimeout: in.UpgradeTimeout, ConnectTimeout: in.ConnectTimeout,
	}
	if in.MaxHTTPBufferSize != scenario.NewSocketIO().MaxHTTPBufferSize {
		out.MaxPayload = in.MaxHTTPBufferSize
	}
	return out
}
