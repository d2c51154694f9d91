package scenario

import (
	"slices"
	"strings"
	"unicode"

	"stickylab/sim/scenario/yamltree"
)

// Names are the names that a plan gives to steps in words. A nil *Names knows none
// and takes all.
type Names struct {
	Nodes     []string
	Groups    Timeline
	Upstreams []string
	Reserved  []string // hosts of the simulation: the proxy, redis, the fronts
	URLs      []string // where other groups go
	CheckURL  func(string) *yamltree.Problem
}

func (v *Names) orNone() *Names {
	if v == nil {
		return &Names{}
	}
	return v
}

// hosts are what a partition can be between, but for single clients.
func (v *Names) hosts() []string {
	return slices.Concat(v.Nodes, v.Reserved, v.Groups.Names())
}

// mostCompletions is how many completions are offered.
const mostCompletions = 100

// CompleteStep returns what the last word of a step in words may become, in
// the order of sense; a line that ends in a blank, or is empty, has an empty
// last word. Nil: nothing is known, or the word may be anything.
func CompleteStep(v *Names, words string) []string {
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
		offered = v.orNone().next(Verb(before[0]), before[1:], last)
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
func (v *Names) next(verb Verb, before []string, last string) []string {
	n := len(before)
	nth := func(lists ...[]string) []string {
		if n < len(lists) {
			return lists[n]
		}
		return nil
	}
	switch verb {
	case Adapter:
		return nth([]string{AdapterRedis, AdapterNone}, v.Nodes)
	case Kill, Close, Restart, Freeze, DisconnectSockets, Hang, Refuse, Resume:
		return nth(v.Nodes)
	case Block:
		return nth(v.Nodes, []string{"3s", "30s", "60s"})
	case Emit:
		return nth(v.rooms(), slices.Concat([]string{everyNode}, v.Nodes), []string{"local"})
	case Count:
		return nth(v.rooms(), v.Nodes)
	case Down, Up, Drain:
		return nth(v.Nodes, v.Upstreams)
	case Slow:
		return nth(v.Nodes, []string{"100ms", "1s", "5s"})
	case Policy:
		return v.policies(before)
	case Scale:
		if n > 0 && before[0] == "remove" {
			return nth(nil, v.Nodes, v.Upstreams)
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
		return nth(slices.Concat(v.Groups.Names(), v.clients(last)))
	case Add:
		return v.newcomers(before)
	}
	return nil
}

// clients are those of the group whose name the word begins with, or the first
// of each group.
func (v *Names) clients(word string) []string {
	var out []string
	for _, c := range v.Groups {
		if !strings.HasPrefix(word, c.Name+"-") {
			out = append(out, c.Client(0))
			continue
		}
		for i := 0; i < c.Size && len(out) < mostCompletions; i++ {
			if name := c.Client(i); strings.HasPrefix(name, word) {
				out = append(out, name)
			}
		}
	}
	return out
}

// policies continues a balancing method word by word.
func (v *Names) policies(before []string) []string {
	var out []string
	whole := false
	for _, m := range Methods {
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
		out = append(out, v.Upstreams...)
	}
	return out
}

// newcomers continues an add.
func (v *Names) newcomers(before []string) []string {
	n := len(before)
	if n == 0 {
		return v.Groups.Names()
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
		return v.URLs
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
	if c := v.Groups.Named(before[0]); c != nil {
		for _, r := range c.IP {
			out = append(out, r.String())
		}
	}
	return out
}

func without(list, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(w string) bool { return slices.Contains(gone, w) })
}
