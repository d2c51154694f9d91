// Package scenario reads, checks and writes scenario files.
package scenario

import (
	"net/netip"
	"strconv"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/sharded"
	"stickylab/cluster/adapter/streams"
	"stickylab/cluster/nginx"
	"stickylab/sim/scenario/yamltree"
)

// File is a scenario file, defaults filled in. A File may also be built in
// code: Resolve checks it just the same, only without positions.
type File struct {
	Title          string
	Summary        string
	Seed           uint64        // default 1
	Duration       time.Duration // of the run, before the wind-down
	Settle         time.Duration // what judging waits for after `at`; default 2s
	NginxVersion   nginx.Version
	Nodes          Nodes
	Hosts          []Host
	SocketIO       SocketIO
	Adapter        string // a kind of cluster/adapter; AdapterNone by default
	AdapterOptions AdapterOptions
	URL            string // "": the first server that proxies to an upstream
	Proxy          Proxy
	Fronts         []Front // from the one that clients reach to the one before the proxy; none: clients reach the proxy itself
	Network        Network
	Clients        []Group
	Steps          []Step        // as in the file, not sorted by time
	Expect         []Expectation // as in the file
	Variants       []Variant     // the same scenario with a few keys changed
	Lesson         *Lesson       // nil: it teaches nothing in particular
	Of             string        // of a variant: its name; Base of the file itself where Set changes it
	Set            []Setting     // what was set besides, in that order

	report *yamltree.Reporter // nil if it was not read from a text
}

// Values of `adapter`; all are in the table of cluster/adapter.
const (
	AdapterNone  = string(adapter.None)
	AdapterRedis = string(adapter.Redis)
)

// NewAdapterOptions returns the defaults of the official packages.
func NewAdapterOptions() AdapterOptions {
	return AdapterOptions{SubscriptionMode: string(sharded.Dynamic), MaxLen: streams.MaxLen, ReadCount: streams.ReadCount, Block: streams.Block}
}

// AdapterOptions are those of single kinds of adapter.
type AdapterOptions struct {
	SubscriptionMode string // of redis-sharded
	MaxLen           int    // of redis-streams: entries
	ReadCount        int
	Block            time.Duration
}

// Nodes are the chat servers: a list, or only their number. Neither: the nodes
// come from the server lines of the used upstream.
type Nodes struct {
	Count int // `nodes: 3`; 0 when there is a list
	List  []Node
}

// Node is one chat server.
type Node struct {
	Name   string
	Listen netip.AddrPort // zero: its own address
	App    string         // the application that it belongs to; "": the one that has no name
	Key    string         // the prefix of the adapter's channels on Redis; "": socket.io
}

// Host is a name that nginx text and the url may use, besides those of nodes.
type Host struct {
	Name      string
	Addresses []netip.Addr
}

// Proxy is the configuration of the proxy: nginx's own language, or the short
// form that expands into it.
type Proxy struct {
	Nginx string

	Policy     string // balancing method as nginx writes it: "ip_hash", "hash $remote_addr consistent"
	Listen     string // short form only; default 192.168.33.10:80
	ServerName string // short form only; default im.example.com
}

// Front is a proxy in front of the proxy, such as a CDN, with its own
// address: clients connect to it, and the proxy sees it instead of them.
type Front struct {
	Name    string     // default "front", of the second in a row "front-2"
	IP      netip.Addr // of both its sides
	Nginx   string     // "": it passes everything on and adds X-Forwarded-For
	Latency Span       // to the next in the row; default 5ms

	// ProxyProtocol makes it a balancer of connections: it names the client in a
	// PROXY line and knows nothing of HTTP. Nginx is "" then.
	ProxyProtocol bool
}

// Network holds the one-way latencies.
type Network struct {
	Client  Span // client to proxy, drawn once per client; default 20ms..60ms
	Backend Span // proxy to node, drawn once per link; default 500us
	Redis   Span // node to Redis, drawn once per link; default 300us
}

// Span is a duration drawn from Min to Max, both included; equal: fixed.
type Span struct{ Min, Max time.Duration }

// Group is a group of like clients.
type Group struct {
	Name    string
	Count   int // default 1
	IP      []Range
	Connect Span // when each client first connects; default 0s
	Settings
}

// Settings are what the clients of a group have in common.
type Settings struct {
	Say          time.Duration // period; 0: says nothing
	Room         string        // default "lobby"
	Transports   []string      // in the order tried; default polling, websocket
	Kind         string        // Browser (default) or Native
	Size         int           // bytes of each say's text; 0: that of DefaultText
	URL          string        // where the group goes; "": where the file's URL leads
	Headers      []Header      // that each request has besides the usual ones
	Credentials  *bool         // false: a page of another site, made without withCredentials, keeps no cookies; nil: true
	Protocol     int           // Protocol4 (default) or Protocol3
	Reconnection Reconnection
	Rejoin       *bool         // false: the room is joined after the first connect only; nil: true
	Handlers     string        // HandlersOnce (default) or HandlersOnConnect
	Retries      int           // of a message that is not acknowledged; 0: no acknowledgement is asked for
	AckTimeout   time.Duration // for an acknowledgement, with Retries
	Background   *bool         // true: timers are throttled as in a hidden tab; nil: false
}

// Range is one entry of `ip`: a range that clients draw from without repeats,
// or a single address that they share.
type Range struct {
	Prefix netip.Prefix
	Shared bool // a bare address
}

// Reconnection is how a client comes back, in the terms and with the defaults
// of socket.io-client's manager options.
type Reconnection struct {
	Off      bool
	Attempts int           // 0: no limit
	Delay    time.Duration // default 1s
	DelayMax time.Duration // default 5s
	Factor   float64       // randomization, 0 to 1; default 0.5
}

// The values of Step.Redis.
const (
	RedisDown = "down" // its connections break, new ones are refused
	RedisUp   = "up"   // the end of the other two
	RedisSlow = "slow" // all its traffic takes longer, each way
)

// Step is something that is done to the cluster or the clients at an instant.
type Step struct {
	At       time.Duration
	Verb     Verb
	Adapter  string // a kind of cluster/adapter
	Node     string
	Who      string // a group's or a client's name
	Text     string // default "hi", or none with a Size
	Size     int    // of Say: bytes of a text without meaning; 0: Text
	Room     string
	Local    bool
	IP       []Range
	Policy   string
	Upstream string // "": the used one
	Nginx    string
	Group    *Group        // of Add: fields that are zero have their defaults; see Plan.Newcomers
	Count    int           // of Scale: how many nodes there shall be
	Added    string        // of Scale: a node that shall be there
	Removed  string        // of Scale: a node that shall not
	Hosts    []string      // two: nodes, clients, groups, "proxy", "redis", the front's name
	Delay    time.Duration // above 0
	Redis    string
	Latency  Latency
}

// Latency is what a latency step changes; nil spans stay as they are.
type Latency struct{ Client, Backend, Redis *Span }

// Expectation is a check of the state at an instant, and of what was sent in
// [From, At).
type Expectation struct {
	From    time.Duration // default 0
	At      time.Duration
	End     bool // `at: end`; At is then the duration
	That    string
	Because string
}

// The defaults of keys that may be left out.
const (
	DefaultSeed       = 1
	DefaultSettle     = 2 * time.Second
	DefaultListen     = "192.168.33.10:80"
	DefaultServerName = "im.example.com"
	DefaultRoom       = "lobby"
	DefaultText       = "hi"
	DefaultPath       = "/socket.io/"
	DefaultFront      = "front"
)

// The kinds of clients.
const (
	Browser = "browser" // keeps cookies
	Native  = "native"  // drops them, as apps and scripts do
)

// The transports of a client.
const (
	Polling   = "polling"
	Websocket = "websocket"
)

// Bounds of a file. They keep a slip of the finger from taking the machine.
const (
	MaxNodes    = 200
	MaxFronts   = 5
	MaxClients  = 100_000
	MaxDuration = 24 * time.Hour
)

// NewFile returns a file with the defaults of every key.
func NewFile() *File {
	return &File{
		Seed:           DefaultSeed,
		Settle:         DefaultSettle,
		NginxVersion:   nginx.DefaultVersion,
		SocketIO:       NewSocketIO(),
		Adapter:        AdapterNone,
		AdapterOptions: NewAdapterOptions(),
		Network: Network{
			Client:  Span{20 * time.Millisecond, 60 * time.Millisecond},
			Backend: Span{500 * time.Microsecond, 500 * time.Microsecond},
			Redis:   Span{300 * time.Microsecond, 300 * time.Microsecond},
		},
	}
}

// NewFront returns the i-th front in a row, from 0, with the defaults of every
// key.
func NewFront(i int, ip netip.Addr) Front {
	name := DefaultFront
	if i > 0 {
		name += "-" + strconv.Itoa(i+1)
	}
	return Front{Name: name, IP: ip, Latency: Span{5 * time.Millisecond, 5 * time.Millisecond}}
}

// NewGroup returns a group with the defaults of every key.
func NewGroup(name string) Group {
	return Group{
		Name:  name,
		Count: 1,
		Settings: Settings{
			Room:         DefaultRoom,
			Transports:   []string{Polling, Websocket},
			Kind:         Browser,
			Protocol:     Protocol4,
			Handlers:     HandlersOnce,
			Reconnection: Reconnection{Delay: time.Second, DelayMax: 5 * time.Second, Factor: 0.5},
		},
	}
}

// ClientCount is the number of clients in all groups.
func (f *File) ClientCount() int {
	n := 0
	for _, g := range f.Clients {
		n += g.Count
	}
	return n
}

// Instant is when the expectation looks, in a run of that duration.
func (e Expectation) Instant(duration time.Duration) time.Duration {
	if e.End {
		return duration
	}
	return e.At
}
