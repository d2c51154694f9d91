package link

import (
	"cmp"
	"context"
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

	// The first wait before connecting again is doubled each time up to LastBackoff.
	// It is the same in every run: nothing here is random.
	firstBackoff = 50 * time.Millisecond
	LastBackoff  = 2 * time.Second
)

// Never is a silence that is not noticed.
const Never = time.Duration(1 << 62)

var errSilent = errors.New("no answer to a ping")

// A Line is one of an adapter's connections, with what keeps it up. One
// goroutine, Run, owns it and its lane.
type Line struct {
	Lane *trace.Lane

	// Serve uses a connection until it fails. It calls established as soon as
	// Redis is known to serve it.
	Serve func(c redis.Conn, established func()) error
	// Ping is called, in the reading goroutine, when nothing was received for a
	// while. It must make Redis answer something. With nil the connection is given up
	// instead.
	Ping func(c redis.Conn)
	// Lost is called, in Run's goroutine, after each attempt and connection
	// that failed.
	Lost func(error)
	// Idle is the silence after which Redis is asked, Config.PingInterval by default, or
	// Never.
	Idle time.Duration

	cfg    *Config
	ctx    context.Context // until the adapter is closed
	others []*Line         // the adapter's other connections
	news   chan struct{}   // holds a token when another one has reached Redis

	mu     sync.Mutex
	closed bool
	times  int // that Redis was reached
	conn   redis.Conn
}

// NewLine returns a line of an adapter, whose lane's purpose ends in name. The caller sets
// its functions, joins it with the adapter's other lines and starts Run.
func NewLine(ctx context.Context, cfg *Config, name string) *Line {
	return &Line{
		Lane: cfg.Env.Lane(trace.LaneID{Host: cfg.Host, Purpose: cfg.Lane + "/" + name}),
		cfg:  cfg, ctx: ctx, news: make(chan struct{}, 1),
	}
}

// Join makes the lines of an adapter know of each other.
func Join(lines ...*Line) {
	for _, l := range lines {
		for _, other := range lines {
			if other != l {
				l.others = append(l.others, other)
			}
		}
	}
}

// Run connects, again and again, until the line is closed. A server that hears
// but cannot speak is counted by the others, who wait for its answers in vain:
// so what one line learns of Redis spares the others their wait.
func (l *Line) Run() {
	wait, seen := firstBackoff, 0
	for {
		err := l.once(func() {
			wait = firstBackoff
			l.count()
			for _, other := range l.others {
				select {
				case other.news <- struct{}{}:
				default:
				}
			}
		})
		if l.isClosed() {
			return
		}
		l.Lost(err)
		select {
		case <-l.news: // old news, which counts below
		default:
		}
		if n := l.othersReached(); n != seen {
			wait, seen = firstBackoff, n
		}
		if !l.pause(wait) {
			return
		}
		wait = min(2*wait, LastBackoff)
	}
}

func (l *Line) count() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times++
}

// reached returns how many times the line has reached Redis.
func (l *Line) reached() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.times
}

func (l *Line) othersReached() (n int) {
	for _, other := range l.others {
		n += other.reached()
	}
	return n
}

func (l *Line) once(established func()) error {
	c, err := l.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if !l.hold(c) {
		return ErrClosed
	}
	return l.Serve(c, established)
}

// dial returns a connection on which Redis serves commands.
func (l *Line) dial() (redis.Conn, error) {
	cfg := l.cfg
	ctx, cancel := cfg.Env.AfterFunc.WithTimeout(l.ctx, l.Lane.Name(), dialTimeout)
	defer cancel()
	raw, err := cfg.Env.Dial(ctx, cfg.Host, l.Lane, cfg.Addr)
	if err != nil {
		return nil, err
	}
	if cfg.TLS != nil {
		secured := tls.Client(raw, cfg.TLS)
		if err := secured.HandshakeContext(ctx); err != nil {
			raw.Close()
			return nil, err
		}
		raw = secured
	}
	w := &watched{Conn: raw, idle: cmp.Or(l.Idle, cfg.PingInterval), answer: cfg.PingTimeout, asked: true} // something is, at once
	c := redis.NewConn(w, 0, 0)                                                                            // watched sets the deadlines
	w.ask = func() bool {
		if l.Ping != nil {
			l.Ping(c)
		}
		return l.Ping != nil
	}
	if cfg.Password != "" {
		login := []any{cfg.Password}
		if cfg.Username != "" {
			login = []any{cfg.Username, cfg.Password}
		}
		if _, err := c.Do("AUTH", login...); err != nil {
			c.Close()
			return nil, fmt.Errorf("redis: %w", err)
		}
	}
	return c, nil
}

// hold makes c the line's connection, unless the line is closed.
func (l *Line) hold(c redis.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.conn = c
	return true
}

func (l *Line) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// Close ends Run.
func (l *Line) Close() {
	l.mu.Lock()
	l.closed = true
	c := l.conn
	l.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// pause waits for d, or for news; false: the adapter is closed.
func (l *Line) pause(d time.Duration) bool {
	over := make(chan struct{})
	t := l.cfg.Env.AfterFunc(l.Lane.Name(), d, func() { close(over) })
	defer t.Stop()
	select {
	case <-over:
		return true
	case <-l.news:
		return true
	case <-l.ctx.Done():
		return false
	}
}

// A watched connection notices that the other end fell silent: after idle
// without a byte it asks for one, and when none comes within answer, Read
// fails. The deadline is moved once per idle period and not with each message.
type watched struct {
	net.Conn
	idle, answer time.Duration
	ask          func() bool // false: there is no way to

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
			if !w.ask() {
				return 0, errSilent
			}
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
