package cluster

import (
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"

	"stickylab/cluster/host"
)

// redis is the embedded Redis. Its connections come from the environment's
// listener, so they are simulated when everything else is.
type redis struct {
	env      host.Env
	addr     string
	server   *miniredis.Miniredis
	listener net.Listener // nil: down
	conns    *connections
}

func startRedis(e host.Env, addr string) (*redis, error) {
	r := &redis{env: e, addr: addr, server: miniredis.NewMiniRedis()}
	if err := r.up(); err != nil {
		return nil, err
	}
	return r, nil
}

// up begins to listen, if it does not.
func (r *redis) up() error {
	if r.listener != nil {
		return nil
	}
	conns := &connections{}
	l, err := conns.around(r.env).Listen("redis", r.addr)
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	// Dialing starts the server without a listener of its own.
	first, err := r.server.Dial()
	if err != nil {
		l.Close()
		return fmt.Errorf("redis: %w", err)
	}
	first.Close()
	r.server.ClockTTL(true)
	r.listener, r.conns = l, conns
	serve := r.server.Server()
	r.env.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve.ServeConn(c)
		}
	})
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
