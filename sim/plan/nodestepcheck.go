package plan

import (
	"fmt"
	"math"
	"strings"
	"time"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// runsAgain notes that a frozen node runs again.
func (c *stepChecker) runsAgain(s scenario.Step) {
	switch s.Verb {
	case scenario.Kill, scenario.Restart, scenario.Resume:
		delete(c.frozenUntil, s.Node)
	}
}

// nodeStep checks a command to a node.
func (c *stepChecker) nodeStep(path, verb string, s scenario.Step) {
	at := verb
	switch s.Verb {
	case scenario.Emit:
		at = path + ".from"
	case scenario.Count:
		at = path + ".node"
	}
	if s.Verb == scenario.Emit || s.Verb == scenario.Count {
		c.room(verb, s.Room)
	}
	if s.Node != "" || s.Verb != scenario.Emit {
		c.node(at, s.Node)
	}
	if c.frozenUntil == nil {
		c.frozenUntil = make(map[string]time.Duration)
	}
	switch s.Verb {
	case scenario.Freeze:
		c.frozenUntil[s.Node] = math.MaxInt64
	case scenario.Block:
		c.delay(path+".for", s.Delay)
		c.frozenUntil[s.Node] = s.At + s.Delay
	case scenario.Close:
		if c.frozenUntil[s.Node] > s.At {
			c.Value(verb, fmt.Sprintf("%s stands still then: it can not close", s.Node), "", "resume it before, or kill it")
		}
		delete(c.frozenUntil, s.Node)
	}
}

func (c *stepChecker) room(path, room string) {
	if strings.TrimSpace(room) == "" || len(room) > scenario.LongestRoom {
		c.Value(path, fmt.Sprintf("%q can not be a room", yamltree.Shorten(room)), fmt.Sprintf("a name of at most %d bytes", scenario.LongestRoom), "")
	}
}
