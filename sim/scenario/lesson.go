package scenario

import (
	"time"
)

// Lesson is what a scenario teaches: what is told while it runs, what the
// learner is asked before it happens, and why it happened.
type Lesson struct {
	Topic       string // one of Topics, or one of the author's own
	Order       int    // within the topic, from 1; 0: after the others
	Narration   []Narration
	Predictions []Prediction
	Cause       string   // Markdown
	Fix         string   // the name of the variant that fixes it; "" means none
	Fixed       string   // Markdown: what to see in that variant
	Code        string   // what the fix is in an application; "" means nothing
	Texts       []string // the exact texts that people search for
	Docs        []string // addresses of pages
}

// Narration is told at a time of the run, in Markdown.
type Narration struct {
	At  time.Duration
	Say string
}

// Prediction is a question that stops the clock. Which choice is right is not
// stored: it is the one whose expression the run makes true.
type Prediction struct {
	At       time.Duration // when it is asked
	From     time.Duration // start of the window that is judged; default At
	Until    time.Duration // its end, when the answer is known; default the duration
	UntilEnd bool          // `until: end`, or left out
	Ask      string
	Choices  []Choice
}

// Choice is an answer that the learner may give.
type Choice struct {
	Say  string
	That string // holds when the answer is right
}

// Topics are those of the course, in its order.
var Topics = []string{
	"the road", "client addresses", "more than ip_hash", "adding and removing nodes", "time", "redis", "reconnecting", "limits",
}
