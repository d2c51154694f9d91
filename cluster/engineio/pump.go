package engineio

import "sync"

// outgoing is a packet in a session's queue. more says that the next one
// belongs to the same Send.
type outgoing struct {
	Packet
	more bool
}

// enqueue appends a packet to the queue. It needs c.mu, and flush after it.
func (c *Session) enqueue(p Packet, more bool) {
	c.queue = append(c.queue, outgoing{p, more})
	c.backlog += len(p.Data)
}

// take empties the queue. It needs c.mu. The batch comes back through recycle.
func (c *Session) take() []outgoing {
	batch := c.queue
	c.queue, c.spare, c.backlog = c.spare, nil, 0
	return batch
}

// keptQueue is the longest queue whose memory a session keeps.
const keptQueue = 8

func (c *Session) recycle(batch []outgoing) {
	if batch != nil && cap(batch) <= keptQueue {
		clear(batch)
		c.spare = batch[:0]
	}
}

// flush hands the queue to the transport if that can take it: to the waiting
// GET, or to the pump. It needs c.mu.
func (c *Session) flush() {
	if c.due() {
		c.srv.cfg.Go(c.pump)
	}
}

// due hands the queue to the waiting GET if there is one. It reports whether there is
// something for the pump, which the caller must start. It needs c.mu.
func (c *Session) due() bool {
	switch {
	case c.transport == polling:
		if c.poll != nil && len(c.queue) > 0 {
			c.answerPoll()
		}
		return false
	case c.busy() || len(c.queue) == 0 && !c.hangup:
		return false
	}
	c.pumping = true
	return true
}

// writesAtOnce reports whether a write to the WebSocket does not block, so that no
// goroutine is needed for it. It needs c.mu.
func (c *Session) writesAtOnce() bool {
	conn, ok := c.ws.Conn.(interface{ WriteBlocks() bool })
	return ok && !conn.WriteBlocks()
}

// busy reports whether the WebSocket has to wait for what is being written. It
// needs c.mu.
func (c *Session) busy() bool { return c.pumping || c.answering }

// pump writes the queue to the WebSocket until it is empty. It runs only while
// there is something to write.
func (c *Session) pump() {
	if c.drain() {
		c.ws.hangUp()
	}
}

// drain is pump without the end: it reports whether the WebSocket is to be closed.
func (c *Session) drain() (last bool) {
	buf := buffers.Get().(*[]byte)
	defer putBuffer(buf)
	var batch []outgoing
	for {
		c.mu.Lock()
		c.recycle(batch)
		if len(c.queue) == 0 {
			last := c.hangup
			c.pumping = last
			c.mu.Unlock()
			return last
		}
		batch = c.take()
		c.mu.Unlock()
		c.write(batch, buf)
	}
}

// coalesced is the size beyond which frames are not joined into one write.
const coalesced = 32 << 10

// write writes the frames of one Send after the other.
func (c *Session) write(batch []outgoing, scratch *[]byte) {
	out := (*scratch)[:0]
	for i := range batch {
		p := &batch[i]
		if c.srv.killed.Load() {
			return
		}
		c.wrote(p.Packet)
		out = appendFrame(out, p.Packet)
		if i+1 < len(batch) && (p.more || c.srv.cfg.Coalesce && len(out) < coalesced) {
			continue
		}
		if _, err := c.ws.Conn.Write(out); err != nil {
			c.ws.Conn.Close() // the reader notices, and says why the session ended
		}
		out = out[:0]
	}
	*scratch = out
}

func (c *Session) wrote(p Packet) {
	if p.Tag != nil {
		c.srv.cfg.Observer.Wrote(c, Message{Data: p.Data, Binary: p.Binary, Tag: p.Tag})
	}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// keptBuffer is the largest buffer that goes back to the pool.
const keptBuffer = 64 << 10

func putBuffer(b *[]byte) {
	if cap(*b) <= keptBuffer {
		buffers.Put(b)
	}
}
