package inspect

// remedy is the meaning of an error text, its usual cause behind a load
// balancer, and the remedy.
type remedy struct{ means, cause, helps string }

// advice holds a remedy for each of ledger.Texts.
var advice = map[string]remedy{
	// The Engine.IO server, to the request.
	"Transport unknown": {
		"The request named a transport that the server does not offer (code 0).",
		"A client or a health check that leaves out transport=, or a server that was restricted to one transport.",
		"Let both sides name the same transports; point health checks at another path.",
	},
	"Session ID unknown": {
		"The node that got the request has no session of that id (code 1).",
		"The session lives on another node: requests are distributed round-robin, the address or the set of servers changed, or its node was restarted. Redis does not share these sessions.",
		"Send all requests of a session to one node (ip_hash, hash, a sticky cookie that the client keeps), or use WebSocket only.",
	},
	"Bad handshake method": {
		"A session must be opened by GET; this came by another method (code 2).",
		"A POST without sid: the proxy or a rewrite dropped the query, or the client lost its session and posts on.",
		"Pass the query string on unchanged.",
	},
	"Bad request": {
		"The request does not fit its session or its transport (code 3).",
		"Mostly a WebSocket request that arrived as a plain GET, because the proxy drops the Upgrade and Connection headers.",
		"proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";",
	},
	"Forbidden": {
		"The server's own check turned the request away (code 4).",
		"allowRequest said no: an origin, an address or a token that it does not know. Behind a proxy all addresses are the proxy's.",
		"Pass the client's address and host on in headers, and check those.",
	},
	"too many sessions": {
		"The node has as many sessions as it takes, and refused another one.",
		"A flood of new sessions, or clients that open one after the other without closing any.",
		"More nodes; a limit on new connections at the proxy (limit_conn, limit_req).",
	},
	"too many sessions from one address": {
		"The client's address has as many sessions on the node as one may have (--max-per-address).",
		"A load test or a flood from one machine, or a proxy that does not pass the clients' addresses on: to the node all are the proxy's.",
		"proxy_set_header X-Real-IP $remote_addr; or a higher --max-per-address.",
	},
	"Unsupported protocol version": {
		"The client speaks another version of the protocol (code 5).",
		"A client of version 2 and a server of version 3 or later, often during a rollout.",
		"Bring both to the same major version, or set allowEIO3 on the server for a while.",
	},
	"Payload Too Large": {
		"A POST was longer than the node takes; a WebSocket message as long closes the connection.",
		"A message beyond maxHttpBufferSize (1 MB unless told otherwise). The client reconnects, and fails again if it says the same.",
		"Send files by another way than messages, or raise maxHttpBufferSize, and client_max_body_size of the proxy with it.",
	},

	// The Socket.IO server, to CONNECT.
	"Invalid namespace": {
		"The server has no namespace of that name.",
		"The path was taken for a namespace, as with io(\"/path/\"), or the nodes do not run the same code.",
		"Give the path in the option path; deploy the same version everywhere.",
	},

	// nginx, to the request.
	"502 Bad Gateway": {
		"The proxy got no usable answer from any server that it may ask.",
		"The node is down, restarts, or closed the connection in the middle; or all servers are off after failures.",
		"Take a node out of the upstream before it stops; look at max_fails and fail_timeout.",
	},
	"504 Gateway Time-out": {
		"The node took the request and did not answer in time.",
		"proxy_read_timeout is shorter than a long poll can last (the ping interval, 25 s), or the node hangs.",
		"Set proxy_read_timeout above pingInterval plus pingTimeout; find out why the node hangs.",
	},
	"404 Not Found": {
		"No location or server serves that path.",
		"The proxy strips or rewrites /socket.io/, the location does not match, or the wrong server block answered.",
		"Let the location cover /socket.io/ and pass the path on as it came.",
	},

	"413 Request Entity Too Large": {
		"The body of the request is larger than client_max_body_size (1m unless told).",
		"A large message over polling: all that waits is posted at once. WebSocket frames are not measured.",
		"Raise client_max_body_size where /socket.io/ is proxied, no higher than maxHttpBufferSize of the server.",
	},

	// nginx, in its error log.
	"broken header": {
		"A connection to a listen ... proxy_protocol did not begin with a PROXY line, and was closed.",
		"The balancer in front does not send it, or something bypasses the balancer, as health checks do.",
		"Let the balancer send it, or take proxy_protocol off the listen directive; both at the same time.",
	},
	"client sent invalid request": {
		"The proxy could not read the first line of a request, and answered 400.",
		"Mostly a PROXY line: the balancer in front sends one, and the listen directive lacks proxy_protocol.",
		"listen 80 proxy_protocol; and set_real_ip_from with real_ip_header proxy_protocol to take the address from it.",
	},
	"client sent invalid method": {
		"A request did not begin with a method, and was answered with 400.",
		"Mostly TLS: a client says https:// or wss:// to a port that listens without ssl, or port 443 leads to port 80.",
		"Let the client and the listen directive agree: https:// to listen 443 ssl, http:// to listen 80.",
	},
	"client sent invalid header line": {
		"A header of a request cannot be read: the proxy answered 400.",
		"A name with a space, a folded line, or a zero byte, from a client that writes HTTP itself.",
		"Fix the client. Names with an underscore are no error: nginx drops them unless underscores_in_headers is on.",
	},
	"client sent too long header line": {
		"A header of a request does not fit into the proxy's buffers: it answered 400 Request Header Or Cookie Too Large.",
		"Cookies that have grown, or a token in a header, beyond 8 kB.",
		"Send less; or raise large_client_header_buffers (4 8k unless told) on the default server of the address.",
	},
	"client sent too long URI": {
		"The first line of a request does not fit into one of the proxy's buffers: it answered 414.",
		"A token or other data in the query, beyond 8 kB.",
		"Send it in the body or the auth of Socket.IO; or raise large_client_header_buffers (4 8k unless told).",
	},
	"client intended to send too large body": {
		"The announced body is larger than client_max_body_size: the proxy answered 413 and closed.",
		"A large message over polling, or many that waited and are posted at once.",
		"Raise client_max_body_size where /socket.io/ is proxied.",
	},
	"client intended to send too large chunked body": {
		"A body without a length grew beyond client_max_body_size: the proxy answered 413 and closed.",
		"A large message over polling from a client that sends it in chunks.",
		"Raise client_max_body_size where /socket.io/ is proxied.",
	},
	"no live upstreams": {
		"No server of the upstream could be asked, so that none was.",
		"Each one is down or off after failures: with max_fails=1 a single failure takes a server off for fail_timeout (10 s).",
		"Bring the nodes back; raise max_fails where single failures are normal.",
	},
	"connect() failed (111: Connection refused)": {
		"Nothing listens at the server's address.",
		"The node is down or not up yet, or the server line has the wrong port.",
		"Mark the server down while it is away; let it listen before it gets traffic.",
	},
	"upstream prematurely closed connection": {
		"The node closed the connection before it had answered.",
		"The node crashed or was stopped, or an idle connection was closed just as a request was sent on it.",
		"Let nodes finish their requests before they stop; keep their keep-alive time above the proxy's.",
	},
	"upstream timed out (110: Connection timed out)": {
		"The node did not answer in time, or could not be reached.",
		"It hangs, its packets are lost, or a long poll lasts longer than proxy_read_timeout.",
		"Set proxy_read_timeout above pingInterval plus pingTimeout; look at the node and the network.",
	},
	"upstream server temporarily disabled": {
		"The proxy asks this server no more for fail_timeout.",
		"It failed max_fails times (once, unless told) within fail_timeout. Its clients are hashed on to other servers, which do not know their sessions.",
		"Raise max_fails, or mark servers down on purpose before they stop.",
	},

	// The client: connect_error and upgradeError.
	"xhr poll error": {
		"A polling GET of the client failed, or was answered with an error.",
		"The status tells: 400 is a session on another node, 502 and 504 come from the proxy, none is a broken connection or CORS.",
		"See the requests around it, and the node's answer.",
	},
	"xhr post error": {
		"A polling POST of the client failed, or was answered with an error.",
		"As with the GET: 400 is a session on another node, 413 a body that is too large.",
		"See the requests around it, and the node's answer.",
	},
	"websocket error": {
		"A WebSocket could not be opened.",
		"The Upgrade headers were dropped on the way (the answer is then 400), the node is down, or something between allows no WebSockets.",
		"The three proxy lines for Upgrade; polling as a second transport for clients that have none.",
	},
	"timeout": {
		"The connection was not there within the client's timeout, 20 s unless told.",
		"The node or the network is silent: a hanging node, packets without an answer.",
		"Look at the node; let the proxy give up (proxy_connect_timeout) and ask the next one.",
	},
	"probe error": {
		"The session works on polling, and its upgrade to WebSocket failed.",
		"The upgrade went to another node than the polling did, or lost its headers. The client stays on polling, and no one notices.",
		"Send the upgrade by the same rule to the same node: one location for all of /socket.io/.",
	},

	// A node that asks the others.
	"timeout reached while waiting for fetchSockets response": {
		"A node asked all others through Redis, and some did not answer within 5 s.",
		"A node that is frozen, or too busy, stays subscribed on Redis, so its answer is waited for; the whole question fails.",
		"Find the silent node and restart it; count in Redis, or with a time-out of your own, where an answer has to come.",
	},

	// The client: why it was disconnected.
	"transport close": {
		"The connection was closed from outside.",
		"The node or the proxy went away, an idle time-out on the way is shorter than the heartbeat, or the client changed networks.",
		"Set every idle time-out above pingInterval plus pingTimeout (45 s); spread reconnections with the back-off.",
	},
	"transport error": {
		"A request of the session failed.",
		"With polling mostly a 400, because the request reached a node that does not know the session.",
		"See the answer before it; send a session's requests to one node.",
	},
	"ping timeout": {
		"No ping of the server came within pingInterval plus pingTimeout.",
		"The connection is dead without a word (a lost network, a frozen node), or the node is too busy to write. All at once: a blocked event loop.",
		"Keep the event loop free; a shorter pingTimeout finds dead connections sooner.",
	},
	"parse error": {
		"The client could not read a packet.",
		"Something between rewrites or cuts the answers, or the other end speaks another version.",
		"Turn off rewriting and buffering for this path.",
	},
	"io server disconnect": {
		"The server ended the connection on purpose.",
		"disconnect() or disconnectSockets() was called. The client does not come back from that by itself.",
		"To drain a node close its engine instead (io.close()), or let the client call connect().",
	},
}
