package control

import (
	"net/http"
	"strconv"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
)

// traceTimeout is how long a reader of the trace may take for what is written to
// it at once.
const traceTimeout = 30 * time.Second

// trace writes the events as JSON Lines. Numbers are missing where the reader
// was too slow, or came too late: the oldest events are forgotten.
func (c *control) trace(w http.ResponseWriter, r *http.Request) {
	q, ok := parameters(w, r, "from", "follow")
	if !ok {
		return
	}
	from, follow := uint64(1), true
	if text := q.Get("from"); q.Has("from") {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n == 0 {
			fail(w, http.StatusBadRequest, "from: "+quoted(text)+" is not the number of an event, 1 or more")
			return
		}
		from = n
	}
	switch text := q.Get("follow"); {
	case !q.Has("follow") || text == "1":
	case text == "0":
		follow = false
	default:
		fail(w, http.StatusBadRequest, "follow: "+quoted(text)+" is neither 0 nor 1")
		return
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{})
	w.WriteHeader(http.StatusOK)
	control.Flush()
	if r.Method == http.MethodHead {
		return
	}
	var lines []byte
	write := func(events []trace.Event) error {
		lines = report.AppendEvents(lines[:0], events)
		control.SetWriteDeadline(time.Now().Add(traceTimeout))
		if _, err := w.Write(lines); err != nil {
			return err
		}
		return control.Flush()
	}
	if follow {
		c.run.Follow(r.Context(), from, write) // until the reader goes
		return
	}
	for to := c.run.Len(); from <= to; {
		from = max(from, c.run.Oldest())
		events := c.run.Events(from, min(to, from+1999))
		if len(events) == 0 || write(events) != nil {
			return
		}
		from = events[len(events)-1].Seq + 1
	}
}
