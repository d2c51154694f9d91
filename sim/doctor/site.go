package doctor

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// site is a route of Socket.IO clients through the text: a server block and the
// location that takes their requests.
type site struct {
	*substitutes
	lead
	number   int // of the server block in the text
	server   *nginx.Server
	location *nginx.Location // nil means none takes them
	upstream *nginx.Upstream // of the first poll
	others   []*nginx.Upstream
	asked    string // the path that the node is asked for, "" when none is
	argless  bool   // it is asked without the arguments of the request
	host     string
	port     int
	at       netip.Addr // where the proxy listens
	mapped   []string   // headers of proxies that maps read
	hosts    []scenario.Host
	balanced bool // listen expects the PROXY protocol
	lostAt   int  // line of the location that takes the path, when it proxies nothing
	named    bool // real_ip_header is written in the text
}

// url is the URL that clients connect to.
func (s *site) url() string {
	return (&url.URL{Scheme: "http", Host: netAddress(s.host, s.port), Path: s.path}).String()
}

// entry is the address of the proxy that the clients go to.
func (s *site) entry() string { return netAddress(s.at.String(), s.port) }

func netAddress(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s:%d", host, port)
}

// title names the site in the report.
func (s *site) title() string {
	name := strings.TrimSpace("server " + cmp.Or(s.server.Names...))
	return fmt.Sprintf("%s (line %d)", name, s.server.Pos.Line)
}

// pools returns the upstreams that requests of clients may reach.
func (s *site) pools() []*nginx.Upstream {
	return append([]*nginx.Upstream{s.upstream}, s.others...)
}

// usable returns the server lines that get requests while all are up.
func (s *site) usable() []*nginx.UpstreamServer {
	var out []*nginx.UpstreamServer
	for _, pool := range s.pools() {
		for _, u := range pool.Servers {
			same := func(o *nginx.UpstreamServer) bool { return o.Host == u.Host && o.Port == u.Port }
			if !u.Down && !u.Backup && !slices.ContainsFunc(out, same) {
				out = append(out, u)
			}
		}
	}
	return out
}

// machines returns how many nodes the servers in use are: one for each address.
func (s *site) machines() (n int) {
	for _, u := range s.usable() {
		n += max(1, len(s.addresses(u.Host)))
	}
	return n
}

// spare reports whether another node of its upstream may take the place of a node.
func (s *site) spare() bool {
	n := 0
	for _, u := range s.upstream.Servers {
		if !u.Down && !u.Backup {
			n += max(1, len(s.addresses(u.Host)))
		}
	}
	return n > 1
}

// addresses returns those that a host name was given; none for localhost, which is
// one node with two addresses.
func (s *site) addresses(host string) []netip.Addr {
	for _, h := range s.hosts {
		if h.Name == host {
			return h.Addresses
		}
	}
	return nil
}

// byChance is the probability below which clients that are all on one node are
// not there by chance.
const byChance = 1e-4

// mostTimes bounds the factor by which weights raise the number of clients.
const mostTimes = 8

// heaviest returns the share of all clients that the server with the largest
// weight gets.
func (s *site) heaviest() float64 {
	share := 0.0
	for _, pool := range s.pools() {
		most, sum := 0, 0
		for _, u := range pool.Servers {
			if !u.Down && !u.Backup {
				most, sum = max(most, u.Weight), sum+u.Weight
			}
		}
		if sum > 0 {
			share = max(share, float64(most)/float64(sum))
		}
	}
	return share
}

// times returns the factor by which the clients of one origin, 16 of them, must
// grow so that they are not all on the heaviest server by chance.
func (s *site) times() int {
	share := s.heaviest()
	if share <= 0.5 || share >= 1 {
		return 1
	}
	return min(int(math.Ceil(math.Log(byChance)/math.Log(share)/16)), mostTimes)
}

// keyHeaders returns the headers of proxies that the balancing method reads.
func (s *site) keyHeaders() []string {
	if m := s.upstream.Method; m.Name == "hash" && len(m.Args) > 0 {
		return append(names(m.Args[0]), s.mapped...)
	}
	return nil
}

// victim returns the node that is killed: that of the first server line in use.
func (s *site) victim(plan *plan.Plan) string {
	for _, u := range s.usable() {
		addresses, ok := plan.LookupHost(u.Host)
		if !ok {
			continue
		}
		for _, a := range addresses {
			if name := plan.NodeAt(netip.AddrPortFrom(a, uint16(u.Port)).String()); name != "" {
				return name
			}
		}
	}
	return ""
}

// same reports whether two sites cannot differ in any experiment.
func (s *site) same(o *site) bool {
	if s.plain != o.plain || s.upstream != o.upstream || s.path != o.path || s.balanced != o.balanced || s.location.MaxBody != o.location.MaxBody || !sameRealIP(s.location.RealIP, o.location.RealIP) {
		return false
	}
	a, b := s.location.Proxy, o.location.Proxy
	return a.URI == b.URI && a.Variable == b.Variable && a.HTTPVersion == b.HTTPVersion && a.ReadTimeout == b.ReadTimeout && a.SendTimeout == b.SendTimeout &&
		a.ConnectTimeout == b.ConnectTimeout && slices.EqualFunc(a.Headers, b.Headers, func(x, y nginx.Header) bool {
		return strings.EqualFold(x.Name, y.Name) && x.Value == y.Value
	}) && slices.Equal(a.NextUpstream.Kinds, b.NextUpstream.Kinds) && a.NextUpstream.Tries == b.NextUpstream.Tries
}

func sameRealIP(a, b *nginx.RealIP) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Header == b.Header && a.Recursive == b.Recursive && slices.Equal(a.From, b.From)
}
