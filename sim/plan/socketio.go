package plan

import (
	"fmt"
	"time"

	"stickylab/sim/scenario"
)

// socketIO checks what decoding makes sure of, for files built by hand.
func (r *resolver) socketIO() {
	s := &r.f.SocketIO
	for _, one := range s.Times() {
		if t := *one.Value; t <= 0 || t > scenario.MaxDuration || t%time.Millisecond != 0 {
			r.Value("socketio."+one.Name, fmt.Sprintf("%s is %s", one.Name, t), "whole milliseconds, up to "+scenario.FormatDuration(scenario.MaxDuration), "")
		}
	}
	if n := s.MaxHTTPBufferSize; n < 1 || n > scenario.MaxBuffer {
		r.Value("socketio.max_http_buffer_size", fmt.Sprintf("max_http_buffer_size is %d", n), "from 1 to "+scenario.FormatBytes(scenario.MaxBuffer), "")
	}
}
