// Package scenario reads, checks and writes scenario files.
package scenario

import (
	"net/netip"
	"time"
)

// File is a scenario file, defaults filled in. A File may also be built by
// hand: Resolve checks it just the same, only without positions.
type File struct {
	Title        string
	Summary      string
	Seed         uint64        // default 1
	Duration     time.Duration // of the run, before the wind-down
	Settle       time.Duration // what judging waits for after `at`; default 2s
	NginxVersion string        // "1.30" (default) or "1.22"
	Nodes        Nodes
	Hosts        []Host
	Adapter      string // AdapterNone (default) or AdapterRedis
	URL          string // "": the first server that proxies to an upstream
	Proxy        Proxy
	Network      Network
	Clients      []Group
	Steps        []Step        // as in the file, not sorted by time
	Expect       []Expectation // as in the file
	Lesson       any           // free form: string, int64, float64, bool, nil, []any or Pairs

	origin *origin // nil: not read from a text
}

// The values of `adapter`.
const (
	AdapterNone  = "none"
	AdapterRedis = "redis"
)

// Nodes are the chat servers: a list, or only their number. Neither: the nodes
// come from the server lines of the used upstream.
type Nodes struct {
	Count int // `nodes: 3`; 0 when there is a list
	List  []Node
}

// Node is one chat server.
type Node struct {
	Name   string
	Listen netip.AddrPort // zero: an address of its own
}

// Host is a name that nginx text and the url may use, beside those of nodes.
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
	Name         string
	Count        int // default 1
	IP           []Range
	Connect      Span          // when each client first connects; default 0s
	Say          time.Duration // period; 0: says nothing
	Room         string        // default "lobby"
	Transports   []string      // in the order tried; default polling, websocket
	Reconnection Reconnection
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

// Verb is what a step does.
type Verb string

// The verbs, with the fields of Step that they use beside At.
const (
	Adapter    Verb = "adapter"    // Adapter, Node ("": all)
	Kill       Verb = "kill"       // Node
	Restart    Verb = "restart"    // Node
	Say        Verb = "say"        // Who (one client), Text
	Connect    Verb = "connect"    // Who
	Disconnect Verb = "disconnect" // Who
	Move       Verb = "move"       // Who, IP
	Policy     Verb = "policy"     // Policy, Upstream ("": the used one)
	Reload     Verb = "reload"     // Nginx
)

// Verbs are all verbs, in the order in which help shows them.
var Verbs = []Verb{Adapter, Policy, Kill, Restart, Say, Connect, Disconnect, Move, Reload}

// Step is something that is done to the cluster or the clients at an instant.
type Step struct {
	At       time.Duration
	Verb     Verb
	Adapter  string // AdapterNone or AdapterRedis
	Node     string
	Who      string // a group's or a client's name
	Text     string // default "hi"
	IP       []Range
	Policy   string
	Upstream string
	Nginx    string
}

// Expectation is a check of the state at an instant, and of what was sent in
// [From, At).
type Expectation struct {
	From    time.Duration // default 0
	At      time.Duration
	End     bool // `at: end`; At is then the duration
	That    string
	Because string
}

// Pairs is a mapping of free form, in the order of the file.
type Pairs []Pair

// Pair is a key of a mapping with its value.
type Pair struct {
	Key   string
	Value any
}

// The defaults of keys that may be left out.
const (
	DefaultSeed       = 1
	DefaultSettle     = 2 * time.Second
	DefaultVersion    = "1.30"
	DefaultListen     = "192.168.33.10:80"
	DefaultServerName = "im.example.com"
	DefaultRoom       = "lobby"
	DefaultText       = "hi"
	DefaultPath       = "/socket.io/"
)

// Versions are the nginx versions that can be imitated.
var Versions = []string{"1.30", "1.22"}

// The transports of a client.
const (
	Polling   = "polling"
	Websocket = "websocket"
)

// Bounds of a file. They keep a slip of the finger from taking the machine.
const (
	MaxSize     = 256 << 10 // bytes
	MaxLines    = 10_000
	MaxDepth    = 64 // nesting of YAML
	MaxNodes    = 200
	MaxClients  = 100_000
	MaxDuration = 24 * time.Hour
)

// NewFile returns a file with the defaults of every key.
func NewFile() *File {
	return &File{
		Seed:         DefaultSeed,
		Settle:       DefaultSettle,
		NginxVersion: DefaultVersion,
		Adapter:      AdapterNone,
		Network: Network{
			Client:  Span{20 * time.Millisecond, 60 * time.Millisecond},
			Backend: Span{500 * time.Microsecond, 500 * time.Microsecond},
			Redis:   Span{300 * time.Microsecond, 300 * time.Microsecond},
		},
	}
}

// NewGroup returns a group with the defaults of every key.
func NewGroup(name string) Group {
	return Group{
		Name:         name,
		Count:        1,
		Room:         DefaultRoom,
		Transports:   []string{Polling, Websocket},
		Reconnection: Reconnection{Delay: time.Second, DelayMax: 5 * time.Second, Factor: 0.5},
	}
}

// Clients is the number of clients in all groups.
func (f *File) clientCount() int {
	n := 0
	for _, g := range f.Clients {
		n += g.Count
	}
	return n
}
