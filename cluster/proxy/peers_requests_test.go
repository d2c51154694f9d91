//go:build peers

package proxy

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/realnginx"
)

var record = flag.Bool("record", false, "write what nginx makes of requests to testdata")

// quiet is how long nginx may take for an answer.
const quiet = 300 * time.Millisecond

// TestPeersRequests promises that what is recorded is what nginx does, and that the
// proxy does so too on TCP. The flag -record renews the record for the version of the
// nginx that is installed.
func TestPeersRequests(t *testing.T) {
	version := nginx.Version(realnginx.Version(t))
	n := startNode(t)
	n.record()
	var theirs, own strings.Builder
	for i, r := range rawRequests {
		addr := freeAddr(t)
		text := rawConfig(i, addr, n.addr)
		p := realNginx(t, addr, text)
		fmt.Fprintf(&theirs, "== %s\n", r.name)
		fmt.Fprintf(&own, "== %s\n", r.name)
		o := startOwn(t, text)
		for _, raw := range r.requests {
			fmt.Fprintf(&theirs, "%s\n%s", abridged(raw), n.outcome(t, addr, raw))
			fmt.Fprintf(&own, "%s\n%s", abridged(raw), n.outcome(t, o.addr, raw))
		}
		p.Stop()
	}
	if *record {
		if err := os.WriteFile(rawFile(version), []byte(theirs.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if recorded, err := os.ReadFile(rawFile(version)); err != nil || string(recorded) != theirs.String() {
		t.Errorf("%v, recorded (-) and nginx (+): %s", err, cmp.Diff(string(recorded), theirs.String()))
	}
	if diff := cmp.Diff(theirs.String(), own.String()); diff != "" {
		t.Errorf("nginx (-) and the proxy (+): %s", diff)
	}
}

// outcome sends a request and returns what comes of it.
func (n *realNode) outcome(t *testing.T, addr, raw string) string {
	c := connect(t, addr)
	defer c.Close()
	io.WriteString(c, raw)
	got, closed := listenTo(c, quiet)
	heads := n.taken()
	got = strings.ReplaceAll(got, n.addr, "NODE")
	got = strings.ReplaceAll(got, fmt.Sprintf("Content-Length: %d\r\n\r\nNODE", len(n.addr)), "Content-Length: 4\r\n\r\nNODE")
	got = strings.ReplaceAll(got, fmt.Sprintf("Content-Length: %d\r\nConnection", len(n.addr)), "Content-Length: 4\r\nConnection")
	return rawOutcome(got, closed, heads)
}
