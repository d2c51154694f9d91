package redisserver

import "testing"

// streamDialogue is what clients say about streams and are told. A redis-server 7 gives the
// same answers (peers_test.go). blocked reports whether a read is blocked; it may ask.
func streamDialogue(t testing.TB, addr string, blocked func(asks *client) bool) {
	a, b := dial(t, addr), dial(t, addr)
	b.says(t, "XADD s 1-1 k v", "1-1")
	b.says(t, "XADD s 1-2 k w", "1-2")
	a.says(t, "XREAD COUNT 1 STREAMS s 0", "[[s [[1-1 [k v]]]]]")
	a.says(t, "XREAD STREAMS s 1", "[[s [[1-1 [k v]] [1-2 [k w]]]]]")
	a.says(t, "XREAD STREAMS s 1-2", "(nil)")
	a.says(t, "XREAD BLOCK 20 STREAMS s $", "(nil)")
	a.send("XREAD COUNT 5 BLOCK 0 STREAMS other s $ $")
	a.send("PING") // has to wait
	b.says(t, "PING", "+PONG")
	for !blocked(b) {
		b.says(t, "PING", "+PONG")
	}
	b.says(t, "XADD s MAXLEN ~ 100 2-0 k x", "2-0")
	a.says(t, "", "[[s [[2-0 [k x]]]]]", "+PONG")
	b.says(t, "XADD s MAXLEN 2 3-0 k y", "3-0")
	b.says(t, "XRANGE s 0 +", "[[2-0 [k x]] [3-0 [k y]]]")
	a.says(t, "MULTI", "+OK")
	a.says(t, "XREAD BLOCK 0 STREAMS s $", "+QUEUED")
	a.says(t, "EXEC", "[(nil)]")
	a.says(t, "SELECT 3", "+OK")
	a.says(t, "XREAD STREAMS s 0", "(nil)")
	b.says(t, "SET plain x", "+OK")
	b.says(t, "XREAD STREAMS plain 0", "-WRONGTYPE Operation against a key holding the wrong kind of value")
	for words, want := range map[string]string{
		"XREAD BLOCK -1 STREAMS s 0":  "-ERR timeout is negative",
		"XREAD BLOCK x STREAMS s 0":   "-ERR timeout is not an integer or out of range",
		"XREAD COUNT x STREAMS s 0":   "-ERR value is not an integer or out of range",
		"XREAD STREAMS s x":           "-ERR Invalid stream ID specified as stream command argument",
		"XREAD STREAMS s >":           "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
		"XREAD NOTHING STREAMS s 0 0": "-ERR syntax error",
	} {
		b.says(t, words, want)
	}
}

func TestStreams(t *testing.T) {
	s, addr := serve(t, Options{})
	streamDialogue(t, addr, func(*client) bool { return s.blocked() == 1 })
}

// blocked returns how many reads are blocked.
func (s *Server) blocked() int {
	s.mu.Lock()
	streams := s.streams
	s.mu.Unlock()
	streams.mu.Lock()
	defer streams.mu.Unlock()
	return len(streams.blocked)
}

// A read that is blocked ends with its connection and with the server.
func TestBlockedReadEnds(t *testing.T) {
	s, addr := serve(t, Options{})
	a, b, c := dial(t, addr), dial(t, addr), dial(t, addr)
	a.send("XREAD BLOCK 0 STREAMS s $")
	b.send("XREAD BLOCK 0 STREAMS s $")
	for s.blocked() < 2 {
		c.says(t, "PING", "+PONG")
	}
	a.Close()
	for s.blocked() > 1 {
		c.says(t, "PING", "+PONG")
	}
	// The end of the test closes the server, which waits for b's.
}
