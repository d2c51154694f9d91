package scenario

import (
	"time"

	"stickylab/sim/scenario/yamltree"
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
	"the road", "who is the client", "more than ip_hash", "nodes come and go", "time", "redis", "limits",
}

// Bounds of a lesson: a choice is made with one digit.
const (
	MaxChoices     = 9
	MaxPredictions = 50
)

func (d *decoder) lesson(n *yamltree.Node, path string) *Lesson {
	l := &Lesson{}
	if !d.mapping(n, path, "a lesson", d.lessonFields(l), nil) {
		d.Origin.Bad[path] = true
	}
	return l
}

func (d *decoder) lessonFields(l *Lesson) []field {
	return []field{
		{"topic", true, d.text(&l.Topic, "topic")},
		{"order", false, d.whole(&l.Order, "order", 1, 1000)},
		{"narration", false, d.each("narration", "a list such as [{at: 0s, say: ...}]", func(n *yamltree.Node, path string) {
			var one Narration
			d.mapping(n, path, "narration", []field{
				{"at", true, d.duration(&one.At, "at", -1)},
				{"say", true, d.text(&one.Say, "say")},
			}, nil)
			l.Narration = append(l.Narration, one)
		})},
		{"predictions", false, d.each("predictions", "a list such as [{at: 20s, ask: ..., choices: [...]}]", func(n *yamltree.Node, path string) {
			l.Predictions = append(l.Predictions, d.prediction(n, path))
		})},
		{"cause", true, d.text(&l.Cause, "cause")},
		{"fix", false, d.name(&l.Fix, "fix", GroupName)},
		{"fixed", false, d.text(&l.Fixed, "fixed")},
		{"texts", false, d.texts(&l.Texts, "texts", `a list of texts such as ["Session ID unknown"]`)},
		{"docs", false, d.texts(&l.Docs, "docs", "a list of addresses such as [https://nginx.org/en/docs/http/websocket.html]")},
	}
}

func (d *decoder) texts(into *[]string, what, expected string) func(*yamltree.Node, string) {
	return d.each(what, expected, func(n *yamltree.Node, path string) {
		var one string
		if d.text(&one, what)(n, path); one != "" {
			*into = append(*into, one)
		}
	})
}

func (d *decoder) prediction(n *yamltree.Node, path string) Prediction {
	p := Prediction{From: -1, UntilEnd: true}
	if !d.mapping(n, path, "a prediction", d.predictionFields(&p), nil) {
		d.Origin.Bad[path] = true
	}
	if p.From < 0 {
		p.From = p.At
	}
	return p
}

func (d *decoder) predictionFields(p *Prediction) []field {
	return []field{
		{"at", true, d.duration(&p.At, "at", -1)},
		{"from", false, d.duration(&p.From, "from", -1)},
		{"until", false, func(n *yamltree.Node, path string) {
			if n.Kind == yamltree.Scalar && n.Text == "end" {
				return
			}
			p.UntilEnd = false
			d.duration(&p.Until, "until", 0)(n, path)
		}},
		{"ask", true, d.text(&p.Ask, "ask")},
		{"choices", true, d.each("choices", "a list such as [{say: All of them, that: \"delivery.cross.ratio == 1\"}, ...]", func(n *yamltree.Node, path string) {
			var c Choice
			d.mapping(n, path, "a choice", []field{
				{"say", true, d.text(&c.Say, "say")},
				{"that", true, d.text(&c.That, "that")},
			}, nil)
			p.Choices = append(p.Choices, c)
		})},
	}
}
