package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// steps checks the steps in the order of time, with what each changes for those
// after it: the nginx current text, and where the groups are.
func (r *resolver) steps() {
	order := make([]int, len(r.f.Steps))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return r.f.Steps[order[a]].At < r.f.Steps[order[b]].At })
	c := &stepChecker{resolver: r, stepState: r.plan.beginning()}
	for _, i := range order {
		if r.Full() {
			break
		}
		path := yamltree.Index("steps", i)
		s := r.f.Steps[i]
		if r.IsBad(path) {
			continue
		}
		if r.f.Duration > 0 && s.At >= r.f.Duration && !r.IsBad(path+".at") {
			r.Value(path+".at", fmt.Sprintf("the step is at %s, the run ends at %s", scenario.FormatDuration(s.At), scenario.FormatDuration(r.f.Duration)), "a time before the end", "")
		}
		c.step(path, s)
	}
	r.plan.Steps = byTime(r.f.Steps)
}

// stepState is the state of things between steps.
type stepState struct {
	running     Running
	known       bool                     // whether the nginx text is, or had mistakes
	frozenUntil map[string]time.Duration // until when a node is frozen or blocked
}

// beginning is the state before all steps.
func (p *Plan) beginning() stepState { return stepState{running: p.Begin(), known: p.Config != nil} }

// stepChecker checks steps in the state that those before them have left.
type stepChecker struct {
	*resolver
	stepState
}

// effects are what checking a step does besides looking its names up: what the steps
// after it must know of, and what only the state of that time shows.
var effects = map[scenario.Verb]func(c *stepChecker, path, verb string, s scenario.Step){
	scenario.Kill:    (*stepChecker).runsAgain,
	scenario.Restart: (*stepChecker).runsAgain,
	scenario.Resume:  (*stepChecker).runsAgain,
	scenario.Freeze:  (*stepChecker).stops,
	scenario.Block:   (*stepChecker).stops,
	scenario.Close:   (*stepChecker).closes,
	scenario.Move:    (*stepChecker).move,
	scenario.Add:     (*stepChecker).add,
	scenario.Policy:  (*stepChecker).policy,
	scenario.Down:    (*stepChecker).rewriteServers,
	scenario.Up:      (*stepChecker).rewriteServers,
	scenario.Drain:   (*stepChecker).rewriteServers,
	scenario.Scale:   (*stepChecker).rewriteServers,
	scenario.Reload:  (*stepChecker).reload,
}

func (c *stepChecker) step(path string, s scenario.Step) {
	verb := yamltree.Join(path, string(s.Verb))
	if c.IsBad(verb) {
		return
	}
	for _, a := range s.Arguments() {
		c.reference(yamltree.Join(path, a.Key), a, s)
	}
	if effect := effects[s.Verb]; effect != nil {
		effect(c, path, verb, s)
	}
}

// reference checks that what a step names is there at that time. What the proxy's
// configuration must have is for rewriting it to say.
func (c *stepChecker) reference(path string, a scenario.Argument, s scenario.Step) {
	switch a.Ref {
	case scenario.RefNode:
		for _, name := range a.Names {
			if !s.Verb.Rewrites() {
				c.node(path, name)
			}
		}
	case scenario.RefHost:
		c.hosts(path, a.Names)
	case scenario.RefClient, scenario.RefClients:
		for _, name := range a.Names {
			g := c.client(path, name)
			if g != nil && g.Name == name && a.Ref == scenario.RefClient {
				c.Value(path, fmt.Sprintf("%q is a group, one client says a text", name), "a client", "such as "+g.Client(0))
			}
		}
	}
}

// expect checks and compiles the expectations.
func (r *resolver) expect() {
	for i, e := range r.f.Expect {
		path := yamltree.Index("expect", i)
		e.At = e.Instant(r.f.Duration)
		timed := !r.IsBad(path+".at") && !r.IsBad(path) && r.f.Duration > 0
		if timed && e.At > r.f.Duration {
			r.Value(path+".at", fmt.Sprintf("the expectation is at %s, the run ends at %s", scenario.FormatDuration(e.At), scenario.FormatDuration(r.f.Duration)), "a time up to the end, or end", "")
		}
		if timed && e.From >= e.At && !r.IsBad(path+".from") {
			at := path + ".from"
			if r.lacks(at) {
				at = path + ".at"
			}
			r.Value(at, fmt.Sprintf("the window from %s to %s is empty", scenario.FormatDuration(e.From), scenario.FormatDuration(e.At)), "from before at", "")
		}
		if e.That == "" {
			if r.Origin == nil {
				r.Value(path+".that", "the expectation has no condition", expect.ACondition, "")
			}
			continue
		}
		p := Planned{Expectation: e, Check: r.condition(path+".that", e.That)}
		if n := r.NodeOf(path); n != nil {
			p.Line = n.Place.Line
		}
		r.plan.Expect = append(r.plan.Expect, p)
	}
}

// condition compiles the expression at a path.
func (r *resolver) condition(path, that string) *expect.Check {
	if r.Full() {
		return nil
	}
	if r.names == nil {
		r.names = &expect.Names{Groups: r.groupsNow.Names()}
		if !r.IsBad("nodes") && len(r.plan.Nodes) > 0 {
			r.names.Nodes = slices.Concat(nodeNames(r.plan.Nodes), nodeNames(r.plan.later))
		}
		if r.lacks("clients") || r.IsBad("clients") {
			r.names.Groups = nil
		}
	}
	check, flaws := expect.Compile(that, *r.names)
	for _, f := range flaws {
		line, column := lineColumn(that, f.At)
		r.Inside(path, line, column, f.Width, f.Text, f.Expected, f.Hint)
	}
	return check
}

// lineColumn turns a character of a text, from 0, into line and column from 1.
func lineColumn(text string, at int) (line, column int) {
	runes := []rune(text)
	before := string(runes[:min(at, len(runes))])
	return 1 + strings.Count(before, "\n"), 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
}
