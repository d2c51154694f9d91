package explain

import (
	"fmt"
	"io"
	"strings"

	"stickylab/sim/format"
)

// WriteText writes the report for people, in 80 columns as far as names allow. It
// returns w's error.
func (r *Report) WriteText(w io.Writer) error {
	p := &page{u: r.Upstream}
	p.head(r.Question.Source)
	if way := r.Upstream.Path(); way != "" {
		p.Gap()
		p.text("", way)
	}
	if r.Turns != nil {
		p.turns(r.Turns, r.Question.Requests)
	}
	for _, c := range r.Choices {
		p.Gap()
		p.choice(c)
	}
	for _, s := range r.Spreads {
		p.Gap()
		p.spread(s)
	}
	if s := r.Together; s != nil {
		if len(r.Question.Populations) > 0 {
			p.Gap()
			p.spread(*s)
		} else if s.Reason != "" {
			p.Gap()
			p.together(*s)
		}
	}
	p.policies(r)
	p.moves(r)
	if len(r.Notes) > 0 {
		p.Gap()
		p.line("notes")
		for _, note := range r.Notes {
			p.Item(note)
		}
	}
	_, err := p.WriteTo(w)
	return err
}

// page is a report being written.
type page struct {
	format.Page
	u *Upstream
}

func (p *page) line(format string, args ...any) { p.Text(fmt.Sprintf(format, args...)) }

// text writes sentences after an indentation, broken between words.
func (p *page) text(indent, s string) { p.Wrap(s, format.Run{Text: indent}) }

// head introduces the upstream and its servers.
func (p *page) head(source string) {
	u := p.u
	left := fmt.Sprintf("upstream %s, %s", format.Clip(u.Block.Name, 30), format.Clip(u.Method(), 40))
	room := p.Room(format.Width(left))
	p.line("%s%s", left, format.Right(format.Clip(source, max(room-2, 6)), room))
	p.Gap()
	slots := !u.single() && u.modulo()
	t := &format.Table{Heads: []string{"", "server", "node", "weight", "slots", ""}, Align: "rllrll"}
	for _, s := range u.Servers {
		owns := ""
		if slots && !s.Backup {
			owns = fmt.Sprint(s.First)
			if s.Last > s.First {
				owns += "-" + fmt.Sprint(s.Last)
			}
		}
		state := ""
		if s.Down {
			state = "down"
		}
		if s.Backup {
			state = strings.TrimSpace(state + " backup")
		}
		t.Add(fmt.Sprint(s.Number), format.Clip(s.Address, 34), format.Clip(s.Node, 16), fmt.Sprint(s.Weight), owns, state)
	}
	p.Table(2, t)
	switch {
	case u.single():
		p.Gap()
		p.text("", "The only server: every client gets it, whatever the method, and nginx never gives it up.")
	case u.ring():
		p.Gap()
		p.text("", fmt.Sprintf("Each server owns 160 points of a ring for each unit of weight, %s in all; a key belongs to the next point.",
			format.Number(160*u.total)))
	case slots:
		p.Gap()
		p.text("", fmt.Sprintf("The slots are the remainders of a hash divided by the total weight, %d.", u.total))
	}
}

// name is a server in text: "127.0.0.1:3030 (im-3030)".
func name(s *Server) string {
	if s == nil {
		return "no live upstreams, 502"
	}
	if s.Node != "" {
		return s.Address + " (" + s.Node + ")"
	}
	return s.Address
}
