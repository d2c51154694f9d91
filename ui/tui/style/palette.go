package style

import (
	"strings"
	"unicode"

	"stickylab/ui/stage"
)

// State is the state of a client, as its mark shows it.
type State uint8

// The states of a client.
const (
	Websocket  State = iota // connected, on websocket
	Polling                 // connected, on polling
	Waiting                 // it is not time yet to connect
	Connecting              // it has not been connected so far
	Away                    // it lost its connection and is trying to come back
	Refused                 // its last attempt to connect failed
	Gone                    // it left
)

// States are all states, in the order of a legend.
var States = []State{Websocket, Polling, Waiting, Connecting, Away, Refused, Gone}

// marks of the states, on the first node.
var marks = [...]string{Websocket: "A", Polling: "a", Waiting: "·", Connecting: "~", Away: "○", Refused: "×", Gone: "-"}

// String is the state in a word.
func (s State) String() string {
	return [...]string{"websocket", "polling only", "not yet there", "connecting", "away", "refused", "left"}[s]
}

// Legend tells a state's mark, unpainted, as it would be on the first node.
func (s State) Legend() string { return marks[s] + " " + s.String() }

// Palette gives each node its letter and its colour, the same everywhere.
type Palette struct {
	nodes []string
	at    map[string]int
}

// NewPalette returns the palette for nodes in order of appearance.
func NewPalette(nodes []string) *Palette {
	p := &Palette{nodes: nodes, at: make(map[string]int, len(nodes))}
	for i, n := range nodes {
		p.at[n] = i
	}
	return p
}

// Nodes returns the nodes in order of appearance.
func (p *Palette) Nodes() []string { return p.nodes }

// Letter returns the node's letter, "?" for one that is not known.
func (p *Palette) Letter(node string) string {
	i, ok := p.at[node]
	if !ok {
		return "?"
	}
	return stage.Letter(i)
}

// Node returns the node of a letter, "" when there is none.
func (p *Palette) Node(letter string) string {
	for _, n := range p.nodes {
		if strings.EqualFold(p.Letter(n), letter) {
			return n
		}
	}
	return ""
}

// Ink returns the node's ink.
func (p *Palette) Ink(node string) Ink {
	i, ok := p.at[node]
	if !ok {
		return Dim
	}
	return firstNode + Ink(stage.ColourOf(i))
}

// Mark returns the node's letter in its colour.
func (p *Palette) Mark(node string) string { return p.Paint(node, p.Letter(node)) }

// Paint paints a text in the node's colour; the text should have its letter in
// it or next to it.
func (p *Palette) Paint(node, text string) string { return Paint(p.Ink(node), text) }

// Label returns the letter in its colour and the name: "A im-3030".
func (p *Palette) Label(node string) string { return p.Mark(node) + " " + node }

// Client returns the mark of a client, unpainted, and its ink. Its width is 1.
func (p *Palette) Client(node string, s State) (string, Ink) {
	switch s {
	case Websocket:
		return p.Letter(node), p.Ink(node)
	case Polling:
		return strings.Map(unicode.ToLower, p.Letter(node)), p.Ink(node)
	case Away, Refused:
		return marks[s], Loss
	}
	return marks[s], Dim
}
