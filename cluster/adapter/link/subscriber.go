package link

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/gomodule/redigo/redis"
)

// A Subscription is what a Subscriber subscribes to, and who is told of the messages.
type Subscription struct {
	Subscribe, Unsubscribe string // the commands
	Channels               []string
	Single                 bool // a command for each channel
	// On is called for each message, in the line's goroutine.
	On func(channel string, payload []byte)
	// Up and Down are called, there too, when all of Channels are subscribed to, and when
	// that ended or could not be. By default they are Config.OnUp and OnDown.
	Up   func()
	Down func(error)
}

// A Subscriber is a connection that receives messages from channels, of which some come and
// go. Commands go out in the order in which they were queued, each in its own write.
type Subscriber struct {
	Line *Line
	of   Subscription
	told bool // that it is down; for the line's goroutine

	mu      sync.Mutex
	extra   []string        // channels that were added, in their order
	known   map[string]bool // those of them
	conn    redis.Conn      // nil while there is none
	queue   [][]any         // commands that are not written
	pumping bool
}

// NewSubscriber returns a subscriber, whose line is to be started.
func NewSubscriber(ctx context.Context, cfg *Config, of Subscription) *Subscriber {
	s := &Subscriber{Line: NewLine(ctx, cfg, "sub"), of: of, known: map[string]bool{}}
	if of.Up == nil {
		s.of.Up = func() {
			if cfg.OnUp != nil {
				cfg.OnUp(s.Line.Lane)
			}
		}
	}
	if of.Down == nil {
		s.of.Down = func(err error) {
			if cfg.OnDown != nil {
				cfg.OnDown(s.Line.Lane, err)
			}
		}
	}
	s.Line.Serve, s.Line.Lost = s.serve, s.lost
	s.Line.Ping = func(redis.Conn) { s.send("PING") }
	return s
}

// Add subscribes to one more channel, now and on every connection to come.
func (s *Subscriber) Add(channel string) {
	s.mu.Lock()
	if s.known[channel] {
		s.mu.Unlock()
		return
	}
	s.known[channel] = true
	s.extra = append(s.extra, channel)
	s.mu.Unlock()
	s.send(s.of.Subscribe, channel)
}

// Remove ends what Add began.
func (s *Subscriber) Remove(channel string) {
	s.mu.Lock()
	if !s.known[channel] {
		s.mu.Unlock()
		return
	}
	delete(s.known, channel)
	i := slices.Index(s.extra, channel)
	s.extra = slices.Delete(s.extra, i, i+1)
	s.mu.Unlock()
	s.send(s.of.Unsubscribe, channel)
}

// send queues a command, if there is a connection.
func (s *Subscriber) send(command ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return
	}
	s.queue = append(s.queue, command)
	if !s.pumping {
		s.pumping = true
		s.Line.cfg.Env.Go(s.pump)
	}
}

// pump writes until the queue is empty.
func (s *Subscriber) pump() {
	for {
		s.mu.Lock()
		if s.conn == nil || len(s.queue) == 0 {
			s.queue, s.pumping = nil, false
			s.mu.Unlock()
			return
		}
		conn, command := s.conn, s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		if conn.Send(command[0].(string), command[1:]...) == nil {
			conn.Flush() // an error is the reader's too
		}
	}
}

// commands returns those that begin a connection.
func (s *Subscriber) commands(channels []string) (commands [][]any) {
	if !s.of.Single {
		command := []any{s.of.Subscribe}
		for _, c := range channels {
			command = append(command, c)
		}
		return [][]any{command}
	}
	for _, c := range channels {
		commands = append(commands, []any{s.of.Subscribe, c})
	}
	return commands
}

// serve subscribes and hands out messages.
func (s *Subscriber) serve(c redis.Conn, established func()) error {
	s.mu.Lock()
	s.conn = c
	channels := slices.Concat(s.of.Channels, s.extra)
	s.queue = s.commands(channels)
	if !s.pumping { // else that of the last connection continues with this one
		s.pumping = true
		s.Line.cfg.Env.Go(s.pump)
	}
	s.mu.Unlock()

	missing := len(channels)
	for {
		reply, err := c.Receive()
		if err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		items, _ := reply.([]any)
		switch what := string(bulk(items, 0)); {
		case (what == "message" || what == "smessage") && len(items) == 3:
			s.of.On(string(bulk(items, 1)), bulk(items, 2))
		case what == "subscribe" || what == "ssubscribe":
			if missing--; missing == 0 {
				established()
				s.told = false
				s.of.Up()
			}
		}
	}
}

func bulk(items []any, i int) []byte {
	if i < len(items) {
		b, _ := items[i].([]byte)
		return b
	}
	return nil
}

// lost reports the first failure of an outage, which may be that of the first
// attempt.
func (s *Subscriber) lost(err error) {
	s.mu.Lock()
	s.conn, s.queue = nil, nil
	s.mu.Unlock()
	if !s.told {
		s.told = true
		s.of.Down(err)
	}
}
