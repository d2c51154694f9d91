//go:build peers

package redisserver

import (
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// startRedis runs a redis-server until the end of the test.
func startRedis(t *testing.T) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: the suite needs redis-server 7", err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return addr
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// answer returns all that a server writes to bytes, after which the client says
// no more. Miniredis has its own words for a command that it does not know.
func answer(t *testing.T, addr, bytes string) string {
	t.Helper()
	c := dial(t, addr)
	defer c.Close()
	io.WriteString(c, bytes)
	c.Conn.(*net.TCPConn).CloseWrite()
	got, _ := io.ReadAll(c.in) // what a server has not read when it closes resets the connection
	return unknown.ReplaceAllString(string(got), "-ERR unknown command")
}

var unknown = regexp.MustCompile(`-ERR (unknown command|wrong number of arguments).*`)

// The guard answers what is no command as a real Redis does, and reads what is
// one in the same places.
func TestRequestsAsRedis(t *testing.T) {
	real := startRedis(t)
	_, ours := serve(t, Options{})
	const echo = "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"
	list := []string{
		"PING\r\n", "ECHO \"a b\"\r\n", "ECHO 'a\\'b'\r\n", "ECHO \"\\x41\\n\"\r\n", "ECHO \"a\r\n" + echo, "ECHO \"a\"b\r\n" + echo, "ECHO 'a\r\n",
		"\r\n" + echo, "*0\r\n" + echo, "*-1\r\n" + echo, "*-0\r\n" + echo, "*+1\r\n" + echo, "*01\r\n" + echo, "*\r\n" + echo, "*a\r\n" + echo, "* 1\r\n" + echo,
		"*2147483648\r\n" + echo, "*1\r\nPING\r\n", "*1\r\n$-1\r\n", "*1\r\n$+4\r\nPING\r\n", "*1\r\n$04\r\nPING\r\n", "*1\r\n$9223372036854775806\r\n",
		"*1\r\n$99999999999\r\n", "*1\r\n$4\r\nPINGxy" + echo, "POST / HTTP/1.1\r\n" + echo, "Host: x\r\n" + echo, "*1\r\n$4\r\nPOST\r\n" + echo,
		"*" + strings.Repeat("1", 70_000), strings.Repeat("a", 70_000),
	}
	random := rand.New(rand.NewPCG(7, 7))
	parts := []string{"*", "$", "1", "2", "4", "-1", "0", "\r\n", "\r\n", "\n", "PING", "ECHO", "hi", "\"", "'", "\\x41", " ", echo}
	for range 2000 {
		var b strings.Builder
		for range 1 + random.IntN(8) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		list = append(list, b.String())
	}
	different := 0
	for _, bytes := range list {
		want, got := answer(t, real, bytes), answer(t, ours, bytes)
		if got != want {
			different++
			t.Errorf("%.60q: %.80q, a redis-server answers %.80q", bytes, got, want)
		}
	}
	t.Logf("%d of %d differ", different, len(list))
}

// What the embedded Redis serves itself it answers as a real one does.
func TestDialoguesAsRedis(t *testing.T) {
	real := startRedis(t)
	t.Run("sharded", func(t *testing.T) { shardedDialogue(t, real) })
	t.Run("streams", func(t *testing.T) {
		streamDialogue(t, real, func(c *client) bool {
			c.send("CLIENT LIST")
			return strings.Contains(c.reply(t), "cmd=xread")
		})
	})
}
