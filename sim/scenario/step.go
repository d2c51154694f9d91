package scenario

import "slices"

// Newcomers is the group that an add step describes, defaults filled in.
func (s Step) Newcomers() Group {
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

// Rewrites reports whether a verb changes the configuration of the proxy.
func (v Verb) Rewrites() bool { return v.Kind() == OfProxy }
