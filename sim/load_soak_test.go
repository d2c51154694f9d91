//go:build soak

package sim

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	loadFor   = flag.Duration("load.for", 10*time.Minute, "how long users come and go in TestLoad")
	loadRate  = flag.Int("load.rate", 4000, "how many a second, if the machine can")
	loadMost  = flag.Int("load.most", 300, "MB of the process at most, the users' own end included")
	loadQuiet = flag.Duration("load.quiet", 2*time.Minute, "how long it is quiet then")
)

// resident is the memory of the process in MB.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	kb, _ := strconv.Atoi(string(regexp.MustCompile(`VmRSS:\s+(\d+)`).FindSubmatch(text)[1]))
	return kb >> 10
}

// comeSayAndGo is one user, over WebSocket, who leaves when the word was answered.
func comeSayAndGo(address, name string) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	c.(*net.TCPConn).SetLinger(0)
	c.SetDeadline(time.Now().Add(timeout))
	fmt.Fprint(c, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	writeText(c, fmt.Sprintf(`40{"name":%q}`, name))
	writeText(c, `420["join","lobby"]`)
	writeText(c, fmt.Sprintf(`421["say",{"id":"%s:1","room":"lobby","text":"hello"}]`, name))
	r := bufio.NewReader(c)
	for last := ""; !strings.HasSuffix(last, "431["); { // the answer to what was said
		b, err := r.ReadByte()
		if err != nil {
			return err
		}
		if last += string(b); len(last) > 4 {
			last = last[1:]
		}
	}
	_, err = c.Write([]byte{0x88, 0x80, 0, 0, 0, 0})
	return err
}

// Users who come, join, say a word and go, thousands a second for minutes, take a
// bounded memory, which goes back when they are gone.
//
//	go test -tags soak ./sim -run 'TestLoad$' -v -timeout 0 -args -load.for 5m
func TestLoad(t *testing.T) {
	v := serve(t, servedText, ServeOptions{NoClients: true})
	var users, failed atomic.Int64
	var all sync.WaitGroup
	start, most := resident(t), 0
	began := time.Now()
	for range 64 {
		all.Go(func() {
			for time.Since(began) < *loadFor {
				n := users.Add(1)
				time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(*loadRate))))
				if comeSayAndGo(v.Entry(), fmt.Sprintf("user-%d", n)) != nil {
					failed.Add(1)
				}
			}
		})
	}
	for time.Since(began) < *loadFor {
		time.Sleep(5 * time.Second)
		now := resident(t)
		most = max(most, now)
		t.Logf("%4.0f s  %7d users  %4d MB", time.Since(began).Seconds(), users.Load(), now)
	}
	all.Wait()
	rate := float64(users.Load()) / time.Since(began).Seconds()
	time.Sleep(*loadQuiet)
	end := resident(t)
	p := v.now().SnapshotSince(0)
	t.Logf("%d users, %.0f a second, %d failed; %d deliveries expected; at the start %d MB, at most %d MB, after %v of quiet %d MB", users.Load(), rate, failed.Load(), p.Delivery.Total.Due, start, most, *loadQuiet, end)
	if most > *loadMost || failed.Load() > 0 || p.Untracked > 0 || p.Messages.Sent != int(users.Load()) || p.Delivery.Total.Pending > 0 {
		t.Errorf("%+v, %d not followed", p.Delivery.Total, p.Untracked)
	}
	if end > start+60 {
		t.Errorf("%d MB stay", end-start)
	}
}
