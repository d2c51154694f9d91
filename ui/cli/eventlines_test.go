package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// A flood of one sort is a few lines and a count; other sorts are written
// as well, up to a bound.
func TestNarratingAFlood(t *testing.T) {
	var out bytes.Buffer
	n := newEventLines(newLogWriter(&out))
	for i := range 10_000 {
		n.tell(&trace.Event{Kind: trace.Refused, Node: trace.N("im-1"), Peer: trace.N(fmt.Sprint("203.0.113.", i%250)), Status: 400, Text: trace.N("Session ID unknown")})
	}
	n.tell(&trace.Event{Kind: trace.NodeDown, Node: trace.N("im-2"), Text: trace.N("killed")})
	n.flush(time.Second)
	want := `    0.000s  203.0.113.0 refused on im-1: 400 Session ID unknown
    0.000s  203.0.113.1 refused on im-1: 400 Session ID unknown
    0.000s  203.0.113.2 refused on im-1: 400 Session ID unknown
    0.000s  im-2 is down: killed
    1.000s  9997 more: clients refused on im-1: 400 Session ID unknown
`
	if out.String() != want {
		t.Errorf("it says\n%s", &out)
	}
	out.Reset()
	for i := range 10_000 {
		n.tell(&trace.Event{Kind: trace.Joined, Node: trace.N("im-1"), Client: trace.N("a\x1b[2Jb"), Room: trace.N(fmt.Sprint("room", i))})
	}
	n.flush(2 * time.Second)
	if lines := strings.Count(out.String(), "\n"); lines > mostSort+1 || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%d lines:\n%.300s", lines, &out)
	}
	if !strings.Contains(out.String(), fmt.Sprint(10_000-mostSort, " more: something else")) {
		t.Errorf("the rest is not counted:\n%s", out.String()[out.Len()-200:])
	}
	out.Reset()
	n.flush(3 * time.Second)
	if out.Len() > 0 {
		t.Errorf("nothing has happened, and it says %s", &out)
	}
}
