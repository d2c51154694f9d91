package plan

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

func (c *stepChecker) node(path, name string) {
	if c.IsBad("nodes") {
		return
	}
	if len(c.running.Nodes) > 0 && nodeNamed(c.running.Nodes, name) == nil {
		names := nodeNames(c.running.Nodes)
		c.Value(path, fmt.Sprintf("no node %q", name), yamltree.OneOf(names), spell.DidYouMean(name, names))
	}
}

// hosts checks the ends of a partition.
func (c *stepChecker) hosts(path string, ends []string) {
	if len(ends) != 2 {
		return // the form of the step is wrong
	}
	if ends[0] == ends[1] {
		c.Value(path, fmt.Sprintf("nothing can be between %s and itself", ends[0]), "two hosts", "")
	}
	if c.IsBad("nodes") || len(c.f.Clients) == 0 {
		return
	}
	for i, name := range ends {
		if nodeNamed(c.running.Nodes, name) == nil && !slices.Contains(c.plan.reserved(), name) && c.groupsNow.Of(name) == nil {
			names := slices.Concat(nodeNames(c.running.Nodes), c.plan.reserved(), c.groupsNow.Names())
			c.Value(yamltree.Index(path, i), fmt.Sprintf("no host %q", name), yamltree.OneOf(names), cmp.Or(c.groupsNow.Near(name), spell.DidYouMean(name, names)))
		}
	}
}

// client returns the group that a name stands for or belongs to.
func (c *stepChecker) client(path, name string) *scenario.GroupState {
	if len(c.f.Clients) == 0 {
		return nil
	}
	g := c.groupsNow.Of(name)
	if g == nil {
		c.unknownWho(path, name, &c.groupsNow)
	}
	return g
}

// move checks that there is room in the new range and that it is no
// else's at that time.
func (c *stepChecker) move(path, verb string, s scenario.Step) {
	g := c.groupsNow.Of(s.Who)
	if g == nil || len(s.IP) == 0 {
		return
	}
	count := 1
	if s.Who == g.Name {
		count = g.Size
	}
	at := path + ".ip"
	c.wideEnough(at, s.IP, count)
	c.apartFromItself(at, s.IP)
	c.notOwned(at, s.IP)
	c.apartFromOthers(at, s.IP, g, thenThere)
	if count == 1 && g.Size > 1 {
		if g.Apart == nil {
			g.Apart = make(map[string][]scenario.Range)
		}
		c.where().removeAll(g, slices.Values(g.Apart[s.Who]))
		g.Apart[s.Who] = s.IP
	} else {
		c.where().removeAll(g, g.All())
		g.Places, g.Apart = slices.Clip(s.IP), nil
	}
	c.where().addAll(g, s.IP)
}

// thenThere words that another group is in a range at the time of a step.
func thenThere(a, b scenario.Range, other string) string {
	return fmt.Sprintf("%s overlaps %s, where %s is then", a, b, other)
}

// add checks that the newcomers have room and names.
func (c *stepChecker) add(path, verb string, s scenario.Step) {
	if len(c.f.Clients) == 0 {
		return
	}
	g := s.Newcomers()
	if len(g.IP) == 0 {
		return
	}
	before := c.groupsNow.Named(s.Who)
	there := 0 // that are in the range already
	for _, r := range g.IP {
		for x := range c.where().overlapping(r) {
			if before != nil && x.who == before {
				there = before.Size
				break
			}
		}
	}
	c.group(path, &g, g.Count+there, s.At)
	c.apartFromOthers(path+".ip", g.IP, before, thenThere)
	if other := c.groupsNow.Of(s.Who); other != nil && other != before {
		c.Value(verb, fmt.Sprintf("%q is a client of %s", s.Who, other.Name), "another name for the group", "")
		return
	}
	if total := c.groupsNow.Size() + g.Count; total > scenario.MaxClients {
		c.Value(verb, fmt.Sprintf("%d clients", total), fmt.Sprintf("at most %d in all", scenario.MaxClients), "")
	}
	grown := c.groupsNow.Add(s)
	c.groupApart(verb, grown)
	for i, r := range g.IP {
		if !c.where().has(grown, r) {
			grown.Places = append(grown.Places, r)
			c.where().add(occupant{grown, i, r})
		}
	}
	if other := c.groupsNow.Clash(grown); other != nil {
		c.Value(verb, fmt.Sprintf("%q is a group, and would be a client of %s", other.Name, grown.Name), "another name for the group", "")
	}
}

func (c *stepChecker) policy(path, verb string, s scenario.Step) {
	if !c.known {
		c.method(verb, s.Policy)
		return
	}
	if config := c.rewrite(verb, path+".upstream", c.running.Config, s.Upstream, s.Policy); config != nil {
		c.running.Config = config
	}
}

// rewriteServers checks a step that changes server lines.
func (c *stepChecker) rewriteServers(path, verb string, s scenario.Step) {
	if c.IsBad("nodes") || len(c.running.Nodes) == 0 || !c.known {
		return
	}
	next, err := c.plan.Rewrite(c.running, s)
	if err != nil {
		at, text, hint := verb, err.Error(), ""
		var unknown *spell.Unknown
		if errors.As(err, &unknown) {
			if unknown.Kind == "upstream" {
				at = path + ".upstream"
			}
			text, hint = unknown.Problem, spell.Meant(unknown.Near)
		}
		c.Value(at, text, "", hint)
		return
	}
	c.plan.comeLater(c.running.Nodes, next.Nodes)
	c.running = next
}

func (c *stepChecker) reload(_, verb string, s scenario.Step) {
	config, ok := c.parse(s.Nginx, verb)
	if !ok || c.plan.Config == nil {
		return
	}
	c.running.Config, c.known = config, true
	if !c.IsBad("nodes") {
		c.servers(config, verb, c.plan.UsedBy(config))
	}
}

// runsAgain notes that a frozen node runs again.
func (c *stepChecker) runsAgain(_, _ string, s scenario.Step) { delete(c.frozenUntil, s.Node) }

// stops notes until when a node is frozen or blocked.
func (c *stepChecker) stops(_, _ string, s scenario.Step) {
	if c.frozenUntil == nil {
		c.frozenUntil = make(map[string]time.Duration)
	}
	if c.frozenUntil[s.Node] = s.At + s.Delay; s.Verb == scenario.Freeze {
		c.frozenUntil[s.Node] = math.MaxInt64
	}
}

// closes checks that a node that shall close is not frozen.
func (c *stepChecker) closes(_, verb string, s scenario.Step) {
	if c.frozenUntil[s.Node] > s.At {
		c.Value(verb, fmt.Sprintf("%s is frozen then: it cannot close", s.Node), "", "resume it before, or kill it")
	}
	delete(c.frozenUntil, s.Node)
}
