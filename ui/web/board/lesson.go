package board

import (
	"stickylab/ui/learn"
	"stickylab/ui/web/wire"
)

var states = map[learn.State]string{
	learn.Running: "running", learn.Asking: "asking", learn.Revealed: "revealed", learn.Over: "over",
}

// tell brings the lesson to the instant, and returns it as far as it is told; nil without one.
func (v *view) tell() (*wire.Lesson, error) {
	t := v.lesson
	if t == nil {
		return nil, nil
	}
	if _, err := t.Reach(v.now, v.live, v.state); err != nil {
		return nil, err
	}
	text := t.Lesson.Text()
	out := &wire.Lesson{Place: t.Lesson.Place(), Until: wire.Of(t.Until()), State: states[t.State()], Score: t.Score().String(), Said: []wire.Said{}}
	for _, m := range t.Said() {
		said := wire.Said{At: wire.Of(m.At), Chosen: -1, Right: -1}
		switch m.Kind {
		case learn.Told:
			said.Text = text.Narration[m.N].Say
		case learn.Asked:
			asked := t.Lesson.Plan.Asked[m.N]
			said.Ask, said.Chosen = asked.Ask, t.AnswerTo(m.N)
			for _, c := range asked.Choices {
				said.Choices = append(said.Choices, c.Say)
			}
		case learn.Answered:
			r := t.Reveal(m.N)
			said.Outcome, said.Chosen, said.Right = r.Sentences(), r.Answer, r.Prediction.Right()
		default:
			continue
		}
		out.Said = append(out.Said, said)
	}
	if t.State() == learn.Over {
		end := &wire.End{Cause: text.Cause, Fix: text.Fix, Fixed: text.Fixed, Code: text.Code, Texts: text.Texts, Docs: text.Docs}
		course, err := learn.Course()
		if err != nil {
			return nil, err
		}
		if next, ok := learn.After(course, t.Lesson.Name); ok {
			end.Next = next.Name
		}
		out.End = end
	}
	return out, nil
}
