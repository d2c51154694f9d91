package client

import (
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/coder/websocket"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
)

// startWS opens a WebSocket: the session's transport, or a probe for the
// upgrade.
func (e *engine) startWS(probe bool) {
	var ctx context.Context
	ctx, e.wsCancel = context.WithCancel(e.ctx)
	e.probing = probe
	cause, sid := e.c.cause, e.sid
	e.c.spawn(func() { e.runWS(ctx, sid, cause) })
}

// runWS shakes hands and then has the connection read.
func (e *engine) runWS(ctx context.Context, sid string, cause trace.Ref) {
	lane, _ := e.c.ws.request()
	var conn *websocket.Conn
	var refused answer
	ref := e.report(lane, nameWS, cause, func() int {
		conn, refused.status, refused.body = e.c.shake(ctx, e, sid)
		return refused.status
	})

	probe, wanted := false, false
	e.c.enter(ref, func() {
		e.wsCancel() // it was for the handshake
		e.wsCancel = nil
		probe = e.probing
		wanted = conn != nil && e.state != closed && (probe || e.onWS)
		switch {
		case wanted:
			e.ws = conn
		case conn == nil && probe:
			e.probeFailed(failure(trace.ProbeError, refused))
		case conn == nil:
			e.onError(failure(trace.WebSocketError, refused))
		}
	})
	if conn != nil && !wanted {
		conn.CloseNow()
	}
	if !wanted {
		return
	}
	if probe {
		// Nobody else writes before the probe is answered.
		conn.Write(context.Background(), websocket.MessageText, []byte("2probe"))
	}
	// A new goroutine, since the handshake has grown the stack of this one.
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	e.c.spawn(func() {
		e.read(conn)
		conn.CloseNow()
	})
}

// frames are the buffers that a message is read into; a client that waits
// holds none.
var frames = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// read handles what comes until the connection ends.
func (e *engine) read(conn *websocket.Conn) {
	for {
		kind, r, err := conn.Reader(context.Background())
		if err != nil {
			break
		}
		buf := frames.Get().(*[]byte)
		frame, err := readAll((*buf)[:0], r)
		if err == nil {
			e.c.mu.Lock()
			if !e.c.closed {
				e.c.cause = trace.Ref{}
				e.onFrame(frame, kind == websocket.MessageBinary)
			}
			e.c.mu.Unlock()
		}
		*buf = frame
		if cap(frame) <= 64<<10 {
			frames.Put(buf)
		}
		if err != nil {
			break
		}
	}
	e.c.enter(trace.Ref{}, func() { e.wsEnded() })
}

// takeText handles a text in place of read, which waits.
func (e *engine) takeText(text []byte) (idle bool) {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	if e.c.closed {
		return true
	}
	e.c.cause = trace.Ref{}
	if e.onWS && e.state != closed && e.attached && e.c.fastRead(text) {
		return true
	}
	e.onFrame(text, false)
	return false
}

func readAll(dst []byte, r io.Reader) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// onFrame handles one frame.
func (e *engine) onFrame(frame []byte, binary bool) {
	switch {
	case e.onWS:
		e.onPacket(frame, binary)
	case !e.probing || e.answered:
		// Of a probe that failed, or too early.
	case string(frame) == "3probe":
		e.answered, e.upgrading, e.pausing = true, true, true
		e.paused()
	default:
		e.answered = true
		e.upgradeFailed(Failure{Text: probeError})
	}
}

// paused completes the upgrade once no GET and no POST is in flight.
func (e *engine) paused() {
	if e.polling || e.writing || !e.probing || !e.upgrading {
		return
	}
	e.probing, e.onWS, e.upgrading = false, true, false
	e.c.emit(trace.Event{Kind: trace.Upgraded, Session: e.session})
	e.buffer = append([]engineio.Packet{{Type: engineio.Upgrade}}, e.buffer...)
	e.flush()
	e.cancel() // nothing more to dial
	e.c.rest(nil)
	if e.closeOnUpgrade {
		e.closeOnUpgrade, e.closeOnDrain = false, true
	}
}

// probeError is the text of every upgradeError; the original appends why.
const probeError = string(trace.ProbeError)

// probeFailed leaves the session on polling. Once polling is being paused it
// stays so and the session is lost, as in the original.
func (e *engine) probeFailed(f Failure) {
	e.probing = false
	f.Text = probeError
	e.upgradeFailed(f)
	if e.closeOnUpgrade {
		e.closeOnUpgrade = false
		e.onClose(trace.ForcedClose, true)
	}
}

// upgradeFailed reports that the session stays on polling.
func (e *engine) upgradeFailed(f Failure) {
	e.c.failure = f
	e.c.emit(trace.Event{Kind: trace.UpgradeError, Text: trace.N(f.Text), Session: e.session, Status: int32(f.Status)})
}

// wsEnded follows the end of the connection, for whatever reason.
func (e *engine) wsEnded() {
	e.ws = nil
	switch {
	case e.state == closed:
	case e.onWS && e.sid == "":
		e.onError(Failure{Text: string(trace.WebSocketError), Status: http.StatusSwitchingProtocols})
	case e.onWS:
		e.onClose(trace.TransportClose, false)
	case e.probing:
		e.probeFailed(Failure{Message: "transport closed"})
	}
}

// closeWS closes the WebSocket; politely with a close frame, after what was
// written before.
func (e *engine) closeWS(polite bool) {
	if e.wsCancel != nil {
		e.wsCancel()
	}
	if e.ws == nil || !polite {
		return
	}
	e.closeAfterWrite = true
	if !e.onWS { // a probe: no goroutine writes
		conn := e.ws
		e.c.spawn(func() { sayClose(conn) })
	} else if !e.writing {
		e.writing = true
		e.c.spawn(e.pump)
	}
}

func sayClose(conn *websocket.Conn) { conn.Close(websocket.StatusNoStatusRcvd, "") }

// pump writes what is queued, and at the end the close frame if it is time.
func (e *engine) pump() {
	var text []byte
	for {
		e.c.mu.Lock()
		batch, conn := e.buffer, e.ws
		e.buffer = nil
		if len(batch) == 0 || conn == nil || e.c.closed {
			if e.writing = false; conn != nil && !e.c.closed {
				e.c.cause = trace.Ref{}
				e.drained()
			}
			last := e.closeAfterWrite && !e.writing
			e.c.mu.Unlock()
			if last && conn != nil {
				sayClose(conn)
			}
			return
		}
		e.c.mu.Unlock()
		for _, p := range batch {
			if p.Binary {
				conn.Write(context.Background(), websocket.MessageBinary, p.Data)
				continue
			}
			text = engineio.AppendPacket(text[:0], p)
			// A failed write is followed by a failed read, which tells.
			conn.Write(context.Background(), websocket.MessageText, text)
		}
	}
}
