package memnet

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/trace"
)

// played lets a client and a server talk through a proxy while things happen, and
// returns what each of them got and when. Three bytes are an action: how long after the
// one before it, what, and how much. relayed says that the proxy uses Relay; otherwise it
// copies each packet when that arrives.
func played(t *testing.T, actions []byte, relayed bool) (log []string, carried bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		links := map[string]Link{"client": {Delay: 3 * time.Millisecond}, "server": {Delay: time.Millisecond}}
		n := New(Options{
			Wait: synctest.Wait,
			Link: func(from, to *Host) Link {
				if from.Role == Client || to.Role == Client {
					return links["client"]
				}
				return links["server"]
			},
			Rand: func(name string) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(len(name)))) },
		})
		n.AddHost("server", Node, serverIP)
		n.AddHost("proxy", Proxy, netip.MustParseAddr("10.0.0.2"))
		n.AddHost("client", Client, clientIP)
		var wg sync.WaitGroup
		wg.Go(n.Run)
		began := time.Now()
		note := func(format string, args ...any) {
			log = append(log, fmt.Sprint(time.Since(began))+" "+fmt.Sprintf(format, args...))
		}
		rec := trace.NewRecorder(func([]trace.Event) {})
		dialed := func(from, to, addr string) (near, far *Conn) {
			l, err := n.Listen(to, addr)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			a, err := n.Dial(t.Context(), from, rec.Lane(trace.LaneID{Host: from}), addr)
			if err != nil {
				t.Fatal(err)
			}
			b, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			return a.(*Conn), b.(*Conn)
		}
		client, front := dialed("client", "proxy", "10.0.0.2:80")
		back, server := dialed("proxy", "server", server)

		closed := false
		end := func(why error) {
			if !closed {
				closed = true
				note("the tunnel ends: %v", why)
				front.Close()
				back.Close()
			}
		}
		passed := []func() time.Time{}
		tunnel := func(from, to *Conn) {
			if relayed {
				passed = append(passed, from.Relay(to, end))
				return
			}
			last := time.Now()
			passed = append(passed, func() time.Time { return last })
			from.Push(func(b []byte, err error) bool {
				if err == nil {
					last = time.Now()
					_, err = to.Write(b)
				}
				if err != nil {
					end(err)
				}
				return false
			})
		}
		tunnel(front, back)
		tunnel(back, front)
		for name, c := range map[string]*Conn{"client": client, "server": server} {
			c.Push(func(b []byte, err error) bool {
				note("%s gets %q, %v", name, b, err)
				return true
			})
		}

		at, words := time.Now().Add(time.Millisecond), 0
		say := func(c *Conn, size byte) {
			words++
			_, err := c.Write(fmt.Appendf(nil, "%d%s", words, strings.Repeat(".", int(size)%5)))
			if err != nil {
				note("%d: %v", words, err)
			}
		}
		for ; len(actions) >= 3; actions = actions[3:] {
			wait, what, much := actions[0], actions[1], actions[2]
			at = at.Add(time.Duration(wait) * 20 * time.Microsecond)
			n.At(at, func() {
				carried = carried || len(front.relay.Load().under()) > 0 || len(back.relay.Load().under()) > 0
				switch what % 16 {
				case 0, 1, 2, 3:
					say(server, much)
				case 4, 5, 6:
					say(client, much)
				case 7, 8:
					name := []string{"client", "server"}[much%2]
					links[name] = Link{Delay: time.Duration(much) * 20 * time.Microsecond, Cut: what%16 == 8}
					n.Relink()
				case 9:
					for name, l := range links {
						links[name] = Link{Delay: l.Delay}
					}
					n.Relink()
				case 10:
					note("passed %v, %v", passed[0]().Sub(began), passed[1]().Sub(began))
				case 11:
					say(front, much) // the proxy has something to say
				case 12:
					front.SetWriteDeadline(time.Now().Add(time.Duration(much) * 20 * time.Microsecond))
				case 13:
					if much%4 == 0 {
						client.Vanish()
						client.Close()
					}
				case 14:
					switch much % 8 {
					case 0:
						server.Close()
					case 1:
						client.Close()
					case 2:
						server.CloseWrite()
					}
				case 15:
					if much%4 == 0 {
						end(nil)
					}
				}
			})
		}
		time.Sleep(time.Until(at) + time.Minute)
		for _, c := range []net.Conn{client, front, back, server} {
			c.Close()
		}
		n.Stop()
		wg.Wait()
	})
	return log, carried
}

// under returns what takes both ways at once.
func (r *relay) under() []through {
	if r == nil {
		return nil
	}
	return r.pending
}

// Whatever happens meanwhile, no one can tell a relay from a proxy that copies.
func FuzzRelay(f *testing.F) {
	f.Add([]byte{0, 0, 1, 10, 7, 200, 20, 4, 1, 30, 15, 0})
	f.Fuzz(func(t *testing.T, actions []byte) {
		actions = actions[:min(len(actions), 300)]
		want, _ := played(t, actions, false)
		if got, _ := played(t, actions, true); !slices.Equal(got, want) {
			t.Errorf("with a relay:\n%s\nwithout:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestARelayIsNotSeen(t *testing.T) {
	carried := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		actions := make([]byte, 3*(10+r.IntN(40)))
		for i := range actions {
			actions[i] = byte(r.Uint32())
		}
		want, _ := played(t, actions, false)
		got, both := played(t, actions, true)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: with a relay:\n%s\nwithout:\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if both {
			carried++
		}
	}
	if carried < 100 {
		t.Errorf("only %d of 300 plays had a packet that takes both ways at once", carried)
	}
}
