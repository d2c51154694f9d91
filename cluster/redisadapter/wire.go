package redisadapter

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"

	"stickylab/cluster/trace"
)

const (
	dialTimeout  = 5 * time.Second
	writeTimeout = 5 * time.Second

	// The first wait before connecting again, doubled each time up to the last.
	// It is the same in every run: nothing here is random.
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

var errSilent = errors.New("no answer to a ping")

// A line is one of the adapter's two connections, with what keeps it up. One
// goroutine, run, owns it and its lane.
type line struct {
	adapter *Adapter
	lane    *trace.Lane

	// serve uses a connection until it fails. It calls established as soon as
	// Redis is known to serve it.
	serve func(c redis.Conn, established func()) error
	// ping is called, in the reading goroutine, when nothing was received for a
	// while. It must make Redis answer something.
	ping func(c redis.Conn)
	// lost is called, in run's goroutine, after each attempt and connection
	// that failed.
	lost func(error)

	other *line         // the adapter's other connection
	news  chan struct{} // holds a token when the other one has reached Redis

	mu     sync.Mutex
	closed bool
	times  int // that Redis was reached
	conn   redis.Conn
}

// run connects, again and again, until the line is closed. A server that hears
// but cannot speak is counted by the others, who wait for its answers in vain:
// so what one line learns of Redis spares the other its wait.
func (l *line) run() {
	wait, seen := firstBackoff, 0
	for {
		err := l.once(func() {
			wait = firstBackoff
			l.count()
			select {
			case l.other.news <- struct{}{}:
			default:
			}
		})
		if l.isClosed() {
			return
		}
		l.lost(err)
		select {
		case <-l.news: // old news, which counts below
		default:
		}
		if n := l.other.reached(); n != seen {
			wait, seen = firstBackoff, n
		}
		if !l.pause(wait) {
			return
		}
		wait = min(2*wait, lastBackoff)
	}
}

func (l *line) count() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times++
}

// reached returns how many times the line has reached Redis.
func (l *line) reached() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.times
}

func (l *line) once(established func()) error {
	c, err := l.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if !l.hold(c) {
		return errClosed
	}
	return l.serve(c, established)
}

// dial returns a connection on which Redis serves commands.
func (l *line) dial() (redis.Conn, error) {
	a := l.adapter
	ctx, cancel := a.cfg.Env.AfterFunc.WithTimeout(a.ctx, l.lane.Name(), dialTimeout)
	defer cancel()
	raw, err := a.cfg.Env.Dial(ctx, a.cfg.Host, l.lane, a.cfg.Addr)
	if err != nil {
		return nil, err
	}
	if a.cfg.TLS != nil {
		secured := tls.Client(raw, a.cfg.TLS)
		if err := secured.HandshakeContext(ctx); err != nil {
			raw.Close()
			return nil, err
		}
		raw = secured
	}
	w := &watched{Conn: raw, idle: a.cfg.PingInterval, answer: a.cfg.PingTimeout, asked: true} // something is, at once
	c := redis.NewConn(w, 0, 0)                                                                // watched sets the deadlines
	w.ask = func() { l.ping(c) }
	if a.cfg.Password != "" {
		login := []any{a.cfg.Password}
		if a.cfg.Username != "" {
			login = []any{a.cfg.Username, a.cfg.Password}
		}
		if _, err := c.Do("AUTH", login...); err != nil {
			c.Close()
			return nil, fmt.Errorf("redis: %w", err)
		}
	}
	return c, nil
}

// hold makes c the line's connection, unless the line is closed.
func (l *line) hold(c redis.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.conn = c
	return true
}

func (l *line) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// close ends run.
func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	c := l.conn
	l.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// pause waits for d, or for news; false: the adapter is closed.
func (l *line) pause(d time.Duration) bool {
	over := make(chan struct{})
	t := l.adapter.cfg.Env.AfterFunc(l.lane.Name(), d, func() { close(over) })
	defer t.Stop()
	select {
	case <-over:
		return true
	case <-l.news:
		return true
	case <-l.adapter.ctx.Done():
		return false
	}
}

// A watched connection notices that the other end fell silent: after idle
// without a byte it asks for one, and when none comes within answer, Read
// fails. The deadline is moved once per idle period and not with each message.
type watched struct {
	net.Conn
	idle, answer time.Duration
	ask          func()

	armed, asked bool
	lastRead     time.Time // the last byte; when asked, the question
}

// Read is for one goroutine.
func (w *watched) Read(p []byte) (int, error) {
	for {
		if !w.armed {
			w.lastRead, w.armed = time.Now(), true
			w.Conn.SetReadDeadline(w.lastRead.Add(w.answer))
		}
		n, err := w.Conn.Read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			w.lastRead, w.asked = time.Now(), false
			return n, err
		}
		limit := w.idle
		if w.asked {
			limit = w.answer
		}
		switch silent := time.Since(w.lastRead); {
		case silent < limit:
			w.Conn.SetReadDeadline(w.lastRead.Add(limit))
		case w.asked:
			return 0, errSilent
		default:
			w.lastRead, w.asked = time.Now(), true
			w.Conn.SetReadDeadline(w.lastRead.Add(w.answer))
			w.ask()
		}
	}
}

// Write is for one goroutine at a time.
func (w *watched) Write(p []byte) (int, error) {
	w.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return w.Conn.Write(p)
}

// SetReadDeadline does nothing: redigo calls it for each reply.
func (w *watched) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (w *watched) SetWriteDeadline(time.Time) error { return nil }
