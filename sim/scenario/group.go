package scenario

import "fmt"

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

// Bounds of what a group adds.
const (
	MaxText    = 20_000_000 // bytes of a say's text
	MaxHeaders = 20
	maxHeader  = 1000 // bytes of a header's value
)
