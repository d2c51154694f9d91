package engineio

import (
	"time"

	"stickylab/cluster/host"
)

// heartbeat is the ping state of a session: one timer, armed for the next ping
// or for the end of the wait for a pong. Engine.IO v4 protocol, section
// "Heartbeat".
type heartbeat struct {
	timer     host.Timer
	due       time.Time
	waiting   bool // for a pong
	refreshed bool // the wait was extended once by another packet
}

// startHeartbeat needs c.mu, as all of these.
func (c *Session) startHeartbeat() {
	d := c.srv.cfg.PingInterval
	c.beat.due = time.Now().Add(d)
	c.beat.timer = c.after(d, func() { c.alive(time.Now()) })
}

// maxTimerDelay is how late a timer may come in a process that runs.
const maxTimerDelay = 100 * time.Millisecond

// tick does what is due: it queues the ping, or reports that the wait for a
// pong is over. The wait is counted from when the ping was due, not from when
// the timer came to run, so that pingInterval+pingTimeout after the handshake
// a silent session is over for certain; but a process that was frozen, as one
// on a computer that slept, sends its ping late and then waits as long as ever,
// as engine.io does.
func (c *Session) tick(now time.Time) (late bool) {
	b := &c.beat
	if now.Before(b.due) {
		return false
	}
	if !b.waiting {
		b.waiting, b.refreshed = true, false
		if now.Sub(b.due) > maxTimerDelay {
			b.due = now
		}
		b.due = b.due.Add(c.srv.cfg.PingTimeout)
		if c.state == open {
			c.enqueue(Packet{Type: Ping}, false)
			c.flush()
		}
		if now.Before(b.due) {
			b.timer.Reset(b.due.Sub(now))
			return false
		}
	}
	return true
}

// onHeartbeat notes a packet of the client, and reports whether it came in time.
func (c *Session) onHeartbeat(t PacketType, now time.Time) bool {
	b := &c.beat
	switch {
	case b.waiting && !now.Before(b.due):
		return false
	case t == Pong:
		b.waiting = false
		c.rearm(now, c.srv.cfg.PingInterval)
	case b.waiting && !b.refreshed: // since engine.io 6.6
		b.refreshed = true
		c.rearm(now, c.srv.cfg.PingTimeout)
	}
	return true
}

func (c *Session) rearm(now time.Time, d time.Duration) {
	c.beat.due = now.Add(d)
	c.beat.timer.Reset(d)
}
