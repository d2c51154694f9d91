package run

import (
	"time"

	"stickylab/cluster/trace"
	"stickylab/ui/stage"
	"stickylab/ui/tui/inspect"
)

// stageOf computes the picture of a frame. decided is as of stage.Of.
func stageOf(f *Frame, decided bool) *stage.Picture {
	words := wordsOf(f)
	p := stage.Of(stage.Source{
		Plan: f.Live.Plan(), Steps: f.source.Steps(), Ledger: f.Ledger, Now: f.Cursor.At, Back: f.source.Back,
	}, decided)
	if p.Last != nil {
		p.Last.Text, p.Last.From = words.of(f, p.Last.ID)
	}
	return p
}

// words finds what was said with a message.
type words map[saying]string

// wordsOf returns what steps let clients say; all else is what its client says on its own.
func wordsOf(f *Frame) words {
	out := make(words)
	for _, step := range f.source.Steps() {
		if who, text := inspect.Said(step); who != "" {
			out[saying{who, step.At}] = text
		}
	}
	return out
}

// of returns the text of a message, and who said it: of a real client only the event tells.
func (w words) of(f *Frame, id trace.Msg) (text, from string) {
	from = id.From.String()
	at := time.Duration(-1)
	f.source.Back(func(e *trace.Event) bool {
		switch {
		case e.Msg != id:
		case e.Kind == trace.Sent:
			if !e.Text.Is("") {
				text, from = e.Text.String(), e.Client.String()
			}
		case e.Kind == trace.Said:
			at = e.At
			return false
		}
		return e.At >= f.Cursor.At-longestWait
	})
	if text != "" {
		return text, from
	}
	if said, ok := w[saying{from, at}]; ok {
		return said, from
	}
	return f.source.TextOf(from), from
}

// longestWait is how long before its node accepts a message its client is looked for to have said it.
const longestWait = 3 * time.Second
