package client

import (
	"time"

	"stickylab/cluster/trace"
)

// open begins an attempt to connect; retry says that it is a reconnection.
func (c *Client) open(retry bool) {
	if c.phase != closed {
		return
	}
	c.phase, c.skipReconnect, c.retrying = opening, false, retry
	c.openEngine()
	e := c.eng
	c.setTimer(connectTimeout, func() {
		c.onError(e, Failure{Text: string(trace.Timeout)})
		e.close()
	})
}

// onOpen follows a successful handshake.
func (c *Client) onOpen() {
	c.stopTimer()
	c.phase = open
	c.sendConnect()
	if c.retrying {
		c.retrying, c.reconnecting = false, false
		c.backoff.attempts = 0
	}
}

// onError follows a failed attempt to connect, or precedes onClose.
func (c *Client) onError(e *engine, f Failure) {
	c.failure = f
	trying := c.phase == opening
	if trying {
		e.attached = false
		c.stopTimer()
		c.phase = closed
	}
	if c.active && !c.connected {
		c.emit(trace.Event{Kind: trace.ConnectError, Text: trace.N(f.Text), Session: e.session, Status: int32(f.Status)})
	}
	switch {
	case !trying:
	case c.retrying:
		c.retrying, c.reconnecting = false, false
		c.reconnect()
	case !c.reconnecting && !c.cfg.Reconnection.Off && c.backoff.attempts == 0:
		c.reconnect()
	}
}

// onClose follows the end of the session.
func (c *Client) onClose(e *engine, reason trace.Text) {
	c.stopTimer()
	if e != nil {
		e.attached = false
		e.close()
	}
	c.backoff.attempts = 0
	c.phase = closed
	if c.active {
		c.disconnected(reason)
	}
	if !c.cfg.Reconnection.Off {
		c.reconnect()
	}
}

// giveUp ends the connection and stays away.
func (c *Client) giveUp() {
	c.active = false
	c.skipReconnect, c.reconnecting, c.retrying = true, false, false
	c.onClose(c.eng, trace.ForcedClose)
}

// reconnect tries again after the back-off.
func (c *Client) reconnect() {
	if c.reconnecting || c.skipReconnect {
		return
	}
	if limit := c.cfg.Reconnection.Attempts; limit > 0 && c.backoff.attempts >= limit {
		c.backoff.attempts = 0
		return
	}
	c.reconnecting = true
	delay := c.backoff.next(c.cfg.Reconnection, c.cfg.Rand.Float64())
	c.setTimer(delay, func() {
		if c.skipReconnect {
			return
		}
		c.emit(trace.Event{Kind: trace.Reconnecting, Status: int32(c.backoff.attempts), Value: delay})
		c.open(true)
	})
}

// moved ends the session, or the attempt at one, without a word to anybody.
func (c *Client) moved() {
	e := c.eng
	switch {
	case c.phase == open && e.state != closed:
		e.onClose(trace.TransportClose, false)
		e.halt()
	case c.phase == opening:
		f := Failure{Text: string(trace.XHRPollError)}
		if e.onWS {
			f.Text = string(trace.WebSocketError)
		}
		e.onError(f)
	}
}

// pageLoad is how long a page takes to load again.
const pageLoad = 200 * time.Millisecond

// reload begins as a new page does, which knows nothing of the one before it.
func (c *Client) reload() {
	if c.phase == opening {
		c.eng.attached = false
		c.eng.halt()
		c.phase = closed
	} else {
		c.moved()
	}
	c.buffer, c.active, c.backoff.attempts = nil, false, 0
	c.pid, c.offset, c.early = "", "", nil
	c.connects, c.joined, c.queue = 0, false, nil
	c.skipReconnect, c.reconnecting, c.retrying = false, false, false
	c.setTimer(pageLoad, c.connect)
}

// setTimer makes f the one thing that is waited for.
func (c *Client) setTimer(d time.Duration, f func()) {
	c.stopTimer()
	turn := c.turn
	c.timer = c.after(d, func() {
		if c.turn == turn {
			c.timer = nil
			f()
		}
	})
}

func (c *Client) stopTimer() {
	c.turn++
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

func (c *Client) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}
