// Package link is what the adapters over Redis share about their connections: what an
// adapter is given, a connection that is made again whenever it is lost, and one on which
// commands are answered in their order.
package link

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// ErrClosed is returned by calls that wait when their adapter is closed.
var ErrClosed = errors.New("the adapter is closed")

// Config is what an adapter is given. Env, Host and Addr must be set.
type Config struct {
	Env  host.Env
	Host string // the node's name, from which is dialed
	Addr string // of Redis

	// Lane is the first part of the purposes of the adapter's lanes, LANE/pub, LANE/sub
	// and so on, one for each connection. It must be unique among the adapters of a host.
	// Default: "redis" for "/", "redis/chat" for "/chat".
	Lane string

	Username string // for AUTH, with Password; "" for the default user
	Password string // for AUTH; "" for none

	// TLS is nil for none. Its ServerName is that of Addr if not set.
	TLS *tls.Config

	Key string // prefix of the channels. Default: "socket.io"
	UID string // names the adapter in the cluster. Default: what the kind makes of an Env.ID

	// RequestsTimeout is how long to wait for the other nodes' answers.
	// Default: 5 s.
	RequestsTimeout time.Duration

	// Coalesce joins what is queued into one write to the connection: fewer
	// system calls under load. Without it each command is one write, so that
	// the wire does not depend on how goroutines were scheduled.
	Coalesce bool

	PingInterval time.Duration // silence after which Redis is asked for a sign. Default: 20 s
	PingTimeout  time.Duration // how long it may take to give one. Default: 5 s

	// The callbacks may be nil; they must not block.

	// OnUp is called when the subscription is in place, OnDown when it is lost
	// and when the first attempt fails; once for each change, in the
	// goroutine of a connection, which owns the lane.
	OnUp   func(*trace.Lane)
	OnDown func(*trace.Lane, error)
	// OnPublish is called in the goroutine of a Broadcast or BroadcastWithAck
	// when its packet is on its way to Redis. tag is the broadcast's.
	OnPublish func(p socketio.Packet, tag any)
	// OnLatePublish is called instead when the packet had to wait until Redis was back,
	// in the goroutine of the connection that publishes, which owns the lane.
	OnLatePublish func(lane *trace.Lane, p socketio.Packet, tag any)
	// OnRelay is called, in the goroutine of a connection, when a broadcast came
	// from another node, before it is delivered; it returns the tag of the
	// delivery.
	OnRelay func(lane *trace.Lane, e pack.RemoteEvent) (tag any)
	// OnReplay returns the tag of an event that a recovered client is sent again.
	OnReplay func(e pack.RemoteEvent) (tag any)
	// OnIdle is called, there too, when a broadcast came from another node for a
	// room that this one does not have. The official adapter drops it before it
	// reads it, and so does this one when OnIdle is nil.
	OnIdle func(lane *trace.Lane, e pack.RemoteEvent)
}

// Complete fills in the defaults for the adapter of a namespace. It fails when a required
// field is missing, or when TLS needs a server name and Addr is not host:port.
func (c *Config) Complete(namespace string) error {
	if c.Host == "" || c.Addr == "" || c.Env.Dial == nil || c.Env.Lane == nil || c.Env.Go == nil || c.Env.AfterFunc == nil {
		return errors.New("adapter: Env, Host and Addr must be set")
	}
	if c.Lane == "" {
		c.Lane = "redis"
		if namespace != "/" {
			c.Lane += namespace
		}
	}
	c.Key = cmp.Or(c.Key, "socket.io")
	if c.TLS != nil && c.TLS.ServerName == "" {
		host, _, err := net.SplitHostPort(c.Addr)
		if err != nil {
			return fmt.Errorf("adapter: %w", err)
		}
		c.TLS = c.TLS.Clone()
		c.TLS.ServerName = host
	}
	c.RequestsTimeout = cmp.Or(c.RequestsTimeout, 5*time.Second)
	c.PingInterval = cmp.Or(c.PingInterval, 20*time.Second)
	c.PingTimeout = cmp.Or(c.PingTimeout, 5*time.Second)
	return nil
}
