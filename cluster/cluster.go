// Package cluster is the system under test: chat nodes, the proxy before them
// and the Redis behind them, assembled from an environment.
package cluster

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/env"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy"
)

// Config describes a cluster.
type Config struct {
	Nodes   []NodeConfig
	Adapter bool   // the Redis adapter is on at the start, on every node
	Redis   string // the address of the embedded Redis, "10.255.0.1:6379"

	Nginx   *nginx.Config
	Version string // of nginx, "1.30" or "1.22"

	// Resolve returns the addresses of a host name in nginx text.
	Resolve func(host string) ([]netip.Addr, error)
}

// Cluster is a running cluster. Its methods are the live switches; they return
// at once and must be called by one goroutine at a time.
type Cluster struct {
	env    env.Env
	config Config
	nodes  []*Node
	byName map[string]*Node
	proxy  *proxy.Proxy
	redis  *redis
}

// Start starts Redis, the nodes and the proxy, in this order.
func Start(e env.Env, c Config) (_ *Cluster, err error) {
	cl := &Cluster{env: e, config: c, byName: make(map[string]*Node)}
	defer func() {
		if err != nil {
			cl.Close()
		}
	}()
	if cl.redis, err = startRedis(e, c.Redis); err != nil {
		return nil, err
	}
	nodeAt := make(map[string]string)
	for _, nc := range c.Nodes {
		n := newNode(e, nc, c.Redis)
		if err := n.Start(); err != nil {
			return nil, err
		}
		cl.nodes = append(cl.nodes, n)
		cl.byName[nc.Name] = n
		nodeAt[nc.Listen] = nc.Name
	}
	if c.Adapter {
		if err := cl.SetAdapter("", true); err != nil {
			return nil, err
		}
	}
	cl.proxy, err = proxy.New(proxy.Config{
		Env: e, Host: "proxy", Nginx: c.Nginx, Version: c.Version, Resolve: c.Resolve,
		NodeAt: func(addr string) string { return nodeAt[addr] },
	})
	if err != nil {
		return nil, err
	}
	if err := cl.proxy.Start(); err != nil {
		return nil, err
	}
	return cl, nil
}

// Close ends everything, the way SIGTERM would: the nodes say goodbye.
func (c *Cluster) Close() {
	for _, n := range c.nodes {
		n.Stop()
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

// SetAdapter puts the Redis adapter on or off, on the named node or, for "",
// on all.
func (c *Cluster) SetAdapter(node string, on bool) error {
	nodes := c.nodes
	if node != "" {
		n, err := c.node(node)
		if err != nil {
			return err
		}
		nodes = []*Node{n}
	}
	for _, n := range nodes {
		if err := n.SetAdapter(on); err != nil {
			return err
		}
	}
	return nil
}

// Kill ends a node as SIGKILL does.
func (c *Cluster) Kill(node string) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	n.Kill()
	return nil
}

// Restart starts a node again, with the adapter that it had or was given since;
// one that is up is killed first.
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

// Reload gives the proxy a new configuration.
func (c *Cluster) Reload(config *nginx.Config) error { return c.proxy.Reload(config) }

func (c *Cluster) node(name string) (*Node, error) {
	if n := c.byName[name]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("no node %q", name)
}
