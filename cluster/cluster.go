// Package cluster is the system under test: chat nodes, the proxy in front of
// them and the Redis that connects them, on the network of a host.Env.
package cluster

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"stickylab/cluster/adapter"
	"stickylab/cluster/host"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy"
)

// Config describes a cluster.
type Config struct {
	Nodes []NodeConfig
	// Adapter is that of every node at the start; "" means adapter.None.
	Adapter adapter.Kind
	Redis   string // the address of the embedded Redis, "10.255.0.1:6379"

	Nginx   *nginx.Config
	Version nginx.Version

	// Resolve returns the addresses of a host name in nginx text.
	Resolve func(host string) ([]netip.Addr, error)

	NoProxy bool // clients reach the nodes through a proxy that is not ours

	// Fronts are the proxies before the proxy, from the one that clients reach
	// to the one that reaches the proxy.
	Fronts []FrontConfig

	// SocketIO holds the options of nodes whose own are zero.
	SocketIO SocketIO

	// Page answers the requests that are not for the chat, on every node that has
	// no Page itself. With nil they get 404.
	Page http.Handler

	Serving *Serving // nil when clients are simulated
}

// FrontConfig describes a proxy in front of the proxy, such as a CDN: one that
// follows nginx text, or a balancer of connections.
type FrontConfig struct {
	Name    string // the host that it is
	Nginx   *nginx.Config
	Resolve func(host string) ([]netip.Addr, error)

	// Relay, in place of Nginx and Resolve, passes connections on, each with a
	// PROXY line before it.
	Relay *RelayConfig
}

// RelayConfig is where a balancer of connections listens and leads to.
type RelayConfig struct {
	Listen string
	To     string
	Accept bool // its own connections begin with a PROXY header
}

// Cluster is a running cluster. Its methods are the live switches; they return
// at once and must be called by one goroutine at a time.
type Cluster struct {
	env     host.Env
	config  Config
	nodes   []*Node
	byName  map[string]*Node
	removed map[string]*Node // that were removed
	nodeAt  sync.Map         // address to name, of all nodes that ever were
	wants   adapter.Kind     // the adapter of nodes to come
	proxy   *proxy.Proxy
	fronts  []interface{ Close() }
	redis   *redis
}

// Start starts Redis, the nodes and the proxy, in this order. It fails when one
// of them cannot listen on its address, or when the proxy cannot use the
// configuration; nothing is left running then.
func Start(e host.Env, c Config) (_ *Cluster, err error) {
	c.Serving = c.Serving.withPingInterval(c.SocketIO)
	cl := &Cluster{env: e, config: c, byName: make(map[string]*Node), removed: make(map[string]*Node)}
	defer func() {
		if err != nil {
			cl.Close()
		}
	}()
	if !c.Serving.externalRedis() {
		if cl.redis, err = startRedis(e, c.Redis, c.Serving != nil); err != nil {
			return nil, err
		}
	}
	for _, nc := range c.Nodes {
		if err := cl.startNode(nc); err != nil {
			return nil, err
		}
	}
	if c.Adapter == "" {
		c.Adapter = adapter.None
	}
	if cl.wants = c.Adapter; c.Adapter != adapter.None {
		if err := cl.SetAdapter("", c.Adapter); err != nil {
			return nil, err
		}
	}
	if c.NoProxy {
		return cl, nil
	}
	cl.proxy, err = proxy.New(proxy.Config{
		Env: e, Host: "proxy", Nginx: c.Nginx, Version: c.Version, Resolve: c.Resolve, NodeAt: cl.nameAt,
		Bounds: c.Serving.proxy(), RealIP: c.namesClients(len(c.Fronts)),
	})
	if err != nil {
		return nil, err
	}
	if err := cl.proxy.Start(); err != nil {
		return nil, err
	}
	for i, f := range c.Fronts {
		if err := cl.startFront(f, c.namesClients(i)); err != nil {
			return nil, err
		}
	}
	return cl, nil
}

// namesClients reports whether the i-th in the row, of the fronts and then the
// proxy, is the first that can name clients in a header, when serving.
func (c *Config) namesClients(i int) bool {
	return c.Serving != nil && !slices.ContainsFunc(c.Fronts[:i], func(f FrontConfig) bool { return f.Relay == nil })
}

func (c *Cluster) startFront(f FrontConfig, realIP bool) error {
	if r := f.Relay; r != nil {
		relay, err := proxy.StartStream(proxy.StreamConfig{Env: c.env, Host: f.Name, Listen: r.Listen, To: r.To, Accept: r.Accept})
		if err != nil {
			return err
		}
		c.fronts = append(c.fronts, relay)
		return nil
	}
	front, err := proxy.New(proxy.Config{
		Env: c.env, Host: f.Name, Nginx: f.Nginx, Version: c.config.Version, Resolve: f.Resolve, Front: true,
		Bounds: c.config.Serving.proxy(), RealIP: realIP,
	})
	if err != nil {
		return err
	}
	c.fronts = append(c.fronts, front)
	return front.Start()
}

// startNode starts a node that there was not.
func (c *Cluster) startNode(nc NodeConfig) error {
	if nc.Page == nil {
		nc.Page = c.config.Page
	}
	if nc.SocketIO == (SocketIO{}) {
		nc.SocketIO = c.config.SocketIO
	}
	n := newNode(c.env, nc, c.config.Redis)
	n.serving = c.config.Serving
	if err := n.Start(); err != nil {
		return err
	}
	c.addNode(n)
	return nil
}

func (c *Cluster) addNode(n *Node) {
	c.nodes = append(c.nodes, n)
	c.byName[n.name] = n
	c.nodeAt.Store(n.listen, n.name)
}

// nameAt returns the name of the node at an address, "" without one.
func (c *Cluster) nameAt(addr string) string {
	name, _ := c.nodeAt.Load(addr)
	s, _ := name.(string)
	return s
}

// AddNode starts one more node, with the adapter that SetAdapter gave all nodes last. One that was removed comes back as it was. It fails when a node of
// that name runs already, or cannot listen.
func (c *Cluster) AddNode(nc NodeConfig) error {
	if c.byName[nc.Name] != nil {
		return fmt.Errorf("node %q exists already", nc.Name)
	}
	if n := c.removed[nc.Name]; n != nil {
		if err := n.Start(); err != nil {
			return err
		}
		delete(c.removed, nc.Name)
		c.addNode(n)
	} else if err := c.startNode(nc); err != nil {
		return err
	}
	return c.byName[nc.Name].SetAdapter(c.wants)
}

// RemoveNode stops a node, which tells its clients, and takes it out of the
// cluster. It fails when there is no node of that name.
func (c *Cluster) RemoveNode(name string) error {
	n, err := c.node(name)
	if err != nil {
		return err
	}
	n.stopAsync()
	delete(c.byName, name)
	c.removed[name] = n
	c.nodes = slices.DeleteFunc(c.nodes, func(o *Node) bool { return o == n })
	return nil
}

// SetRedis takes Redis down, which cuts all its connections, or up again. It fails
// when Redis is an external one, or cannot listen.
func (c *Cluster) SetRedis(up bool) error {
	if c.redis == nil {
		return errExternalRedis
	}
	if up {
		return c.redis.up()
	}
	c.redis.down()
	return nil
}

// Close ends everything as SIGTERM would: the nodes tell their clients.
func (c *Cluster) Close() {
	for _, n := range c.nodes {
		n.Stop()
	}
	for _, f := range c.fronts {
		f.Close()
	}
	if c.proxy != nil {
		c.proxy.Close()
	}
	if c.redis != nil {
		c.redis.stop()
	}
}

// Node returns the node of that name, or nil.
func (c *Cluster) Node(name string) *Node { return c.byName[name] }

// SetAdapter gives the named node or, for "", every node an adapter, or none. It fails when
// there is no node of that name, or Node.SetAdapter does.
func (c *Cluster) SetAdapter(node string, k adapter.Kind) error {
	nodes, err := c.named(node)
	if err != nil {
		return err
	}
	if node == "" {
		c.wants = k
	}
	for _, n := range nodes {
		if err := n.SetAdapter(k); err != nil {
			return err
		}
	}
	return nil
}

// Kill ends a node as SIGKILL does. It fails when there is no node of that name.
func (c *Cluster) Kill(node string) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	n.Kill()
	return nil
}

// Restart starts a node again, with the adapter as it was or was set since; one
// that is up is killed first. It fails when there is no node of that name, or it
// cannot listen.
func (c *Cluster) Restart(node string) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	n.Kill()
	if err := n.Start(); err != nil {
		return err
	}
	return n.SetAdapter(n.wants)
}

// Reload gives the proxy a new configuration. It fails, and the current one
// stays, when the proxy cannot use it or is an external one.
func (c *Cluster) Reload(config *nginx.Config) error {
	if c.proxy == nil {
		return errNotOurs
	}
	return c.proxy.Reload(config)
}

var errNotOurs = errors.New("the proxy is an external one: its configuration cannot be changed from here")

// named returns the node of that name, or, for "", all.
func (c *Cluster) named(node string) ([]*Node, error) {
	if node == "" {
		return c.nodes, nil
	}
	n, err := c.node(node)
	return []*Node{n}, err
}

func (c *Cluster) node(name string) (*Node, error) {
	if n := c.byName[name]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("no node %q", name)
}
