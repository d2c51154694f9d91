package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/ui/learn"
	tuilesson "stickylab/ui/tui/lesson"
)

// learnOptions are the flags of learn.
type learnOptions struct {
	text    bool
	answers string
	list    bool
	reset   bool
	reading
}

// reading says how lessons are read.
type reading struct {
	shuffle *uint64 // the seed of the order of choices; nil means the scenario's
	lang    string  // as the flag --lang has it
}

func newLearn() *cobra.Command {
	var o learnOptions
	cmd := &cobra.Command{
		Use:   "learn [LESSON | WORD...]",
		Short: "Predict what will happen, watch it happen, learn why",
		Long: `learn teaches with a running scenario: you predict what will happen, and the run
shows whether you were right. Then the same scenario runs once more with the fix.

Without a LESSON it is the first of the course that you have not finished.
A file (with a / or ending in .yaml) may be a lesson too. Other WORDs, such as an
error text or a symptom, lead to the lesson that shows it; several are listed. On a terminal you watch
the run; with --text or --answers, or without a terminal, the lesson is text, and
the questions are answered on standard input.

The choices of a question stand in an order that the scenario's seed decides, and
--shuffle another. --answers names them by the numbers that are shown.

Texts are in the language of --lang or of the environment (LC_ALL, LC_MESSAGES,
LANG) where a translation has them, else in English, as the rest of the screen is.

Which built-in lessons you have finished, with an answer to every question, is
kept in $XDG_STATE_HOME/stickylab/progress.json (~/.local/state when that is not
set). A file there that cannot be read is kept under a name ending in .bad.

Exit codes: 0 the lesson ran to its end, whatever you answered, 2 the input is
wrong, 4 the program itself failed.`,
		Example: `  stickylab learn
  stickylab learn two-regions
  stickylab learn Session ID unknown
  stickylab learn two-regions --answers 2,1
  stickylab learn --list`,
		Args:              oneLesson,
		ValidArgsFunction: lessons,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := language(o.lang); err != nil {
				return err
			}
			given := cmd.Flags().Changed("answers")
			if (o.list || o.reset) && (len(args) > 0 || o.text || given || o.shuffle != nil || o.list && o.reset) {
				return &exitError{code: ExitInput, err: errors.New("--list and --reset take nothing else with them")}
			}
			progress := readProgress(cmd.ErrOrStderr())
			switch {
			case o.list:
				return listLessons(cmd.OutOrStdout(), progress, o.lang)
			case o.reset:
				return resetProgress(cmd.OutOrStdout(), progress)
			}
			return teach(cmd, args, progress, o, given)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.text, "text", false, "as text, even on a terminal")
	f.StringVar(&o.answers, "answers", "", "as text, with these `ANSWERS` to the questions, such as 2,1")
	f.Var(seedValue{&o.shuffle}, "shuffle", "put the choices in the order of the seed `N`, not of the scenario's")
	languageFlag(cmd, &o.lang)
	f.BoolVar(&o.list, "list", false, "list the course, and what you have finished of it")
	f.BoolVar(&o.reset, "reset", false, "forget what you have finished")
	motionFlag(cmd)
	return cmd
}

// readProgress reads what the user has finished. A failure is told: lessons can
// be learned all the same.
func readProgress(stderr io.Writer) *learn.Progress {
	path, err := learn.StateFile()
	if err != nil {
		fmt.Fprintln(stderr, "stickylab:", err)
	}
	p, err := learn.ReadProgress(path)
	if err != nil {
		fmt.Fprintln(stderr, "stickylab:", err)
	}
	return p
}

// teach runs one lesson, as text or on the screen. It fails when there is none of
// that name, or when its run fails.
func teach(cmd *cobra.Command, args []string, progress *learn.Progress, o learnOptions, given bool) error {
	course, err := courseIn(o.lang)
	if err != nil {
		return err
	}
	arg := ""
	if len(args) > 0 {
		arg = strings.Join(args, " ")
		if found := lessonsAbout(course, arg); len(found) == 1 {
			arg = found[0].Name
		} else if len(found) > 1 {
			return listFound(cmd.OutOrStdout(), found, arg)
		} else if nginxHint(arg) != "" {
			return noMatch(arg)
		}
	} else if first, ok := learn.First(course, progress); ok {
		arg = first.Name
	} else {
		fmt.Fprintf(cmd.OutOrStdout(), "You have finished all %s. stickylab learn NAME repeats one, --list shows them.\n", format.Plural(len(course), "lesson"))
		return nil
	}
	l, err := readLesson(arg, course, o.reading)
	if err != nil {
		return err
	}
	if !o.text && !given && interactive(cmd) {
		var files []string
		if isFile(arg) {
			files = []string{arg}
		}
		return screen(cmd, nil, watchOptions{speed: 1, lesson: arg, reading: o.reading, files: files, progress: progress})
	}
	t := lessonText{ctx: cmd.Context(), out: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), course: course, progress: progress}
	if given {
		answers, err := readAnswers(o.answers, l)
		if err != nil {
			return &exitError{code: ExitInput, err: err}
		}
		t.ask = func(int) (next int) {
			next, answers = answers[0], answers[1:]
			return next
		}
	} else {
		t.ask = newAsker(cmd.InOrStdin(), t.out).ask
	}
	if format.ScreenOf(t.out).Color {
		t.paint = format.Style.Paint
	}
	if len(args) == 0 {
		t.line("The first lesson that you have not finished: " + arg)
		t.line("")
	}
	return t.tell(l)
}

// oneLesson lets learn take one lesson, or words that lead to some.
func oneLesson(_ *cobra.Command, args []string) error {
	named := 0
	for _, arg := range args {
		if isFile(arg) || slices.Contains(scenarios.Names(), arg) {
			named++
		}
	}
	if named > 1 {
		return fmt.Errorf("learn takes one lesson, not %d", named)
	}
	return nil
}

// lessonsAbout returns the lessons that words lead to. A file, and a word that is
// nearly the name of a lesson, lead to none.
func lessonsAbout(course []learn.Entry, words string) []learn.Entry {
	if isFile(words) || strings.TrimSpace(words) == "" {
		return nil
	}
	return matching(course, words)
}

// learningOf returns what the terminal program needs for lessons. It fails when a
// built-in scenario is not valid.
func learningOf(cmd *cobra.Command, o watchOptions) (*tuilesson.Options, error) {
	course, err := courseIn(o.lang)
	if err != nil {
		return nil, err
	}
	progress := o.progress
	if progress == nil {
		progress = readProgress(cmd.ErrOrStderr())
	}
	return &tuilesson.Options{
		Course:   course,
		Progress: progress,
		Load:     func(arg string) (*learn.Lesson, error) { return readLesson(arg, course, o.reading) },
		Begin:    o.lesson,
	}, nil
}

// readLesson reads a lesson by the name of a built-in scenario, or from a file.
func readLesson(arg string, course []learn.Entry, o reading) (*learn.Lesson, error) {
	src, f, problems := read(arg)
	switch {
	case !isFile(arg) && (f == nil || f.Lesson == nil):
		return nil, &exitError{code: ExitInput, err: learn.Unknown(arg, course)}
	case len(problems) > 0:
		return nil, &exitError{code: ExitInput, err: problems}
	}
	lang, err := language(o.lang)
	if err != nil {
		return nil, err
	}
	if f, problems = translated(arg, f, lang); len(problems) > 0 {
		return nil, &exitError{code: ExitInput, err: problems}
	}
	l, err := learn.New(arg, src.name, f, o.shuffle)
	if errors.Is(err, learn.ErrNone) {
		err = fmt.Errorf("%w\nhint: it needs the key lesson: with topic, narration, predictions and cause; to watch it: stickylab watch %s", err, arg)
	}
	if err != nil {
		return nil, &exitError{code: ExitInput, err: err}
	}
	return l, nil
}

// lessons completes the names of the built-in lessons; files are the shell's.
func lessons(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	course, err := learn.Course()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	for _, e := range course {
		out = append(out, e.Name)
	}
	return out, cobra.ShellCompDirectiveDefault
}

// readAnswers reads "2,1": a number for each question of the lesson. They are
// returned counted from 0.
func readAnswers(text string, l *learn.Lesson) (given []int, err error) {
	var words []string
	if strings.TrimSpace(text) != "" {
		words = strings.Split(text, ",")
	}
	asked := l.Plan.Asked
	if len(words) != len(asked) {
		return nil, fmt.Errorf("--answers has %s, the lesson %s has %s", format.Plural(len(words), "answer"), l.Arg, format.Plural(len(asked), "question"))
	}
	for i, word := range words {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if most := len(asked[i].Choices); err != nil || n < 1 || n > most {
			return nil, fmt.Errorf("--answers: %q for question %d, which has the choices 1 to %d", strings.TrimSpace(word), i+1, most)
		}
		given = append(given, n-1)
	}
	return given, nil
}
