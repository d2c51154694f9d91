package engineio

import (
	"time"

	"stickylab/cluster/host"
)

// probeTick is how often a session that is being upgraded answers the waiting
// GET with a noop, so that the client can leave polling. engine.io, class
// Socket.
const probeTick = 100 * time.Millisecond

// probe is a WebSocket that wants to take over a session from polling. Engine.IO
// v4 protocol, section "Upgrade".
type probe struct {
	*wire
	timeout host.Timer
	tick    host.Timer // nil until the client has sent its probe
}

func (p *probe) stop() {
	p.timeout.Stop()
	if p.tick != nil {
		p.tick.Stop()
	}
}

// serveProbe starts the upgrade. A session that is not on polling, or has a
// probe already, is unharmed: only the new WebSocket closes.
func (c *Session) serveProbe(w *wire) {
	p := &probe{wire: w}
	c.mu.Lock()
	free := c.state != gone && c.transport == polling && c.probe == nil
	if free {
		c.probe = p
		p.timeout = c.after(c.srv.cfg.UpgradeTimeout, func() { c.dropProbe(p) })
	}
	c.mu.Unlock()
	if !free {
		c.srv.cfg.Go(w.hangUp)
		return
	}
	c.srv.cfg.Go(func() {
		if c.runProbe(p) {
			c.read(w)
			return
		}
		defer w.ws.CloseNow()
		if c.forget(p) {
			w.hangUp()
			return
		}
		for { // until the client answers the close frame
			if _, malformed, err := w.next(); err != nil && !malformed {
				return
			}
		}
	})
}

// runProbe talks to the probing WebSocket, and reports whether it is the
// session's transport now. Anything but a probe or an upgrade ends it.
func (c *Session) runProbe(p *probe) bool {
	for {
		in, _, err := p.next()
		if err != nil {
			return false
		}
		switch {
		case in.Type == Ping && string(in.Data) == "probe":
			if _, err := p.Conn.Write(appendFrame(nil, Packet{Type: Pong, Data: in.Data})); err != nil {
				return false
			}
			c.startTicking(p)
		case in.Type == Upgrade:
			return c.takeOver(p)
		default:
			return false
		}
	}
}

func (c *Session) startTicking(p *probe) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probe != p {
		return
	}
	if p.tick != nil {
		p.tick.Reset(probeTick)
		return
	}
	p.tick = c.after(probeTick, func() { c.releasePoll(p) })
}

// releasePoll is one tick.
func (c *Session) releasePoll(p *probe) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probe != p {
		return
	}
	c.answer(Packet{Type: Noop})
	p.tick.Reset(probeTick)
}

// takeOver makes the probe the session's transport. What waits in the queue
// goes out on it, so nothing is lost and the order stays.
func (c *Session) takeOver(p *probe) bool {
	c.mu.Lock()
	if c.probe != p {
		c.mu.Unlock()
		return false
	}
	c.probe = nil
	p.stop()
	c.leavePolling()
	c.abortPost()
	c.transport, c.ws = websockets, p.wire
	closeNow := c.state == closing
	var delivered chan struct{}
	if c.post != nil {
		delivered = make(chan struct{})
		c.post.done = delivered
	}
	c.flush()
	c.mu.Unlock()
	if closeNow {
		c.end(reasonForcedClose, hangUp)
		return true
	}
	c.srv.cfg.Observer.Upgraded(c)
	if delivered != nil {
		<-delivered // messages are delivered one after the other
	}
	return true
}

// dropProbe gives the upgrade up: the session stays on polling.
func (c *Session) dropProbe(p *probe) {
	if c.forget(p) {
		c.srv.cfg.Go(p.hangUp)
	}
}

// forget ends the upgrade, and reports whether it had not ended. The caller hangs
// up: only one goroutine may close the WebSocket.
func (c *Session) forget(p *probe) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probe != p {
		return false
	}
	c.probe = nil
	p.stop()
	return true
}
