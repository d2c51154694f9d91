package scenario

import (
	"reflect"
	"slices"
)

// Newcomers is the group that an add step describes, defaults filled in.
func (s Step) Newcomers() Group {
	var g Group
	if s.Group != nil {
		g = *s.Group
	}
	g.Name, g.Count, g.IP = s.Who, max(g.Count, 1), slices.Clone(g.IP)
	return g.Or(NewGroup(s.Who))
}

// Or is the group with what it leaves out as another has it.
func (g Group) Or(usual Group) Group {
	into, from := reflect.ValueOf(&g).Elem(), reflect.ValueOf(usual)
	for i := range into.NumField() {
		if f := into.Field(i); f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			f.Set(from.Field(i))
		}
	}
	return g
}

// Rewrites reports whether a verb changes the configuration of the proxy.
func (v Verb) Rewrites() bool { return v.Kind() == OfProxy }
