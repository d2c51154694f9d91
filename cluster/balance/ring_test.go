package balance

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// ringOf is a ring of peers with those names and weights, that holds so many points.
func ringOf(most int, names []string, weights []int) *ring {
	g := &group{}
	for i, name := range names {
		g.add(&member{Peer: Peer{Name: name, Weight: weights[i]}})
	}
	return newRing(g, most)
}

// TestRingsAgree promises that points which are recognized are those that are held: with
// every bound each value leads to the same point of the same peer.
func TestRingsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"10.0.0.1:3000", "10.0.0.2:3000", "im-3030", "unix:/tmp/im", "[::1]:80", "10.0.0.1:3000", "a:b"}
	weights := []int{7000, 1, 3000, 40, 9000, 7000, 5}
	whole := ringOf(1<<30, names, weights)
	for _, most := range []int{0, 160, 50_000, 600_000} {
		some := ringOf(most, names, weights)
		if len(some.points) > most || len(some.orbits) == 0 {
			t.Fatalf("%d: %d points, %d orbits", most, len(some.points), len(some.orbits))
		}
		for i := range 60 {
			value := random.Uint32()
			switch i {
			case 0:
				value = 0
			case 1:
				value = ^uint32(0)
			}
			point, owner, _ := whole.next(value)
			if p, o, number := some.next(value); p != point || o.Name != owner.Name || number >= 0 {
				t.Errorf("%d: from %d to %d of %s, number %d, want %d of %s", most, value, p, o.Name, number, point, owner.Name)
			}
		}
	}
}

// TestOrbit promises that exactly the first points of a peer are recognized.
func TestOrbit(t *testing.T) {
	m := &member{Peer: Peer{Name: "10.0.0.1:3000", Weight: 65535}}
	o := newOrbit(m)
	base, last := ringBase(m.Name), pointsPerWeight*m.Weight
	var prev [4]byte
	for n := 1; n <= last+1000; n++ {
		hash := ^crc(base, prev[:])
		binary.LittleEndian.PutUint32(prev[:], hash)
		if near := n < 1000 || n > last-1000; near && o.has(hash) != (n <= last) {
			t.Fatalf("point %d of %d is recognized: %v", n, last, o.has(hash))
		}
	}
}

// TestHeavyPeers promises a choice whatever the weights are, from a ring that holds none of
// the points.
func TestHeavyPeers(t *testing.T) {
	var peers []Peer
	g := &group{}
	for i := range 20 {
		peers = append(peers, Peer{Name: fmt.Sprintf("10.0.0.%d:3000", i+1), Weight: 65535})
		g.add(&member{Peer: peers[i]})
	}
	if r := newRing(g, mostPoints(g)); len(r.points) > 0 || len(r.orbits) != len(peers) {
		t.Errorf("%d points are held, %d peers' are recognized", len(r.points), len(r.orbits))
	}
	u, err := New(Method{"hash", []string{"$remote_addr", "consistent"}}, peers, nil)
	if err != nil {
		t.Fatal(err)
	}
	chosen := map[string]int{}
	for i := range 200 {
		a := u.Start(Request{Key: fmt.Sprint(i)})
		p, err := a.Next()
		if err != nil {
			t.Fatal(err)
		}
		chosen[p.Name]++
		a.Done(false)
	}
	if len(chosen) != len(peers) {
		t.Errorf("%d of 20 peers were chosen", len(chosen))
	}
}

func BenchmarkHeavyRing(b *testing.B) {
	r := ringOf(2<<20, []string{"a:1", "b:1", "c:1", "d:1"}, []int{60000, 60000, 60000, 60000})
	for i := uint32(0); b.Loop(); i += 1 << 20 {
		r.next(i)
	}
}
