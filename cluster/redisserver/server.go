// Package redisserver is the embedded Redis: miniredis behind a guard that
// refuses what a Redis refuses, and that keeps a peer from taking the process
// down or from making it hold more than a stated amount.
//
// The guard is the connection that miniredis reads from. It reads requests itself
// (requests.go), because the reader of miniredis ends the process on three bytes:
//
//	conn.Write([]byte("*0\r\n")) // slice bounds out of range, in a goroutine of miniredis
//
// It checks commands (commands.go, memory.go) and passes on either the command or
// its refusal, so that both are answered in their turn. Replies are queued
// (output.go), because miniredis holds its lock while a subscriber reads.
//
// The embedded Redis has no scripting: a script that never ends would stop
// every other client for good.
package redisserver

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"stickylab/cluster/host"
)

// Options are the bounds of a Server. The zero value of a field means its
// default.
type Options struct {
	// MaxMemory bounds what is stored and queued, in bytes; 256 MiB by default.
	// A command that would exceed it is answered with the OOM error of Redis.
	MaxMemory int64
	// MaxClients bounds the connections; 10,000 by default, as in Redis.
	MaxClients int
	// MaxOutput bounds the replies and messages, in bytes, that wait for one
	// client to read them; 32 MiB by default, as client-output-buffer-limit for
	// subscribers. A client above it is disconnected; so is one above a quarter
	// of it for 60 s. Negative means that writing to a connection never blocks,
	// as in memory, so that nothing is queued here.
	MaxOutput int64
	// crashed, if not nil, is told which command ended miniredis, and how.
	crashed func(command []string, reason any)
	// Go starts a goroutine; the go statement by default.
	Go func(func())
	// AfterFunc calls f after d, unless stop was called; of the timers of one instant and
	// key the one that was set first. Default: host.WallTimer.
	AfterFunc func(key string, d time.Duration, f func()) (stop func())
}

// A Server is one embedded Redis. Its data outlive its listeners.
type Server struct {
	options Options

	mu      sync.Mutex
	redis   *miniredis.Miniredis // nil after Close
	memory  *memory              // of redis, as
	streams *streams             // what reads its streams
	conns   map[*conn]struct{}
	byID    map[string]*conn
	ids     uint64
}

// New returns a server without data and without a listener. It returns an error
// when miniredis does not start.
func New(o Options) (*Server, error) {
	if o.MaxMemory == 0 {
		o.MaxMemory = 256 << 20
	}
	if o.MaxClients == 0 {
		o.MaxClients = 10_000
	}
	if o.MaxOutput == 0 {
		o.MaxOutput = 32 << 20
	}
	if o.Go == nil {
		o.Go = func(f func()) { go f() }
	}
	if o.AfterFunc == nil {
		o.AfterFunc = func(key string, d time.Duration, f func()) func() {
			t := host.WallTimer(key, d, f)
			return func() { t.Stop() }
		}
	}
	s := &Server{options: o, conns: make(map[*conn]struct{}), byID: make(map[string]*conn)}
	return s, s.start()
}

// Names under which a conn passes on commands. No client can give them.
const (
	run    = "\x00RUN"    // the connection's id and database, and the command follow
	refuse = "\x00REFUSE" // the text of the error follows
)

// start begins with an empty miniredis.
func (s *Server) start() error {
	m := miniredis.NewMiniRedis()
	// Dialing starts miniredis without its own listener.
	first, err := m.Dial()
	if err != nil {
		return err
	}
	first.Close()
	m.ClockTTL(true)
	redis, mem := m.Server(), &memory{redis: m, limit: s.options.MaxMemory}
	shards, streams := newShards(mem), &streams{redis: m, after: s.options.AfterFunc}
	if err := shards.register(redis); err != nil {
		return err
	}
	redis.SetPreHook(func(c *server.Peer, name string, args ...string) (done bool) {
		switch name {
		case refuse:
			c.WriteError(args[0])
		case run:
			// A command that panics may leave miniredis locked: it is of no use any more.
			defer func() {
				if reason := recover(); reason != nil {
					c.Close()
					done = true
					s.crash(m, args[2:], reason)
				}
			}()
			s.dispatch(c, redis, shards, streams, args)
		default:
			return false
		}
		return true
	})
	s.redis, s.memory, s.streams = m, mem, streams
	return nil
}

// dispatch runs a command: here when miniredis does not have it, or not as it is needed.
func (s *Server) dispatch(c *server.Peer, redis *server.Server, shards *shards, streams *streams, args []string) {
	id, db, command := args[0], args[1], args[2:]
	name := strings.ToUpper(command[0])
	if shards.hook(c, command) {
		return
	}
	switch {
	case name == "XREAD" && db == queued:
		command = withoutDollar(command)
	case name == "XREAD":
		s.mu.Lock()
		from := s.byID[id]
		s.mu.Unlock()
		if from != nil {
			n, _ := strconv.Atoi(db)
			c.Flush() // what was answered before
			streams.xread(c, n, command[1:], from.gone)
		}
		return
	}
	streams.guard(name, redis.IsReadOnlyCommand(name), func() { redis.Dispatch(c, command) })
}

// crash is what becomes of a Redis in which a command panicked: all connections
// end, all data are gone, and it runs again.
func (s *Server) crash(m *miniredis.Miniredis, command []string, reason any) {
	if s.options.crashed != nil {
		s.options.crashed(command, reason)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redis != m {
		return // it has been replaced or closed already
	}
	for c := range s.conns {
		c.Conn.Close()
	}
	s.start() // it has succeeded before
}

// Serve accepts connections until the listener ends, and returns its error.
func (s *Server) Serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		s.accept(c)
	}
}

func (s *Server) accept(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.redis == nil:
		c.Close()
		return
	case len(s.conns) >= s.options.MaxClients:
		// A client that does not read a line cannot hold up the next one.
		s.options.Go(func() {
			c.Write([]byte("-ERR max number of clients reached\r\n"))
			c.Close()
		})
		return
	}
	s.ids++
	guarded := &conn{
		Conn: c, requests: newRequestReader(c), ended: s.forget, gone: make(chan struct{}),
		account: account{id: strconv.FormatUint(s.ids, 10), memory: s.memory, server: s.redis.Server()},
	}
	s.conns[guarded] = struct{}{}
	s.byID[guarded.account.id] = guarded
	if s.options.MaxOutput > 0 {
		guarded.output = newOutput(c, s.options.MaxOutput)
		s.options.Go(guarded.output.run)
	}
	s.redis.Server().ServeConn(guarded)
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	delete(s.byID, c.account.id)
}

// Close ends all connections and the server.
func (s *Server) Close() {
	s.mu.Lock()
	m := s.redis
	s.redis = nil
	s.mu.Unlock()
	if m != nil {
		m.Close()
	}
}

// A conn is a connection of which miniredis reads whole, checked commands, at most
// one ahead of the one that runs.
type conn struct {
	net.Conn
	requests *requestReader
	account  account // of the reading goroutine
	output   *output // nil means that writing never blocks
	pending  []byte  // the rest of a command
	refused  error   // nil until a request was refused: the last one that is read
	ended    func(*conn)
	gone     chan struct{} // closed when nothing more is read
	end      sync.Once     // closes gone
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.pending) == 0 {
		var command []string
		err := c.refused
		if err == nil {
			command, err = c.requests.next()
		}
		switch {
		case err == nil:
			c.pending = c.account.passOn(command)
		case c.refused == nil && errors.As(err, new(badRequest)):
			c.refused = err
			c.pending = encode(refuse, "ERR Protocol error: "+err.Error())
		default: // the end of the connection
			c.account.release()
			c.end.Do(func() { close(c.gone) })
			return 0, err
		}
	}
	n := copy(p, c.pending)
	c.pending = c.pending[n:]
	return n, nil
}

func (c *conn) Write(p []byte) (int, error) {
	if c.output == nil {
		return c.Conn.Write(p)
	}
	return c.output.Write(p)
}

// Close ends the connection, after what is queued has been written.
func (c *conn) Close() error {
	c.end.Do(func() { close(c.gone) })
	c.ended(c)
	if c.output == nil {
		return c.Conn.Close()
	}
	return c.output.Close()
}
