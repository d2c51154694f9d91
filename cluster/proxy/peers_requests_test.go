//go:build peers

package proxy

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/realnginx"
)

var record = flag.Bool("record", false, "write what nginx makes of requests to testdata")

// quiet is how long nginx may take for an answer, longQuiet when the machine is busy.
const (
	quiet     = 100 * time.Millisecond
	longQuiet = 3 * time.Second
)

// TestPeersRequests promises that what is recorded is what nginx does, and that the
// proxy does so too on TCP. The flag -record renews the record for the version of the
// nginx that is installed.
func TestPeersRequests(t *testing.T) {
	version := nginx.Version(realnginx.Version(t))
	n := startNode(t)
	n.record()
	var theirs strings.Builder
	var want []string
	if !*record {
		want = rawRecorded(t, version)
	}
	for i, r := range rawRequests {
		addr := freeAddr(t)
		text := rawConfig(i, addr, n.addr)
		p := realNginx(t, addr, text)
		fmt.Fprintf(&theirs, "== %s\n", r.name)
		own := startOwn(t, text)
		for _, raw := range r.requests {
			if *record {
				theirs.WriteString(n.outcome(t, addr, raw, 5*quiet))
				continue
			}
			for _, at := range []string{addr, own.addr} {
				got := n.outcome(t, at, raw, quiet)
				if got != want[0] {
					got = n.outcome(t, at, raw, longQuiet)
				}
				if diff := cmp.Diff(want[0], got); diff != "" {
					t.Errorf("%s, nginx %v (-recorded +got):\n%s", r.name, at == addr, diff)
				}
			}
			want = want[1:]
		}
		p.Stop()
	}
	if *record {
		if err := os.WriteFile(rawFile(version), []byte(theirs.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// outcome sends a request and returns what comes of it until nothing does for that long.
func (n *realNode) outcome(t *testing.T, addr, raw string, quiet time.Duration) string {
	c := connect(t, addr)
	defer c.Close()
	io.WriteString(c, raw)
	got, closed := listenTo(c, quiet)
	heads := n.taken()
	got = strings.ReplaceAll(got, n.addr, "NODE")
	got = strings.ReplaceAll(got, fmt.Sprintf("Content-Length: %d\r\n\r\nNODE", len(n.addr)), "Content-Length: 4\r\n\r\nNODE")
	got = strings.ReplaceAll(got, fmt.Sprintf("Content-Length: %d\r\nConnection", len(n.addr)), "Content-Length: 4\r\nConnection")
	return rawOutcome(raw, got, closed, heads)
}

// TestPeersRandomRequests compares the answers to requests at random, made of pieces of
// those of the table.
func TestPeersRandomRequests(t *testing.T) {
	seed := *randomSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-random.seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	n := startNode(t)
	addr := freeAddr(t)
	text := rawConfig(0, addr, n.addr)
	realNginx(t, addr, text)
	own := startOwn(t, text)
	requests := make(chan string)
	var ended sync.WaitGroup
	for range 100 {
		ended.Go(func() {
			for raw := range requests {
				if n.outcome(t, addr, raw, quiet) == n.outcome(t, own.addr, raw, quiet) {
					continue
				}
				// Once more, as the machine may be busy.
				if want, got := n.outcome(t, addr, raw, longQuiet), n.outcome(t, own.addr, raw, longQuiet); got != want {
					t.Errorf("%q (-nginx +own):\n%s", raw, cmp.Diff(want, got))
				}
			}
		})
	}
	for range *randomRequests {
		requests <- randomRequest(random)
	}
	close(requests)
	ended.Wait()
}

var (
	randomSeed     = flag.Uint64("random.seed", 0, "of requests at random; 0 means another one each time")
	randomRequests = flag.Int("random.requests", 3000, "how many of them")
)

// randomRequest mutates a request of the table: pieces of others, bytes that mean
// something, and any.
func randomRequest(random *rand.Rand) string {
	pick := func() string {
		list := rawRequests[0].requests
		for {
			if raw := list[random.IntN(len(list))]; len(raw) < 300 {
				return raw
			}
		}
	}
	raw := []byte(pick())
	for range 1 + random.IntN(3) {
		at := random.IntN(len(raw) + 1)
		switch end := min(len(raw), at+1+random.IntN(4)); random.IntN(4) {
		case 0:
			raw = slices.Delete(raw, at, end)
		case 1:
			const some = "\r\n \t:/.%?#[]@,;=\x00\x7f-_+aZ0198"
			raw = slices.Insert(raw, at, some[random.IntN(len(some))])
		case 2:
			other := pick()
			from := random.IntN(len(other))
			raw = slices.Insert(raw, at, []byte(other[from:min(len(other), from+1+random.IntN(20))])...)
		case 3:
			raw = slices.Insert(raw, at, byte(random.IntN(256)))
		}
	}
	return string(raw)
}
