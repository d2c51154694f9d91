package ledger

// View is what an expectation sees: the state at an instant, and the counts of
// a window of time. Its tags are the documented names of the expression
// language.
type View struct {
	Delivery Delivery         `expr:"delivery" json:"delivery"`
	Nodes    map[string]Node  `expr:"nodes" json:"nodes"`
	Groups   map[string]Group `expr:"groups" json:"groups"`
	Clients  Clients          `expr:"clients" json:"clients"`
	Sessions Sessions         `expr:"sessions" json:"sessions"`
	Errors   map[string]int   `expr:"errors" json:"errors"`
	Latency  Latency          `expr:"latency" json:"latency"`
	Messages Messages         `expr:"messages" json:"messages"`
	Requests Requests         `expr:"requests" json:"requests"`
	Redis    Redis            `expr:"redis" json:"redis"`

	Recovery Recovery `expr:"recovery" json:"recovery,omitzero"`

	// Counts are what nodes last answered about a room, by node.
	Counts map[string]RoomCount `expr:"counts" json:"counts"`
}

// Delivery counts what was due in the window, by the instant of sending.
//
// An extra arrival at a socket that had ended before the message was sent is
// on no node: it counts in Total alone.
type Delivery struct {
	Total Counts `expr:"total" json:"total"`
	Same  Counts `expr:"same" json:"same"`   // sender's and receiver's node are equal
	Cross Counts `expr:"cross" json:"cross"` // they are not
}

// Counts of deliveries. Ratio is Arrived of what was due and is no longer
// pending; it means nothing when that is 0.
type Counts struct {
	Due        int     `expr:"due" json:"due"`
	Arrived    int     `expr:"arrived" json:"arrived"`
	Missed     int     `expr:"missed" json:"missed"`
	Pending    int     `expr:"pending" json:"pending"`
	Duplicates int     `expr:"duplicates" json:"duplicates"`
	Extra      int     `expr:"extra" json:"extra"`
	Ratio      float64 `expr:"ratio" json:"ratio"`
}

// Node is the state of one node at the instant.
type Node struct {
	Up      bool `expr:"up" json:"up"`
	Frozen  bool `expr:"frozen" json:"frozen"` // up, but its event loop is paused
	Adapter bool `expr:"adapter" json:"adapter"`
	// Kind is that of the adapter, as in scenario files; "" while it is off, and for the
	// classic one.
	Kind      string `expr:"-" json:"adapter_kind,omitempty"`
	Clients   int    `expr:"clients" json:"clients"`     // Socket.IO sockets
	Sessions  int    `expr:"sessions" json:"sessions"`   // Engine.IO sessions
	Polling   int    `expr:"polling" json:"polling"`     // sessions on polling
	Websocket int    `expr:"websocket" json:"websocket"` // sessions on websocket

	Share float64 `expr:"share" json:"share"` // of the clients of all nodes; 0 when there are none
}

// AdapterText returns "off", "on" for the classic adapter, or the kind of another one.
func (n *Node) AdapterText() string {
	switch {
	case !n.Adapter:
		return "off"
	case n.Kind == "":
		return "on"
	}
	return n.Kind
}

// Group is the state of one group of clients at the instant, and what happened
// to it in the window.
type Group struct {
	Count     int            `expr:"count" json:"count"`
	Connected int            `expr:"connected" json:"connected"`
	Away      int            `expr:"away" json:"away"`           // as in Clients
	Never     int            `expr:"never" json:"never"`         // as in Clients
	Gone      int            `expr:"gone" json:"gone"`           // were connected, are not, and do not try
	Polling   int            `expr:"polling" json:"polling"`     // connected, on polling
	Websocket int            `expr:"websocket" json:"websocket"` // connected, on websocket
	Moved     int            `expr:"moved" json:"moved"`         // connected, on another node than at first
	Nodes     map[string]int `expr:"nodes" json:"nodes"`         // connected clients by node

	Lost       int            `expr:"lost" json:"lost"` // as in Sessions, of sessions whose client is known
	Reconnects int            `expr:"reconnects" json:"reconnects"`
	MissedAway int            `expr:"missed_away" json:"missed_away"` // as Away in Messages
	Requests   GroupRequests  `expr:"requests" json:"requests"`
	Errors     map[string]int `expr:"errors" json:"errors"` // as in View, of what is known to have hit a client of the group
	Received   Counts         `expr:"heard" json:"heard"`   // deliveries to sockets of its clients
	Said       Counts         `expr:"said" json:"said"`     // deliveries of what its clients sent to sockets of any group
}

// GroupRequests counts the HTTP requests that the clients of a group made in
// the window.
type GroupRequests struct {
	Total  int `expr:"total" json:"total"`
	Failed int `expr:"failed" json:"failed"` // as in Requests
}

// Clients counts the virtual clients at the instant.
type Clients struct {
	Count     int `expr:"count" json:"count"`
	Connected int `expr:"connected" json:"connected"` // the client knows itself connected
	Away      int `expr:"away" json:"away"`           // had joined, is not connected, is trying again
	Never     int `expr:"never" json:"never"`         // never connected so far

	Outside int `expr:"outside" json:"outside,omitzero"` // connected, and not in its room: since the settling time, joined before, and has not joined again
}

// Sessions counts what happened to Engine.IO sessions in the window.
type Sessions struct {
	Opened   int `expr:"opened" json:"opened"`
	Upgraded int `expr:"upgraded" json:"upgraded"`
	Lost     int `expr:"lost" json:"lost"` // closed neither by the client nor by the end of the run
}

// Latency of the deliveries of the window, from when the sender's node accepted
// the message to when the receiver read it, in milliseconds. Duplicates and
// extra arrivals are left out. The error is less than 1 %.
type Latency struct {
	P50   float64 `expr:"p50" json:"p50"`
	P95   float64 `expr:"p95" json:"p95"`
	P99   float64 `expr:"p99" json:"p99"`
	Count int     `expr:"count" json:"count"`
}

// Messages counts what was said in the window.
type Messages struct {
	Said   int `expr:"said" json:"said"`
	Sent   int `expr:"sent" json:"sent"`     // accepted by a node
	Unsent int `expr:"unsent" json:"unsent"` // said, accepted by no node yet
	Away   int `expr:"away" json:"away"`     // pairs of a message and a client that was away from its room: none of them due

	// Of clients as their code makes them.
	Outside   int `expr:"outside" json:"outside,omitzero"`     // pairs of a message and a client that was connected, and not in its room
	Repeated  int `expr:"repeated" json:"repeated,omitzero"`   // of messages that were read, how often a further handler of the client handled one
	Resent    int `expr:"resent" json:"resent,omitzero"`       // tries to send a message after its first
	Discarded int `expr:"discarded" json:"discarded,omitzero"` // messages that are not tried any more
}

// Requests counts the HTTP requests that clients made in the window.
type Requests struct {
	Total      int `expr:"total" json:"total"`
	Failed     int `expr:"failed" json:"failed"` // of those, answered 4xx or 5xx, or not at all
	Reconnects int `expr:"reconnects" json:"reconnects"`
	Peak       int `expr:"peak" json:"peak"` // the most in one second, of those that follow each other from the window's start
}
