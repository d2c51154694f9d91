package redisserver

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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

// An account is what one connection holds.
type account struct {
	*memory
	id     string
	server *server.Server

	multi bool  // commands are queued
	db    int   // selected
	next  int   // selected by a command that is queued
	held  int64 // bytes: queued commands, subscriptions, watched keys
}

// passOn returns a command for miniredis to run, or its refusal.
func (a *account) passOn(command []string) []byte {
	name, args := strings.ToUpper(command[0]), command[1:]
	text := a.refusal(name, args)
	if text == "" && !a.admit(name, args) {
		text = outOfMemory
	}
	if text != "" {
		return encode(refuse, text)
	}
	db := strconv.Itoa(a.db)
	if a.multi {
		db = queued
	}
	a.follow(name, args)
	return encode(append([]string{run, a.id, db}, command...)...)
}

const (
	outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."
	// queued stands for the database of a command that runs with EXEC.
	queued = "queued"
)

// follow notes which database is selected.
func (a *account) follow(name string, args []string) {
	switch name {
	case "SELECT":
		if n, ok := number(args, 0); ok && len(args) == 1 {
			if a.next = int(n); !a.multi {
				a.db = a.next
			}
		}
	case "MULTI", "DISCARD":
		a.next = a.db
	case "EXEC":
		a.db = a.next
	case "RESET":
		a.db, a.next = 0, 0
	}
}

// refusal returns the error for a command that is not run, and "" for others. What this
// server runs itself miniredis cannot queue.
func (a *account) refusal(name string, args []string) string {
	if a.multi && slices.Contains(sharded, name) {
		return "ERR this Redis does not queue " + name + " in a transaction"
	}
	return refusal(name, args)
}

// sharded are the commands of sharded pub/sub.
var sharded = []string{"SSUBSCRIBE", "SUNSUBSCRIBE", "SPUBLISH"}

// Commands by what they do to memory.
var (
	// holding keeps its arguments until the connection ends or lets go of them.
	holding = []string{"SUBSCRIBE", "PSUBSCRIBE", "WATCH"}
	// copying may store as much as there is, whatever its arguments take.
	copying = []string{"COPY", "SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE", "ZUNIONSTORE", "ZINTERSTORE", "BITOP", "PFMERGE", "GEORADIUS", "GEORADIUSBYMEMBER"}
	// passing stores nothing.
	passing = []string{"SSUBSCRIBE", "SUNSUBSCRIBE", "SPUBLISH", "PUBLISH", "PING", "ECHO", "UNSUBSCRIBE", "PUNSUBSCRIBE", "DEL", "UNLINK", "FLUSHALL", "FLUSHDB", "QUIT", "AUTH", "HELLO", "SELECT", "CLIENT"}
)

// admit reports whether there is memory for a command.
func (a *account) admit(name string, args []string) bool {
	size := int64(perArgument)
	for _, arg := range args {
		size += int64(len(arg)) + perArgument
	}
	switch name {
	case "MULTI":
		a.multi = true
	case "EXEC", "DISCARD":
		a.multi = false
		a.release()
	}
	switch {
	case a.multi || slices.Contains(holding, name):
		if a.held+size > maxCommand || !a.add(&a.memory.held, size) {
			return false
		}
		a.held += size
		return true
	case slices.Contains(passing, name) || a.server.IsReadOnlyCommand(name):
		return true
	case slices.Contains(copying, name):
		return a.double()
	case name == "SETRANGE":
		n, _ := number(args, 1)
		size += n
	case name == "SETBIT":
		n, _ := number(args, 1)
		size += n / 8
	}
	return a.add(&a.stored, size)
}

// release lets go of all that the connection holds.
func (a *account) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.memory.held -= a.held
	a.held = 0
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
	case run, refuse:
		return "ERR unknown command"
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
