package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// who takes the name of a client, or of a group where that may be.
func (x *phrase) who(one bool) string {
	what := "a group or a client"
	if one {
		what = "a client"
	}
	name := x.next(what)
	if x.err != nil || x.open {
		return x.known("group or client", name, nil)
	}
	c := x.Groups.Of(name)
	switch {
	case c == nil:
		x.fail(fmt.Sprintf("no group or client %q", yamltree.Shorten(name)), yamltree.OrElse(x.Groups.Near(name), "groups: "+strings.Join(x.Groups.Names(), ", ")))
	case one && c.Name == name:
		x.fail(fmt.Sprintf("%q is a group, one client says a text", name), "such as "+c.Client(0))
	}
	return name
}

// newName takes the name of a group that may be new.
func (x *phrase) newName() string {
	name := x.next("the name of a group")
	if x.err == nil && (!GroupName.MatchString(name) || len(name) > LongestName) {
		x.fail(fmt.Sprintf("%q can not be the name of a group", yamltree.Shorten(name)), fmt.Sprintf("a letter, then letters, digits and -, up to %d", LongestName))
	}
	return name
}

// ranges takes addresses as long as there are any, at least one.
func (x *phrase) ranges() []Range {
	var out []Range
	for x.err == nil && (len(out) == 0 || len(x.args) > 0 && strings.ContainsAny(x.args[0].text, "./:")) {
		w := x.next("an address or a range")
		if x.err != nil {
			break
		}
		r, problem, hint := parseRange(w)
		if problem != "" {
			x.fail(problem, yamltree.OrElse(hint, AnIP))
		}
		out = append(out, r)
	}
	return out
}

// settings are the words that a group takes behind its addresses.
var settings = []string{"connect", "say", "room", "transports", "kind", "size", "url", "header", "credentials", "protocol", "reconnection", "attempts", "delay", "delay_max", "factor"}

// group takes what clients that are added are like.
func (x *phrase) group(name string) *Group {
	g := &Group{Name: name, Count: 1}
	if len(x.args) > 0 && !strings.ContainsAny(x.args[0].text, "./:") {
		g.Count = x.number("a number of clients", 1, MaxClients)
	}
	g.IP = x.ranges()
	seen := map[string]bool{}
	for x.err == nil && len(x.args) > 0 {
		setting := x.next("")
		if seen[setting] && setting != "header" {
			x.fail(setting+" stands twice", "")
			break
		}
		seen[setting] = true
		x.setting(g, setting)
	}
	if r := g.Reconnection; x.err == nil && r.DelayMax < r.Delay {
		x.fail(fmt.Sprintf("delay %s is above delay_max %s", FormatDuration(r.Delay), FormatDuration(r.DelayMax)), "")
	}
	return g
}

func (x *phrase) setting(g *Group, name string) {
	r := &g.Reconnection
	if *r == (Reconnection{}) && slices.Contains([]string{"reconnection", "attempts", "delay", "delay_max", "factor"}, name) {
		*r = NewGroup("").Reconnection
	}
	if x.trait(g, name) {
		return
	}
	switch name {
	case "connect":
		g.Connect = x.span("a duration")
	case "say":
		if len(x.args) > 1 && x.args[0].text == "every" {
			x.next("")
		}
		if g.Say = x.duration("a period"); x.err == nil && g.Say < shortest {
			x.fail("the period "+FormatDuration(g.Say)+" is too short", "from "+FormatDuration(shortest)+" on")
		}
	case "room":
		if g.Room = x.next("a room"); x.err == nil && strings.TrimSpace(g.Room) == "" {
			x.fail("the room has no name", "")
		}
	case "transports":
		list := strings.Split(x.next("transports"), ",")
		for i, t := range list {
			if x.err == nil && (t != Polling && t != Websocket || slices.Contains(list[:i], t)) {
				x.fail(fmt.Sprintf("transports can not be %q", yamltree.Shorten(strings.Join(list, ","))), "polling,websocket or one of them")
			}
		}
		g.Transports = list
	case "kind":
		kinds := []string{Browser, Native}
		if g.Kind = x.next("browser or native"); x.err == nil && !slices.Contains(kinds, g.Kind) {
			x.fail(fmt.Sprintf("kind can not be %q", yamltree.Shorten(g.Kind)), yamltree.OrElse(spell.DidYouMean(g.Kind, kinds), yamltree.OneOf(kinds)))
		}
	case "reconnection":
		switch w := x.next("on or off"); w {
		case "on":
		case "off":
			r.Off = true
		default:
			x.fail(fmt.Sprintf("reconnection can not be %q", yamltree.Shorten(w)), "on or off")
		}
	case "attempts":
		r.Attempts = x.number("a number of attempts", 1, 1_000_000)
	case "delay":
		r.Delay = x.duration("a delay")
	case "delay_max":
		r.DelayMax = x.duration("a delay")
	case "factor":
		w := x.next("a number from 0 to 1")
		v, err := strconv.ParseFloat(w, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			x.fail(fmt.Sprintf("factor can not be %q", yamltree.Shorten(w)), "a number from 0 to 1")
		}
		r.Factor = v
	default:
		x.fail(fmt.Sprintf("%q does not go with add", yamltree.Shorten(name)), yamltree.OrElse(spell.DidYouMean(name, settings), yamltree.OneOf(settings)))
	}
}
