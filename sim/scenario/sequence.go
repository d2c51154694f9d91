package scenario

import (
	"fmt"
	"slices"
	"sort"
	"strconv"

	"stickylab/cluster/spell"
)

// steps checks the steps in the order of time, with what each changes for those
// after it: the nginx text in force, and where the groups are.
func (r *resolver) steps() {
	order := make([]int, len(r.f.Steps))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return r.f.Steps[order[a]].At < r.f.Steps[order[b]].At })
	c := &course{resolver: r, text: r.plan.Nginx, places: map[string][]Range{}}
	for i := range r.f.Clients {
		c.places[r.f.Clients[i].Name] = r.f.Clients[i].IP
	}
	for _, i := range order {
		path := index("steps", i)
		s := r.f.Steps[i]
		if r.isBad(path) {
			continue
		}
		if r.f.Duration > 0 && s.At >= r.f.Duration && !r.isBad(path+".at") {
			r.value(path+".at", fmt.Sprintf("the step is at %s, the run ends at %s", formatDuration(s.At), formatDuration(r.f.Duration)), "a time before the end", "")
		}
		c.step(path, s)
	}
	r.plan.Steps = byTime(r.f.Steps)
}

// course is the state of things between steps.
type course struct {
	*resolver
	text   string // nginx text in force, "" when unknown
	places map[string][]Range
}

func (c *course) step(path string, s Step) {
	verb := join(path, string(s.Verb))
	if c.isBad(verb) {
		return
	}
	switch s.Verb {
	case Adapter:
		if s.Node != "" {
			c.node(path+".node", s.Node)
		}
		if s.Adapter != AdapterNone && s.Adapter != AdapterRedis {
			c.value(verb, fmt.Sprintf("the adapter can not be %q", s.Adapter), "redis or none", "")
		}
	case Kill, Restart:
		c.node(verb, s.Node)
	case Say:
		g := c.client(verb, s.Who)
		if g != nil && g.Name == s.Who {
			c.value(verb, fmt.Sprintf("%q is a group, one client says a text", s.Who), "a client", "such as "+g.Client(0))
		}
	case Connect, Disconnect:
		c.client(verb, s.Who)
	case Move:
		c.move(path, verb, s)
	case Policy:
		c.policy(path, verb, s)
	case Reload:
		c.reload(verb, s)
	default:
		c.value(path, fmt.Sprintf("a step can not %q", string(s.Verb)), aStep, "")
	}
}

func (c *course) node(path, name string) {
	if c.isBad("nodes") {
		return
	}
	if names := c.nodeNames(); len(names) > 0 && !slices.Contains(names, name) {
		c.value(path, fmt.Sprintf("no node %q", name), oneOf(names), spell.DidYouMean(name, names))
	}
}

func (c *course) client(path, name string) *Group {
	if len(c.f.Clients) == 0 {
		return nil
	}
	g := c.who(name)
	if g == nil {
		c.unknownWho(path, name)
	}
	return g
}

// move checks that there is room in the new range and that it is nobody
// else's at that time.
func (c *course) move(path, verb string, s Step) {
	g := c.client(verb, s.Who)
	if g == nil || len(s.IP) == 0 {
		if len(s.IP) == 0 {
			c.value(path+".ip", "move needs ip", anIP, "")
		}
		return
	}
	count := 1
	if s.Who == g.Name {
		count = g.Count
	}
	at := path + ".ip"
	c.wideEnough(at, s.IP, count)
	c.apartFromItself(at, s.IP)
	for i := range c.f.Clients {
		other := &c.f.Clients[i]
		if other == g {
			continue
		}
		for _, a := range c.places[other.Name] {
			for e, b := range s.IP {
				if a.Prefix.Overlaps(b.Prefix) {
					c.value(entry(at, s.IP, e), fmt.Sprintf("%s overlaps %s, where %s is then", b, a, other.Name), "addresses of its own for each group", "")
				}
			}
		}
	}
	if count == 1 && g.Count > 1 {
		c.places[g.Name] = append(slices.Clone(c.places[g.Name]), s.IP...)
	} else {
		c.places[g.Name] = s.IP
	}
}

func (c *course) policy(path, verb string, s Step) {
	if c.text == "" {
		c.method(verb, s.Policy)
		return
	}
	out, config := c.rewrite(verb, path+".upstream", c.text, s.Upstream, s.Policy)
	if config != nil {
		c.text = out
	}
}

func (c *course) reload(verb string, s Step) {
	config, ok := c.parse(s.Nginx, verb)
	if !ok || c.plan.Config == nil {
		return
	}
	c.text = s.Nginx
	if !c.isBad("nodes") {
		c.servers(config, verb, c.plan.usedBy(config))
	}
}

// moveName names the randomness of the n-th move of a group or client.
func moveName(who string, n int) string { return who + "/move/" + strconv.Itoa(n) }

// expect checks and compiles the expectations.
func (r *resolver) expect() {
	known := names{groups: r.groupNames()}
	if !r.isBad("nodes") && len(r.plan.Nodes) > 0 {
		known.nodes = r.nodeNames()
	}
	if r.lacks("clients") || r.isBad("clients") {
		known.groups = nil
	}
	for i, e := range r.f.Expect {
		path := index("expect", i)
		e.At = e.instant(r.f.Duration)
		timed := !r.isBad(path+".at") && !r.isBad(path) && r.f.Duration > 0
		if timed && e.At > r.f.Duration {
			r.value(path+".at", fmt.Sprintf("the expectation is at %s, the run ends at %s", formatDuration(e.At), formatDuration(r.f.Duration)), "a time up to the end, or end", "")
		}
		if timed && e.From >= e.At && !r.isBad(path+".from") {
			at := path + ".from"
			if r.lacks(at) {
				at = path + ".at"
			}
			r.value(at, fmt.Sprintf("the window from %s to %s is empty", formatDuration(e.From), formatDuration(e.At)), "from before at", "")
		}
		if e.That == "" {
			if r.origin == nil {
				r.value(path+".that", "the expectation has no condition", aCondition, "")
			}
			continue
		}
		check, flaws := compile(e.That, known)
		for _, f := range flaws {
			line, column := lineColumn(e.That, f.at)
			r.inside(path+".that", line, column, f.width, f.text, f.expected, f.hint)
		}
		p := Planned{Expectation: e, Check: check}
		if n := r.nodeOf(path); n != nil {
			p.Line = n.place.line
		}
		r.plan.Expect = append(r.plan.Expect, p)
	}
}

// lineColumn turns a character of a text, from 0, into line and column from 1.
func lineColumn(text string, at int) (line, column int) {
	line, column = 1, 1
	for i, c := range []rune(text) {
		if i >= at {
			break
		}
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}
