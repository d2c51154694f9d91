package client

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// phase is the state of a Manager or of an engine.
type phase uint8

const (
	closed phase = iota
	opening
	open
	closing // an engine that still has to send what was written
)

// An engine is one Engine.IO session, from the handshake to its end: the
// original's Socket class in engine.io-client. Everything in it is guarded by
// the client's mutex; input and output are done by goroutines without it.
type engine struct {
	c        *Client
	ctx      context.Context // of dials
	cancel   context.CancelFunc
	state    phase
	attached bool // the Manager listens
	halted   bool // its connections are cut

	sid         string
	session     trace.Name
	pingTimeout time.Duration // how long to wait for a ping: pingInterval + pingTimeout
	maxPayload  int
	ping        host.Timer
	pingDue     time.Time

	buffer  []engineio.Packet // written, not on its way
	writing bool              // a POST or a WebSocket write is in flight
	decoder socketio.Decoder

	// Of polling.
	polling bool // a GET is in flight
	pausing bool // for the upgrade: no new GET

	// Of WebSocket.
	onWS            bool // it is the transport
	ws              *websocket.Conn
	wsCancel        context.CancelFunc // of its handshake
	closeAfterWrite bool               // to be closed once all is written
	probing         bool               // upgrade begun, neither done nor failed
	answered        bool               // the probe was
	upgrading       bool               // nothing is sent until polling has come to rest

	// What close waits for.
	closeOnDrain   bool
	closeOnUpgrade bool
}

// transport returns the name of the session's transport.
func (e *engine) transport() string {
	if e.onWS {
		return WebSocket
	}
	return Polling
}

// openEngine begins a session on the first transport.
func (c *Client) openEngine() {
	ctx, cancel := context.WithCancel(c.ctx)
	e := &engine{c: c, ctx: ctx, cancel: cancel, state: opening, attached: true}
	c.eng = e
	if c.cfg.Transports[0] == WebSocket {
		e.onWS = true
		e.startWS(false)
		return
	}
	e.startPolling()
}

// onPacket handles one packet in its text form (or a binary frame). It follows
// _onPacket.
func (e *engine) onPacket(data []byte, binary bool) {
	if e.state == closed {
		return
	}
	if e.attached && e.c.fastRead(data) {
		return
	}
	p, err := engineio.DecodePacket(data, binary)
	if err != nil {
		e.onError(Failure{Text: "server error"})
		return
	}
	switch p.Type {
	case engineio.Open:
		e.onHandshake(p.Data)
	case engineio.Close:
		if !e.onWS { // on WebSocket the original waits for the close frame
			e.onClose(trace.TransportClose, false)
		}
	case engineio.Ping:
		e.write(engineio.Packet{Type: engineio.Pong})
		e.expectPing()
	case engineio.MessagePacket:
		if e.attached {
			e.c.onData(e, p.Data, p.Binary)
		}
	}
}

func (e *engine) onHandshake(data []byte) {
	if e.state != opening {
		return
	}
	var h engineio.OpenPacket
	if err := json.Unmarshal(data, &h); err != nil || h.SID == "" {
		e.onError(Failure{Text: "server error"})
		return
	}
	e.sid, e.session = h.SID, trace.N(h.SID)
	e.pingTimeout = time.Duration(h.PingInterval+h.PingTimeout) * time.Millisecond
	e.maxPayload = h.MaxPayload
	e.state = open
	if e.onWS {
		e.cancel() // nothing more to dial
	}
	if e.attached {
		e.c.onOpen()
	}
	e.flush()
	if e.state == open && !e.onWS && slices.Contains(h.Upgrades, WebSocket) && slices.Contains(e.c.cfg.Transports, WebSocket) {
		e.startWS(true)
	}
	if e.state != closed {
		e.expectPing()
	}
}

// expectPing starts the timeout of the next ping.
func (e *engine) expectPing() {
	e.pingDue = time.Now().Add(e.pingTimeout)
	if e.ping != nil {
		e.ping.Reset(e.c.throttled(e.pingTimeout))
		return
	}
	e.ping = e.c.after(e.pingTimeout, func() {
		if e.state != closed && !time.Now().Before(e.pingDue) {
			e.onClose(trace.PingTimeout, true)
		}
	})
}

// write queues a packet and sends what can be sent.
func (e *engine) write(p engineio.Packet) {
	if e.state == closing || e.state == closed {
		return
	}
	e.buffer = append(e.buffer, p)
	e.flush()
}

// flush sends what is queued, if nothing is on its way.
func (e *engine) flush() {
	if e.state == closed || e.state == opening || e.writing || e.upgrading || len(e.buffer) == 0 {
		return
	}
	e.writing = true
	if e.onWS {
		e.c.spawn(e.pump)
		return
	}
	n := e.fitting()
	body := engineio.AppendPayload(nil, e.buffer[:n])
	if e.buffer = e.buffer[n:]; len(e.buffer) == 0 {
		e.buffer = nil
	}
	cause := e.c.cause
	e.c.spawn(func() { e.sendPost(body, cause) })
}

// fitting returns how many packets one POST may carry: as many as maxPayload
// allows, but at least one (_getWritablePackets).
func (e *engine) fitting() int {
	if e.maxPayload == 0 {
		return len(e.buffer)
	}
	size := 1
	for i, p := range e.buffer {
		size += len(p.Data)
		if i > 0 && size > e.maxPayload {
			return i
		}
		size += 2
	}
	return len(e.buffer)
}

// drained follows a completed write.
func (e *engine) drained() {
	e.writing = false
	if len(e.buffer) > 0 {
		e.flush()
		return
	}
	if e.closeOnDrain {
		e.closeOnDrain = false
		if e.upgrading {
			e.closeOnUpgrade = true
		} else {
			e.onClose(trace.ForcedClose, true)
		}
	}
}

// close ends the session once everything written was sent and a running
// upgrade is over.
func (e *engine) close() {
	if e.state != opening && e.state != open {
		return
	}
	e.state = closing
	switch {
	case e.writing || len(e.buffer) > 0:
		e.closeOnDrain = true
	case e.upgrading:
		e.closeOnUpgrade = true
	default:
		e.onClose(trace.ForcedClose, true)
	}
}

// onError ends the session because of its transport.
func (e *engine) onError(f Failure) {
	if e.state == closed {
		return
	}
	if e.attached {
		e.c.onError(e, f)
	}
	e.onClose(trace.TransportError, true)
}

// onClose ends the session. With polite the server is told, if it can be.
func (e *engine) onClose(reason trace.Text, polite bool) {
	if e.state == closed {
		return
	}
	if e.ping != nil {
		e.ping.Stop()
	}
	shaken := e.sid != ""
	e.state = closed
	var busy *wire
	switch {
	case !shaken:
		// Nobody would wait for the answer. The original lets it come.
		e.halt()
	case e.onWS:
		e.closeWS(polite)
	case polite && !e.pausing:
		busy = e.sendClose()
	}
	if e.attached {
		e.c.onClose(e, reason)
	}
	if e.probing {
		e.closeWS(true)
		e.probeFailed(Failure{Message: "socket closed"})
	}
	e.buffer = nil
	e.c.rest(busy)
	e.linger()
}

// linger lets running requests end, as the original does, but not forever.
func (e *engine) linger() {
	if e.halted || e.onWS {
		e.cancel()
		return
	}
	e.c.after(connectTimeout, e.halt)
}

// halt cuts the connections of the session.
func (e *engine) halt() {
	if e.halted {
		return
	}
	e.halted = true
	if e.ping != nil {
		e.ping.Stop()
	}
	e.cancel()
	e.c.cut(e, nil)
}

// keeps reports whether a connection of the wire is worth keeping.
func (e *engine) keeps(w *wire) bool {
	return e.state != closed && !e.halted && !e.onWS && w != &e.c.bye
}

// over reports whether the session has ended.
func (e *engine) over() bool {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	return e.state == closed || e.halted || e.c.closed
}
