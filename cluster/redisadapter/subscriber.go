package redisadapter

import (
	"fmt"
	"strings"

	"github.com/gomodule/redigo/redis"

	"stickylab/cluster/adapter/link"
)

// A subscriber is the connection that receives. Its line's goroutine acts on
// what comes: it delivers broadcasts, answers requests, hands out responses.
type subscriber struct {
	line    *link.Line
	adapter *Adapter
	told    bool // that it is down; for the line's goroutine
}

func (s *subscriber) init(a *Adapter) {
	s.adapter = a
	s.line = link.NewLine(a.ctx, &a.cfg.Config, "sub")
	s.line.Serve, s.line.Lost = s.serve, s.lost
	s.line.Ping = func(c redis.Conn) {
		if c.Send("PING") == nil {
			c.Flush() // an error is the reader's too
		}
	}
}

// serve subscribes as the official adapter does and acts on the messages.
func (s *subscriber) serve(c redis.Conn, established func()) error {
	a := s.adapter
	err := c.Send("PSUBSCRIBE", globEscaper.Replace(a.channel)+"*")
	if err == nil {
		err = c.Send("SUBSCRIBE", a.requests, a.responses, a.ownResponses)
	}
	if err == nil {
		err = c.Flush()
	}
	if err != nil {
		return err
	}
	missing := 4
	for {
		reply, err := c.Receive()
		if err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		items, _ := reply.([]any)
		switch what := bulk(items, 0); {
		case string(what) == "pmessage" && len(items) == 4:
			a.onBroadcast(bulk(items, 2), bulk(items, 3))
		case string(what) == "message" && len(items) == 3:
			a.onMessage(string(bulk(items, 1)), bulk(items, 2))
		case string(what) == "subscribe" || string(what) == "psubscribe":
			if missing--; missing == 0 {
				established()
				s.told = false
				if a.cfg.OnUp != nil {
					a.cfg.OnUp(s.line.Lane)
				}
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
func (s *subscriber) lost(err error) {
	if s.told {
		return
	}
	s.told = true
	if down := s.adapter.cfg.OnDown; down != nil {
		down(s.line.Lane, err)
	}
}

// globEscaper makes a name a pattern that matches just that name.
var globEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
