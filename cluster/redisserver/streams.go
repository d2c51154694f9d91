package redisserver

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// streams serve XREAD. That of miniredis walks the whole stream and keeps its own time: a
// read that is blocked here waits for a timer of the surroundings, so that what comes at
// the same instant has one order.
type streams struct {
	redis *miniredis.Miniredis
	after func(key string, d time.Duration, f func()) (stop func())

	// changing is held while a command may move entries in place, which miniredis does under
	// a lock that readers of entries do not have.
	changing sync.Mutex

	mu      sync.Mutex
	blocked []*blockedRead // in the order in which they came
}

// A blockedRead waits for entries.
type blockedRead struct {
	query
	wake chan struct{} // closed when there is something, or the time is over
}

// A query is an XREAD. Its ids are resolved.
type query struct {
	db    int
	keys  []string
	after []entryID
	count int // 0 means no limit
}

// An entryID is the id of an entry: milliseconds and a number.
type entryID [2]uint64

func (a entryID) compare(b entryID) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

func parseID(s string) (id entryID, ok bool) {
	first, second, both := strings.Cut(s, "-")
	var err error
	if id[0], err = strconv.ParseUint(first, 10, 64); err != nil {
		return id, false
	}
	if both {
		id[1], err = strconv.ParseUint(second, 10, 64)
	}
	return id, err == nil
}

// errors of XREAD, in the words of Redis.
const (
	errSyntax     = "ERR syntax error"
	errInteger    = "ERR value is not an integer or out of range"
	errTimeout    = "ERR timeout is not an integer or out of range"
	errNegative   = "ERR timeout is negative"
	errUnbalanced = "ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified."
	errID         = "ERR Invalid stream ID specified as stream command argument"
	errGroup      = "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option."
	errType       = "WRONGTYPE Operation against a key holding the wrong kind of value"
)

// parse reads the arguments of XREAD. block is negative without BLOCK, zero means forever.
func (s *streams) parse(db int, args []string) (q query, block time.Duration, text string) {
	q.db, block = db, -1
	for len(args) > 0 {
		switch option := strings.ToUpper(args[0]); {
		case option == "COUNT" && len(args) > 1:
			n, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return q, block, errInteger
			}
			q.count, args = int(min(max(n, 0), math.MaxInt32)), args[2:]
		case option == "BLOCK" && len(args) > 1:
			ms, err := strconv.ParseInt(args[1], 10, 64)
			switch {
			case err != nil || ms > math.MaxInt64/int64(time.Millisecond):
				return q, block, errTimeout
			case ms < 0:
				return q, block, errNegative
			}
			block, args = time.Duration(ms)*time.Millisecond, args[2:]
		case option == "STREAMS" && len(args) > 1:
			if args = args[1:]; len(args)%2 != 0 {
				return q, block, errUnbalanced
			}
			half := len(args) / 2
			q.keys = args[:half]
			for i, text := range args[half:] {
				id, ok := parseID(text)
				switch {
				case text == ">":
					return q, block, errGroup
				case text == "$":
					id, text = s.last(db, q.keys[i])
					if text != "" {
						return q, block, text
					}
				case !ok:
					return q, block, errID
				}
				q.after = append(q.after, id)
			}
			return q, block, ""
		default:
			return q, block, errSyntax
		}
	}
	return q, block, "ERR wrong number of arguments for 'xread' command"
}

func (s *streams) entries(db int, key string) ([]miniredis.StreamEntry, string) {
	entries, err := s.redis.DB(db).Stream(key)
	if err != nil {
		return nil, errType
	}
	return entries, ""
}

// last returns the id of the last entry of a stream. An entry that was deleted counts no
// more, unlike in Redis.
func (s *streams) last(db int, key string) (id entryID, text string) {
	s.changing.Lock()
	defer s.changing.Unlock()
	entries, text := s.entries(db, key)
	if len(entries) > 0 {
		id, _ = parseID(entries[len(entries)-1].ID)
	}
	return id, text
}

// found is what a query has found in one stream.
type found struct {
	key     string
	entries []miniredis.StreamEntry
}

// read returns what there is for a query.
func (s *streams) read(q query) (list []found, text string) {
	s.changing.Lock()
	defer s.changing.Unlock()
	for i, key := range q.keys {
		entries, text := s.entries(q.db, key)
		if text != "" {
			return nil, text
		}
		at, _ := slices.BinarySearchFunc(entries, q.after[i], func(e miniredis.StreamEntry, after entryID) int {
			id, _ := parseID(e.ID)
			if id.compare(after) <= 0 {
				return -1
			}
			return 1
		})
		if entries = entries[at:]; q.count > 0 && len(entries) > q.count {
			entries = entries[:q.count]
		}
		if len(entries) > 0 {
			list = append(list, found{key, slices.Clone(entries)})
		}
	}
	return list, ""
}

// xread answers an XREAD. While it is blocked the connection serves no other command, as
// in Redis; gone is closed when the connection has ended.
func (s *streams) xread(c *server.Peer, db int, args []string, gone <-chan struct{}) {
	q, block, text := s.parse(db, args)
	if text != "" {
		c.WriteError(text)
		return
	}
	list, text := s.read(q)
	if len(list) == 0 && text == "" && block >= 0 {
		b := &blockedRead{query: q, wake: make(chan struct{})}
		s.mu.Lock()
		s.blocked = append(s.blocked, b)
		s.mu.Unlock()
		if block > 0 {
			defer s.after("redis", block, func() { s.end(b) })()
		}
		// What was added before b was in the list woke nobody.
		if list, text = s.read(q); len(list) == 0 && text == "" {
			select {
			case <-b.wake:
			case <-gone:
			}
			list, text = s.read(q)
		}
		s.end(b)
	}
	switch {
	case text != "":
		c.WriteError(text)
	case len(list) == 0 && c.Resp3:
		c.WriteNull()
	case len(list) == 0:
		c.WriteLen(-1)
	default:
		c.Block(func(w *server.Writer) { write(w, list, c.Resp3) })
	}
}

func write(w *server.Writer, list []found, resp3 bool) {
	if resp3 {
		w.WriteMapLen(len(list))
	} else {
		w.WriteLen(len(list))
	}
	for _, f := range list {
		if !resp3 {
			w.WriteLen(2)
		}
		w.WriteBulk(f.key)
		w.WriteLen(len(f.entries))
		for _, e := range f.entries {
			w.WriteLen(2)
			w.WriteBulk(e.ID)
			w.WriteStrings(e.Values)
		}
	}
}

// end wakes a read, once.
func (s *streams) end(b *blockedRead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.blocked, b); i >= 0 {
		s.blocked = slices.Delete(s.blocked, i, i+1)
		close(b.wake)
	}
}

// changed wakes the reads for which there is something, after a command that may have
// added entries.
func (s *streams) changed() {
	s.mu.Lock()
	waiting := slices.Clone(s.blocked)
	s.mu.Unlock()
	for _, b := range waiting {
		if list, text := s.read(b.query); len(list) > 0 || text != "" {
			s.end(b)
		}
	}
}

// withoutDollar returns an XREAD that is queued in a transaction with the highest id for $,
// after which there is nothing when it runs. Miniredis would queue the $ on its own.
func withoutDollar(command []string) []string {
	command = slices.Clone(command)
	for i := len(command) - 1; i > 0 && !strings.EqualFold(command[i], "STREAMS"); i-- {
		if command[i] == "$" {
			command[i] = fmt.Sprintf("%d-%[1]d", uint64(math.MaxUint64))
		}
	}
	return command
}

// moving are the commands that may move the entries of a stream in place.
var moving = []string{"XDEL", "XTRIM", "XADD", "EXEC"}

// guard runs a command that is no XREAD.
func (s *streams) guard(name string, readOnly bool, run func()) {
	if slices.Contains(moving, name) {
		s.changing.Lock()
		defer func() {
			s.changing.Unlock()
			s.changed()
		}()
		run()
		return
	}
	run()
	if !readOnly {
		s.changed()
	}
}
