package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"stickylab/sim"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

// lessonText is a lesson that is written as text.
type lessonText struct {
	ctx         context.Context // ends the run of the fix
	out, stderr io.Writer
	paint       learn.Paint           // nil means plain
	ask         func(choices int) int // asks for an answer to the question just written
	course      []learn.Entry
	progress    *learn.Progress
	seen        string // the placement that was last shown
}

// pageWidth is that of text, in cells.
const pageWidth = 80

func (t *lessonText) line(text string) { format.Styled(t.out, strings.TrimRight(text, " ")+"\n") }

func (t *lessonText) strong(text string) string {
	if t.paint == nil {
		return text
	}
	return t.paint(format.Strong, text)
}

// markdown writes a text, its first line after a head, the others below it.
func (t *lessonText) markdown(head, text string) {
	margin := strings.Repeat(" ", len(head))
	for i, line := range learn.Markdown(text, pageWidth-len(head), t.paint) {
		if i > 0 {
			head = margin
		}
		t.line(head + line)
	}
}

// section begins a part of the page.
func (t *lessonText) section(title string) {
	t.line("")
	t.line(t.strong(title))
}

// tell writes a lesson from its beginning to its end. It fails when the run does,
// or when an answer cannot be judged.
func (t *lessonText) tell(l *learn.Lesson) error {
	f := l.Plan.File
	t.line(t.strong(l.Title()) + "  (" + l.Place() + ")")
	live, err := sim.Open(l.Plan, nil)
	if err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	defer live.Close()
	t.nodes(live)
	t.line("")
	t.part("nginx.conf", l.Conf())
	session := learn.NewSession(l)
	for told := 0; session.State() != learn.Over; {
		at := session.Next().At
		if err := live.Advance(at); err != nil {
			return &exitError{code: ExitProgram, err: err}
		}
		state := live.Ledger(live.Len(), at)
		if _, err := session.Reach(at, live, state); err != nil {
			return &exitError{code: ExitProgram, err: err}
		}
		for _, m := range session.Said()[told:] {
			t.moment(session, m)
			if m.Kind == learn.Told {
				t.crowds(state)
			}
			told++
		}
		switch session.State() {
		case learn.Asking:
			session.Answer(t.ask(len(l.Plan.Asked[session.Said()[told-1].N].Choices)))
		case learn.Revealed:
			session.Continue()
		}
	}
	result, err := live.Result(l.Arg)
	if err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	if err := live.Close(); err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	t.line("")
	t.line(fmt.Sprintf("After %s of simulated time:", format.Seconds(f.Duration)))
	t.expected(result)
	t.section("Cause")
	if f.Summary != "" {
		t.markdown("  ", f.Summary) // not before: it holds the answers
		t.line("")
	}
	t.markdown("  ", l.Text().Cause)
	if err := t.fixed(l, result); err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	t.more(l)
	t.finish(session)
	return nil
}

// nodes writes the letters that lessons use for the nodes.
func (t *lessonText) nodes(live *sim.Live) {
	var names, out []string
	for _, n := range live.Ledger(live.Len(), live.Head()).Nodes() {
		names = append(names, n.Name)
	}
	p := style.NewPalette(names)
	for _, name := range names {
		out = append(out, p.Letter(name)+" is "+name)
	}
	t.markdown("", strings.Join(out, ", ")+".")
}

// moment writes what is said at a moment.
func (t *lessonText) moment(session *learn.Session, m learn.Moment) {
	t.line("")
	clock := fmt.Sprintf("%-6s", format.Clock(m.At))
	switch m.Kind {
	case learn.Told:
		t.markdown(clock, session.Lesson.Text().Narration[m.N].Say)
	case learn.Asked:
		asked := session.Lesson.Plan.Asked[m.N]
		t.markdown(clock+"? ", asked.Ask)
		for i, c := range asked.Choices {
			t.markdown(fmt.Sprintf("          %d  ", i+1), c.Say)
		}
	case learn.Answered:
		t.reveal(clock, session.Reveal(m.N))
	}
}

// crowds writes the placement below what is told, unless it was shown already.
func (t *lessonText) crowds(state *ledger.Ledger) {
	const margin = "      "
	lines := placementLines(state, pageWidth-len(margin))
	all := strings.Join(lines, "\n")
	if all == t.seen {
		return
	}
	t.seen = all
	t.line("")
	for _, line := range lines {
		t.line(margin + line)
	}
}

// reveal writes what came of a question.
func (t *lessonText) reveal(clock string, r learn.Reveal) {
	head := clock + "= "
	for _, text := range r.Sentences() {
		t.markdown(head, text)
		head = strings.Repeat(" ", len(head))
	}
}

// expected writes what the scenario expected, and what became of it.
func (t *lessonText) expected(r *report.Result) {
	if len(r.Expectations) == 0 {
		return
	}
	t.section("Expectations")
	for _, x := range r.Expectations {
		why := format.Line(x.Why)
		if why == "" {
			why = format.Line(x.Words)
		}
		t.markdown(fmt.Sprintf("  %-6s", verdict(x.Verdict)), why)
	}
}

func verdict(v expect.Verdict) string {
	switch v {
	case expect.Pass:
		return "ok"
	case expect.Fail:
		return "FAIL"
	case expect.Inconclusive:
		return "n/a" // nothing to judge
	}
	return v.String()
}

// fixed runs the fix, and writes the two runs next to each other. It fails as
// sim.Run does.
func (t *lessonText) fixed(l *learn.Lesson, fault *report.Result) error {
	if l.Fixed == nil {
		return nil
	}
	t.section("The fix: " + l.Text().Fix)
	difference, err := learn.Diff(l.Plan, l.Fixed)
	if err != nil {
		return err
	}
	t.changes(difference.Head(), difference.Nginx)
	t.changes("the application", l.Code())
	t.changes("the scenario", difference.Keys)
	fixed, err := sim.Run(t.ctx, l.Fixed, sim.Options{Name: l.Arg})
	if err != nil {
		return err
	}
	heads := []string{"the fault", l.Text().Fix}
	for i, line := range report.Table(heads, l.Compare(fault.Final, fixed.Final), pageWidth-2) {
		if line = "  " + line; i == 0 {
			line = t.strong(line)
		}
		t.line(line)
	}
	t.expected(fixed)
	if l.Text().Fixed != "" {
		t.line("")
		t.markdown("  ", l.Text().Fixed)
	}
	return nil
}

// changes writes what is different in a part of the scenario.
func (t *lessonText) changes(part string, lines []string) {
	if len(lines) > 0 {
		t.part(part, lines)
		t.line("")
	}
}

// part writes the lines of a part of the scenario.
func (t *lessonText) part(name string, lines []string) {
	t.line("  " + name)
	for _, line := range lines {
		t.line("    " + line)
	}
}

// more writes what people search for, and where to read on.
func (t *lessonText) more(l *learn.Lesson) {
	list := func(title string, texts []string) {
		if len(texts) == 0 {
			return
		}
		t.section(title)
		for _, text := range texts {
			t.line("  " + format.Line(text))
		}
	}
	list("Error texts that people search for", l.Text().Texts)
	list("Documentation", l.Text().Docs)
}

// finish records what was learned, and names the next lesson.
func (t *lessonText) finish(session *learn.Session) {
	l, s := session.Lesson, session.Score()
	t.line("")
	if s.Asked > 0 {
		t.line(s.String())
	}
	switch {
	case isFile(l.Arg):
		return
	case !s.Finished():
		t.line("The lesson is not finished: " + format.Plural(s.Asked-s.Answered, "question") + " not answered.")
		t.next(l.Name, l.Title())
		return
	default:
		aside, err := t.progress.Finish(l.Name, s, time.Now())
		if aside != "" {
			fmt.Fprintln(t.stderr, "stickylab: the progress file that could not be read is now", aside)
		}
		if err != nil {
			fmt.Fprintln(t.stderr, "stickylab:", err)
		}
	}
	if next, ok := learn.After(t.course, l.Name); ok {
		t.next(next.Name, next.Title)
	}
}

// next names the lesson to continue with.
func (t *lessonText) next(name, title string) {
	t.line(fmt.Sprintf("Next: stickylab learn %s  (%s)", name, title))
}
