//go:build peers

package proxy

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/proxy/realnginx"
)

// streamPeers is how many connections each configuration gets.
const streamPeers = 1000

// TestPeersStream promises that a server of the stream context leads each connection to the
// server to which nginx leads it, for random upstreams: by address, by what a PROXY header
// names, and past servers that are down or refuse.
func TestPeersStream(t *testing.T) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 7))
	var nodes []*realNode
	for range 6 {
		nodes = append(nodes, startNode(t))
	}
	nodes[5].stop() // refuses
	methods := []string{"", "least_conn;", "hash $remote_addr;", "hash $remote_addr consistent;", "hash $binary_remote_addr;", "hash $remote_addr$server_port consistent;", "hash $proxy_protocol_addr;"}
	for round, method := range methods {
		addr := freeAddr(t)
		var b strings.Builder
		fmt.Fprintf(&b, "upstream im {\n%s\n", method)
		for i, at := range random.Perm(len(nodes)) {
			fmt.Fprintf(&b, "server %s", nodes[at].addr)
			if random.IntN(3) == 0 {
				fmt.Fprintf(&b, " weight=%d", 1+random.IntN(4))
			}
			if i > 0 && random.IntN(5) == 0 {
				b.WriteString(" down")
			} else if i > 0 && random.IntN(4) == 0 && !strings.HasPrefix(method, "hash") {
				b.WriteString(" backup")
			}
			if random.IntN(4) == 0 {
				fmt.Fprintf(&b, " max_fails=%d", random.IntN(4))
			}
			b.WriteString(" fail_timeout=1h;\n") // no clock decides
		}
		fmt.Fprintf(&b, "}\nserver {\nlisten %s proxy_protocol;\nset_real_ip_from 127.0.0.0/8;\nproxy_pass im;\nproxy_protocol off;\n}\n", addr)
		p, err := realnginx.RunStream(t, addr, b.String())
		if err != nil {
			t.Fatal(err)
		}
		own := startOwn(t, "stream {\n"+b.String()+"}\n")
		wrong := 0
		for i := range streamPeers {
			from := netip.AddrFrom4([4]byte{203, byte(random.IntN(256)), byte(random.IntN(256)), byte(1 + random.IntN(254))})
			if i%10 == 0 {
				from = netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", random.IntN(1<<16)))
			}
			want, got := whoTakes(t, addr, from), whoTakes(t, own.addr, from)
			if want != got {
				if wrong++; wrong < 4 {
					t.Errorf("round %d, connection %d of %s: %s, nginx %s\n%s", round, i, from, got, want, b.String())
				}
			}
		}
		p.Stop()
	}
}

// whoTakes opens a connection for an address, asks once and returns the node that answers, "" when
// the connection just ends.
func whoTakes(t *testing.T, addr string, from netip.Addr) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(c, line(netip.AddrPortFrom(from, 40000).String())+"GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	c.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, c) // to the end: the connection counts until then
	return string(body)
}

// TestPeersStreamLine promises the PROXY line that nginx sends, whose client it names, and that a
// connection which may not come is closed.
func TestPeersStreamLine(t *testing.T) {
	first := make(chan string, 16)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var serving sync.WaitGroup
	defer serving.Wait()
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 512)
			n, _ := c.Read(b)
			first <- string(b[:n])
			c.Close()
		}
	})
	defer l.Close()
	for _, trust := range []string{"set_real_ip_from 127.0.0.1;", "set_real_ip_from 10.0.0.0/8;", "", "set_real_ip_from 127.0.0.1; deny 203.0.113.0/24;"} {
		addr := freeAddr(t)
		text := fmt.Sprintf("server { listen %s proxy_protocol; proxy_protocol on; %s proxy_pass %s; }\n", addr, trust, l.Addr())
		p, err := realnginx.RunStream(t, addr, text)
		if err != nil {
			t.Fatal(err)
		}
		own := startOwn(t, "stream {\n"+text+"}\n")
		for _, begin := range []string{line("203.0.113.7:40000"), line("[2001:db8::7]:1"), "PROXY UNKNOWN\r\n", binaryLine, "GET / HTTP/1.1\r\n"} {
			var said [2]string
			for i, to := range []string{addr, own.addr} {
				c, err := net.Dial("tcp", to)
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(c, begin+"hello")
				c.SetReadDeadline(time.Now().Add(time.Minute))
				io.ReadAll(c)
				mine := c.LocalAddr().String()
				c.Close()
				select {
				case said[i] = <-first:
				default:
				}
				_, port, _ := net.SplitHostPort(mine)
				said[i] = strings.ReplaceAll(strings.ReplaceAll(said[i], " "+port+" ", " PORT "), "127.0.0.1 127.", "127.")
			}
			if host, _, _ := net.SplitHostPort(addr); said[0] != said[1] && strings.ReplaceAll(said[0], host, "127.0.0.1") != strings.ReplaceAll(said[1], host, "127.0.0.1") {
				t.Errorf("%q, %s: %q; nginx: %q", begin, trust, said[1], said[0])
			}
		}
		p.Stop()
	}
}
