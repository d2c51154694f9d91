package scenario

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// everyNode is what `from:` calls all nodes.
const everyNode = "all"

// Orders tells whether a verb is something that nodes themselves do, or stop
// doing.
func (v Verb) Orders() bool {
	return slices.Contains([]Verb{Close, Freeze, Block, DisconnectSockets, Emit, Count}, v)
}

// oneOrAll reads the name of a node; all nodes are "".
func (d *decoder) oneOrAll(into *string) func(*yamltree.Node, string) {
	read := d.name(into, "from", nodeName)
	return func(n *yamltree.Node, path string) {
		if read(n, path); *into == everyNode {
			*into = ""
		}
	}
}

// truth reads true or false.
func (d *decoder) truth(into *bool, what string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, ok := n.Value.(bool)
		if n.Kind != yamltree.Scalar || !ok {
			d.wrong(n, path, what, "true or false", spell.DidYouMean(n.Text, []string{"true", "false"}))
			return
		}
		*into = v
	}
}

// thaw notes the end of a node's standing still.
func (c *course) thaw(s Step) {
	switch s.Verb {
	case Kill, Restart, Resume:
		delete(c.still, s.Node)
	}
}

// order checks what a node is told.
func (c *course) order(path, verb string, s Step) {
	at := verb
	switch s.Verb {
	case Emit:
		at = path + ".from"
	case Count:
		at = path + ".node"
	}
	if s.Verb == Emit || s.Verb == Count {
		c.room(verb, s.Room)
	}
	if s.Node != "" || s.Verb != Emit {
		c.node(at, s.Node)
	}
	if c.still == nil {
		c.still = make(map[string]time.Duration)
	}
	switch s.Verb {
	case Freeze:
		c.still[s.Node] = math.MaxInt64
	case Block:
		c.delay(path+".for", s.Delay)
		c.still[s.Node] = s.At + s.Delay
	case Close:
		if c.still[s.Node] > s.At {
			c.Value(verb, fmt.Sprintf("%s stands still then: it can not close", s.Node), "", "resume it before, or kill it")
		}
		delete(c.still, s.Node)
	}
}

// longestRoom is what the chat takes for the name of a room.
const longestRoom = 64

func (c *course) room(path, room string) {
	if strings.TrimSpace(room) == "" || len(room) > longestRoom {
		c.Value(path, fmt.Sprintf("%q can not be a room", yamltree.Shorten(room)), fmt.Sprintf("a name of at most %d bytes", longestRoom), "")
	}
}

// emitWords are an emit in words: "lobby all local "hi"".
func (s Step) emitWords() []string {
	out := []string{oneWord(s.Room), s.from()}
	if s.Local {
		out = append(out, "local")
	}
	return append(out, strconv.Quote(s.Text))
}

func (s Step) emitPairs() []string {
	local := ""
	if s.Local {
		local = "true"
	}
	return []string{"emit", yamltree.Quote(s.Room), "from", yamltree.Quote(s.from()), "text", yamltree.QuoteSome(s.Text), "local", local}
}

func (s Step) from() string {
	if s.Node == "" {
		return everyNode
	}
	return s.Node
}

// emit takes a room, who emits, whether to its own sockets only, and a text.
func (x *phrase) emit(s *Step) {
	s.Room = x.room()
	if len(x.args) > 0 && x.args[0].text == everyNode {
		x.args = x.args[1:]
	} else {
		s.Node = x.known("node", x.next("all, or a node"), append([]string{everyNode}, x.nodes...))
	}
	if len(x.args) > 0 && x.line[x.args[0].at:x.args[0].at+1] != `"` && x.args[0].text == "local" {
		s.Local, x.args = true, x.args[1:]
	}
	s.Text = x.text()
}

// text takes the rest of the line as a text, which may be in quotes.
func (x *phrase) text() string {
	text := x.rest()
	if text == "" {
		return DefaultText
	}
	if text[0] == '"' {
		if plain, err := strconv.Unquote(text); err == nil && strings.TrimSpace(plain) != "" {
			return plain
		}
	}
	return text
}

// room takes the name of a room.
func (x *phrase) room() string {
	room := x.next("a room")
	if x.err == nil && strings.TrimSpace(room) == "" {
		x.fail(fmt.Sprintf("%q can not be a room", room), "the name of one, such as lobby")
	}
	return room
}

// rooms are those that groups join.
func (v vocabulary) rooms() []string {
	var out []string
	for _, c := range v.groups {
		out = append(out, oneWord(c.Room))
	}
	return out
}
