package wire

// A Frame is a run at an instant, as it is shown.
type Frame struct {
	At       Millis        `json:"at"`
	Head     Millis        `json:"head"`     // how far the run has come
	Headline string        `json:"headline"` // what happened so far, in a sentence
	Proxy    Proxy         `json:"proxy"`
	Adapter  string        `json:"adapter"` // "on", "off", or the letters of the nodes where it is on
	Groups   []Group       `json:"groups"`
	Nodes    []Node        `json:"nodes"`
	Redis    Redis         `json:"redis"`
	Motions  []Motion      `json:"motions"` // what was on its way in the last moments
	Last     *Journey      `json:"last"`    // of the last message; null before there is one
	Matrix   Matrix        `json:"matrix"`
	Log      []Line        `json:"log"` // the newest first
	Errors   []ErrorCount  `json:"errors"`
	Expect   []Expectation `json:"expect"`
	Steps    []Step        `json:"steps"` // that were done, of the file and here
	Lesson   *Lesson       `json:"lesson,omitempty"`
}

// Proxy is how the proxy chooses a node.
type Proxy struct {
	Policy string `json:"policy"` // "" without a proxy
}

// A Group is the clients of a group in order of appearance. Names, On, States and Lit have an element, or a
// letter, for each of them.
type Group struct {
	Name   string   `json:"name"`
	Where  string   `json:"where"` // its addresses
	Names  []string `json:"names"`
	On     []int    `json:"on"`     // the node of each
	States string   `json:"states"` // a letter of States each
	Lit    string   `json:"lit"`    // "1" for one that received the last message, else "0"
}

// States are the states of a client by their letters, in the order of a legend.
var States = []struct{ Letter, Name string }{
	{"w", "websocket"},
	{"p", "polling"},
	{"a", "away"},
	{"r", "refused"},
	{"n", "not connected so far"},
	{"g", "left"},
}

// A Node is a node with its letter and colour.
type Node struct {
	Name      string `json:"name"`
	Letter    string `json:"letter"`
	Colour    int    `json:"colour"` // the number of stage.Colour
	Listen    string `json:"listen"`
	Up        bool   `json:"up"`
	Frozen    bool   `json:"frozen"`
	Adapter   bool   `json:"adapter"`
	Linked    bool   `json:"linked"` // its adapter has a link to Redis
	Clients   int    `json:"clients"`
	Polling   int    `json:"polling"` // of those
	Sent      int    `json:"sent"`    // messages accepted from its clients, in the whole run
	Published int    `json:"published"`
	Relayed   int    `json:"relayed"`
}

// Redis is the state of Redis, and how many nodes use it.
type Redis struct {
	State    string `json:"state"` // "up", "down" or "slow"
	Adapters int    `json:"adapters"`
	Links    int    `json:"links"`
}

// A Motion is a message on its way.
type Motion struct {
	Message string `json:"message"`
	Group   string `json:"group"` // of who said it
	Legs    []Leg  `json:"legs"`
}

// A Leg is a part of its way. While Until is Unknown it takes Guess, about.
type Leg struct {
	Kind  LegKind `json:"kind"`
	From  int     `json:"from"` // the sender's node
	To    int     `json:"to"`   // the receivers' node
	Begin Millis  `json:"begin"`
	Until Millis  `json:"until"`
	Guess Millis  `json:"guess"`
}

// LegKind is the number of stage.Leg.
type LegKind uint8

// A Journey is what became of a message.
type Journey struct {
	ID       string   `json:"id"`
	From     string   `json:"from"`
	Server   bool     `json:"server"` // the nodes themselves said it
	Text     string   `json:"text"`
	Sent     Millis   `json:"sent"`
	Node     int      `json:"node"`
	Crosses  Crossing `json:"crosses"`
	Counts   Counts   `json:"counts"`
	Heard    string   `json:"heard"` // in words, up to the first loss
	Lost     string   `json:"lost"`  // in words, from there on
	Branches []Branch `json:"branches"`
}

// Crossing is what became of a message between the nodes.
type Crossing string

// The crossings.
const (
	NeedsNone Crossing = "none"
	Pending   Crossing = "open"
	Published Crossing = "published"
	Stopped   Crossing = "stopped"
)

// A Branch is how a message fared at one node.
type Branch struct {
	Node    int    `json:"node"`
	Counts  Counts `json:"counts"`
	Relayed bool   `json:"relayed"`
	Why     string `json:"why"` // of what was missed
}

// Counts are of deliveries. Share is Arrived of what is no longer in flight, as text: "60 %".
type Counts struct {
	Due     int    `json:"due"`
	Arrived int    `json:"arrived"`
	Missed  int    `json:"missed"`
	Pending int    `json:"pending"`
	Share   string `json:"share"`
}

// A Matrix counts deliveries by the sender's and the receiver's node.
type Matrix struct {
	Since Millis     `json:"since"`
	Why   string     `json:"why"` // it begins there; "" for the last seconds
	Nodes []int      `json:"nodes"`
	Cells [][]Counts `json:"cells"`
}

// A Line of the log. Lines that tell the same are one.
type Line struct {
	At     Millis `json:"at"`
	Who    string `json:"who"`
	What   string `json:"what"`
	Node   int    `json:"node"`
	Detail string `json:"detail,omitempty"`
	Lost   string `json:"lost,omitempty"`
	Loss   bool   `json:"loss,omitempty"`
	Step   bool   `json:"step,omitempty"`
	Times  int    `json:"times"` // how many are told in this line
	Thing  *Thing `json:"thing,omitempty"`
}

// An ErrorCount is an error text with the number of times it occurred.
type ErrorCount struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
	Title string `json:"title,omitempty"` // of its entry in the dictionary
}

// An Expectation of the scenario. Verdict is "pass", "fail", "inconclusive" or "not judged".
type Expectation struct {
	That    string `json:"that"`
	At      Millis `json:"at"`
	Verdict string `json:"verdict"`
	Words   string `json:"words,omitempty"`
	Because string `json:"because,omitempty"`
}

// A Step that was done.
type Step struct {
	At    Millis `json:"at"`
	Words string `json:"words"`
	Here  bool   `json:"here,omitempty"` // it is not in the file
}

// A Lesson as far as it is told.
type Lesson struct {
	Place string `json:"place"`
	Until Millis `json:"until"` // how far the run may go now
	State string `json:"state"` // "running", "asking", "revealed" or "over"
	Said  []Said `json:"said"`
	Score string `json:"score"`
	End   *End   `json:"end,omitempty"` // when it is over
}

// Said is what a lesson says at an instant: Text, or a question, or what came of one. Texts are Markdown.
type Said struct {
	At      Millis   `json:"at"`
	Text    string   `json:"text,omitempty"`
	Ask     string   `json:"ask,omitempty"`
	Choices []string `json:"choices,omitempty"`
	Chosen  int      `json:"chosen"` // -1 for none
	Right   int      `json:"right"`  // -1 while it is not known
	Outcome []string `json:"outcome,omitempty"`
}

// End is what a lesson says when its run is over. Texts are Markdown.
type End struct {
	Cause string   `json:"cause"`
	Fix   string   `json:"fix,omitempty"` // the variant's name
	Fixed string   `json:"fixed,omitempty"`
	Code  string   `json:"code,omitempty"`
	Texts []string `json:"texts,omitempty"` // what people search for
	Docs  []string `json:"docs,omitempty"`
	Next  string   `json:"next,omitempty"` // the next lesson's scenario
}
