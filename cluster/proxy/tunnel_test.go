package proxy

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

// TestUpgrade promises bytes both ways, a peer that counts as busy as long as
// the connection lives, and that either side's end ends both.
func TestUpgrade(t *testing.T) {
	for _, version := range []nginx.Version{"1.22", "1.30"} {
		for _, ender := range []string{"client", "node", "proxy"} {
			act(t, version, configText(1, "", upgradeLines), func(s *stage) {
				n := s.node("10.0.0.1:3000", echo)
				c := s.from("192.0.2.1")
				a, _ := c.exchange(wsRequest + "early")
				if a == nil || a.StatusCode != 101 || a.Header.Get("Upgrade") != "websocket" || a.Header.Get("Sec-WebSocket-Accept") == "" {
					t.Fatalf("answer %+v", a)
				}
				b := make([]byte, 5)
				if _, err := io.ReadFull(c.r, b); err != nil || string(b) != "early" {
					t.Fatalf("what came with the request: %q, %v", b, err)
				}
				c.echoed("hello")
				c.echoed(strings.Repeat("0123456789", 5000))
				peers := s.p.generation.Load().all[0].peers
				if state := peers.Status()[0]; state.Conns != 1 {
					t.Errorf("peer %+v while upgraded", state)
				}
				switch ender {
				case "client":
					c.Close()
				case "node":
					n.drop()
				case "proxy":
					s.p.Close()
				}
				synctest.Wait()
				if state := peers.Status()[0]; state.Conns != 0 || state.Fails != 0 {
					t.Errorf("peer %+v after the %s ended it", state, ender)
				}
				if ender != "client" {
					if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
						t.Errorf("client read %q, %v", rest, err)
					}
				}
				if len(s.p.tunnels.open) > 0 {
					t.Error("the tunnel is still known")
				}
			})
		}
	}
}

// TestNoUpgrade promises that without the two lines the node sees a plain GET
// and the client its 400.
func TestNoUpgrade(t *testing.T) {
	act(t, "1.30", configText(1, "", ""), func(s *stage) {
		s.node("10.0.0.1:3000", echo)
		if status, body := s.from("192.0.2.1").ask(wsRequest); status != 400 || body != `{"code":3,"message":"Bad request"}` {
			t.Errorf("got %d %q", status, body)
		}
	})
}

// TestReadTimeout promises that traffic of either side keeps an upgraded
// connection, and that an idle one ends after proxy_read_timeout.
func TestReadTimeout(t *testing.T) {
	act(t, "1.30", configText(1, "", upgradeLines+"proxy_read_timeout 2s;"), func(s *stage) {
		n := s.node("10.0.0.1:3000", nil)
		n.answer = echo
		c := s.from("192.0.2.1")
		c.exchange(wsRequest)
		for range 5 {
			time.Sleep(1900 * time.Millisecond)
			c.echoed("x")
		}
		last := time.Now()
		if _, err := c.r.ReadByte(); err != io.EOF {
			t.Errorf("read: %v", err)
		}
		if idle := time.Since(last); idle != 2*time.Second {
			t.Errorf("closed after %v", idle)
		}
		synctest.Wait()
		expectErrors(t, s, timedOut+tunnelling)
		if state := s.p.generation.Load().all[0].peers.Status()[0]; state.Fails != 0 || state.Conns != 0 {
			t.Errorf("peer %+v", state)
		}
	})
}

// TestReload promises that new connections follow the new configuration with
// fresh peers, and that what runs stays with the old.
func TestReload(t *testing.T) {
	act(t, "1.30", configText(2, "ip_hash;", upgradeLines), func(s *stage) {
		for i := range 2 {
			s.node(fmt.Sprintf("10.0.0.%d:3000", i+1), echo)
		}
		s.node("10.0.0.3:3000", nil)
		tunnelled, idle := s.from("192.0.2.1"), s.from("192.0.2.1")
		tunnelled.exchange(wsRequest)
		tunnelled.echoed("before")
		idle.ask(getRequest)

		text := strings.ReplaceAll(configText(1, "least_conn;", upgradeLines), "10.0.0.1", "10.0.0.3")
		if err := s.p.Reload(s.parse(text, "1.30")); err != nil {
			t.Fatal(err)
		}
		tunnelled.echoed("after")
		if _, err := idle.r.ReadByte(); err != io.EOF {
			t.Errorf("the idle connection: %v", err)
		}
		if _, body := s.get("192.0.2.1"); body != "10.0.0.3:3000" {
			t.Errorf("a new client got %q", body)
		}
		var methods []string
		for _, e := range s.w.kind(trace.ConfigLoaded) {
			methods = append(methods, e.Text.String())
		}
		if got := strings.Join(methods, " "); got != "ip_hash least_conn" {
			t.Errorf("loaded %q", got)
		}
		if err := s.p.Reload(s.parse(strings.ReplaceAll(text, "10.0.0.3", "nowhere.example"), "1.30")); err == nil ||
			err.Error() != `proxy: host not found in upstream "nowhere.example:3000"` {
			t.Errorf("a bad configuration: %v", err)
		}
		if _, body := s.get("192.0.2.1"); body != "10.0.0.3:3000" {
			t.Errorf("after a reload that failed a client got %q", body)
		}
	})
}

// TestShutdownTimeout promises that worker_shutdown_timeout cuts what a reload
// left running.
func TestShutdownTimeout(t *testing.T) {
	text := "events {}\nworker_shutdown_timeout 2s;\nhttp {\n" + configText(1, "", upgradeLines) + "}\n"
	act(t, "1.30", text, func(s *stage) {
		s.node("10.0.0.1:3000", echo)
		c := s.from("192.0.2.1")
		c.exchange(wsRequest)
		if err := s.p.Reload(s.parse(text, "1.30")); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := c.r.ReadByte(); err != io.EOF || time.Since(began) != 2*time.Second {
			t.Errorf("read: %v after %v", err, time.Since(began))
		}
	})
}

// TestPass promises that the copy loop keeps the bytes, whatever their sizes.
func TestPass(t *testing.T) {
	var want bytes.Buffer
	r, w := io.Pipe()
	sizes := []int{1, 511, 512, 513, 16 << 10, 16<<10 + 1, 40000, 3}
	for i, n := range sizes {
		want.Write(bytes.Repeat([]byte{byte('a' + i)}, n))
	}
	go func() {
		rest := want.Bytes()
		for _, n := range sizes {
			w.Write(rest[:n])
			rest = rest[n:]
		}
		w.Close()
	}()
	var got bytes.Buffer
	drain(&got, r)
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("%d bytes came of %d", got.Len(), want.Len())
	}
}
