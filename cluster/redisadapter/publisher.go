package redisadapter

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"

	"stickylab/cluster/trace"
)

// A command is one for the publishing connection: PUBLISH, PUBSUB NUMSUB when
// count is set, else PING when the channel is empty.
type command struct {
	channel string
	message []byte
	count   *counting
}

// A counting is one call of PUBSUB NUMSUB. It outlives a lost connection: the
// count is asked for again on the next.
type counting struct {
	done func(n int) // called once, in the publisher's goroutine
}

type state uint8

const (
	starting  state = iota // the first connection is being made: commands wait
	connected              // commands are written
	away                   // Redis could not be reached, or was lost: publications are dropped
)

// closeTimeout is how long a closed publisher waits for the replies to what it
// has written.
const closeTimeout = time.Second

// A publisher is the connection that publishes. Commands go out in the order
// in which they were queued, each in its own write: how they are cut into
// packets must not depend on which goroutine runs first. Its line's goroutine
// reads the replies; another writes while there is something to write.
type publisher struct {
	line line

	mu      sync.Mutex
	state   state
	closing bool
	pumping bool
	conn    redis.Conn
	queue   []command
	sent    []command // waiting for their replies
}

func (p *publisher) init(a *Adapter) {
	p.line = line{adapter: a, lane: a.cfg.Env.Lane(trace.LaneID{Host: a.cfg.Host, Purpose: a.cfg.Lane + "/pub"}), serve: p.serve, lost: p.lost,
		ping: func(redis.Conn) { p.send(command{}) }}
}

// publish queues a message. It never blocks. False: Redis is away, the message
// is dropped.
func (p *publisher) publish(channel string, message []byte) bool {
	return p.send(command{channel: channel, message: message})
}

// numsub counts the subscribers of channel. done is called with the answer,
// which may take until Redis is back, or never; forget must be called at the
// end.
func (p *publisher) numsub(channel string, done func(n int)) (forget func()) {
	c := &counting{done}
	p.send(command{channel: channel, count: c})
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.queue = slices.DeleteFunc(p.queue, func(cmd command) bool { return cmd.count == c })
	}
}

func (p *publisher) send(c command) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing || p.state == away && c.count == nil {
		return false
	}
	p.queue = append(p.queue, c)
	p.startPump()
	return true
}

// startPump is called with the lock held.
func (p *publisher) startPump() {
	if p.pumping || p.state != connected || len(p.queue) == 0 {
		return
	}
	p.pumping = true
	p.line.adapter.cfg.Env.Go(p.pump)
}

// pump writes until the queue is empty.
func (p *publisher) pump() {
	for {
		p.mu.Lock()
		if p.state != connected || len(p.queue) == 0 {
			p.pumping = false
			end := p.ended()
			p.mu.Unlock()
			if end {
				p.line.close()
			}
			return
		}
		c := p.queue[0]
		p.queue[0] = command{}
		if p.queue = p.queue[1:]; len(p.queue) == 0 {
			p.queue = nil
		}
		p.sent = append(p.sent, c)
		conn := p.conn
		more := p.line.adapter.cfg.Coalesce && len(p.queue) > 0
		p.mu.Unlock()

		var err error
		switch {
		case c.count != nil:
			err = conn.Send("PUBSUB", "NUMSUB", c.channel)
		case c.channel == "":
			err = conn.Send("PING")
		default:
			err = conn.Send("PUBLISH", c.channel, c.message)
		}
		if err == nil && !more {
			err = conn.Flush()
		}
		if err != nil {
			// redigo has closed the connection: the reader will notice.
			p.mu.Lock()
			if p.conn == conn {
				p.state = away
			}
			p.mu.Unlock()
		}
	}
}

// serve reads replies.
func (p *publisher) serve(c redis.Conn, established func()) error {
	p.mu.Lock()
	p.state, p.conn = connected, c
	p.queue = slices.Insert(p.queue, 0, command{}) // a PING: Redis is to prove that it serves
	p.startPump()
	p.mu.Unlock()
	for first := true; ; first = false {
		reply, err := c.Receive()
		if _, refused := err.(redis.Error); err != nil && !refused {
			return err
		}
		if first && err == nil {
			established()
		}
		p.mu.Lock()
		if len(p.sent) == 0 {
			p.mu.Unlock()
			return fmt.Errorf("redis: unexpected reply %q", fmt.Sprint(reply))
		}
		cmd := p.sent[0]
		p.sent[0] = command{}
		if p.sent = p.sent[1:]; len(p.sent) == 0 {
			p.sent = nil
		}
		end := p.ended()
		p.mu.Unlock()
		if end {
			p.line.close()
		}
		switch {
		case err != nil:
			p.line.adapter.refused.Add(1)
		case cmd.count != nil:
			if n, ok := numsubReply(reply); ok {
				cmd.count.done(n)
			}
		}
	}
}

// numsubReply reads [channel, count].
func numsubReply(reply any) (int, bool) {
	items, _ := reply.([]any)
	if len(items) != 2 {
		return 0, false
	}
	n, ok := items[1].(int64)
	return int(n), ok
}

// lost drops the publications; what asks for a count waits for the next
// connection. The attempt that follows the pause finds commands queued again.
func (p *publisher) lost(error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var kept []command
	for _, c := range append(p.sent, p.queue...) {
		if c.count != nil {
			kept = append(kept, c)
		} else if c.channel != "" {
			p.line.adapter.dropped.Add(1)
		}
	}
	p.state, p.conn, p.sent, p.queue = away, nil, nil, kept
}

// ended reports, with the lock held, whether a closed publisher has nothing
// left to do.
func (p *publisher) ended() bool {
	return p.closing && !p.pumping && (p.state != connected || len(p.sent) == 0)
}

// close writes what is queued, waits for the replies (a connection that is
// closed with replies unread may lose what was written) and closes the
// connection, all in the background.
func (p *publisher) close() {
	p.mu.Lock()
	p.closing = true
	end := p.ended()
	p.mu.Unlock()
	if end {
		p.line.close()
		return
	}
	p.line.adapter.cfg.Env.AfterFunc(p.line.lane.Name(), closeTimeout, p.line.close)
}
