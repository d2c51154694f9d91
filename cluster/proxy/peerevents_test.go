package proxy

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"stickylab/cluster/trace"
)

// TestPeerEvents promises what the trace tells of the peers: each change of what
// runs on them and of their failures, by peer in the order of time.
func TestPeerEvents(t *testing.T) {
	act(t, "1.30", configText(2, "", upgradeLines), func(s *stage) {
		s.node("10.0.0.2:3000", echo)
		c := s.from("192.0.2.1") // 10.0.0.1 refuses
		c.exchange(wsRequest)
		s.events(t, "10.0.0.1:3000 conns 1", "10.0.0.1:3000 conns 0", "10.0.0.1:3000 fails 1 off 11s", "10.0.0.2:3000 conns 1")
		c.echoed("more")
		s.events(t)
		c.Close()
		synctest.Wait()
		s.events(t, "10.0.0.2:3000 conns 0")
	})
}

// events checks what was told of the peers since it was last asked.
func (s *stage) events(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	s.w.recorder.CloseStep()
	var got []string
	for _, e := range s.w.events {
		switch e.Kind {
		case trace.PeerConns:
			got = append(got, fmt.Sprintf("%s conns %d", e.Peer, e.Status))
		case trace.PeerFails:
			got = append(got, fmt.Sprintf("%s fails %d off %v", e.Peer, e.Status, e.Value))
		}
		if e.Kind == trace.PeerConns && e.Text.String() != "im" {
			t.Errorf("upstream %q", e.Text)
		}
	}
	s.w.events = nil
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
