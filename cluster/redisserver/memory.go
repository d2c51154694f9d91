package redisserver

import (
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// perElement is what a key, a field or an element takes besides its bytes.
const perElement = 64

// measureEvery is the least time between two measurements, which walk all data.
const measureEvery = 100 * time.Millisecond

// A memory bounds what miniredis stores, which does not count it: an upper bound
// grows with each command, and is measured anew when it reaches the limit.
type memory struct {
	redis *miniredis.Miniredis
	limit int64

	mu       sync.Mutex
	stored   int64 // at most; in bytes
	held     int64 // by connections
	measured time.Time
}

// double adds for a command that may store as much as there is.
func (m *memory) double() bool {
	m.mu.Lock()
	size := m.stored
	m.mu.Unlock()
	return m.add(&m.stored, size)
}

// add reports whether size more bytes fit, and counts them as stored or as held.
func (m *memory) add(to *int64, size int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stored+m.held+size > m.limit && time.Since(m.measured) >= measureEvery {
		m.stored, m.measured = measure(m.redis), time.Now()
	}
	if m.stored+m.held+size > m.limit {
		return false
	}
	*to += size
	return true
}

// free takes back what was held.
func (m *memory) free(size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held -= size
}

// measure returns about how many bytes the data take.
func measure(m *miniredis.Miniredis) (size int64) {
	for i := range databases {
		db := m.DB(i)
		for _, key := range db.Keys() {
			size += int64(len(key)) + perElement
			size += measureKey(db, key)
		}
	}
	return size
}

// measureKey returns about how many bytes the value of a key takes. The key may
// have gone by now.
func measureKey(db *miniredis.RedisDB, key string) (size int64) {
	add := func(list ...string) {
		for _, s := range list {
			size += int64(len(s)) + perElement
		}
	}
	switch db.Type(key) {
	case "string":
		s, _ := db.Get(key)
		add(s)
	case "hash":
		fields, _ := db.HKeys(key)
		add(fields...)
		for _, f := range fields {
			add(db.HGet(key, f))
		}
	case "list":
		list, _ := db.List(key)
		add(list...)
	case "set":
		list, _ := db.Members(key)
		add(list...)
	case "zset":
		list, _ := db.ZMembers(key)
		add(list...)
	case "stream":
		entries, _ := db.Stream(key)
		for _, e := range entries {
			add(e.ID)
			add(e.Values...)
		}
	default: // a HyperLogLog: 16,384 registers at most
		size += 16 << 10
	}
	return size
}
