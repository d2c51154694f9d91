package trace

import "fmt"

// Kind says what happened.
type Kind uint8

// The kinds, with the fields that each sets besides those of every event.
const (
	None Kind = iota

	// Of the experiment.
	Step        // a step of the scenario or a manual one was applied: Text (the step in words), Node or Client where it names one
	ClientAdded // Client, Peer (its IP address), Room, Text (its group)
	ClientMoved // Client, Peer (its new IP address)

	// Of a node.
	NodeUp      // Node, Peer (where it listens), Text (its application, "" where there is only one)
	NodeDown    // Node, Text ("killed" or "stopped")
	AdapterOn   // Node
	AdapterOff  // Node
	RedisUp     // Node: its subscription on Redis is in place
	RedisDown   // Node, Text (the error)
	NodeFroze   // Node, Text ("frozen" or "blocked"): its event loop is paused
	NodeResumed // Node: its event loop resumes
	Counted     // Node, Room, Status (sockets in the room), Text ("local", "cluster"); of a failure -1 and the error

	// Of the proxy.
	ConfigLoaded // Text (balancing method): at start, and at each reload
	Proxied      // Peer (client address), Node or Text (the peers tried, joined by ", "), Session (asked for, "" at a handshake), Status (what the client got), Text (request: "GET polling"), Value (until the head of the answer); of a connection of which only bytes are passed on, Text "connection", Status 200 when it has its node
	ProxyError   // Peer (client address), Text (as nginx puts it in its error log), Status
	PeerFails    // Node, Peer (its address), Text (its upstream), Status (failures that it counts now), Value (for how long they disable it, 0 when it can be chosen)
	PeerConns    // Node, Peer (its address), Text (its upstream), Status (requests and upgraded connections that it has now)

	// Of a proxy in front of the proxy. Its requests are also Proxied.
	Fronted    // Node (the front's name), Peer (client address, as the front has it), Session, Status, Text and Value as of Proxied; Text "connection", no Status: it passes the bytes of one
	FrontError // Node (the front's name), Peer, Text (as nginx puts it in its error log), Status

	// Of Engine.IO on a node.
	SessionOpened   // Node, Session, Peer (client address), Text (transport)
	SessionUpgraded // Node, Session
	SessionClosed   // Node, Session, Text (reason)
	Refused         // Node, Session (asked for), Status (HTTP), Text (exact message), Peer

	// Of Socket.IO on a node.
	SocketOpened // Node, Session, Socket, Client
	SocketClosed // Node, Socket, Client, Text (reason)
	Joined       // Node, Socket, Client, Room
	Left         // Node, Socket, Client, Room

	// Of connection state recovery, on a node where it is on: one for each SocketOpened.
	Recovered    // Node, Socket, Client, Status (events sent again): the socket continues one that had ended
	NotRecovered // Node, Socket, Client, Text (why)

	// Of a message.
	Said      // Client, Msg, Room: the client's user said it (it may still be buffered)
	Sent      // Node, Socket, Client, Msg, Room, Text (the words, cut short, when real clients are served): the sender's node accepted it
	Published // Node, Msg: handed to Redis
	Relayed   // Node, Msg: came from Redis; Text ("nobody here" when the node had no socket in the room)
	Wrote     // Node, Socket, Client, Msg: the node handed it to the receiver's transport
	Read      // Client, Socket, Msg: the receiving client read it

	// Of a client, in the words of the real client.
	Asked        // Client, Text (request: "GET polling", "POST", "GET websocket"), Session
	Answered     // Client, Text (request), Status, Session, Value (how long it took)
	Connected    // Client, Session, Socket, Text (transport)
	Upgraded     // Client, Session
	UpgradeError // Client, Text
	ConnectError // Client, Text, Status (HTTP status, 0 when none)
	Disconnected // Client, Text (reason)
	Reconnecting // Client, Status (attempt, from 1), Value (the delay before it)
	Repeated     // Client, Socket, Msg, Status (which of its handlers, from 2): the client handled once more what it read
	Resent       // Client, Msg, Status (try, from 2): said again, since no acknowledgement came
	Discarded    // Client, Msg, Text (why): it is not said again

	kinds // keep last
)

var kindNames = [kinds]string{
	None: "none",
	Step: "step", ClientAdded: "client-added", ClientMoved: "client-moved",
	NodeUp: "node-up", NodeDown: "node-down", AdapterOn: "adapter-on", AdapterOff: "adapter-off",
	RedisUp: "redis-up", RedisDown: "redis-down", NodeFroze: "node-froze", NodeResumed: "node-thawed", Counted: "counted",
	ConfigLoaded: "config-loaded", Proxied: "proxied", ProxyError: "proxy-error",
	PeerFails: "peer-fails", PeerConns: "peer-conns",
	Fronted: "fronted", FrontError: "front-error",
	SessionOpened: "session-opened", SessionUpgraded: "session-upgraded", SessionClosed: "session-closed", Refused: "refused",
	SocketOpened: "socket-opened", SocketClosed: "socket-closed", Joined: "joined", Left: "left",
	Recovered: "recovered", NotRecovered: "not-recovered",
	Said: "said", Sent: "sent", Published: "published", Relayed: "relayed", Wrote: "wrote", Read: "read",
	Asked: "asked", Answered: "answered", Connected: "connected", Upgraded: "upgraded", UpgradeError: "upgrade-error",
	ConnectError: "connect-error", Disconnected: "disconnected", Reconnecting: "reconnecting",
	Repeated: "repeated", Resent: "resent", Discarded: "discarded",
}

// String returns the kind's name in a written trace.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}
