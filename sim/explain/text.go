package explain

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"stickylab/sim/format"
)

const width = 80

// WriteText writes the report for people, in 80 columns as far as names allow.
func (r *Report) WriteText(w io.Writer) error {
	p := &page{u: r.Upstream}
	p.head(r.Question.Source)
	if way := r.Upstream.Way(); way != "" {
		p.gap()
		p.text("", way)
	}
	if r.Turns != nil {
		p.turns(r.Turns, r.Question.Requests)
	}
	for _, c := range r.Choices {
		p.gap()
		p.choice(c)
	}
	for _, s := range r.Spreads {
		p.gap()
		p.spread(s)
	}
	if s := r.Together; s != nil {
		if len(r.Question.Crowds) > 0 {
			p.gap()
			p.spread(*s)
		} else if s.Reason != "" {
			p.gap()
			p.together(*s)
		}
	}
	p.moves(r)
	if len(r.Notes) > 0 {
		p.gap()
		p.line("notes")
		for _, note := range r.Notes {
			p.item(note)
		}
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// page is a text being written.
type page struct {
	u *Upstream
	b strings.Builder
}

func (p *page) line(format string, args ...any) {
	p.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.b.WriteByte('\n')
}

func (p *page) gap() { p.b.WriteByte('\n') }

// text writes sentences, broken between words.
func (p *page) text(indent, s string) {
	for _, l := range format.Wrap(s, width-len(indent)) {
		p.line("%s%s", indent, l)
	}
}

func (p *page) item(s string) {
	for i, l := range format.Wrap(s, width-4) {
		mark := "    "
		if i == 0 {
			mark = "  - "
		}
		p.line("%s%s", mark, l)
	}
}

// head introduces the upstream and its servers.
func (p *page) head(source string) {
	u := p.u
	left := fmt.Sprintf("upstream %s, %s", clip(u.Block.Name, 30), clip(u.Method(), 40))
	right := clip(source, max(width-wide(left)-2, 6))
	p.line("%s%s", left, pad(right, width-wide(left)))
	p.gap()
	slots := !u.single() && u.modulo()
	rows := [][]string{{"", "server", "node", "weight", "slots", ""}}
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
		rows = append(rows, []string{fmt.Sprint(s.Number), clip(s.Address, 34), clip(s.Node, 16), fmt.Sprint(s.Weight), owns, state})
	}
	p.table(rows, "rllrll")
	switch {
	case u.single():
		p.gap()
		p.text("", "The only server: everybody gets it, whatever the method, and nginx never gives it up.")
	case u.ring():
		p.gap()
		p.text("", fmt.Sprintf("Each server owns 160 points of a ring for each unit of weight, %s in all; a key belongs to the next point.",
			format.Number(160*u.total)))
	case slots:
		p.gap()
		p.text("", fmt.Sprintf("The slots are the remainders of a hash divided by the total weight, %d.", u.total))
	}
}

// table writes columns; align has l or r for each. A column that is empty but
// for its head is left out.
func (p *page) table(rows [][]string, align string) {
	widths := make([]int, len(align))
	for i := range align {
		for k, row := range rows {
			if k > 0 && row[i] != "" {
				widths[i] = max(widths[i], wide(row[i]), wide(rows[0][i]))
			}
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			b.WriteString("  ")
			if align[i] == 'r' {
				b.WriteString(pad(cell, widths[i]))
			} else {
				b.WriteString(cell + strings.Repeat(" ", widths[i]-wide(cell)))
			}
		}
		if strings.TrimSpace(b.String()) != "" {
			p.line("%s", b.String())
		}
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

func wide(s string) int { return utf8.RuneCountInString(s) }

func pad(s string, n int) string { return strings.Repeat(" ", max(n-wide(s), 0)) + s }

// clip cuts a text that would break the page.
func clip(s string, n int) string {
	if wide(s) <= n {
		return s
	}
	return string([]rune(s)[:n-3]) + "..."
}
