package scenario

import (
	"strconv"

	"github.com/invopop/jsonschema"

	"stickylab/sim/scenario/yamltree"
)

// Bounds of a lesson: a choice is made with one digit.
const (
	maxChoices     = 9
	maxPredictions = 50
)

// condition is an expression, always in quotes.
func condition(into *string) value {
	v := text(into)
	v.form = "condition"
	v.write = func() string { return strconv.Quote(*into) }
	return v
}

// lesson is what a file teaches, nil if it teaches nothing.
func lesson(into **Lesson) value {
	m := func(l *Lesson) mapping { return mapping{name: "lesson", what: "a lesson", fields: l.fields()} }
	return value{
		form: "mapping", what: "a lesson",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			*into = &Lesson{}
			m(*into).value().read(d, n, path, what)
		},
		write:  func() string { return "" }, // it speaks of the file as it was
		schema: func(s *schemas) *jsonschema.Schema { return m(&Lesson{}).value().schema(s) },
	}
}

func (l *Lesson) fields() []field {
	return []field{
		{key: "topic", required: true, value: text(&l.Topic), doc: "What it is about; lessons are listed by topic."},
		{key: "order", value: integer(&l.Order, 1, 1000), doc: "Its place within the topic."},
		{key: "narration", value: list(&l.Narration, "a list such as [{at: 0s, say: ...}]", bounds{}, func(int) Narration { return Narration{} },
			func(_ int, n *Narration) value { return n.mapping().value() }), doc: "What is told while it runs."},
		{key: "predictions", value: list(&l.Predictions, "a list such as [{at: 20s, ask: ..., choices: [...]}]", bounds{most: maxPredictions, noun: "prediction"},
			func(int) Prediction { return Prediction{From: -1, UntilEnd: true} }, func(_ int, p *Prediction) value { return p.value() }), doc: "Questions that stop the clock."},
		{key: "cause", required: true, value: text(&l.Cause), doc: "Why it happens, in Markdown."},
		{key: "fix", value: name(&l.Fix, groupName), doc: "The variant that fixes it."},
		{key: "fixed", value: text(&l.Fixed), doc: "What to see in that variant, in Markdown."},
		{key: "code", value: text(&l.Code), doc: "The fix in the application, to be pasted there. Changes to the nginx text need none."},
		{key: "texts", value: texts(&l.Texts, `a list of texts such as ["Session ID unknown"]`), doc: "The exact texts that people search for."},
		{key: "docs", value: texts(&l.Docs, "a list of addresses such as [https://nginx.org/en/docs/http/websocket.html]"), doc: "Pages where it is documented."},
	}
}

func texts(into *[]string, expected string) value {
	return list(into, expected, bounds{}, func(int) string { return "" }, func(_ int, t *string) value { return text(t) })
}

func (n *Narration) mapping() mapping {
	return mapping{name: "narration", what: "narration", fields: []field{
		{key: "at", required: true, value: instant(&n.At), doc: "When it is told."},
		{key: "say", required: true, value: text(&n.Say), doc: "The text, in Markdown."},
	}}
}

// value describes a prediction; its window begins when it is asked.
func (p *Prediction) value() value {
	v := mapping{name: "prediction", what: "a prediction", fields: p.fields()}.value()
	read := v.read
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if read(d, n, path, what); p.From < 0 {
			p.From = p.At
		}
	}
	return v
}

func (p *Prediction) fields() []field {
	return []field{
		{key: "at", required: true, value: instant(&p.At), doc: "When it is asked."},
		{key: "from", value: instant(&p.From), doc: "Start of the window that is judged. Default at."},
		{key: "until", value: orEnd(&p.Until, &p.UntilEnd), doc: "End of that window, when the answer is known. Default end."},
		{key: "ask", required: true, value: text(&p.Ask), doc: "The question."},
		{key: "choices", required: true, value: list(&p.Choices, `a list such as [{say: All of them, that: "delivery.cross.ratio == 1"}, ...]`, bounds{2, maxChoices, "choice", ""},
			func(int) Choice { return Choice{} }, func(_ int, c *Choice) value { return c.mapping().value() }), doc: "The answers to choose from; the run decides which is right."},
	}
}

func (c *Choice) mapping() mapping {
	return mapping{name: "choice", what: "a choice", fields: []field{
		{key: "say", required: true, value: text(&c.Say), doc: "The answer."},
		{key: "that", required: true, value: condition(&c.That), doc: "The condition that makes it right."},
	}}
}
