package proxy

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

// relayed runs a test in a bubble with a relay before a scripted node.
func relayed(t *testing.T, accept bool, f func(w *wires, dial func() net.Conn, accepted func() net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		l, err := w.listen("10.0.0.1:80")
		if err != nil {
			t.Fatal(err)
		}
		r, err := StartStream(StreamConfig{Env: w.env(t), Host: "lb", Listen: "198.51.100.10:80", To: "10.0.0.1:80", Accept: accept})
		if err != nil {
			t.Fatal(err)
		}
		var conns []net.Conn
		f(w, func() net.Conn {
			c, err := w.dial(context.Background(), "203.0.113.7", "198.51.100.10:80")
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, c)
			return c
		}, func() net.Conn {
			c, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, c)
			return c
		})
		r.Close()
		l.Close()
		for _, c := range conns {
			c.Close()
		}
		w.Stop()
	})
}

func readLine(t *testing.T, c net.Conn) (string, *bufio.Reader) {
	t.Helper()
	r := bufio.NewReader(c)
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line, r
}

func TestARelayNamesTheClientAndPassesBytes(t *testing.T) {
	relayed(t, false, func(w *wires, dial, accepted func() net.Conn) {
		client := dial()
		server := accepted()
		line, r := readLine(t, server)
		if line != "PROXY TCP4 203.0.113.7 198.51.100.10 32768 80\r\n" {
			t.Errorf("%q", line)
		}
		for _, way := range []struct {
			to   io.Writer
			from io.Reader
		}{{client, r}, {server, client}} {
			text := strings.Repeat("bytes ", 10_000)
			go io.WriteString(way.to, text)
			b := make([]byte, len(text))
			if _, err := io.ReadFull(way.from, b); err != nil || string(b) != text {
				t.Errorf("%d bytes, %v", len(b), err)
			}
		}
		client.Close()
		if _, err := r.ReadByte(); err != io.EOF {
			t.Errorf("the other side: %v", err)
		}
		synctest.Wait()
		if list := w.kind(trace.Fronted); len(list) != 1 || list[0].Node.String() != "lb" || list[0].Peer.String() != "203.0.113.7" || list[0].Text.String() != "connection" {
			t.Errorf("%+v", list)
		}
	})
}

func TestARelayPassesOnWhatItWasTold(t *testing.T) {
	relayed(t, true, func(w *wires, dial, accepted func() net.Conn) {
		client := dial()
		io.WriteString(client, "PROXY TCP4 192.0.2.9 198.51.100.10 4000 80\r\nGET")
		if line, r := readLine(t, accepted()); line != "PROXY TCP4 192.0.2.9 198.51.100.10 4000 80\r\n" {
			t.Errorf("%q", line)
		} else if b, _ := r.Peek(3); string(b) != "GET" {
			t.Errorf("then %q", b)
		}
		broken := dial()
		io.WriteString(broken, "GET / HTTP/1.1\r\n\r\n")
		if b, err := io.ReadAll(broken); len(b) > 0 || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		list := w.kind(trace.FrontError)
		if len(list) != 1 || list[0].Text.String() != `broken header: "GET / HTTP/1.1" while reading PROXY protocol` || list[0].Node.String() != "lb" {
			t.Errorf("%+v", list)
		}
		silent := dial()
		began := time.Now()
		if b, _ := io.ReadAll(silent); len(b) > 0 || time.Since(began) != streamHeaderTimeout {
			t.Errorf("%q after %v", b, time.Since(began))
		}
		if n := len(w.kind(trace.FrontError)); n != 1 {
			t.Errorf("%d errors", n)
		}
	})
}

func TestARelayEndsWhatIsIdleOrLeadsNowhere(t *testing.T) {
	relayed(t, false, func(w *wires, dial, accepted func() net.Conn) {
		client := dial()
		server := accepted()
		began := time.Now()
		time.Sleep(9 * time.Minute)
		io.WriteString(server, "x")
		io.ReadAll(client)
		if took := time.Since(began); took != 19*time.Minute {
			t.Errorf("an idle connection ended after %v", took)
		}
		w.mu.Lock()
		w.links["10.0.0.1:80"] = memnet.Link{Refused: true}
		w.mu.Unlock()
		if b, err := io.ReadAll(dial()); len(b) > 0 || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		if list := w.kind(trace.FrontError); len(list) != 1 || list[0].Text.String() != "connect() failed (111: Connection refused) while connecting to upstream" {
			t.Errorf("%+v", list)
		}
		dial() // open at the end
		synctest.Wait()
	})
}
