// Package wire holds what the page in a browser and an engine say to each other, as JSON. The engine is
// in this process, behind a WebSocket, or in the browser's tab, behind a worker: the page does not know which.
//
// The page asks and the engine answers, one after the other. Instants and spans of time are milliseconds of
// the run. A node is its number in the list of nodes, -1 for none.
package wire

import "time"

// Version is that of the messages. It changes when one of them changes its meaning.
const Version = 1

// A Verb says what a request asks for.
type Verb string

// The verbs.
const (
	Open     Verb = "open"     // a run of Scenario, or of Text
	Show     Verb = "show"     // the frame at At; a run that has not come so far continues towards it
	Do       Verb = "do"       // the step in Words, at At: later steps that were done here are dropped
	Look     Verb = "look"     // closer at Thing, at At
	Answer   Verb = "answer"   // the question of the lesson with Choice
	Continue Verb = "continue" // after an answer was revealed
	Complete Verb = "complete" // Words of a step
	Trace    Verb = "trace"    // the events from number From on, as many as fit into an answer
)

// Verbs are all of them.
var Verbs = []Verb{Open, Show, Do, Look, Answer, Continue, Complete, Trace}

// A Request is what the page asks.
type Request struct {
	ID       int    `json:"id"` // the answer has the same
	Verb     Verb   `json:"verb"`
	Scenario string `json:"scenario,omitempty"` // the name of a built-in one
	Text     string `json:"text,omitempty"`     // of a scenario file
	Variant  string `json:"variant,omitempty"`
	Lesson   bool   `json:"lesson,omitempty"` // tell the lesson of the scenario

	At     Millis `json:"at,omitempty"`
	Quick  bool   `json:"quick,omitempty"` // time passes faster than people can follow single messages
	Words  string `json:"words,omitempty"`
	Thing  *Thing `json:"thing,omitempty"`
	Choice int    `json:"choice,omitempty"`
	From   uint64 `json:"from,omitempty"` // the first event has the number 1
}

// A Response answers a request. Exactly one of the others is there, or Error.
type Response struct {
	ID       int       `json:"id"`
	Error    string    `json:"error,omitempty"`
	Opened   *Opened   `json:"opened,omitempty"`
	Frame    *Frame    `json:"frame,omitempty"` // also with Opened, and after Do, Answer and Continue
	Look     *Closer   `json:"look,omitempty"`
	Done     string    `json:"done,omitempty"` // of Do: the step in words, with Frame
	Complete *[]string `json:"complete,omitempty"`
	Trace    *Events   `json:"trace,omitempty"`
}

// Events are events of the trace, one a line as in a trace file. Next is the number of the one after them, 0
// when there are no more so far.
type Events struct {
	Lines string `json:"lines"`
	Next  uint64 `json:"next"`
}

// Millis is an instant of the run, or a span of time, in milliseconds.
type Millis float64

// Unknown is an instant that has not come.
const Unknown Millis = -1

// Of returns a time in milliseconds.
func Of(d time.Duration) Millis { return Millis(float64(d) / 1e6) }

// Duration returns the time, to the microsecond.
func (m Millis) Duration() time.Duration {
	const most = 1e12 // beyond any run, and without overflow
	return time.Duration(min(max(float64(m), -1), most)*1e3) * time.Microsecond
}

// Kind is the kind of a thing that can be looked at closer.
type Kind string

// The kinds.
const (
	OfClient  Kind = "client"
	OfNode    Kind = "node"
	OfMessage Kind = "message"
	OfError   Kind = "error"
)

// A Thing is a part of a run: a client or a node by its name, a message by its id, an error by its text.
type Thing struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
}

// A Closer look at a thing is what is said about it, part by part.
type Closer struct {
	Thing
	Title string `json:"title"`
	Node  int    `json:"node"` // where it is
	Parts []Part `json:"parts"`
}

// A Part is a piece of text with a heading.
type Part struct {
	Head  string   `json:"head"`
	Lines []string `json:"lines"`
	Exact bool     `json:"exact,omitempty"` // the lines are columns, to be shown in a fixed width
	Loss  bool     `json:"loss,omitempty"`  // it is about what was lost
}

// An Entry of the catalogue is a built-in scenario.
type Entry struct {
	Name      string `json:"name"`
	Title     string `json:"title"`
	Summary   string `json:"summary"`
	Topic     string `json:"topic,omitempty"` // of its lesson
	Order     int    `json:"order,omitempty"` // in the topic
	Questions int    `json:"questions,omitempty"`
}

// Opened is a run at its beginning: what does not change while it runs.
type Opened struct {
	Version  int      `json:"version"`
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Summary  string   `json:"summary"`
	Variant  string   `json:"variant,omitempty"`
	Variants []string `json:"variants"`
	Lesson   bool     `json:"lesson"` // it has one
	End      Millis   `json:"end"`    // how far the run goes
	Text     string   `json:"text"`   // of the scenario file
	Policies []string `json:"policies"`
	Notes    []string `json:"notes"` // what has no effect here
}
