package scenario

import "fmt"

// Client is the name of the group's client i, from 0: "beijing-01". Numbers
// have as many digits as the group's count, at least two.
func (g *Group) Client(i int) string {
	return fmt.Sprintf("%s-%0*d", g.Name, max(2, len(fmt.Sprint(g.Count))), i+1)
}
