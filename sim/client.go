package sim

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// member is one virtual client with the host that it runs on.
type member struct {
	plan   plan.Client
	host   *memnet.Host
	client *client.Client
}

// invite makes clients; none connects yet. It fails if a client's options are
// wrong.
func (s *simulation) invite(clients []plan.Client) (err error) {
	for _, p := range clients {
		m := &member{plan: p, host: s.wire.AddHost(p.Name, "client", p.IP)}
		m.client, err = client.New(client.Config{
			Name:       p.Name,
			URL:        "http://" + p.Target.For(p.IP).String() + p.Target.URI(),
			HostHeader: p.Target.Host,
			Transports: p.Transports,
			Room:       p.Room,
			NoCookies:  !p.KeepsCookies(),
			Header:     header(p.Headers),
			Protocol:   p.Protocol,
			Dial: func(ctx context.Context, lane *trace.Lane, addr string) (net.Conn, error) {
				return s.wire.Dial(ctx, p.Name, lane, s.backend.entry(addr))
			},
			Drop:         vanish,
			Lane:         s.rec.Lane,
			Rand:         s.world.rand(p.Name + "/back-off"),
			Go:           s.world.spawn,
			AfterFunc:    s.wire.AfterFunc,
			Names:        s.names,
			Reconnection: client.Reconnection(p.Reconnection),

			JoinOnce:          !p.Rejoins(),
			HandlersOnConnect: p.Handlers == scenario.HandlersOnConnect,
			Retries:           p.Retries,
			AckTimeout:        p.AckTimeout,
			Background:        p.InBackground(),
		})
		if err != nil {
			return err
		}
		s.members = append(s.members, m)
		s.lane.Emit(trace.Event{Kind: trace.ClientAdded, Client: trace.N(p.Name), Peer: trace.N(p.IP.String()), Room: trace.N(p.Room), Text: trace.N(p.Group)})
	}
	return nil
}

// header returns the lines that a client adds to its requests.
func header(list []scenario.Header) http.Header {
	if len(list) == 0 {
		return nil
	}
	out := make(http.Header, len(list))
	for _, h := range list {
		out.Add(h.Name, h.Value)
	}
	return out
}

// clients returns all clients, with their current addresses.
func (s *simulation) clients() []plan.Client {
	out := make([]plan.Client, len(s.members))
	for i, m := range s.members {
		out[i] = m.plan
		out[i].IP = m.host.IP()
	}
	return out
}

// add lets more clients come.
func (s *simulation) add(step scenario.Step) error {
	newcomers, err := s.plan.Newcomers(step, s.clients())
	if err != nil {
		return err
	}
	before := len(s.members)
	if err := s.invite(newcomers); err != nil {
		return err
	}
	for _, m := range s.members[before:] {
		s.come(m)
	}
	return nil
}

// vanish makes a connection disappear: the other end is told nothing.
func vanish(c net.Conn) {
	if v, ok := c.(interface{ Vanish() }); ok {
		v.Vanish()
	}
}

// move gives a member another address: its connections are gone, as when a
// phone leaves the Wi-Fi.
func (s *simulation) move(m *member, ip netip.Addr) {
	m.host.SetIP(ip)
	s.lane.Emit(trace.Event{Kind: trace.ClientMoved, Client: trace.N(m.plan.Name), Peer: trace.N(ip.String())})
	m.client.Moved()
}

// latency returns the one-way delay between two hosts: drawn once for each client,
// and once for each other link.
func (s *simulation) latency(from, to *memnet.Host) time.Duration {
	network := s.network.Load()
	span, name := network.Backend, from.Name+">"+to.Name
	switch {
	case from.Role == "client":
		span, name = network.Client, from.Name
	case from.Role == "front":
		for _, f := range s.plan.Fronts {
			if f.Name == from.Name {
				span = f.Latency
			}
		}
	case to.Role == "redis":
		span = network.Redis
	}
	return draw(s.world.rand(name+"/latency"), span)
}

func draw(r *rand.Rand, span scenario.Span) time.Duration {
	if span.Max <= span.Min {
		return span.Min
	}
	return span.Min + time.Duration(r.Int64N(int64(span.Max-span.Min)+1))
}
