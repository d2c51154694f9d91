//go:build peers

package proxy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
)

const (
	peerConfigs   = 20
	peerAddresses = 10_000
	peerProxied   = 2_500 // of the addresses that also go through the proxy
)

// ask is one request of a sequence.
type ask struct {
	addr netip.Addr
	key  string
}

// TestPeersChoice promises nginx's choice for random addresses under random
// configurations. The seed is printed; NGINX_SEED repeats a run.
func TestPeersChoice(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("NGINX_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("NGINX_SEED=%d\n", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	var nodes []*realNode
	for range 8 {
		nodes = append(nodes, startNode(t))
	}
	addr := freeAddr(t)
	var upstreams, locations strings.Builder
	for i := range peerConfigs {
		upstreams.WriteString(randomUpstream(random, i, nodes))
		fmt.Fprintf(&locations, "location /u%d/ { proxy_pass http://u%d; }\n", i, i)
	}
	text := upstreams.String() + "server {\nlisten " + addr + ";\n" + harness +
		"proxy_http_version 1.1; proxy_set_header Connection \"\";\n" + locations.String() + "}\n"
	realNginx(t, addr, text)
	own, config := startOwn(t, text), readConfig(t, text)

	asks := make([]ask, peerAddresses)
	for i := range asks {
		asks[i] = randomAsk(random)
	}
	slots := make(chan struct{}, 4)
	var running sync.WaitGroup
	for i := range peerConfigs {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			u := config.Upstream(fmt.Sprintf("u%d", i))
			want := connect(t, addr).sequence(i, asks)
			got := choices(t, u, asks)
			same(t, u, "balance", asks, want, got)
			same(t, u, "proxy", asks, want, connect(t, own.addr).sequence(i, asks[:peerProxied]))
		})
	}
	running.Wait()
}

// same compares two lists of choices.
func same(t *testing.T, u *nginx.Upstream, who string, asks []ask, want, got []string) {
	wrong := 0
	for i := range got {
		if got[i] != want[i] {
			if wrong++; wrong <= 3 {
				t.Errorf("%s, request %d, address %s, key %q: %s chose %s, nginx %s", u.Name, i, asks[i].addr, asks[i].key, who, got[i], want[i])
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s, %s: %d of %d choices differ:\n%s", u.Name, who, wrong, len(got), describeUpstream(u))
	}
}

func describeUpstream(u *nginx.Upstream) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s\n", u.Method)
	for _, s := range u.Servers {
		fmt.Fprintf(&b, "  %s weight=%d down=%t backup=%t\n", s.Address, s.Weight, s.Down, s.Backup)
	}
	return b.String()
}

// choices asks the balance package alone.
func choices(t *testing.T, u *nginx.Upstream, asks []ask) []string {
	var peers []balance.Peer
	for _, s := range u.Servers {
		peers = append(peers, balance.Peer{
			Name: s.Address, Address: s.Address, Weight: s.Weight, MaxFails: s.MaxFails, FailTimeout: s.FailTimeout, Down: s.Down, Backup: s.Backup,
		})
	}
	b, err := balance.New(balance.Method(u.Method), peers, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	list := make([]string, len(asks))
	for i, q := range asks {
		r := balance.Request{Addr: q.addr}
		if len(u.Method.Args) > 0 {
			r.Key = nginx.Expand(u.Method.Args[0], func(name string) string {
				if name == "remote_addr" {
					return balance.RemoteAddr(q.addr)
				}
				return q.key
			})
		}
		a := b.Start(r)
		list[i] = "502"
		if p, err := a.Next(); err == nil {
			list[i] = p.Address
			a.Done(false)
		}
	}
	return list
}

// sequence asks for one upstream after the other, some requests ahead, and
// returns who answered.
func (c *realClient) sequence(upstream int, asks []ask) []string {
	const ahead = 50
	list := make([]string, 0, len(asks))
	var b bytes.Buffer
	for from := 0; from < len(asks); from += ahead {
		part := asks[from:min(from+ahead, len(asks))]
		b.Reset()
		for _, q := range part {
			fmt.Fprintf(&b, "GET /u%d/?k=%s HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: %s\r\n\r\n", upstream, q.key, q.addr)
		}
		c.Write(b.Bytes())
		for range part {
			a := c.read("GET")
			switch a.status {
			case 200:
				list = append(list, a.body)
			default:
				list = append(list, strconv.Itoa(a.status))
			}
		}
	}
	return list
}

var peerMethods = []string{
	"", "ip_hash", "ip_hash", "hash $remote_addr", "hash $arg_k", "hash $remote_addr consistent", "hash $arg_k$remote_addr consistent", "least_conn",
}

// randomUpstream writes an upstream block. The first configurations have each
// method once.
func randomUpstream(r *rand.Rand, i int, nodes []*realNode) string {
	method := peerMethods[r.IntN(len(peerMethods))]
	if i < len(peerMethods) {
		method = peerMethods[i]
	}
	order := r.Perm(len(nodes))[:1+r.IntN(len(nodes))]
	weighted := r.IntN(2) == 0
	backups := len(order) > 1 && r.IntN(3) == 0
	late := backups || r.IntN(4) == 0 // before the method a server line may be a backup under any of them
	var servers strings.Builder
	for k, n := range order {
		fmt.Fprintf(&servers, "server %s", nodes[n].addr)
		if weighted {
			fmt.Fprintf(&servers, " weight=%d", 1+r.IntN(10))
		}
		if r.IntN(5) == 0 {
			servers.WriteString(" down")
		}
		if backups && k > 0 && r.IntN(3) == 0 {
			servers.WriteString(" backup")
		}
		if r.IntN(4) == 0 {
			fmt.Fprintf(&servers, " max_fails=%d fail_timeout=%ds", r.IntN(4), 1+r.IntN(20))
		}
		servers.WriteString(";\n")
	}
	if method != "" {
		method += ";\n"
	}
	if late {
		return fmt.Sprintf("upstream u%d {\n%s%skeepalive 4;\n}\n", i, servers.String(), method)
	}
	return fmt.Sprintf("upstream u%d {\n%s%skeepalive 4;\n}\n", i, method, servers.String())
}

// randomAsk draws an address, IPv6 for some, and a key.
func randomAsk(r *rand.Rand) ask {
	var q ask
	switch r.IntN(10) {
	case 0: // any
		q.addr = randomAddr6(r, 8)
	case 1: // with runs of zeros, and a last part that looks like IPv4
		q.addr = randomAddr6(r, r.IntN(8))
	default:
		n := r.Uint32()
		q.addr = netip.AddrFrom4([4]byte{byte(n>>24) % 224, byte(n >> 16), byte(n >> 8), byte(n)})
	}
	const letters = "abcXYZ019-_.~%41+/"
	for range r.IntN(12) {
		q.key += string(letters[r.IntN(len(letters))])
	}
	return q
}

func randomAddr6(r *rand.Rand, groups int) netip.Addr {
	var b [16]byte
	for _, g := range r.Perm(8)[:groups] {
		b[2*g], b[2*g+1] = byte(r.Uint32()), byte(r.Uint32())
	}
	return netip.AddrFrom16(b)
}
