package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of scenario files, for editors. It knows keys,
// kinds and forms; what only the whole file shows, Parse checks.
func Schema() ([]byte, error) {
	s := inline(&schemaFile{})
	variantsOf(s)
	s.Version, s.Title = jsonschema.Version, "stickylab scenario"
	s.Description = "A sticky-session cluster, its clients, what is done to it, and what is expected."
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func inline(v any) *jsonschema.Schema {
	r := &jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true}
	s := r.Reflect(v)
	s.Version = ""
	return s
}

// The keys of a file, as decoding has them.
type (
	schemaFile struct {
		Title        string              `json:"title" jsonschema:"minLength=1" jsonschema_description:"What the scenario shows, in a few words."`
		Summary      string              `json:"summary,omitempty" jsonschema_description:"What happens and why, in a sentence or two."`
		Seed         uint64              `json:"seed,omitempty" jsonschema:"minimum=0,default=1" jsonschema_description:"Decides everything random. The same file and seed give the same run."`
		Duration     schemaDuration      `json:"duration" jsonschema_description:"How long the run takes, in virtual time."`
		Settle       schemaDuration      `json:"settle,omitempty" jsonschema_description:"How long judging waits for what was sent before an expectation's instant. Default 2s."`
		NginxVersion schemaVersion       `json:"nginx_version,omitempty" jsonschema_description:"The nginx whose defaults apply. 1.30 speaks HTTP/1.1 to upstreams and knows sticky."`
		Nodes        schemaNodes         `json:"nodes,omitempty" jsonschema_description:"The chat servers: a number, or a list. Left out, they come from the server lines of the upstream."`
		Hosts        schemaHosts         `json:"hosts,omitempty" jsonschema_description:"Addresses of further host names in the nginx text."`
		SocketIO     schemaSocketIO      `json:"socketio,omitempty" jsonschema_description:"Options of the Socket.IO server on every node."`
		Adapter      string              `json:"adapter,omitempty" jsonschema:"enum=none,enum=redis,default=none" jsonschema_description:"What carries messages between nodes at the start."`
		URL          string              `json:"url,omitempty" jsonschema_description:"Where clients go. Default: the first server that proxies to an upstream, path /socket.io/."`
		Proxy        schemaProxy         `json:"proxy" jsonschema_description:"The proxy, in nginx's language or in the short form."`
		Front        schemaFronts        `json:"front,omitempty" jsonschema_description:"A proxy in front of the proxy, such as a CDN, with an address of its own; or several in a row, the first being the one that clients reach."`
		Network      schemaNetwork       `json:"network,omitempty" jsonschema_description:"One-way latencies, fixed or drawn from a range."`
		Clients      schemaClients       `json:"clients" jsonschema_description:"Groups of like clients, by name. They are called beijing-01, beijing-02 and so on."`
		Steps        []schemaStep        `json:"steps,omitempty" jsonschema_description:"What is done to the cluster and the clients, and when."`
		Expect       []schemaExpectation `json:"expect,omitempty" jsonschema_description:"What must be true, and when."`
		Variants     schemaVariants      `json:"variants,omitempty" jsonschema_description:"The same scenario with a few keys changed, by name."`
		Lesson       schemaLesson        `json:"lesson,omitempty" jsonschema_description:"What the scenario teaches."`
	}
	schemaNode struct {
		Name   string `json:"name" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9_.-]*$" jsonschema_description:"The node's name, also its host name in nginx text."`
		Listen string `json:"listen,omitempty" jsonschema_description:"Address and port. Left out: an address of its own."`
		App    string `json:"app,omitempty" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9_.-]*$" jsonschema_description:"The application that the node belongs to, where there are several."`
		Key    string `json:"key,omitempty" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9_.-]*$,default=socket.io" jsonschema_description:"The key of the adapter: the prefix of its channels on Redis."`
	}
	schemaSocketIO struct {
		PingInterval      schemaDuration `json:"ping_interval,omitempty" jsonschema_description:"From the last pong to the next ping. Default 25s."`
		PingTimeout       schemaDuration `json:"ping_timeout,omitempty" jsonschema_description:"From a ping to the end of a session that does not answer. Default 20s."`
		UpgradeTimeout    schemaDuration `json:"upgrade_timeout,omitempty" jsonschema_description:"For an upgrade to finish. Default 10s."`
		MaxHTTPBufferSize schemaBytes    `json:"max_http_buffer_size,omitempty" jsonschema_description:"Bytes of one POST body or WebSocket message. Default 1MB."`
		ConnectTimeout    schemaDuration `json:"connect_timeout,omitempty" jsonschema_description:"For a session to join a namespace. Default 45s."`
	}
	schemaProxy struct {
		Nginx      string `json:"nginx,omitempty" jsonschema:"oneof_required=nginx" jsonschema_description:"Configuration text as nginx reads it."`
		Policy     string `json:"policy,omitempty" jsonschema:"oneof_required=policy,example=ip_hash,example=least_conn,example=hash $remote_addr consistent" jsonschema_description:"Short form: the balancing method as nginx writes it."`
		Listen     string `json:"listen,omitempty" jsonschema_description:"Short form: where the proxy listens. Default 192.168.33.10:80."`
		ServerName string `json:"server_name,omitempty" jsonschema_description:"Short form: the proxy's host name. Default im.example.com."`
	}
	schemaFront struct {
		Name          string     `json:"name,omitempty" jsonschema:"pattern=^[A-Za-z0-9][A-Za-z0-9_.-]*$" jsonschema_description:"Its name, as a host. Default front, of the second in a row front-2."`
		IP            string     `json:"ip" jsonschema:"pattern=^[0-9A-Fa-f.:]+$" jsonschema_description:"Its address: where clients connect, and what the proxy sees."`
		Nginx         string     `json:"nginx,omitempty" jsonschema_description:"What it does, as nginx configuration. Left out: it passes everything on and adds X-Forwarded-For."`
		Latency       schemaSpan `json:"latency,omitempty" jsonschema_description:"Between it and the next in the row. Default 5ms."`
		ProxyProtocol bool       `json:"proxy_protocol,omitempty" jsonschema:"default=false" jsonschema_description:"It passes connections on, each with a PROXY line before it, and knows nothing of HTTP."`
	}
	schemaNetwork struct {
		Client  schemaSpan `json:"client,omitempty" jsonschema_description:"Between client and proxy, drawn once per client. Default 20ms..60ms."`
		Backend schemaSpan `json:"backend,omitempty" jsonschema_description:"Between proxy and node, drawn once per link. Default 500us."`
		Redis   schemaSpan `json:"redis,omitempty" jsonschema_description:"Between node and Redis, drawn once per link. Default 300us."`
	}
	schemaGroup struct {
		Count        int                `json:"count,omitempty" jsonschema:"minimum=1,maximum=100000,default=1" jsonschema_description:"How many clients."`
		IP           schemaIP           `json:"ip" jsonschema_description:"A range that clients draw from without repeats, an address that all share (a NAT), or a list dealt in order."`
		Connect      schemaSpan         `json:"connect,omitempty" jsonschema_description:"When clients first connect. Default 0s."`
		Say          schemaEvery        `json:"say,omitempty" jsonschema_description:"How often each client says something to its room. Left out: never."`
		Room         string             `json:"room,omitempty" jsonschema:"default=lobby" jsonschema_description:"The room that they join."`
		Transports   []string           `json:"transports,omitempty" jsonschema:"minItems=1,uniqueItems=true,enum=polling,enum=websocket" jsonschema_description:"Transports in the order tried. Default polling, then websocket."`
		Kind         string             `json:"kind,omitempty" jsonschema:"enum=browser,enum=native,default=browser" jsonschema_description:"A browser keeps cookies; a native client, such as an app, drops them."`
		Size         schemaBytes        `json:"size,omitempty" jsonschema_description:"How many bytes the text of each say has. Left out: a short greeting."`
		URL          string             `json:"url,omitempty" jsonschema_description:"Where this group goes, and a query that each of its requests has. Default: where the file's url leads."`
		Headers      schemaHeaders      `json:"headers,omitempty" jsonschema_description:"Headers that each request has beside the usual ones, such as X-Forwarded-For."`
		Credentials  bool               `json:"credentials,omitempty" jsonschema:"default=true" jsonschema_description:"False: a page of another site whose client was made without withCredentials, and so keeps no cookies."`
		Protocol     schemaProtocol     `json:"protocol,omitempty" jsonschema_description:"Version of Engine.IO: 4 is that of Socket.IO 3 and 4, 3 that of Socket.IO 2."`
		Reconnection schemaReconnection `json:"reconnection,omitempty" jsonschema_description:"How clients come back. Default true."`
	}
	schemaReconnect struct {
		Attempts int            `json:"attempts,omitempty" jsonschema:"minimum=1" jsonschema_description:"Left out: no limit."`
		Delay    schemaDuration `json:"delay,omitempty" jsonschema_description:"Before the first attempt. Default 1s."`
		DelayMax schemaDuration `json:"delay_max,omitempty" jsonschema_description:"Each attempt waits twice as long as the one before, up to this. Default 5s."`
		Factor   float64        `json:"factor,omitempty" jsonschema:"minimum=0,maximum=1,default=0.5" jsonschema_description:"How much a delay varies by chance."`
	}
	schemaAnyStep struct {
		At         schemaDuration `json:"at" jsonschema_description:"When, from the start of the run."`
		Adapter    schemaOnOff    `json:"adapter,omitempty" jsonschema_description:"Switches the adapter on all nodes, or on one."`
		Node       string         `json:"node,omitempty" jsonschema_description:"With adapter: the one node. With count: the node that is asked."`
		Policy     string         `json:"policy,omitempty" jsonschema_description:"Rewrites the balancing method and reloads as nginx does."`
		Upstream   string         `json:"upstream,omitempty" jsonschema_description:"Which upstream. Default: the one that clients reach."`
		Kill       string         `json:"kill,omitempty" jsonschema_description:"Ends a node at once."`
		Close      string         `json:"close,omitempty" jsonschema_description:"Ends a node as io.close() does: clients are told and come back. It is down until restart."`
		Restart    string         `json:"restart,omitempty" jsonschema_description:"Starts a node anew."`
		Freeze     string         `json:"freeze,omitempty" jsonschema_description:"Stops a node's process as SIGSTOP does, until resume: its kernel takes what comes, nothing is done with it."`
		Block      string         `json:"block,omitempty" jsonschema_description:"A node's event loop is busy: nothing is done for a time."`
		For        schemaDuration `json:"for,omitempty" jsonschema_description:"With block: how long."`
		Kick       string         `json:"disconnect_sockets,omitempty" jsonschema_description:"A node disconnects its clients as io.local.disconnectSockets(true) does: they do not come back by themselves."`
		Emit       string         `json:"emit,omitempty" jsonschema:"minLength=1" jsonschema_description:"The nodes themselves emit to a room."`
		From       string         `json:"from,omitempty" jsonschema:"default=all" jsonschema_description:"With emit: the node that does, or all."`
		Local      bool           `json:"local,omitempty" jsonschema:"default=false" jsonschema_description:"With emit: each tells its own sockets only, as io.local.emit does."`
		Count      string         `json:"count,omitempty" jsonschema:"minLength=1" jsonschema_description:"Asks a node how many sockets are in a room: its own, and those of the cluster."`
		Down       string         `json:"down,omitempty" jsonschema_description:"Marks a node's server line as down and reloads."`
		Up         string         `json:"up,omitempty" jsonschema_description:"Takes down and drain off a node's server line and reloads."`
		Drain      string         `json:"drain,omitempty" jsonschema_description:"Marks a node's server line as draining and reloads: no new clients, those bound by a cookie stay."`
		Scale      schemaScale    `json:"scale,omitempty" jsonschema_description:"How many nodes there shall be, or which one comes or goes; the server lines are rewritten."`
		Reload     string         `json:"reload,omitempty" jsonschema_description:"New nginx text, loaded as nginx does."`
		Slow       string         `json:"slow,omitempty" jsonschema_description:"All traffic of a node takes longer."`
		By         schemaDuration `json:"by,omitempty" jsonschema_description:"With slow: how much longer, each way."`
		Hang       string         `json:"hang,omitempty" jsonschema_description:"Freezes a node: it is reached, and nothing comes back."`
		Refuse     string         `json:"refuse,omitempty" jsonschema_description:"A node refuses new connections."`
		Resume     string         `json:"resume,omitempty" jsonschema_description:"Ends slow, hang and refuse of a node, and freeze and block."`
		Partition  schemaPair     `json:"partition,omitempty" jsonschema_description:"Nothing gets through between two hosts."`
		Heal       schemaPair     `json:"heal,omitempty" jsonschema_description:"Ends a partition."`
		Redis      string         `json:"redis,omitempty" jsonschema:"enum=down,enum=up,enum=slow" jsonschema_description:"Takes Redis down, up again, or slows it."`
		Delays     schemaLatency  `json:"latency,omitempty" jsonschema_description:"Changes latencies."`
		Say        string         `json:"say,omitempty" jsonschema_description:"One client says a text to its room."`
		Text       string         `json:"text,omitempty" jsonschema:"default=hi" jsonschema_description:"With say and emit: the text."`
		Size       schemaBytes    `json:"size,omitempty" jsonschema_description:"With say: how many bytes, in place of a text."`
		Connect    string         `json:"connect,omitempty" jsonschema_description:"A group or client connects."`
		Disconnect string         `json:"disconnect,omitempty" jsonschema_description:"A group or client disconnects and stays away."`
		Move       string         `json:"move,omitempty" jsonschema_description:"A group or client changes its addresses, and so loses its connections."`
		IP         schemaIP       `json:"ip,omitempty" jsonschema_description:"With move: the new addresses."`
		Add        string         `json:"add,omitempty" jsonschema:"pattern=^[A-Za-z][A-Za-z0-9_-]*$" jsonschema_description:"More clients come: a new group, or one that grows."`
	}
	schemaScaleTo struct {
		Add    string `json:"add,omitempty" jsonschema:"oneof_required=add" jsonschema_description:"The node that comes."`
		Remove string `json:"remove,omitempty" jsonschema:"oneof_required=remove" jsonschema_description:"The node that goes."`
	}
	schemaLatencies struct {
		Client  schemaSpan `json:"client,omitempty" jsonschema_description:"Between client and proxy."`
		Backend schemaSpan `json:"backend,omitempty" jsonschema_description:"Between proxy and node."`
		Redis   schemaSpan `json:"redis,omitempty" jsonschema_description:"Between node and Redis."`
	}
	schemaExpectation struct {
		From    schemaDuration `json:"from,omitempty" jsonschema_description:"Start of the window of what was sent. Default 0s."`
		At      schemaInstant  `json:"at" jsonschema_description:"The instant looked at, end of the window; end is the duration."`
		That    string         `json:"that" jsonschema:"minLength=1,example=delivery.cross.ratio == 1" jsonschema_description:"A condition over delivery, nodes, groups, clients, sessions, errors, latency, messages and requests."`
		Because string         `json:"because,omitempty" jsonschema_description:"Why it must be so; the report shows it."`
	}
	schemaLesson struct {
		Topic       string             `json:"topic" jsonschema:"minLength=1,example=the road" jsonschema_description:"What it is about; lessons are listed by topic."`
		Order       int                `json:"order,omitempty" jsonschema:"minimum=1,maximum=1000" jsonschema_description:"Its place within the topic."`
		Narration   []schemaNarration  `json:"narration,omitempty" jsonschema_description:"What is told while it runs."`
		Predictions []schemaPrediction `json:"predictions,omitempty" jsonschema:"maxItems=50" jsonschema_description:"Questions that stop the clock."`
		Cause       string             `json:"cause" jsonschema:"minLength=1" jsonschema_description:"Why it happens, in Markdown."`
		Fix         string             `json:"fix,omitempty" jsonschema:"pattern=^[A-Za-z][A-Za-z0-9_-]*$" jsonschema_description:"The variant that fixes it."`
		Fixed       string             `json:"fixed,omitempty" jsonschema:"minLength=1" jsonschema_description:"What to see in that variant, in Markdown."`
		Texts       []string           `json:"texts,omitempty" jsonschema_description:"The exact texts that people search for."`
		Docs        []string           `json:"docs,omitempty" jsonschema_description:"Pages where it is documented."`
	}
	schemaNarration struct {
		At  schemaDuration `json:"at" jsonschema_description:"When it is told."`
		Say string         `json:"say" jsonschema:"minLength=1" jsonschema_description:"The text, in Markdown."`
	}
	schemaPrediction struct {
		At      schemaDuration `json:"at" jsonschema_description:"When it is asked."`
		From    schemaDuration `json:"from,omitempty" jsonschema_description:"Start of the window that is judged. Default at."`
		Until   schemaInstant  `json:"until,omitempty" jsonschema_description:"End of that window, when the answer is known. Default end."`
		Ask     string         `json:"ask" jsonschema:"minLength=1" jsonschema_description:"The question."`
		Choices []schemaChoice `json:"choices" jsonschema:"minItems=2,maxItems=9" jsonschema_description:"The answers to choose from; the run decides which is right."`
	}
	schemaChoice struct {
		Say  string `json:"say" jsonschema:"minLength=1" jsonschema_description:"The answer."`
		That string `json:"that" jsonschema:"minLength=1,example=delivery.cross.ratio == 1" jsonschema_description:"The condition that makes it right."`
	}
)
