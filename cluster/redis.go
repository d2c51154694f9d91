package cluster

import (
	"fmt"
	"net"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/redisserver"
)

// redis is the embedded Redis. Its connections come from the environment's
// listener, so they are simulated when everything else is.
type redis struct {
	env      host.Env
	addr     string
	server   *redisserver.Server
	listener net.Listener // nil means down
	conns    *connections
}

// startRedis returns a Redis that listens at addr. When nobody outside can reach
// it, served is false and what clients leave unread is not bounded. It returns
// an error when the address is taken.
func startRedis(e host.Env, addr string, served bool) (*redis, error) {
	o := redisserver.Options{Go: e.Go, AfterFunc: func(key string, d time.Duration, f func()) func() {
		t := e.AfterFunc(key, d, f)
		return func() { t.Stop() }
	}}
	if !served {
		o.MaxOutput = -1
	}
	server, err := redisserver.New(o)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	r := &redis{env: e, addr: addr, server: server}
	if err := r.up(); err != nil {
		server.Close()
		return nil, err
	}
	return r, nil
}

// up begins to listen, if it does not. It returns an error when the address is
// taken.
func (r *redis) up() error {
	if r.listener != nil {
		return nil
	}
	conns := &connections{}
	l, err := conns.around(r.env).Listen("redis", r.addr)
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	r.listener, r.conns = l, conns
	r.env.Go(func() { r.server.Serve(l) })
	return nil
}

// down cuts all connections and refuses new ones, as when the process dies.
func (r *redis) down() {
	if r.listener == nil {
		return
	}
	r.listener.Close()
	r.listener = nil
	r.conns.cut()
}

// stop ends Redis and all its connections.
func (r *redis) stop() {
	if r.listener != nil {
		r.listener.Close()
	}
	r.server.Close()
}
