package trace

import "testing"

// A lane is printed with the whole way of the connection that it serves, and
// knows the client at its other end.
func TestALaneKnowsTheWayOfItsConnection(t *testing.T) {
	r := NewRecorder(nil)
	poll := r.Lane(LaneID{Host: "ann-01", Purpose: LanePoll, Client: N("ann-01")})
	poll.NextDial() // refused
	proxy := r.Lane(LaneID{Host: "proxy", Origin: poll.NextDial()})
	node := r.Lane(LaneID{Host: "im-3030", Origin: proxy.NextDial()})
	stranger := r.Lane(LaneID{Host: "proxy", Origin: Dial{Addr: "203.0.113.7:4711"}})
	session := r.Lane(LaneID{Host: "im-3030", Purpose: "sid/in"})
	for _, c := range []struct {
		lane   *Lane
		name   string
		client string
		root   *Lane
		direct bool
	}{
		{poll, "ann-01/poll", "ann-01", poll, false},
		{proxy, "proxy<ann-01/poll#2", "ann-01", poll, true},
		{node, "im-3030<proxy<ann-01/poll#2#1", "ann-01", poll, false},
		{stranger, "proxy<203.0.113.7:4711", "", stranger, false},
		{session, "im-3030/sid/in", "", session, false},
	} {
		if got := c.lane.Name(); got != c.name {
			t.Errorf("name %q, want %q", got, c.name)
		}
		if c.lane.Client().String() != c.client || c.lane.Root() != c.root || c.lane.Direct() != c.direct {
			t.Errorf("%s: client %q, root %s, direct %v", c.name, c.lane.Client(), c.lane.Root().Name(), c.lane.Direct())
		}
	}
	var none *Lane
	if none.Client() != (Name{}) || none.Root() != nil || none.Direct() {
		t.Error("a nil lane has a client or a dialer")
	}
}
