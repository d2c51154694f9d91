package trace

// A Text is one of the fixed values of Event.Text. They are written here once
// for those who report them and those who read them.
type Text string

// What was done to a node.
const (
	Killed  Text = "killed"  // NodeDown: as by SIGKILL
	Stopped Text = "stopped" // NodeDown: as by io.close()
	Frozen  Text = "frozen"  // NodeFroze: as by SIGSTOP
	Blocked Text = "blocked" // NodeFroze: by what its own event loop does
)

// Of messages, rooms and connections.
const (
	NoSocketHere Text = "nobody here" // Relayed: the node has no socket in the room
	CountLocal   Text = "local"       // Counted: the node's own sockets
	CountCluster Text = "cluster"     // Counted: the sockets of all nodes
	Connection   Text = "connection"  // Fronted, Proxied: a connection, of which only bytes are passed on
)

// Transports.
const (
	Polling   Text = "polling"
	WebSocket Text = "websocket"
)

// Requests of a client, as Asked, Answered and Proxied name them.
const (
	GetPolling   Text = "GET polling"
	PostPolling  Text = "POST"
	GetWebSocket Text = "GET websocket"
)

// Reasons for which a session, a socket or a client's connection ended, in the
// words of Engine.IO and Socket.IO.
const (
	TransportClose    Text = "transport close"
	TransportError    Text = "transport error"
	PingTimeout       Text = "ping timeout"
	ParseError        Text = "parse error"
	ForcedClose       Text = "forced close"
	ForcedServerClose Text = "forced server close" // the client broke the protocol

	ServerShuttingDown Text = "server shutting down"

	// Who wanted it, in the server's words and in the client's.
	ClientNamespaceDisconnect Text = "client namespace disconnect"
	ServerNamespaceDisconnect Text = "server namespace disconnect"
	ClientDisconnect          Text = "io client disconnect"
	ServerDisconnect          Text = "io server disconnect"
)

// What a client reports as connect_error or upgradeError.
const (
	XHRPollError   Text = "xhr poll error"
	XHRPostError   Text = "xhr post error"
	WebSocketError Text = "websocket error"
	Timeout        Text = "timeout"
	ProbeError     Text = "probe error"
)

// Why a client says a message no more, of Discarded, in the words of socket.io-client.
const (
	AckTimeout      Text = "operation has timed out"
	AckDisconnected Text = "socket has been disconnected"
)

// Why a connection was not recovered, of NotRecovered.
const (
	NoPID          Text = "no pid"                             // CONNECT did not ask for it: a new page, or a client that was given no pid
	NoOffset       Text = "no offset"                          // the client had received no event that has one
	NoSessions     Text = "adapter keeps no sessions"          // as the classic Redis adapter
	StillConnected Text = "still connected"                    // the node has not noticed that the connection before it is gone
	UnknownSession Text = "session unknown"                    // never kept here, or dropped since
	TooLate        Text = "max disconnection duration is over" // the session is still there, but too old
	UnknownOffset  Text = "offset unknown"                     // of an event that is no longer kept, or no offset at all
)

// Name returns the interned text, for Event.Text.
func (t Text) Name() Name { return N(string(t)) }

// Is reports whether the name is that text.
func (n Name) Is(t Text) bool { return n.String() == string(t) }
