package scenario

import (
	"slices"
	"strings"
	"unicode"
)

// vocabulary is what a plan gives names to.
type vocabulary struct {
	plan      *Plan // nil: nothing is known
	nodes     []string
	groups    crews
	upstreams []string
}

func vocabularyOf(p *Plan) vocabulary {
	v := vocabulary{plan: p}
	if p == nil {
		return v
	}
	for _, n := range slices.Concat(p.Nodes, p.later) {
		v.nodes = append(v.nodes, n.Name)
	}
	v.groups = crewsOf(p.File.Clients, p.Steps)
	for _, u := range p.Config.Upstreams {
		if !u.Implicit {
			v.upstreams = append(v.upstreams, u.Name)
		}
	}
	return v
}

// hosts are what a partition can be between, but for single clients.
func (v vocabulary) hosts() []string {
	if v.plan == nil {
		return nil
	}
	return slices.Concat(v.nodes, v.plan.reserved(), v.groups.names())
}

// mostCompletions is how many completions are offered.
const mostCompletions = 100

// CompleteStep returns what the last word of a step in words may become, in
// the order of sense; a line that ends in a blank, or is empty, has an empty
// last word. Nil: nothing is known, or the word may be anything.
func CompleteStep(p *Plan, words string) []string {
	all := splitWords(words)
	last := ""
	if n := len(all); n > 0 && !strings.ContainsFunc(words[len(words)-1:], unicode.IsSpace) {
		last, all = words[all[n-1].at:], all[:n-1]
	}
	var before []string
	for _, w := range all {
		before = append(before, w.text)
	}
	var offered []string
	if len(before) == 0 {
		offered = verbNames()
	} else {
		offered = vocabularyOf(p).next(Verb(before[0]), before[1:], last)
	}
	var out []string
	for _, o := range offered {
		if strings.HasPrefix(o, last) && len(out) < mostCompletions && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// next returns the words that may follow those after the verb.
func (v vocabulary) next(verb Verb, before []string, last string) []string {
	n := len(before)
	nth := func(lists ...[]string) []string {
		if n < len(lists) {
			return lists[n]
		}
		return nil
	}
	switch verb {
	case Adapter:
		return nth([]string{AdapterRedis, AdapterNone}, v.nodes)
	case Kill, Close, Restart, Freeze, DisconnectSockets, Hang, Refuse, Resume:
		return nth(v.nodes)
	case Block:
		return nth(v.nodes, []string{"3s", "30s", "60s"})
	case Emit:
		return nth(v.rooms(), slices.Concat([]string{everyNode}, v.nodes), []string{"local"})
	case Count:
		return nth(v.rooms(), v.nodes)
	case Down, Up, Drain:
		return nth(v.nodes, v.upstreams)
	case Slow:
		return nth(v.nodes, []string{"100ms", "1s", "5s"})
	case Policy:
		return v.policies(before)
	case Scale:
		if n > 0 && before[0] == "remove" {
			return nth(nil, v.nodes, v.upstreams)
		}
		return nth([]string{"add", "remove"})
	case Partition, Heal:
		return nth(slices.Concat(v.hosts(), v.clients(last)), slices.Concat(v.hosts(), v.clients(last)))
	case Redis:
		return nth([]string{RedisDown, RedisUp, RedisSlow})
	case Delays:
		if n%2 == 0 {
			return without([]string{"client", "backend", "redis"}, before)
		}
		return nil
	case Say:
		if n == 0 {
			return v.clients(last)
		}
		if n == 1 {
			return []string{"size"}
		}
	case Connect, Disconnect, Move:
		return nth(slices.Concat(v.groups.names(), v.clients(last)))
	case Add:
		return v.newcomers(before)
	}
	return nil
}

// clients are those of the group whose name the word begins with, or the first
// of each group.
func (v vocabulary) clients(word string) []string {
	var out []string
	for _, c := range v.groups {
		if !strings.HasPrefix(word, c.Name+"-") {
			out = append(out, c.Client(0))
			continue
		}
		for i := 0; i < c.size && len(out) < mostCompletions; i++ {
			if name := c.Client(i); strings.HasPrefix(name, word) {
				out = append(out, name)
			}
		}
	}
	return out
}

// policies continues a balancing method word by word.
func (v vocabulary) policies(before []string) []string {
	var out []string
	whole := false
	for _, m := range methods {
		words := strings.Fields(m)
		if len(words) >= len(before) && slices.Equal(words[:len(before)], before) {
			if len(words) > len(before) {
				out = append(out, words[len(before)])
			} else {
				whole = true
			}
		}
	}
	if whole {
		out = append(out, v.upstreams...)
	}
	return out
}

// newcomers continues an add.
func (v vocabulary) newcomers(before []string) []string {
	n := len(before)
	if n == 0 {
		return v.groups.names()
	}
	switch before[n-1] {
	case "transports":
		return []string{"polling,websocket", "websocket", "polling"}
	case "kind":
		return []string{Browser, Native}
	case "reconnection":
		return []string{"on", "off"}
	case "room":
		return v.rooms()
	case "credentials":
		return []string{"on", "off"}
	case "protocol":
		return []string{"4", "3"}
	case "url":
		return v.urls()
	case "header":
		return []string{"X-Forwarded-For"}
	case "connect", "say", "size", "attempts", "delay", "delay_max", "factor":
		return nil
	}
	if n > 1 && before[n-2] == "header" {
		return nil
	}
	placed := slices.ContainsFunc(before, func(w string) bool { return strings.ContainsAny(w, "./:") })
	if placed {
		return without(settings, before)
	}
	var out []string
	if c := v.groups.named(before[0]); c != nil {
		for _, r := range c.IP {
			out = append(out, r.String())
		}
	}
	return out
}

// urls are where other groups go, and the names that the proxy knows.
func (v vocabulary) urls() []string {
	if v.plan == nil {
		return nil
	}
	out := slices.Clone(v.plan.urls)
	for _, name := range v.plan.serverNames() {
		if !strings.ContainsAny(name, "*_") && !strings.HasPrefix(name, ".") {
			out = append(out, "http://"+name+"/")
		}
	}
	return out
}

func without(list, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(w string) bool { return slices.Contains(gone, w) })
}
