package redisserver

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

const (
	// databases is the number of databases, as by default in Redis.
	databases = 16
	// maxString bounds a string value, in bytes; 512 MB in Redis.
	maxString = maxCommand
	// maxRandom bounds how many elements a command with a count below zero, which
	// may repeat them, returns.
	maxRandom = 100_000
)

// A guard checks each command before miniredis runs it.
type guard struct {
	redis  *miniredis.Miniredis
	memory memory
	// crashed is called when a command panics. Miniredis may hold its lock then,
	// so it is of no use any more.
	crashed func(m *miniredis.Miniredis, command []string, reason any)

	mu    sync.Mutex
	peers map[*server.Peer]*peer
}

// A peer is what the guard knows of a client.
type peer struct {
	running bool  // the command has passed
	multi   bool  // commands are queued
	held    int64 // bytes that only the connection holds: queued commands, subscriptions, watched keys
}

func newGuard(m *miniredis.Miniredis, maxMemory int64, crashed func(*miniredis.Miniredis, []string, any)) *guard {
	return &guard{redis: m, memory: memory{redis: m, limit: maxMemory}, crashed: crashed, peers: make(map[*server.Peer]*peer)}
}

func (g *guard) peer(c *server.Peer) *peer {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.peers[c]
	if p == nil {
		p = &peer{}
		g.peers[c] = p
		c.OnDisconnect(func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			delete(g.peers, c)
			g.memory.release(p.held)
		})
	}
	return p
}

// before runs before each command, and reports whether it has dealt with it.
func (g *guard) before(c *server.Peer, name string, args ...string) (done bool) {
	p := g.peer(c)
	if p.running {
		return false
	}
	command := append([]string{name}, args...)
	defer func() {
		p.running = false
		if reason := recover(); reason != nil {
			c.Close()
			done = true
			g.crashed(g.redis, command, reason)
		}
	}()
	if name == refuse {
		c.WriteError(args[0])
		c.Close()
		return true
	}
	if text := refusal(name, args); text != "" {
		c.WriteError(text)
		return true
	}
	if !g.admit(p, name, args) {
		c.WriteError("OOM command not allowed when used memory > 'maxmemory'.")
		return true
	}
	p.running = true
	g.redis.Server().Dispatch(c, command)
	return true
}

// Commands by what they do to memory.
var (
	// holding keeps its arguments until the connection ends or lets go of them.
	holding = []string{"SUBSCRIBE", "PSUBSCRIBE", "WATCH"}
	// copying may store as much as there is, whatever its arguments take.
	copying = []string{"COPY", "SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE", "ZUNIONSTORE", "ZINTERSTORE", "BITOP", "PFMERGE", "GEORADIUS", "GEORADIUSBYMEMBER"}
	// passing stores nothing.
	passing = []string{"PUBLISH", "PING", "ECHO", "UNSUBSCRIBE", "PUNSUBSCRIBE", "DEL", "UNLINK", "FLUSHALL", "FLUSHDB", "QUIT", "AUTH", "HELLO", "SELECT", "CLIENT"}
)

// admit reports whether there is memory for a command.
func (g *guard) admit(p *peer, name string, args []string) bool {
	size := int64(perArgument)
	for _, a := range args {
		size += int64(len(a)) + perArgument
	}
	switch name {
	case "MULTI":
		p.multi = true
	case "EXEC", "DISCARD":
		p.multi = false
		g.memory.release(p.held)
		p.held = 0
	}
	switch {
	case p.multi || slices.Contains(holding, name):
		if p.held+size > maxCommand || !g.memory.hold(size) {
			return false
		}
		p.held += size
		return true
	case slices.Contains(passing, name) || g.redis.IsReadOnlyCommand(name):
		return true
	case slices.Contains(copying, name):
		return g.memory.double()
	case name == "SETRANGE":
		n, _ := number(args, 1)
		size += n
	case name == "SETBIT":
		n, _ := number(args, 1)
		size += n / 8
	}
	return g.memory.store(size)
}

// refusal returns the error of Redis for a command that it refuses and miniredis
// does not, and "" for others.
func refusal(name string, args []string) string {
	database := func(i int) string {
		if n, ok := number(args, i); ok && (n < 0 || n >= databases) {
			return "ERR DB index is out of range"
		}
		return ""
	}
	switch name {
	case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "SCRIPT":
		return "ERR this Redis has no scripting"
	case "SELECT":
		return database(0)
	case "MOVE":
		return database(1)
	case "SWAPDB":
		return database(0) + strings.TrimPrefix(database(1), database(0))
	case "COPY":
		for i, a := range args {
			if i > 1 && strings.EqualFold(a, "DB") {
				return database(i + 1)
			}
		}
	case "KEYS", "PSUBSCRIBE", "PUBSUB", "SCAN", "SSCAN", "HSCAN", "ZSCAN":
		if n, ok := number(args, cursorAt(name)); name[len(name)-1] == 'N' && (!ok || n < 0) {
			return "ERR invalid cursor"
		}
		for _, a := range args {
			if !utf8.ValidString(a) { // miniredis makes a regular expression of it
				return "ERR this Redis reads patterns as UTF-8"
			}
		}
	case "SETRANGE":
		if n, ok := number(args, 1); ok && (n > maxString || len(args) == 3 && n+int64(len(args[2])) > maxString) {
			return "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
		} else if !ok {
			return "ERR value is not an integer or out of range"
		}
	case "SETBIT":
		if n, ok := number(args, 1); !ok || n/8 >= maxString {
			return "ERR bit offset is not an integer or out of range"
		}
	case "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER":
		if n, ok := number(args, 1); !ok || n < -maxRandom {
			return "ERR value is out of range"
		}
	}
	return ""
}

// number reads an argument; 0 where it is missing, since miniredis counts them.
func number(args []string, i int) (n int64, ok bool) {
	if i >= len(args) {
		return 0, true
	}
	n, err := strconv.ParseInt(args[i], 10, 64)
	return n, err == nil
}

// cursorAt returns where a scan has its cursor.
func cursorAt(name string) int {
	if name == "SCAN" {
		return 0
	}
	return 1
}
