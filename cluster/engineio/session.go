package engineio

import (
	"context"
	"net/http"
	"sync"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

type transport byte

const (
	polling transport = iota
	websockets
)

const (
	pollingName   = string(trace.Polling)
	websocketName = string(trace.WebSocket)
)

// Reasons for which a session ends, in the words of engine.io.
const (
	reasonTransportClose = string(trace.TransportClose)
	reasonTransportError = string(trace.TransportError)
	reasonPingTimeout    = string(trace.PingTimeout)
	reasonParseError     = string(trace.ParseError)
	reasonForcedClose    = string(trace.ForcedClose)
)

func (t transport) String() string {
	if t == websockets {
		return websocketName
	}
	return pollingName
}

type state byte

const (
	open    state = iota
	closing       // Close was called on polling; waits for a GET that can carry the close packet
	gone
)

// closeLinger is how long a session on polling waits for a GET that tells the
// client of a server-side close. engine.io, class Polling.
const closeLinger = 30 * time.Second

// Session is one client of the server. Its methods are safe for concurrent
// use; none of them blocks.
type Session struct {
	srv *Server
	id  string
	req *http.Request

	mu        sync.Mutex
	onMessage func(data []byte, binary bool)
	onClose   func(reason string)
	data      any
	state     state
	transport transport
	reason    string     // once gone
	linger    host.Timer // while closing

	// Outgoing; see pump.go.
	queue     []outgoing
	spare     []outgoing
	backlog   int  // bytes in queue
	pumping   bool // a goroutine writes to ws
	answering bool // the handler of a GET holds packets that are not yet reported
	hangup    bool // close ws once the queue is empty

	poll   chan []outgoing // to the handler of the GET that waits; nil when none does
	polled time.Time       // since when it waits
	post   *post           // the POST that is being read or delivered
	ws     *wire           // set when transport is websockets
	probe  *probe          // a WebSocket that wants to take over from polling
	beat   heartbeat
}

// newSession registers a session, starts its heartbeat and queues the open
// packet; nil means that the id was taken or the server has closed.
func (s *Server) newSession(r *http.Request, t transport, ws *wire) *Session {
	c := &Session{srv: s, id: s.cfg.NewID(r), transport: t, ws: ws}
	// The connection's context ends with the handshake; its values stay.
	c.req = r.WithContext(context.WithoutCancel(r.Context()))
	c.req.Body = http.NoBody
	c.enqueue(s.opening(c.id, t), false)
	if !s.reserve(c.id) {
		return nil
	}
	c.mu.Lock()
	c.startHeartbeat()
	c.mu.Unlock()
	s.cfg.Observer.Opened(c)
	s.publish(c)
	return c
}

// ID returns the sid. Whoever knows it can take over the session: it must not
// be shown to other clients.
func (c *Session) ID() string { return c.id }

// Request returns the handshake request, for its header, query and RemoteAddr.
// Its context never ends.
func (c *Session) Request() *http.Request { return c.req }

// Transport returns "polling" or "websocket".
func (c *Session) Transport() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.transport.String()
}

// SetData attaches a value to the session.
func (c *Session) SetData(v any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data = v
}

// Data returns the value of SetData, or nil.
func (c *Session) Data() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.data
}

// OnMessage sets the function that gets each message. It is called serially,
// and not after the session has closed; it may keep data.
func (c *Session) OnMessage(f func(data []byte, binary bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onMessage = f
}

// OnClose sets the function that is called once, when the session has ended.
// The reasons are those of engine.io: "transport close", "transport error",
// "ping timeout", "parse error", "forced close".
// It is called in the goroutine that ended the session, which may be the caller
// of Close. A message may be in delivery in another goroutine at that moment. If the
// session has ended before OnClose was called, f is called at once.
func (c *Session) OnClose(f func(reason string)) {
	c.mu.Lock()
	late := c.state == gone && c.onClose == nil && !c.srv.killed.Load()
	c.onClose = f
	reason := c.reason
	c.mu.Unlock()
	if late {
		f(reason)
	}
}

// Send queues messages: all of them, next to each other, or, once the session
// closes, none.
func (c *Session) Send(ms ...Message) {
	c.mu.Lock()
	if c.state != open || len(ms) == 0 {
		c.mu.Unlock()
		return
	}
	for i := range ms {
		p := Packet{Type: MessagePacket, Data: ms[i].Data, Binary: ms[i].Binary, Tag: ms[i].Tag}
		c.enqueue(p, i+1 < len(ms))
	}
	tooFar := c.backlog > c.srv.cfg.MaxBacklog
	due := c.due()
	now := due && c.writesAtOnce()
	c.mu.Unlock()
	switch {
	case now:
		if c.drain() {
			c.srv.cfg.Go(c.ws.hangUp)
		}
	case due:
		c.srv.cfg.Go(c.pump)
	}
	if tooFar { // not from here: the caller may hold what OnClose wants to lock
		c.srv.cfg.Go(func() { c.end(reasonTransportError, hangUp) })
	}
}

// volatileBacklog is how many bytes may wait before Writable says no.
const volatileBacklog = 16 << 10

// Writable reports whether a message sent now would go out at once. On polling
// that is while a GET waits; on WebSocket while the connection keeps up.
func (c *Session) Writable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != open {
		return false
	}
	if c.transport == polling {
		return c.poll != nil
	}
	return c.backlog <= volatileBacklog
}

// Close closes the session with the reason "forced close". What was sent before
// still goes out. OnClose is called before Close returns, so the caller must not
// hold a lock that it takes. On polling without a waiting GET the session ends with the next
// GET, after 30 seconds at most; until then it neither receives nor sends.
func (c *Session) Close() {
	c.mu.Lock()
	now := c.state == open
	if now && c.transport == polling && c.poll == nil {
		now = false
		c.state = closing
		c.abortPost()
		c.linger = c.after(closeLinger, func() { c.end(reasonForcedClose, hangUp) })
	}
	c.mu.Unlock()
	if now {
		c.end(reasonForcedClose, hangUp)
	}
}

// closeMode is what the client is told when a session ends.
type closeMode int

const (
	hangUp      closeMode = iota // the waiting GET gets a close packet, the WebSocket a close frame
	acknowledge                  // the waiting GET gets a noop: the client itself closed
	dropped                      // nothing: the connection is lost
)

// end ends the session. It reports false when that had ended before.
func (c *Session) end(reason string, how closeMode) bool {
	c.mu.Lock()
	if c.state == gone {
		c.mu.Unlock()
		return false
	}
	if how == acknowledge && c.transport == polling && c.poll == nil {
		c.srv.overtake(c.id) // before anybody can see that the session is gone
	}
	c.state, c.reason = gone, reason
	c.stopTimers()
	c.abortPost()
	probe := c.probe
	if probe != nil {
		probe.stop()
		c.probe = nil
	}
	blocked := false
	if c.transport == polling {
		switch how {
		case hangUp:
			c.answer(Packet{Type: Close})
		case acknowledge:
			c.answer(Packet{Type: Noop})
		case dropped:
			c.poll = nil
		}
		c.queue, c.backlog = nil, 0
	} else if how == dropped {
		c.queue, c.backlog = nil, 0
	} else {
		c.hangup, blocked = true, c.busy()
		c.flush()
	}
	onClose := c.onClose
	c.mu.Unlock()

	c.srv.remove(c)
	if blocked {
		c.ws.expire()
	}
	if probe != nil {
		c.srv.cfg.Go(probe.hangUp)
	}
	c.srv.cfg.Observer.Closed(c, reason)
	if onClose != nil {
		onClose(reason)
	}
	return true
}

// kill ends the session without a word to anybody. It stays in the server's
// map, which is no longer asked, and a GET waits on until its connection is
// closed: not by us, since that would be a word.
func (c *Session) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == gone {
		return
	}
	c.state = gone
	c.stopTimers()
	if c.probe != nil {
		c.probe.stop()
		c.probe = nil
	}
	c.queue, c.backlog = nil, 0
}

// after calls f once d has passed: the session's timers of one instant run in the
// order in which they were set.
func (c *Session) after(d time.Duration, f func()) host.Timer {
	return c.srv.cfg.AfterFunc(c.id, d, f)
}

func (c *Session) stopTimers() {
	c.beat.timer.Stop()
	if c.linger != nil {
		c.linger.Stop()
	}
}

// receive handles a packet of the session's own transport.
func (c *Session) receive(p Packet) {
	c.mu.Lock()
	if c.state != open {
		leaves := c.state == closing && p.Type == Close
		c.mu.Unlock()
		if leaves { // before it has learned that it is to go
			c.end(reasonTransportClose, acknowledge)
		}
		return
	}
	late := !c.onHeartbeat(p.Type, time.Now())
	onMessage := c.onMessage
	c.mu.Unlock()
	switch {
	case late:
		c.end(reasonPingTimeout, hangUp)
	case p.Type == Ping: // in v4 only servers send pings
		c.end(reasonTransportError, hangUp)
	case p.Type == Close:
		c.end(reasonTransportClose, acknowledge)
	case p.Type == MessagePacket && onMessage != nil:
		onMessage(p.Data, p.Binary)
	}
}

// alive reports whether the session exists at that instant: the timer that
// ends it may be about to run.
func (c *Session) alive(now time.Time) bool {
	c.mu.Lock()
	if c.state == gone {
		c.mu.Unlock()
		return false
	}
	late := c.tick(now)
	c.mu.Unlock()
	if late {
		c.end(reasonPingTimeout, hangUp)
	}
	return !late
}
