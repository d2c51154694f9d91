package client

import (
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// queued is a message that is said until it is acknowledged, as with the option retries.
type queued struct {
	packet  socketio.Packet
	n       uint32
	tries   int
	pending bool // it waits for its acknowledgement
}

// drain says the first message of the queue; with force also one that waits for its
// acknowledgement. It follows _drainQueue.
func (c *Client) drain(force bool) {
	if !c.connected || len(c.queue) == 0 {
		return
	}
	q := &c.queue[0]
	if q.pending && !force {
		return
	}
	q.pending = true
	if q.tries++; q.tries > 1 {
		c.emit(trace.Event{Kind: trace.Resent, Msg: trace.Msg{From: c.name, N: q.n}, Status: int32(q.tries)})
	}
	id := c.acks
	c.acks++
	c.asked = id
	p := q.packet
	p.ID = &id
	c.stopAckTimer()
	c.ackTimer = c.after(c.cfg.AckTimeout, func() {
		if len(c.queue) > 0 && c.queue[0].pending && c.asked == id {
			c.unacknowledged(trace.AckTimeout)
		}
	})
	c.send(p)
}

// onAck handles an acknowledgement.
func (c *Client) onAck(p *socketio.Packet) {
	if p.ID == nil || len(c.queue) == 0 || !c.queue[0].pending || *p.ID != c.asked {
		return
	}
	c.stopAckTimer()
	c.queue = c.queue[1:]
	c.drain(false)
}

// unacknowledged follows a failed try: the message is said again, unless that was the
// last.
func (c *Client) unacknowledged(why trace.Text) {
	c.stopAckTimer()
	if len(c.queue) == 0 || !c.queue[0].pending {
		return
	}
	if q := &c.queue[0]; q.tries > c.cfg.Retries {
		c.emit(trace.Event{Kind: trace.Discarded, Msg: trace.Msg{From: c.name, N: q.n}, Text: why.Name()})
		c.queue = c.queue[1:]
	} else {
		q.pending = false
	}
	c.drain(false)
}

func (c *Client) stopAckTimer() {
	if c.ackTimer != nil {
		c.ackTimer.Stop()
		c.ackTimer = nil
	}
}
