package plan

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"stickylab/sim/scenario"
	"stickylab/sim/seed"
)

// Newcomers returns the clients that an add step brings, drawn as those of the
// file are; now are all clients that there are, with their addresses of the
// moment. Where a group grows, what the step leaves out is as with the first
// of the group, and numbers continue after the last. It fails when the ranges have
// too few free addresses.
func (p *Plan) Newcomers(s scenario.Step, now []Client) ([]Client, error) {
	g := s.Newcomers()
	var group []Client
	taken := map[netip.Addr]bool{}
	maps.Copy(taken, p.taken)
	for _, c := range now {
		taken[c.IP] = true
		if c.Group == s.Who {
			group = append(group, c)
		}
	}
	name := g.Client
	if len(group) > 0 {
		g.Settings = s.Group.Settings.Or(group[0].Settings)
		width := len(group[0].Name) - len(g.Name) - 1
		name = func(i int) string { return fmt.Sprintf("%s-%0*d", g.Name, width, i+1) }
	}
	addresses, err := Draw(g.IP, g.Count, seed.Rand(p.Seed, addName(s.Who, len(group))), taken)
	if err != nil {
		return nil, err
	}
	way, _ := p.route(g.URL)
	var out []Client
	for i := range g.Count {
		c := p.client(g, name(len(group)+i), way.Target, addresses[i])
		c.Connect += s.At
		out = append(out, c)
	}
	return out, nil
}

// addName names the randomness of clients that join a group of n.
func addName(who string, n int) string { return who + "/add/" + strconv.Itoa(n) }

// client is a client of the group, by its name.
func (p *Plan) client(g scenario.Group, name string, to Target, ip netip.Addr) Client {
	c := Client{
		Name: name, Group: g.Name, IP: ip, Settings: g.Settings, Target: to,
		Connect: drawSpan(g.Connect, p.Seed, name+"/connect"),
	}
	if g.Say > 0 {
		c.Phase = time.Duration(seed.Rand(p.Seed, c.Name+"/say").Int64N(int64(g.Say)))
	}
	return c
}

// Targets returns the numbers of the clients that a step's Who names: those of
// a group, or one.
func Targets(clients []Client, who string) []int {
	var out []int
	for i, c := range clients {
		if c.Group == who || c.Name == who {
			out = append(out, i)
		}
	}
	return out
}

// drawSpan draws a duration of the span; the name decides which.
func drawSpan(s scenario.Span, from uint64, name string) time.Duration {
	if s.Max <= s.Min {
		return s.Min
	}
	return s.Min + time.Duration(seed.Rand(from, name).Int64N(int64(s.Max-s.Min)+1))
}

// TextOf describes what clients of a group say on their own;
// more are steps that may have added it.
func (p *Plan) TextOf(group string, more ...scenario.Step) string {
	for _, g := range groupsOf(p.File.Clients, p.Steps, more) {
		if g.Name == group && g.Size > 0 {
			return scenario.Words(g.Size)
		}
	}
	return scenario.DefaultText
}

// groupsOf returns groups, and what steps add to them: one that grows is there twice.
func groupsOf(groups []scenario.Group, steps ...[]scenario.Step) []scenario.Group {
	out := slices.Clone(groups)
	for _, s := range slices.Concat(steps...) {
		if s.Verb == scenario.Add {
			out = append(out, s.Newcomers())
		}
	}
	return out
}
