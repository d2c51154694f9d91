package swarm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"stickylab/sim/scenario"
)

// A drawing is one file while it is drawn, with what later values must know of
// earlier ones.
type drawing struct {
	*rand.Rand
	*spec
	top *tree // the file as far as it is drawn

	duration  time.Duration
	acting    time.Duration // when the last steps are
	heals     bool          // they end all trouble
	tame      bool          // nothing that a cluster cannot work with
	nodes     []string
	addresses []string // of nodes, where they have their own
	groups    []*crowd
	fronts    []string
	upstreams []string
	lines     bool            // the proxy expects lines of the PROXY protocol
	networks  int             // so far: each group has its own
	times     []time.Duration // so far: many times are equal
	node, who string          // of the step before: many steps go to the same
}

// crowd is a group as far as it is drawn.
type crowd struct {
	name  string
	count int
}

// draw draws a file. It may be invalid.
func (s *spec) draw(r *rand.Rand) *drawing {
	d := &drawing{Rand: r, spec: s, top: &tree{shape: pairs}}
	d.fill(d.top, s.root, "scenario")
	return d
}

func (d *drawing) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d *drawing, from ...T) T { return from[d.IntN(len(from))] }

func (d *drawing) text(from ...string) *tree { return &tree{shape: text, text: pick(d, from...)} }

func number(n int) *tree { return &tree{shape: word, text: strconv.Itoa(n)} }

// mapping draws a mapping of that form. Name is that of its definition.
func (d *drawing) mapping(form *tree, name string) *tree {
	out := &tree{shape: pairs}
	d.fill(out, form, name)
	return out
}

func (d *drawing) fill(out, form *tree, name string) {
	keys := form.at("properties")
	only := ""
	if one := form.at("oneOf"); one != nil {
		if only = pick(d, one.list...).at("title").text; d.tame && name == "proxy" {
			only = "policy"
		}
	}
	for i, key := range keys.keys {
		exclusive := only != "" && slices.ContainsFunc(form.at("oneOf").list, func(one *tree) bool { return one.at("title").text == key })
		switch {
		case exclusive && key != only, leftOut[name+"."+key] != "":
			continue
		case !exclusive && !needs(form, key) && (d.tame && wild[name+"."+key] || !d.chance(likely(name, key))):
			continue
		}
		if v := d.value(keys.list[i], name+"."+key); v != nil {
			out.put(key, v)
		}
	}
	for _, both := range [][2]string{{"retries", "ack_timeout"}, {"ack_timeout", "retries"}} { // neither goes alone
		if i := slices.Index(keys.keys, both[1]); i >= 0 && out.at(both[0]) != nil && out.at(both[1]) == nil {
			out.put(both[1], d.value(keys.list[i], name+"."+both[1]))
		}
	}
}

// value draws a value of that form. Path is the definition and the key that it is
// for.
func (d *drawing) value(form *tree, path string) *tree {
	name := path
	for {
		if mean := meanings[name]; mean != nil {
			return mean(d)
		}
		ref := form.at("$ref")
		if ref == nil {
			break
		}
		form, name = d.follow(ref.text)
	}
	switch {
	case form.at("enum") != nil:
		return pick(d, form.at("enum").list...)
	case form.at("anyOf") != nil:
		return d.value(pick(d, form.at("anyOf").list...), path)
	case form.at("items") != nil:
		out := listOf()
		for range 1 + d.IntN(3) {
			out.list = append(out.list, d.value(form.at("items"), path))
		}
		return out
	case form.at("properties") != nil:
		return d.mapping(form, name)
	}
	switch of := form.at("type"); {
	case of != nil && of.text == "boolean":
		return &tree{shape: word, text: strconv.FormatBool(d.chance(50))}
	case of != nil && of.text == "integer":
		return number(pick(d, 1, 1, 2, 3, 5))
	}
	panic(fmt.Sprintf("nothing in meanings says what %s may be", path))
}

// steps draws steps of random verbs, and those that end what they have begun.
func (d *drawing) steps() *tree {
	n := 1 + d.IntN(pick(d, 2, 5, 10))
	out := listOf()
	verbs := slices.DeleteFunc(slices.Clone(d.verbs()), func(form *tree) bool { return d.tame && wild["step."+form.at("title").text] })
	for range n {
		form := pick(d, verbs...)
		out.list = append(out.list, d.mapping(form, form.at("title").text))
	}
	if !d.heals {
		return out
	}
	last := func(verb string, what *tree) {
		step := &tree{shape: pairs}
		step.put("at", &tree{shape: word, text: scenario.FormatDuration(d.acting)})
		step.put(verb, what)
		out.list = append(out.list, step)
	}
	for _, step := range out.list {
		if hosts := step.at("partition"); hosts != nil {
			last("heal", hosts)
		}
		if who := step.at("disconnect"); who != nil {
			last("connect", who)
		}
	}
	for _, node := range d.nodes {
		for _, verb := range []string{"resume", "restart", "up"} {
			last(verb, d.text(node))
		}
	}
	last("redis", d.text("up"))
	return out
}

// round are the times that people write, among them those that other keys have by
// default, so that much falls on one instant.
var round = []time.Duration{
	0, time.Nanosecond, time.Microsecond, 500 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second, 3 * time.Second,
	5 * time.Second, 10 * time.Second, 20 * time.Second, 25 * time.Second, 30 * time.Second, 45 * time.Second, time.Minute,
}

// time draws a time from least to most: one that was drawn before, a round one, or
// any.
func (d *drawing) time(least, most time.Duration) time.Duration {
	fits := func(t time.Duration) bool { return t >= least && t <= most }
	t := least + time.Duration(d.Int64N(int64(most-least)+1))
	switch d.IntN(8) {
	case 0, 1, 2:
		for _, i := range d.Perm(len(d.times)) {
			if fits(d.times[i]) {
				t = d.times[i]
				break
			}
		}
	case 3, 4, 5:
		for _, i := range d.Perm(len(round)) {
			if fits(round[i]) {
				t = round[i]
				break
			}
		}
	case 6:
		t = t.Truncate(time.Second)
	}
	t = max(t, least)
	if d.chance(90) {
		t = max(t.Truncate(time.Millisecond), least)
	}
	d.times = append(d.times, t)
	return t
}

func (d *drawing) timeText(least, most time.Duration) *tree {
	return &tree{shape: word, text: scenario.FormatDuration(d.time(least, most))}
}

// span draws a time, or a range of times.
func (d *drawing) span(most time.Duration) *tree {
	a := d.time(0, most)
	if d.chance(50) {
		return &tree{shape: word, text: scenario.FormatDuration(a)}
	}
	b := d.time(0, most)
	return &tree{shape: word, text: scenario.FormatDuration(min(a, b)) + ".." + scenario.FormatDuration(max(a, b))}
}
