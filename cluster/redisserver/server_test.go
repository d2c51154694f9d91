package redisserver

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// serve runs a server on a loopback port until the end of the test.
func serve(t testing.TB, o Options) (s *Server, addr string) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); s.Serve(l) }()
	t.Cleanup(func() {
		l.Close()
		<-done
		s.Close()
	})
	return s, l.Addr().String()
}

// A client is one connection of a test.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return &client{c, bufio.NewReader(c)}
}

// send writes an inline command.
func (c *client) send(words string) { io.WriteString(c, words+"\r\n") }

// do sends an inline command and returns the first line of the answer.
func (c *client) do(words string) string {
	c.send(words)
	line, err := c.in.ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(line)
}

// What ends miniredis leaves this server running.
func TestHostileBytes(t *testing.T) {
	_, addr := serve(t, Options{crashed: func(command []string, reason any) { t.Errorf("%q: %v", command, reason) }})
	witness := dial(t, addr)
	for _, bytes := range []string{
		"*0\r\n", "*-1\r\n", "*1\r\n$9223372036854775806\r\n", "*1\r\n$99999999999\r\n", "*1\r\n$-1\r\n", "\x00\xff\r\n", "*1\r\n",
		string(encode(run)), string(encode(refuse)), string(encode(run, refuse)),
	} {
		c := dial(t, addr)
		io.WriteString(c, bytes)
		c.Close()
		if got := witness.do("PING"); got != "+PONG" {
			t.Fatalf("after %q: %s", bytes, got)
		}
	}
}

var hostile = flag.Int("hostile", 4000, "how many requests TestRandomBytes sends")

// Random bytes, most of them close to commands, leave the server running and
// answering.
func TestRandomBytes(t *testing.T) {
	_, addr := serve(t, Options{MaxMemory: 8 << 20, crashed: func(command []string, reason any) {
		t.Logf("crashed on %q: %v", command, reason)
	}})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for n := *hostile; n > 0; n -= 20 {
		c := dial(t, addr)
		for range 20 {
			c.Write(randomRequest(random))
		}
		c.Close()
	}
	if got := dial(t, addr).do("PING"); got != "+PONG" {
		t.Fatal(got)
	}
}

// randomRequest returns a command with hostile arguments, or noise.
func randomRequest(random *rand.Rand) []byte {
	if random.IntN(4) == 0 {
		noise := make([]byte, random.IntN(40))
		for i := range noise {
			noise[i] = "*$-+:0123456789\r\n\x00aA\"'"[random.IntN(22)]
		}
		return noise
	}
	args := []string{commands[random.IntN(len(commands))]}
	for range random.IntN(6) {
		args = append(args, values[random.IntN(len(values))])
	}
	return encode(args...)
}

// commands are those of miniredis that a client may send.
var commands = strings.Fields(`
	CLIENT CLUSTER AUTH ECHO HELLO PING SELECT SWAPDB COPY DEL DUMP EXISTS EXPIRE EXPIREAT EXPIRETIME PEXPIRETIME
	KEYS MOVE PERSIST PEXPIRE PEXPIREAT PTTL RANDOMKEY RENAME RENAMENX RESTORE TOUCH TTL TYPE SCAN UNLINK WAIT
	GEOADD GEODIST GEOPOS GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEOSEARCH HDEL HEXISTS
	HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HSET HSETNX HSTRLEN HVALS HSCAN HRANDFIELD HEXPIRE
	HPERSIST HTTL HPTTL HSETEX PFADD PFCOUNT PFMERGE BLPOP BRPOP BRPOPLPUSH LINDEX LPOS LINSERT LLEN LMPOP LPOP
	LPUSH LPUSHX LRANGE LREM LSET LTRIM RPOP RPOPLPUSH RPUSH RPUSHX LMOVE BLMOVE OBJECT SUBSCRIBE UNSUBSCRIBE
	PSUBSCRIBE PUNSUBSCRIBE PUBLISH PUBSUB COMMAND DBSIZE FLUSHALL FLUSHDB INFO TIME MEMORY SADD SCARD SDIFF
	SDIFFSTORE SINTERCARD SINTER SINTERSTORE SISMEMBER SMEMBERS SMISMEMBER SMOVE SPOP SRANDMEMBER SREM SUNION
	SUNIONSTORE SSCAN BZMPOP BZPOPMAX BZPOPMIN ZADD ZCARD ZCOUNT ZINCRBY ZINTER ZINTERSTORE ZLEXCOUNT ZRANGE
	ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX
	ZREVRANGEBYSCORE ZREVRANK ZSCORE ZMSCORE ZMPOP ZUNION ZUNIONSTORE ZSCAN ZPOPMAX ZPOPMIN ZRANDMEMBER XADD XLEN
	XREAD XRANGE XREVRANGE XGROUP XINFO XREADGROUP XACK XDEL XPENDING XTRIM XAUTOCLAIM XCLAIM APPEND BITCOUNT
	BITOP BITPOS DECRBY DECR DELEX GETBIT GETDEL GETEX GET GETRANGE GETSET INCRBYFLOAT INCRBY INCR MGET MSET
	MSETNX PSETEX SETBIT SETEX SET SETNX SETRANGE STRLEN DISCARD EXEC MULTI UNWATCH WATCH
`)

var values = []string{
	"", "a", "b", "s", "0", "1", "-1", "2", "-9223372036854775808", "9223372036854775807", "99999999999999999999", "1e400", "nan", "-inf", "+", "-", "(1", "[a", "*", "$", ">", "0-0", "1-1",
	"\x00\xff", "COUNT", "MATCH", "STREAMS", "BLOCK", "LIMIT", "WITHSCORES", "STORE", "DB", "GROUP", "MAXLEN", "~", "=", "NX", "EX", "BY", "FIELDS", strings.Repeat("x", 300),
}

// One subscriber that does not read holds up nobody, and is disconnected once
// too much waits for it.
func TestSubscriberThatDoesNotRead(t *testing.T) {
	s, addr := serve(t, Options{MaxOutput: 1 << 20})
	stuck, reader, publisher := dial(t, addr), dial(t, addr), dial(t, addr)
	for _, c := range []*client{stuck, reader} {
		c.do("PSUBSCRIBE *")
		for range 5 { // the rest of the answer
			c.in.ReadString('\n')
		}
	}
	go io.Copy(io.Discard, reader.in)
	text := strings.Repeat("x", 50_000)
	for range 400 { // 20 MB: more than the system's buffers and the bound
		if got := publisher.do("PUBLISH room " + text); !strings.HasPrefix(got, ":") {
			t.Fatal(got)
		}
	}
	if got := publisher.do("PUBLISH room end"); got != ":1" {
		t.Errorf("%s subscribers, want the one that reads", got)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) != 2 {
		t.Errorf("%d connections", len(s.conns))
	}
}

// What is stored is bounded, by what there is and not by what was ever written.
func TestMemory(t *testing.T) {
	_, addr := serve(t, Options{MaxMemory: 4 << 20})
	c := dial(t, addr)
	text := strings.Repeat("x", 50_000)
	const oom = "-OOM command not allowed when used memory > 'maxmemory'."
	for range 1000 { // 50 MB over one key
		if got := c.do("SET one " + text); got != "+OK" {
			time.Sleep(measureEvery)
			if got = c.do("SET one " + text); got != "+OK" {
				t.Fatal(got)
			}
		}
	}
	refused := 0
	for i := range 200 { // 10 MB
		if c.do(fmt.Sprintf("SET key:%d %s", i, text)) == oom {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("%d of 200 refused", refused)
	}
	for i := range 30 {
		c.do(fmt.Sprintf("COPY key:%d copy:%d", i%3, i))
	}
	for i, full := 0, 0; full < 2; i++ { // the second time what is stored has been measured
		if c.do(fmt.Sprintf("SET more:%d %s", i, text)) == oom {
			full++
			time.Sleep(measureEvery)
		}
	}
	c.do("MULTI")
	if got := c.do("SET queued " + text); got != oom {
		t.Errorf("queued: %s", got)
	}
	c.do("DISCARD")
	if got := c.do("FLUSHALL"); got != "+OK" {
		t.Fatal(got)
	}
	time.Sleep(measureEvery)
	if got := c.do("SET one " + text); got != "+OK" {
		t.Errorf("after FLUSHALL: %s", got)
	}
}

// Commands whose arguments stand for much more than they take are refused.
func TestRefusedCommands(t *testing.T) {
	_, addr := serve(t, Options{})
	c := dial(t, addr)
	for words, want := range map[string]string{
		"SETRANGE k 999999999999 x":   "-ERR string exceeds maximum allowed size (proto-max-bulk-len)",
		"SETBIT k 4294967295 1":       "-ERR bit offset is not an integer or out of range",
		"SRANDMEMBER k -999999999999": "-ERR value is out of range",
		"SELECT 16":                   "-ERR DB index is out of range",
		"EVAL x 0":                    "-ERR this Redis has no scripting",
		"MOVE k 99":                   "-ERR DB index is out of range",
		"SWAPDB 0 99":                 "-ERR DB index is out of range",
		"COPY a b DB 99":              "-ERR DB index is out of range",
		"SETRANGE k 3 x":              ":4",
		"SELECT 15":                   "+OK",
	} {
		if got := c.do(words); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

// A connection too many is refused with the words of Redis, and one that ends
// makes room.
func TestMaxClients(t *testing.T) {
	_, addr := serve(t, Options{MaxClients: 1})
	first := dial(t, addr)
	first.do("PING")
	if line, _ := dial(t, addr).in.ReadString('\n'); line != "-ERR max number of clients reached\r\n" {
		t.Errorf("%q", line)
	}
	first.do("QUIT")
	for end := time.Now().Add(10 * time.Second); dial(t, addr).do("PING") != "+PONG"; {
		if time.Now().After(end) {
			t.Fatal("no room after the first client has left")
		}
	}
}

// A command that panics is a crash: its connections end, and Redis runs again.
func TestCrash(t *testing.T) {
	crashes := 0
	s, addr := serve(t, Options{crashed: func([]string, any) { crashes++ }})
	other := dial(t, addr)
	other.do("SET a 1")
	s.mu.Lock()
	m := s.redis
	s.mu.Unlock()
	s.crash(m, nil, nil)
	s.crash(m, nil, nil) // another command of the same server
	if got := other.do("PING"); got == "+PONG" {
		t.Error("the connection outlived the crash")
	}
	if got := dial(t, addr).do("GET a"); got != "$-1" || crashes != 2 {
		t.Errorf("%s after %d crashes", got, crashes)
	}
	m.Close()
}

func BenchmarkPublish(b *testing.B) {
	_, addr := serve(b, Options{})
	c := dial(b, addr)
	for b.Loop() {
		c.do("PUBLISH room hello")
	}
}
