package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

// ErrAway is given to commands that were lost with their connection, and those that
// cannot wait.
var ErrAway = errors.New("redis is away")

// A Command is sent to Redis, which answers it.
type Command struct {
	Name string
	Args []any // strings, byte slices and integers

	// Wait queues the command while Redis is away, as the offline queue of a Redis client
	// does. Without it the command is dropped.
	Wait bool
	// Again sends it again, on the next connection, when its own was lost before the reply.
	Again bool
	// Done is called once with the reply, in the goroutine of the line, or with the
	// error for which there is none; late means that the command had to wait for a
	// connection. It must not block. It may be nil. After Kill it is not called.
	Done func(reply any, late bool, err error)

	late     bool
	counting *counting
}

func (c *Command) size() (n int) {
	for _, a := range c.Args {
		switch a := a.(type) {
		case string:
			n += len(a)
		case []byte:
			n += len(a)
		}
	}
	return n + 64
}

func (c *Command) done(reply any, err error) {
	if c.Done != nil {
		c.Done(reply, c.late, err)
	}
}

// A counting is one call of Count, which can be forgotten. It outlives a lost connection:
// the count is asked for again on the next.
type counting struct{}

type state uint8

const (
	starting  state = iota // the first connection is being made: commands wait
	connected              // commands are written
	away                   // Redis could not be reached, or was lost
)

const (
	// closeTimeout is how long a closed publisher waits for the replies to what it
	// has written.
	closeTimeout = time.Second
	// maxWaiting bounds the commands that wait for Redis, in bytes. A Redis client of
	// Node.js has no bound.
	maxWaiting = 64 << 20
)

// A Publisher is a connection for commands that Redis answers. Commands go out in the order
// in which they were queued, each in its own write: how they are cut into
// packets must not depend on which goroutine runs first. Its line's goroutine
// reads the replies; another writes while there is something to write.
type Publisher struct {
	Line *Line

	// Dropped is called for each command that is lost because Redis is away and that has
	// no Done, Refused for each that Redis answers with an error. Neither may block.
	Dropped, Refused func()

	mu      sync.Mutex
	state   state
	closing bool
	pumping bool
	conn    redis.Conn
	queue   []Command
	waiting int       // bytes in the queue
	sent    []Command // waiting for their replies
}

// NewPublisher returns a publisher, whose line is to be started.
func NewPublisher(ctx context.Context, cfg *Config) *Publisher {
	p := &Publisher{Line: NewLine(ctx, cfg, "pub"), Dropped: func() {}, Refused: func() {}}
	p.Line.Serve, p.Line.Lost = p.serve, p.lost
	p.Line.Ping = func(redis.Conn) { p.Send(Command{}) }
	return p
}

// Send queues a command, and never blocks. now reports whether Redis is there to
// take it; queued is false when it is not, and the command cannot wait.
func (p *Publisher) Send(c Command) (queued, now bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing || p.state == away && !c.Wait || p.state != connected && p.waiting > maxWaiting {
		return false, false
	}
	c.late = p.state != connected
	p.queue = append(p.queue, c)
	p.waiting += c.size()
	p.startPump()
	return true, p.state == connected
}

// Count sends a command that asks for a number, such as PUBSUB NUMSUB with one channel.
// done is called with the answer, which may take until Redis is back, or never; forget
// must be called at the end.
func (p *Publisher) Count(done func(n int), name string, args ...any) (forget func()) {
	own := new(counting)
	p.Send(Command{Name: name, Args: args, Wait: true, Again: true, counting: own, Done: func(reply any, _ bool, err error) {
		if n, ok := numsubReply(reply); ok && err == nil {
			done(n)
		}
	}})
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.queue = slices.DeleteFunc(p.queue, func(c Command) bool { return c.counting == own })
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

// startPump is called with the lock held.
func (p *Publisher) startPump() {
	if p.pumping || p.state != connected || len(p.queue) == 0 {
		return
	}
	p.pumping = true
	p.Line.cfg.Env.Go(p.pump)
}

// pump writes until the queue is empty.
func (p *Publisher) pump() {
	for {
		p.mu.Lock()
		if p.state != connected || len(p.queue) == 0 {
			p.pumping = false
			end := p.ended()
			p.mu.Unlock()
			if end {
				p.Line.Close()
			}
			return
		}
		c := p.queue[0]
		p.queue[0] = Command{}
		p.waiting -= c.size()
		if p.queue = p.queue[1:]; len(p.queue) == 0 {
			p.queue, p.waiting = nil, 0
		}
		p.sent = append(p.sent, c)
		conn := p.conn
		more := p.Line.cfg.Coalesce && len(p.queue) > 0
		p.mu.Unlock()

		if c.Name == "" {
			c.Name = "PING"
		}
		err := conn.Send(c.Name, c.Args...)
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
func (p *Publisher) serve(c redis.Conn, established func()) error {
	p.mu.Lock()
	p.state, p.conn = connected, c
	p.queue = slices.Insert(p.queue, 0, Command{}) // a PING: Redis is to prove that it serves
	p.waiting += p.queue[0].size()
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
		p.sent[0] = Command{}
		if p.sent = p.sent[1:]; len(p.sent) == 0 {
			p.sent = nil
		}
		end := p.ended()
		p.mu.Unlock()
		if end {
			p.Line.Close()
		}
		if err != nil {
			p.Refused()
		}
		cmd.done(reply, err)
	}
}

// lost drops what cannot wait. The attempt that follows the pause finds the others queued
// again.
func (p *Publisher) lost(error) {
	p.mu.Lock()
	var kept, gone []Command
	sort := func(list []Command, keep func(c Command) bool) {
		for _, c := range list {
			switch {
			case keep(c) && !p.closing:
				kept = append(kept, c)
			case c.Name != "":
				gone = append(gone, c)
			}
		}
	}
	sort(p.sent, func(c Command) bool { return c.Again })
	sort(p.queue, func(c Command) bool { return c.Wait })
	p.state, p.conn, p.sent, p.queue = away, nil, nil, kept
	p.waiting = 0
	for _, c := range kept {
		p.waiting += c.size()
	}
	p.mu.Unlock()
	p.giveUp(gone, ErrAway)
}

func (p *Publisher) giveUp(commands []Command, err error) {
	for _, c := range commands {
		if c.Done == nil {
			p.Dropped()
		}
		c.done(nil, err)
	}
}

// ended reports, with the lock held, whether a closed publisher has nothing
// left to do.
func (p *Publisher) ended() bool {
	return p.closing && !p.pumping && (p.state != connected || len(p.sent) == 0)
}

// Close writes what is queued, waits for the replies (a connection that is
// closed with replies unread may lose what was written) and closes the
// connection, all in the background. What waits for Redis is given up.
func (p *Publisher) Close() {
	p.mu.Lock()
	p.closing = true
	end := p.ended()
	var gone []Command
	if p.state != connected {
		gone, p.queue = p.queue, nil
	}
	p.mu.Unlock()
	if end {
		p.Line.Close()
		p.giveUp(gone, ErrClosed)
		return
	}
	p.Line.cfg.Env.AfterFunc(p.Line.Lane.Name(), closeTimeout, func() {
		p.mu.Lock()
		gone := append(p.sent, p.queue...)
		p.sent, p.queue, p.state = nil, nil, away
		p.mu.Unlock()
		p.Line.Close()
		p.giveUp(gone, ErrClosed)
	})
}

// Kill closes the connection; what is not written is lost.
func (p *Publisher) Kill() { p.Line.Close() }
