package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

// streamText is an upstream of n nodes at 10.0.0.1:3000 and on, behind a server of the stream
// context.
func streamText(n int, method, server string) string {
	text := "stream {\nupstream im {\n" + method + "\n"
	for i := range n {
		text += fmt.Sprintf("server 10.0.0.%d:3000;\n", i+1)
	}
	return text + "}\nserver {\nlisten 80;\nproxy_pass im;\n" + server + "\n}\n}\n"
}

func (s *stage) streamNodes(n int) (list []*node) {
	for i := range n {
		list = append(list, s.node(fmt.Sprintf("10.0.0.%d:3000", i+1), nil))
	}
	return list
}

func TestAConnectionIsOneChoice(t *testing.T) {
	act(t, "1.30", streamText(2, "", ""), func(s *stage) {
		s.streamNodes(2)
		for i, want := range []string{"10.0.0.1:3000", "10.0.0.2:3000", "10.0.0.1:3000"} {
			c := s.from("203.0.113.7")
			for range 3 {
				if status, body := c.ask(getRequest); status != 200 || body != want {
					t.Errorf("connection %d: %d %s, not %s", i, status, body, want)
				}
			}
		}
		synctest.Wait()
		list := s.w.kind(trace.Proxied)
		if len(list) != 3 || !list[0].Text.Is(trace.Connection) || list[0].Status != 200 || list[0].Peer.String() != "203.0.113.7" {
			t.Errorf("%+v", list)
		}
	})
}

func TestAStreamHashesTheAddressOrWhatAHeaderNames(t *testing.T) {
	act(t, "1.30", streamText(5, "hash $remote_addr consistent;", ""), func(s *stage) {
		s.streamNodes(5)
		seen := map[string]bool{}
		for i := range 20 {
			ip := fmt.Sprintf("203.0.113.%d", i)
			_, first := s.get(ip)
			seen[first] = true
			if _, again := s.get(ip); again != first {
				t.Errorf("%s: %s, then %s", ip, first, again)
			}
		}
		if len(seen) < 3 {
			t.Errorf("all on %v", seen)
		}
	})
	told := "set_real_ip_from 10.0.0.0/8;"
	act(t, "1.30", "stream { upstream im { hash $remote_addr; server 10.0.0.1:3000; server 10.0.0.2:3000; server 10.0.0.3:3000; }\n"+
		"server { listen 80 proxy_protocol; "+told+" proxy_pass im; } }", func(s *stage) {
		s.streamNodes(3)
		seen := map[string]bool{}
		for i := range 20 {
			_, body := s.from("10.9.9.9").ask(line(fmt.Sprintf("203.0.%d.7:1", i)) + getRequest)
			seen[body] = true
		}
		if len(seen) != 3 {
			t.Errorf("all on %v", seen)
		}
		silent := s.from("10.9.9.9")
		began := time.Now()
		if b, _ := io.ReadAll(silent); len(b) > 0 || time.Since(began) != 30*time.Second {
			t.Errorf("%q after %v", b, time.Since(began))
		}
	})
}

func TestAStreamTriesTheNextServer(t *testing.T) {
	act(t, "1.30", streamText(2, "", ""), func(s *stage) {
		nodes := s.streamNodes(2)
		nodes[0].stop()
		for range 4 {
			if status, body := s.get("203.0.113.7"); status != 200 || body != "10.0.0.2:3000" {
				t.Errorf("%d %s", status, body)
			}
		}
		if list := s.w.kind(trace.ProxyError); len(list) != 2 || list[0].Text.String() != "connect() failed (111: Connection refused) while connecting to upstream" {
			t.Errorf("%+v", list)
		}
		nodes[1].stop()
		if c := s.from("203.0.113.7"); !ends(c) {
			t.Error("a connection to no server stays open")
		}
		nodes[0].start()
		nodes[1].start()
		time.Sleep(11 * time.Second)
		// One connection is enough to be up again, though it lasts.
		seen := map[string]int{}
		for range 6 {
			_, body := s.get("203.0.113.7")
			seen[body]++
		}
		if seen["10.0.0.1:3000"] < 2 || seen["10.0.0.2:3000"] < 2 {
			t.Errorf("after the timeout: %v", seen)
		}
	})
	act(t, "1.30", streamText(2, "", "proxy_next_upstream off;"), func(s *stage) {
		s.streamNodes(2)[0].stop()
		if c := s.from("203.0.113.7"); !ends(c) {
			t.Error("the next server was tried")
		}
		synctest.Wait()
		if list := s.w.kind(trace.Proxied); len(list) != 1 || list[0].Status != 502 {
			t.Errorf("%+v", list)
		}
	})
}

// ends reports whether the proxy closes the connection without a word.
func ends(c *client) bool {
	c.SetReadDeadline(time.Now().Add(time.Second))
	b, err := io.ReadAll(c)
	return len(b) == 0 && err == nil
}

func TestAStreamNamesTheClientAndEndsWhatIsIdle(t *testing.T) {
	act(t, "1.30", streamText(1, "", "proxy_protocol on; proxy_timeout 5s;"), func(s *stage) {
		s.node("10.0.0.1:3000", func(c net.Conn, r *bufio.Reader, head string) {
			if want := "PROXY TCP4 203.0.113.7 192.0.2.1 32768 80\r\n"; len(head) < len(want) || head[:6] != "PROXY " {
				t.Errorf("%q, not %q", head, want)
			}
			reply(c, 200, "told")
		})
		c := s.from("203.0.113.7")
		if _, body := c.ask(getRequest); body != "told" {
			t.Error(body)
		}
		began := time.Now()
		if io.ReadAll(c); time.Since(began) != 5*time.Second {
			t.Errorf("an idle connection ended after %v", time.Since(began))
		}
		synctest.Wait()
		if list := s.w.kind(trace.ProxyError); len(list) != 1 || list[0].Text.String() != idleConnection {
			t.Errorf("%+v", list)
		}
	})
}

func TestAStreamRefusesByAddress(t *testing.T) {
	act(t, "1.30", streamText(1, "", "deny 203.0.113.0/24;"), func(s *stage) {
		s.streamNodes(1)
		if c := s.from("203.0.113.7"); !ends(c) {
			t.Error("it was let through")
		}
		if status, _ := s.get("198.51.100.7"); status != 200 {
			t.Error(status)
		}
		if list := s.w.kind(trace.ProxyError); len(list) != 1 || list[0].Text.String() != "access forbidden by rule" {
			t.Errorf("%+v", list)
		}
	})
}

func TestAStreamStaysWithItsConfigurationAndIsCut(t *testing.T) {
	text := "worker_shutdown_timeout 10s;\n" + streamText(1, "", "")
	act(t, "1.30", text, func(s *stage) {
		s.streamNodes(2)
		c := s.from("203.0.113.7")
		c.ask(getRequest)
		if err := s.p.Reload(s.parse("stream { server { listen 80; proxy_pass 10.0.0.2:3000; } }", "1.30")); err != nil {
			t.Fatal(err)
		}
		if _, body := c.ask(getRequest); body != "10.0.0.1:3000" {
			t.Errorf("the open one moved to %s", body)
		}
		if _, body := s.get("203.0.113.7"); body != "10.0.0.2:3000" {
			t.Errorf("a new one goes to %s", body)
		}
		began := time.Now()
		if io.ReadAll(c); time.Since(began) != 10*time.Second {
			t.Errorf("cut after %v", time.Since(began))
		}
	})
}

func TestAStreamGivesUpAServerThatDoesNotAnswer(t *testing.T) {
	act(t, "1.30", streamText(2, "", "proxy_connect_timeout 3s;"), func(s *stage) {
		s.streamNodes(2)
		s.w.mu.Lock()
		s.w.links["10.0.0.1:3000"] = memnet.Link{Cut: true}
		s.w.mu.Unlock()
		began := time.Now()
		if _, body := s.get("203.0.113.7"); body != "10.0.0.2:3000" || time.Since(began) != 3*time.Second {
			t.Errorf("%s after %v", body, time.Since(began))
		}
	})
}
