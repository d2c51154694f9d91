// Package nginx reads nginx configuration text into what a proxy acts on, with
// the problems that nginx itself would report, and finds the server, location and
// upstream of a request.
//
// Package syntax holds the tree of a text, package edit the edits of trees.
package nginx

import (
	"net/netip"
	"sync"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// Config is a configuration as far as the proxy acts on it.
type Config struct {
	Upstreams  []*Upstream
	Servers    []*Server
	Maps       []*Map
	Tree       *syntax.Tree    // that it was read from, for edits
	Part       Part            // what the text is the inside of
	captures   bool            // some value holds captures of a regular expression
	byVariable map[string]*Map // the last of each name
	virtuals   *sync.Map       // of the addresses that were asked for: netip.AddrPort to *virtual

	Notes []syntax.Problem // known to nginx, without effect here; and nginx's warnings

	// WorkerShutdownTimeout is how long connections of the old configuration may
	// last after a reload; 0 means no limit.
	WorkerShutdownTimeout time.Duration
}

// Upstream is an upstream block, or the implicit one of a proxy_pass to a
// literal address (Implicit).
type Upstream struct {
	Pos      syntax.Pos
	Name     string
	Method   Method
	Servers  []*UpstreamServer
	Implicit bool

	// Keepalive is the number of idle connections kept to the servers; -1 means
	// the version's default: since 1.29.7 32 of an upstream block, each location's
	// its own, else none. Local says that each location keeps its own.
	Keepalive int
	Local     bool
	Kept      Kept    // for how long
	Sticky    *Sticky // nil means none

	// Zone is the name of the shared memory zone, or "". Either way a reload begins with fresh state: nginx does not take an
	// upstream's zone over, unlike that of sticky learn.
	Zone string

	Stream bool // of the stream context
}

// Sticky is a sticky directive. It works on top of any Method, in nginx from
// 1.29.6 on.
type Sticky struct {
	Pos  syntax.Pos
	Mode string // "cookie", "route", "learn"

	// Mode cookie. Domain and SameSite may hold variables.
	Cookie   string
	Expires  string // a time ("1h"), "max", or "" for a session cookie
	Domain   string
	Path     string
	SameSite string // "strict", "lax", "none", a variable, or ""
	HTTPOnly bool
	Secure   bool

	Route []string // mode route: the first that is not empty names the server

	// Mode learn.
	Create  []string
	Lookup  []string
	Zone    string
	Timeout time.Duration // default 10 minutes
	Header  bool          // learn when the header of the response is there
}

// Method is the balancing method of an upstream.
type Method struct {
	Name string   // "round_robin", "ip_hash", "hash", "least_conn", "random"
	Args []string // what follows the directive's name: the key, "consistent", "two"
}

// UpstreamServer is a server line of an upstream.
type UpstreamServer struct {
	Pos         syntax.Pos
	Address     string // as written
	Host        string // host name or address, without the port
	Port        int
	Weight      int
	MaxConns    int
	MaxFails    int
	FailTimeout time.Duration
	Backup      bool
	Down        bool
	Drain       bool   // no new clients, those bound by Sticky stay
	Route       string // the id that Sticky uses; "" means the md5 of the address
}

// Server is a server block of the http context, or of the stream context.
type Server struct {
	Pos       syntax.Pos
	Listen    []Listen // never empty: without a listen directive port 80 of any address
	Names     []string // server_name in lower case; [""] when none was written
	Locations []*Location
	Return    *Return // of those that it answers before any location is looked for; nil means none
	RealIP    *RealIP // for requests that no location takes; nil means off
	MaxBody   int64   // client_max_body_size for those, in bytes; 0 means no limit
	Kept      Kept    // after those
	Head      HeadRules
	Stream    *Stream // not nil for one of the stream context

	patterns []*pattern // the "~" names, compiled
	ops      []op       // of module rewrite
	own      Location   // what applies where no location matches
}

// HeadRules are how a server reads the heads of requests.
type HeadRules struct {
	Buffer      int           // client_header_buffer_size, in bytes; default 1k
	Large       int           // size of one of large_client_header_buffers, in bytes; default 8k
	Number      int           // how many of those; default 4
	Underscores bool          // underscores_in_headers
	KeepInvalid bool          // ignore_invalid_headers is off
	Timeout     time.Duration // client_header_timeout; default 60 s
}

// Kept is how long connections are kept for further requests.
type Kept struct {
	Requests int           // keepalive_requests; default 1000
	Timeout  time.Duration // keepalive_timeout, between two of them; default 75 s, 60 s to an upstream
	Time     time.Duration // keepalive_time, in all; default 1 h
	Header   time.Duration // the timeout that clients are told, in whole seconds; 0 means none
}

// Listen is a listen directive.
type Listen struct {
	Pos     syntax.Pos
	Address string // "" means any IPv4 address, "::" any IPv6 address
	Port    int
	Default bool // default_server
	TLS     bool
	Dual    bool // "::" with ipv6only=off: takes IPv4 too

	// ProxyProtocol means that connections begin with a header of the PROXY
	// protocol. One listen directive of an address decides for all; see
	// Config.ProxyProtocol.
	ProxyProtocol bool
}

// Location is a location block, with everything that it inherits.
type Location struct {
	Pos      syntax.Pos
	Modifier string     // "", "=", "^~", "~", "~*"; "@" for a named location
	Path     string     // without the modifier; a pattern after "~" and "~*"
	Proxy    *ProxyPass // nil when nothing is proxied here
	Return   *Return    // goes before Proxy, outside of any if; nil means none
	RealIP   *RealIP    // nil means the connection's own address
	MaxBody  int64      // client_max_body_size, in bytes; default 1 MiB, 0 means no limit
	Kept     Kept
	Internal bool     // only redirects of nginx's own come here
	TryFiles []string // no file exists, so that only the last one counts; nil means none
	Rules

	Stream    *Stream     // not nil in a server of the stream context: connections are passed on
	Locations []*Location // nested ones
	Ifs       []*Location // what it becomes in each if, and in limit_except

	ops     []op // of module rewrite
	pattern *pattern

	excepted *Location // what it is for methods that limit_except does not name; nil means the same
	methods  []string  // that limit_except names
}

// Rules are what a location inherits besides what is about proxying.
type Rules struct {
	ErrorPages []ErrorPage
	Intercept  bool // proxy_intercept_errors: error pages also for answers of upstreams
	Access     *Access
	Limits     Limits
	URLs       URLs

	Auth    string     // auth_request: the URI that is asked whether the request may pass; "" means none
	AuthSet []Variable // auth_request_set: from that answer

	recursive bool // recursive_error_pages
}

// Variable is what a variable is set to; Value may hold others.
type Variable struct{ Name, Value string }

// ErrorPage is one status of an error_page.
type ErrorPage struct {
	Status int
	To     string // a URI, "@" and the name of a location, or a URL; may hold variables
	Answer int    // the status to answer with: 0 that of To, -1 Status
}

// Return is a return directive. Body may hold variables and is the address to
// go to when Status is 301, 302, 303, 307 or 308.
type Return struct {
	Pos    syntax.Pos
	Status int
	Body   string
}

// RealIP is how the client's address is taken from a header (module realip).
type RealIP struct {
	From      []netip.Prefix // set_real_ip_from: the peers that are trusted
	Hosts     []Trusted      // those that are named; see Resolve
	Header    string         // real_ip_header; default "X-Real-IP"; may be ProxyProtocol
	Recursive bool           // real_ip_recursive
	brackets  bool           // "[::1]" is an address too, as from 1.27.3 on
}

// Trusted is a host that a set_real_ip_from names.
type Trusted struct {
	Pos  syntax.Pos
	Name string
}

// ProxyProtocol is the real_ip_header that is no header: the address is that of
// the PROXY protocol.
const ProxyProtocol = "proxy_protocol"

// Map is a map block: a variable whose value follows from another's. So does
// that of a split_clients block, by the hash of the source.
type Map struct {
	Pos      syntax.Pos
	Source   string // what is looked up; holds variables
	Variable string // the name, without "$"
	Default  string // may hold variables, as all values

	exact    map[string]string
	names    map[string]string // with "hostnames": keys such as "*.example.com"
	patterns []mapPattern
	values   []string  // of the lines, in their order
	shares   []share   // not nil for a split_clients block
	networks []network // not nil for a geo block
	ranges   []addressRange
}

// ProxyPass is what a location with proxy_pass does with a request.
type ProxyPass struct {
	Pos         syntax.Pos
	Upstream    string   // name of the Upstream as written, with the port if one was: $proxy_host; see Variable
	TLS         bool     // https://
	URI         string   // the part after the host, "" when none was written
	HTTPVersion string   // "1.0", "1.1", or "" for the version's default
	Headers     []Header // the level's own, or the nearest outer level's that has any
	Buffering   bool     // default on
	BufferSize  int      // proxy_buffer_size, in bytes: the longest head of an answer; default 4k

	// Names of headers of the answer, in lower case: proxy_hide_header, proxy_pass_header,
	// and proxy_ignore_headers, whose meaning to nginx itself is ignored.
	HideHeaders, PassHeaders, IgnoreHeaders []string
	Redirects                               []Redirect // proxy_redirect, with the default worked out

	// Default 60 s each.
	ConnectTimeout time.Duration
	SendTimeout    time.Duration
	ReadTimeout    time.Duration
	NextUpstream   NextUpstream

	// Variable is the whole argument when it holds variables, such as
	// "http://$pool", and Choices are the upstreams that it may lead to; see
	// Config.Pass. Upstream is the one that the first polling request of a
	// Socket.IO client reaches, or else the first of them.
	Variable string
	Choices  []string
}

// Upstreams returns the upstreams that the proxy_pass may lead to.
func (p *ProxyPass) Upstreams() []string {
	if p.Variable != "" {
		return p.Choices
	}
	return []string{p.Upstream}
}

// Header is a proxy_set_header line; Value holds nginx variables.
type Header struct {
	Pos   syntax.Pos
	Name  string
	Value string
}

// NextUpstream is proxy_next_upstream and its limits.
type NextUpstream struct {
	Kinds   []string // "error", "timeout", "http_503", "non_idempotent", ...; "off" alone
	Tries   int      // 0 means no limit
	Timeout time.Duration
}
