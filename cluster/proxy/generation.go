package proxy

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
)

// generation is one loaded configuration with the state of its peers. A
// reload makes a new one; what runs stays with the old.
type generation struct {
	config    *nginx.Config
	upstreams map[string]*upstream // by name in lower case
	plans     map[planKey]*plan
	all       []*upstream                     // in the order of the configuration
	realIPs   map[*nginx.RealIP]*nginx.RealIP // those that name hosts, with their addresses
	sameHeads bool                            // all servers read heads by the same rules
}

// planKey names a plan: a proxy_pass with variables has one for each upstream
// that it may lead to.
type planKey struct {
	pass     *nginx.ProxyPass
	upstream string
}

// upstream is a group of peers, and the connections kept to them.
type upstream struct {
	*nginx.Upstream
	peers *balance.Upstream
	idle  map[*nginx.Location]*keepalive // nil is the key of what all locations share
	learn *sessionTable                  // nil unless sticky learn
}

// plan is a proxy_pass, worked out.
type plan struct {
	*nginx.ProxyPass
	up       *upstream
	idle     *keepalive // connections to the upstream that are kept for this location
	location *nginx.Location
	http11   bool
	key      string
	next     kind

	headers    []nginx.Header  // the proxy_set_header lines that send something
	dropped    map[string]bool // client's headers that are replaced, in lower case
	host       bool            // Host is the default
	connection string          // the default Connection, "" for none
	length     bool            // Content-Length is ours to send
}

func (p *Proxy) newGeneration(c *nginx.Config) (*generation, error) {
	g := &generation{config: c, upstreams: map[string]*upstream{}, plans: map[planKey]*plan{}}
	p.loads++
	if err := p.trust(g); err != nil {
		return nil, err
	}
	for _, u := range c.Upstreams {
		peers, err := p.resolve(u)
		if err != nil {
			return nil, err
		}
		random := p.c.Env.Rand(p.c.Host + "/" + u.Name + "/" + strconv.Itoa(p.loads))
		b, err := balance.New(balance.Method(u.Method), peers, random)
		if err != nil {
			return nil, fmt.Errorf("upstream %q: %w", u.Name, err)
		}
		p.watch(u.Name, b, peers)
		up := &upstream{Upstream: u, peers: b, idle: map[*nginx.Location]*keepalive{}}
		if s := u.Sticky; s != nil && s.Mode == "learn" {
			up.learn = p.generation.Load().inherit(u)
		}
		g.upstreams[strings.ToLower(u.Name)] = up
		g.all = append(g.all, up)
	}
	g.sameHeads = !slices.ContainsFunc(c.Servers, func(s *nginx.Server) bool { return s.Head != c.Servers[0].Head })
	for _, s := range c.Servers {
		for l := range s.All() {
			if err := p.planAll(g, l); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// trust looks up the hosts that set_real_ip_from names.
func (p *Proxy) trust(g *generation) error {
	for _, r := range g.config.RealIPs() {
		lookup := p.c.Resolve
		if lookup == nil {
			lookup = func(string) ([]netip.Addr, error) { return nil, nil }
		}
		known, err := r.Resolve(lookup)
		if err != nil {
			return err
		}
		if known != r {
			if g.realIPs == nil {
				g.realIPs = map[*nginx.RealIP]*nginx.RealIP{}
			}
			g.realIPs[r] = known
		}
	}
	return nil
}

// planAll plans a location, and what it becomes in an if, for each upstream that it
// leads to.
func (p *Proxy) planAll(g *generation, l *nginx.Location) error {
	for _, within := range l.Ifs {
		if err := p.planAll(g, within); err != nil {
			return err
		}
	}
	if l.Proxy == nil {
		return nil
	}
	for _, name := range l.Proxy.Upstreams() {
		up := g.upstreams[strings.ToLower(name)]
		if up == nil {
			return fmt.Errorf("host not found in upstream %q", name)
		}
		pl := newPlan(l, up, p.c.Version)
		pl.idle = p.keptFor(l, up)
		if p.c.RealIP && !pl.dropped[realIPHeader] {
			pl.dropped[realIPHeader] = true
			pl.headers = append(pl.headers, nginx.Header{Name: "X-Real-IP", Value: "$remote_addr"})
		}
		g.plans[planKey{l.Proxy, name}] = pl
	}
	return nil
}

// resolve turns server lines into peers, one for each address.
func (p *Proxy) resolve(u *nginx.Upstream) ([]balance.Peer, error) {
	var peers []balance.Peer
	for _, s := range u.Servers {
		var addrs []netip.Addr
		if a, err := netip.ParseAddr(strings.Trim(s.Host, "[]")); err == nil {
			addrs = []netip.Addr{a}
		} else if p.c.Resolve != nil {
			addrs, _ = p.c.Resolve(s.Host)
		}
		if len(addrs) == 0 {
			return nil, fmt.Errorf("host not found in upstream %q", s.Address)
		}
		route := s.Route
		if route == "" && s.Socket() { // that of a peer is made of its name
			id := md5.Sum([]byte(s.Host))
			route = hex.EncodeToString(id[:])
		}
		for _, a := range addrs {
			peers = append(peers, balance.Peer{
				Name: s.Address, Address: netip.AddrPortFrom(a, uint16(s.Port)).String(),
				Weight: s.Weight, MaxFails: s.MaxFails, FailTimeout: s.FailTimeout, MaxConns: s.MaxConns,
				Down: s.Down, Backup: s.Backup, Drain: s.Drain, Route: route,
			})
		}
	}
	return peers, nil
}

// Headers that nginx sets, or does not pass, unless proxy_set_header says
// otherwise.
var ownHeaders = []string{"host", "connection", "content-length", "transfer-encoding", "te", "keep-alive", "expect", "upgrade"}

const realIPHeader = "x-real-ip"

func newPlan(l *nginx.Location, up *upstream, v nginx.Version) *plan {
	pp := *l.Proxy
	if pp.Variable != "" {
		pp.Upstream = up.Name
	}
	pl := &plan{ProxyPass: &pp, up: up, location: l, host: true, length: true, dropped: map[string]bool{}}
	for _, timeout := range []*time.Duration{&pp.ConnectTimeout, &pp.SendTimeout, &pp.ReadTimeout} {
		if *timeout <= 0 {
			*timeout = time.Minute
		}
	}
	pl.http11 = pp.HTTPVersion == "1.1" || pp.HTTPVersion == "" && v.Modern()
	if !v.Modern() {
		pl.connection = "close"
	}
	pl.next = kindError | kindTimeout
	if len(pp.NextUpstream.Kinds) > 0 {
		pl.next = parseKinds(pp.NextUpstream.Kinds)
	}
	if up.Method.Name == "hash" && len(up.Method.Args) > 0 {
		pl.key = up.Method.Args[0]
	}
	for _, name := range ownHeaders {
		pl.dropped[name] = true
	}
	for _, h := range pp.Headers {
		name := strings.ToLower(h.Name)
		pl.dropped[name] = true
		switch name {
		case "host":
			pl.host = false
		case "connection":
			pl.connection = ""
		case "content-length":
			pl.length = false
		}
		if h.Value != "" {
			pl.headers = append(pl.headers, h)
		}
	}
	return pl
}

// defaultKeepalive is how many idle connections a location keeps to the servers of
// an upstream block since 1.29.7.
const defaultKeepalive = 32

// keptFor returns where a location keeps its connections to an upstream.
func (p *Proxy) keptFor(l *nginx.Location, up *upstream) *keepalive {
	most, local := up.Keepalive, up.Local
	if most < 0 {
		most, local = 0, true
		if p.c.Version.Modern() && !up.Implicit {
			most = defaultKeepalive
		}
	}
	if !local {
		l = nil
	}
	k := up.idle[l]
	if k == nil {
		k = &keepalive{max: most, limits: up.Kept, spawn: p.spawn}
		up.idle[l] = k
	}
	return k
}

// methods names the balancing methods of the configuration.
func (g *generation) methods() string {
	var list []string
	for _, u := range g.all {
		list = append(list, strings.Join(append([]string{u.Method.Name}, u.Method.Args...), " "))
	}
	return strings.Join(list, ", ")
}
