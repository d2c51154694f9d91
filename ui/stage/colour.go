package stage

// letters name the nodes, in order of appearance. Each has a small form. Nodes
// beyond them share the last one.
var letters = []rune("ABCDEFGHIJKLMNOPQRSTUVWXYZΓΔΘΛΞΠΣΦΨΩБГДЖЗИЛЦЧШЭЮЯ#")

// Letter returns the letter of the node with that number, from 0.
func Letter(node int) string { return string(letters[min(node, len(letters)-1)]) }

// A Colour is one of those of Okabe and Ito ("Color Universal Design", 2008), which colour-blind
// people tell apart. How it looks depends on where it is drawn.
type Colour uint8

// The colours, in the order in which nodes get them. Vermillion comes last, since it is near to
// the red of what is lost.
const (
	Orange Colour = iota
	SkyBlue
	BluishGreen
	ReddishPurple
	Yellow
	Blue
	Vermillion

	Colours // how many there are
)

// String returns the colour's name.
func (c Colour) String() string {
	return [...]string{"orange", "sky blue", "bluish green", "reddish purple", "yellow", "blue", "vermillion"}[c]
}

// ColourOf returns the colour of the node with that number, from 0. Beyond the seventh the first is
// used another time: a colour always goes with its letter.
func ColourOf(node int) Colour { return Colour(node % int(Colours)) }
