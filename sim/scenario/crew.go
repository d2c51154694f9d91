package scenario

import (
	"slices"
	"strconv"
	"strings"
)

// crew is a group at some time: steps may have added to it.
type crew struct {
	Group  // as it began; its Count decides how clients are numbered
	size   int
	places []Range // where its clients may be
}

// has tells whether a name is that of one of the clients.
func (c *crew) has(client string) bool {
	digits, ok := strings.CutPrefix(client, c.Name+"-")
	if !ok {
		return false
	}
	n, err := strconv.Atoi(digits)
	return err == nil && n >= 1 && n <= c.size && c.Client(n-1) == client
}

// crews are the groups of a plan with all that its steps add.
type crews []*crew

func crewsOf(groups []Group, steps []Step) crews {
	var out crews
	for _, g := range groups {
		out = append(out, &crew{Group: g, size: g.Count})
	}
	for _, s := range steps {
		if s.Verb == Add && s.Group != nil {
			out.add(s)
		}
	}
	return out
}

// add adds what an add step brings.
func (cs *crews) add(s Step) *crew {
	g := s.newcomers()
	c := cs.named(s.Who)
	if c == nil {
		c = &crew{Group: g}
		*cs = append(*cs, c)
	}
	c.size += g.Count
	return c
}

// named returns the group of that name, nil without one.
func (cs crews) named(name string) *crew {
	for _, c := range cs {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// of returns the group that a name stands for or belongs to, nil without one.
func (cs crews) of(name string) *crew {
	for _, c := range cs {
		if c.Name == name || c.has(name) {
			return c
		}
	}
	return nil
}

func (cs crews) names() []string {
	out := []string{}
	for _, c := range cs {
		out = append(out, c.Name)
	}
	return out
}

// newcomers is the group that an add step describes, defaults filled in.
func (s Step) newcomers() Group {
	g := NewGroup(s.Who)
	if s.Group == nil {
		return g
	}
	in := s.Group
	g.Count = max(in.Count, 1)
	g.IP, g.Connect, g.Say = slices.Clone(in.IP), in.Connect, in.Say
	if in.Room != "" {
		g.Room = in.Room
	}
	if len(in.Transports) > 0 {
		g.Transports = in.Transports
	}
	if in.Kind != "" {
		g.Kind = in.Kind
	}
	g.Size, g.URL, g.Headers, g.Credentials = in.Size, in.URL, in.Headers, in.Credentials
	if in.Protocol != 0 {
		g.Protocol = in.Protocol
	}
	if in.Reconnection != (Reconnection{}) {
		g.Reconnection = in.Reconnection
	}
	return g
}
