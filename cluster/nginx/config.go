// Package nginx reads nginx configuration text into what the proxy needs, and
// writes it back.
package nginx

import "time"

// Config is a configuration as far as the proxy acts on it.
type Config struct {
	Upstreams []*Upstream
	Servers   []*Server
	Notes     []Problem // known to nginx, without effect here
}

// Pos is a place in the configuration text, both from 1.
type Pos struct{ Line, Column int }

// Problem is something to say about the text: an error, or a note.
type Problem struct {
	Pos  Pos
	Text string // in nginx's words where nginx has words for it
	Hint string // what was expected or what to do; may be empty
}

// Upstream is an upstream block, or the implicit one of a proxy_pass to a
// literal address (Implicit).
type Upstream struct {
	Pos      Pos
	Name     string
	Method   Method
	Servers  []*UpstreamServer
	Implicit bool

	// Keepalive is the number of idle connections kept to the servers; -1: not
	// set, the version's default.
	Keepalive int
}

// Method is the balancing method of an upstream.
type Method struct {
	Pos  Pos
	Name string   // "round_robin", "ip_hash", "hash", "least_conn", "random"
	Args []string // what follows the directive's name: the key, "consistent", "two"
}

// UpstreamServer is a server line of an upstream.
type UpstreamServer struct {
	Pos         Pos
	Address     string // as written
	Host        string // host name or address, without the port
	Port        int
	Weight      int
	MaxConns    int
	MaxFails    int
	FailTimeout time.Duration
	Backup      bool
	Down        bool
}

// Server is a server block of the http context.
type Server struct {
	Pos       Pos
	Listen    []Listen
	Names     []string // server_name
	Locations []*Location
}

// Listen is a listen directive.
type Listen struct {
	Pos     Pos
	Address string // "" or "*": any address
	Port    int
	Default bool // default_server
	TLS     bool
}

// Location is a location block, with everything that it inherits.
type Location struct {
	Pos      Pos
	Modifier string // "", "=", "^~", "~", "~*"
	Path     string
	Proxy    *ProxyPass // nil: nothing is proxied here
	Return   *Return    // nil: no return directive
}

// Return is a return directive.
type Return struct {
	Status int
	Body   string
}

// ProxyPass is what a location with proxy_pass does with a request.
type ProxyPass struct {
	Pos         Pos
	Upstream    string // name of the Upstream
	URI         string // the part after the host, "" when none was written
	HTTPVersion string // "1.0", "1.1", or "": the version's default
	Headers     []Header
	Buffering   bool

	ConnectTimeout time.Duration
	SendTimeout    time.Duration
	ReadTimeout    time.Duration
	NextUpstream   NextUpstream
}

// Header is a proxy_set_header line; Value holds nginx variables.
type Header struct {
	Pos   Pos
	Name  string
	Value string
}

// NextUpstream is proxy_next_upstream and its limits.
type NextUpstream struct {
	Kinds   []string // "error", "timeout", "http_503", "non_idempotent", ...; "off" alone
	Tries   int      // 0: no limit
	Timeout time.Duration
}
