package cli

import (
	"fmt"
	"io"
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/learn"
	"stickylab/ui/why"
)

// listLessons writes the lessons by topic, in a language, with what is finished.
func listLessons(out io.Writer, progress *learn.Progress, lang string) error {
	course, err := courseIn(lang)
	if err != nil {
		return err
	}
	name, mark, finished := 0, 0, 0
	for _, e := range course {
		status := progress.Status(e.Name)
		name, mark = max(name, len(e.Name)), max(mark, len(status.String()))
		if status.Finished {
			finished++
		}
	}
	byTopic(out, course, func(e learn.Entry) {
		fmt.Fprintf(out, "  %-*s  %-*s  %s\n", name, e.Name, mark, progress.Status(e.Name), e.Title)
	})
	fmt.Fprintf(out, "\n%d of %s finished", finished, format.Plural(len(course), "lesson"))
	if next, ok := learn.First(course, progress); ok {
		fmt.Fprintf(out, "; next: stickylab learn %s", next.Name)
	}
	_, err = fmt.Fprintln(out)
	return err
}

// listFound writes the lessons that words lead to.
func listFound(out io.Writer, found []learn.Entry, words string) error {
	width := 0
	for _, e := range found {
		width = max(width, len(e.Name))
	}
	p := why.NewPage(format.ScreenOf(out))
	p.Wrap(fmt.Sprintf("%s belong to %q; stickylab learn NAME begins one, stickylab why tells more:", format.Plural(len(found), "lesson"), format.Clip(format.Line(words), shownOfText)))
	p.Gap()
	for _, e := range found {
		p.Wrap(e.Title, format.Run{Text: "  "}, format.Run{Style: format.Code, Text: format.Left(e.Name, width)}, format.Run{Text: "  "})
	}
	_, err := p.WriteTo(out)
	return failed(err)
}

// resetProgress forgets which lessons are finished, and writes which they were.
// It fails when the file cannot be removed.
func resetProgress(out io.Writer, progress *learn.Progress) error {
	forgotten, aside, err := progress.Reset()
	if err != nil {
		return &exitError{code: ExitProgram, err: fmt.Errorf("your progress cannot be removed: %w", err)}
	}
	switch {
	case aside != "":
		fmt.Fprintln(out, "the file that cannot be read is now", aside)
	case len(forgotten) == 0:
		fmt.Fprintln(out, "no lesson was finished, so nothing is removed")
	default:
		fmt.Fprintf(out, "forgotten: %s\n", strings.Join(forgotten, ", "))
	}
	return nil
}
