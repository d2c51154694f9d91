package scenario

import (
	"fmt"
	"reflect"
	"slices"
)

// Client is the name of the group's client i, from 0: "beijing-01". Numbers
// have as many digits as the group's count, at least two.
func (g *Group) Client(i int) string {
	return fmt.Sprintf("%s-%0*d", g.Name, max(2, len(fmt.Sprint(g.Count))), i+1)
}

// Header is a line that a client adds to the head of every request.
type Header struct{ Name, Value string }

// The versions of Engine.IO that a client may speak.
const (
	Protocol4 = 4 // Socket.IO 3 and 4
	Protocol3 = 3 // Socket.IO 2, which nodes refuse
)

// Where the code of a client registers its handlers of events.
const (
	HandlersOnce      = "once"
	HandlersOnConnect = "on_connect"
)

// Bounds of what a group adds.
const (
	MaxText    = 20_000_000 // bytes of a say's text
	MaxHeaders = 20
	maxHeader  = 1000 // bytes of a header's value
)

// Newcomers is the group that an add step describes, defaults filled in.
func (s Step) Newcomers() Group {
	g := NewGroup(s.Who)
	if s.Group != nil {
		g.Count, g.IP, g.Connect = max(s.Group.Count, 1), slices.Clone(s.Group.IP), s.Group.Connect
		g.Settings = s.Group.Settings.Or(g.Settings)
	}
	return g
}

// Or are the settings with those that are left out as others have them.
func (s Settings) Or(usual Settings) Settings {
	into, from := reflect.ValueOf(&s).Elem(), reflect.ValueOf(usual)
	for i := range into.NumField() {
		if f := into.Field(i); f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			f.Set(from.Field(i))
		}
	}
	return s
}

// KeepsCookies reports whether a client gives back the cookies that it got.
func (s Settings) KeepsCookies() bool {
	return s.Kind != Native && (s.Credentials == nil || *s.Credentials)
}

// Rejoins reports whether a client joins its room again after a reconnect.
func (s Settings) Rejoins() bool { return s.Rejoin == nil || *s.Rejoin }

// InBackground reports whether a client is in a hidden tab.
func (s Settings) InBackground() bool { return s.Background != nil && *s.Background }
