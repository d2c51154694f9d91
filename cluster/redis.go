package cluster

import (
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"

	"stickylab/cluster/env"
)

// redis is the embedded Redis. Its connections come from the environment's
// listener, so they are simulated when everything else is.
type redis struct {
	server   *miniredis.Miniredis
	listener net.Listener
}

func startRedis(e env.Env, addr string) (*redis, error) {
	l, err := e.Listen("redis", addr)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	r := &redis{server: miniredis.NewMiniRedis(), listener: l}
	// Dialing once starts the server without a listener of its own.
	first, err := r.server.Dial()
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("redis: %w", err)
	}
	first.Close()
	r.server.ClockTTL(true)
	serve := r.server.Server()
	e.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve.ServeConn(c)
		}
	})
	return r, nil
}

// stop ends Redis and all its connections.
func (r *redis) stop() {
	r.listener.Close()
	r.server.Close()
}
