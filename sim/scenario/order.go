package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	read := d.name(into, "from", NodeName)
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

// LongestRoom is what the chat takes for the name of a room.
const LongestRoom = 64

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
		s.Node = x.known("node", x.next("all, or a node"), append([]string{everyNode}, x.Nodes...))
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
func (v *Names) rooms() []string {
	var out []string
	for _, c := range v.Groups {
		out = append(out, oneWord(c.Room))
	}
	return out
}
