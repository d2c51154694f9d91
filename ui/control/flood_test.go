package control

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// Ten thousand requests without the token each get their answer, do nothing,
// and leave nothing; whoever has the token is answered meanwhile.
func TestAFloodWithoutTheToken(t *testing.T) {
	url, run := controlled(t, "s3cret")
	before := held()
	const peers, each = 4, 2500
	var flood sync.WaitGroup
	for range peers {
		c := dial(t, url)
		flood.Go(func() {
			r := bufio.NewReader(c)
			for range each {
				fmt.Fprint(c, "POST /steps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nkill im-1")
				a, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, a.Body)
				if a.StatusCode != http.StatusUnauthorized {
					t.Errorf("answered %d", a.StatusCode)
					return
				}
			}
		})
	}
	if code, body := ask(t, "GET", url+"/", "", "Authorization", "Bearer s3cret"); code != 200 {
		t.Errorf("with the token: %d %s", code, body)
	}
	flood.Wait()
	if hand := run.Hand(); len(hand) > 0 {
		t.Errorf("done without the token: %v", hand)
	}
	// The virtual clients' trace continues meanwhile.
	if grown := held() - before; grown > 8<<20 {
		t.Errorf("the memory has grown by %d kB", grown>>10)
	}
}

// Peers that ask and do not read, or do not finish what they ask, hold no other client up.
func TestPeersThatStopHalfWay(t *testing.T) {
	url, _ := controlled(t, "")
	for _, begun := range []string{
		"GET /trace HTTP/1.1\r\nHost: localhost\r\n\r\n", // and the stream is not read
		"GET /sta",
		"POST /steps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nkill",
		"POST /steps HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nki",
	} {
		for range 10 {
			c := dial(t, url)
			c.(*net.TCPConn).SetReadBuffer(2048)
			io.WriteString(c, begun)
		}
	}
	stateNow(t, url, func(s state) bool { return len(s.Nodes) == 2 && s.Nodes[0].Up })
}

// What is not UTF-8 is answered in UTF-8.
func TestStepsThatAreNotUTF8(t *testing.T) {
	url, _ := controlled(t, "")
	for _, step := range []string{"kill im-\xff", "\xff\xfe", "{\"kill\":\"\xc3\"}", "adapter \xed\xa0\x80"} {
		code, body := ask(t, "POST", url+"/steps", step)
		if code != 400 || !utf8.ValidString(body) || !strings.Contains(body, `"error"`) {
			t.Errorf("%q: %d %q", step, code, body)
		}
	}
}

func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// held is the memory in use.
func held() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
