package proxy

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/proxyproto"
	"stickylab/cluster/trace"
)

// toldText is a server whose connections begin with a PROXY header, and which
// answers what it knows about the client.
const toldText = `server {
	listen 80 proxy_protocol;
	set_real_ip_from 10.0.0.0/8;
	real_ip_header proxy_protocol;
	location / {
		return 200 "$remote_addr:$remote_port $realip_remote_addr $proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_addr:$proxy_protocol_server_port";
	}
}
`

func line(from string) string {
	return string(proxyproto.Append(nil, netip.MustParseAddrPort(from), netip.MustParseAddrPort("192.0.2.1:80")))
}

const binaryLine = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xcb\x00\x71\x07\xc0\x00\x02\x01\x9c\x40\x00\x50"

func TestTheProxyProtocolNamesTheClient(t *testing.T) {
	act(t, "1.30", toldText, func(s *stage) {
		for _, test := range []struct{ from, header, want string }{
			{"10.0.0.9", line("203.0.113.7:40000"), "203.0.113.7:40000 10.0.0.9 203.0.113.7:40000 192.0.2.1:80"},
			{"10.0.0.9", binaryLine, "203.0.113.7:40000 10.0.0.9 203.0.113.7:40000 192.0.2.1:80"},
			{"10.0.0.9", line("[2001:db8::7]:1"), "2001:db8::7:1 10.0.0.9 2001:db8::7:1 192.0.2.1:80"},
			// That it may not be believed does not make it unknown.
			{"172.16.0.9", line("203.0.113.7:40000"), "172.16.0.9:32768 172.16.0.9 203.0.113.7:40000 192.0.2.1:80"},
			{"10.0.0.9", "PROXY UNKNOWN\r\n", "10.0.0.9:32771 10.0.0.9 : :"},
			{"10.0.0.9", "PROXY TCP4 beef 192.0.2.1 1 80\r\n", "10.0.0.9:32772 10.0.0.9 beef:1 192.0.2.1:80"},
		} {
			c := s.from(test.from)
			for i, request := range []string{test.header + getRequest, getRequest} { // it is said once
				if status, body := c.ask(request); status != 200 || body != test.want {
					t.Errorf("%q, request %d: %d %q, not %q", test.header, i+1, status, body, test.want)
				}
			}
			c.Close()
		}
	})
}

func TestTheHeaderMayComeBeforeTheRequest(t *testing.T) {
	act(t, "1.30", toldText, func(s *stage) {
		c := s.from("10.0.0.9")
		time.Sleep(59 * time.Second)
		io.WriteString(c, line("203.0.113.7:40000"))
		time.Sleep(500 * time.Millisecond)
		if status, body := c.ask(getRequest); status != 200 || !strings.HasPrefix(body, "203.0.113.7") {
			t.Errorf("%d %s", status, body)
		}
	})
}

func TestAConnectionWithoutItsHeaderIsClosed(t *testing.T) {
	for say, want := range map[string]string{
		getRequest:                           `broken header: "GET /socket.io/?EIO=4&transport=polling HTTP/1.1" while reading PROXY protocol`,
		"PROXY TCP4 nobody\r\n" + getRequest: `broken header: "PROXY TCP4 nobody" while reading PROXY protocol`,
		"PRO":                                `broken header: "PRO" while reading PROXY protocol`,
		binaryLine[:12] + "\x31" + binaryLine[13:]: "unknown PROXY protocol version: 3 while reading PROXY protocol",
		binaryLine[:20]:           "header is too large while reading PROXY protocol",
		binaryLine[:15] + "\x01x": "", // nginx says nothing about this one
	} {
		act(t, "1.30", toldText, func(s *stage) {
			c := s.from("10.0.0.9")
			io.WriteString(c, say)
			c.SetReadDeadline(time.Now().Add(time.Second))
			if b, err := io.ReadAll(c); len(b) > 0 || err != nil {
				t.Errorf("%q: %q, %v", say, b, err)
			}
			var texts []string
			for _, e := range s.w.kind(trace.ProxyError) {
				texts = append(texts, e.Text.String())
				if e.Peer.String() != "10.0.0.9" || e.Status != 0 {
					t.Errorf("%q: of %s, status %d", say, e.Peer, e.Status)
				}
			}
			if got := strings.Join(texts, "; "); got != want {
				t.Errorf("%q: %q, not %q", say, got, want)
			}
			if n := len(s.w.kind(trace.Proxied)); n > 0 {
				t.Errorf("%q: %d requests", say, n)
			}
		})
	}
}

func TestASilentConnectionIsClosedInTime(t *testing.T) {
	act(t, "1.30", toldText, func(s *stage) {
		c := s.from("10.0.0.9")
		began := time.Now()
		if b, err := io.ReadAll(c); len(b) > 0 || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("after %v", took)
		}
	})
}

// One socket has several addresses, and only one of them wants the header.
func TestTheHeaderIsThatOfAnAddress(t *testing.T) {
	const text = "server { listen 80; return 200 plain; }\nserver { listen 192.0.2.1:80 proxy_protocol; return 200 $proxy_protocol_addr; }\n"
	act(t, "1.30", text, func(s *stage) {
		local := map[string]bool{"0.0.0.0:80": false, "192.0.2.1:80": true, "192.0.2.1:81": false}
		for at, want := range local {
			if got := s.p.generation.Load().config.ProxyProtocol(netip.MustParseAddrPort(at)); got != want {
				t.Errorf("%s: %v", at, got)
			}
		}
		if status, body := s.get("10.0.0.9"); status != 200 || body != "plain" {
			t.Errorf("%d %s", status, body)
		}
	})
}

func TestUpgradesPassBehindTheHeader(t *testing.T) {
	text := strings.Replace(configText(1, "", upgradeLines), "listen 80;", "listen 80 proxy_protocol;", 1)
	act(t, "1.30", text, func(s *stage) {
		s.node("10.0.0.1:3000", echo)
		c := s.from("10.0.0.9")
		if status, _ := c.ask(line("203.0.113.7:40000") + wsRequest); status != 101 {
			t.Fatal(status)
		}
		c.echoed("hello")
	})
}

func TestAProxyLineWhereNoneIsExpected(t *testing.T) {
	act(t, "1.30", configText(1, "", ""), func(s *stage) {
		s.node("10.0.0.1:3000", nil)
		for _, say := range []string{line("203.0.113.7:40000") + getRequest, binaryLine + getRequest, "nonsense\r\n\r\n"} {
			a, body := s.from("10.0.0.9").exchange(say)
			if a == nil || a.StatusCode != 400 || body != errorPage(400, "1.30") || a.Header.Get("Server") != "nginx/1.30.0" || !a.Close {
				t.Errorf("%q: %+v %s", say, a, body)
			}
		}
		synctest.Wait()
		list := s.w.kind(trace.ProxyError)
		if len(list) != 3 || list[0].Status != 400 || list[0].Text.String() != "client sent invalid request while reading client request line" {
			t.Errorf("%+v", list)
		}
		if n := len(s.nodes[0].got()); n > 0 {
			t.Errorf("%d requests got through", n)
		}
	})
}
