package lesson

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/ui/learn"
	"stickylab/ui/tui/internal/drive"
	"stickylab/ui/tui/run"
)

func TestMain(m *testing.M) {
	drive.Colorless()
	os.Exit(m.Run())
}

// load reads a lesson.
func load(arg string) (*learn.Lesson, error) {
	text, err := scenarios.Read(arg)
	if strings.HasSuffix(arg, ".yaml") {
		text, err = os.ReadFile(arg)
	}
	if err != nil {
		return nil, err
	}
	f, problems := plan.Parse(arg, text)
	if len(problems) > 0 {
		return nil, problems
	}
	return learn.New(arg, strings.TrimSuffix(filepath.Base(arg), ".yaml"), f, nil)
}

// options is a course of two lessons.
func options(t testing.TB) *Options {
	t.Helper()
	p, err := learn.ReadProgress(filepath.Join(t.TempDir(), "progress.json"))
	if err != nil {
		t.Fatal(err)
	}
	return &Options{
		Course: []learn.Entry{
			{Name: "two-regions", Topic: "the road", Order: 4, Title: "Two regions, no adapter", Questions: 2},
			{Name: "redis-adapter", Topic: "the road", Order: 5, Title: "Two regions, with the Redis adapter"},
		},
		Progress: p, Load: load,
	}
}

// desk is a viewer at a lesson.
type desk struct {
	*drive.Desk
	m    *Model
	host *drive.Host
}

// attend opens a lesson.
func attend(t testing.TB, arg string, width, height int) *desk {
	t.Helper()
	return begin(t, arg, width, height, nil)
}

// begin opens a lesson, on a run of its plan, and lets the run begin.
func begin(t testing.TB, arg string, width, height int, on func(*learn.Lesson) run.Watched) *desk {
	t.Helper()
	d := open(t, arg, width, height, on)
	d.Until("it is open", d.m.Ready)
	d.Press("enter")
	return d
}

// open opens a lesson.
func open(t testing.TB, arg string, width, height int, on func(*learn.Lesson) run.Watched) *desk {
	t.Helper()
	l, err := load(arg)
	if err != nil {
		t.Fatal(err)
	}
	h := drive.NewHost()
	m := New(h.Shell, l, options(t))
	if on != nil {
		m.run.Start = func() (run.Watched, error) { return on(l), nil }
	}
	t.Cleanup(m.Close)
	h.Show(m)
	d := &desk{drive.Sit(t, h.Shell, h.Update, width, height), m, h}
	d.Run(m.Init())
	return d
}

// settle waits until the screen shows where the cursor is.
func (d *desk) settle() {
	d.Helper()
	d.Until("the frame of the cursor", d.m.run.Shown)
}

// state waits until the lesson is in a state.
func (d *desk) state(s learn.State) {
	d.Helper()
	d.Until(fmt.Sprintf("state %d", s), func() bool { return d.m.State() == s })
	d.settle()
}

// bothSettle waits until both sides show where the clock is.
func (d *desk) bothSettle() {
	d.Helper()
	d.Until("both sides are shown", d.m.pair.Settled)
}

var lessonSizes = [][2]int{{80, 24}, {100, 30}, {140, 45}}

// shootLesson compares the screen in the sizes of lessons.
func (d *desk) shootLesson(name string) {
	d.Helper()
	for _, size := range lessonSizes {
		d.Size(size[0], size[1])
		d.Golden(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]))
	}
}

// A lesson from its run.Beginning to its end: what is seen at each stop.
func TestLessonScreens(t *testing.T) {
	d := attend(t, "two-regions", 100, 30)
	d.Until("it waits for the text to be read", func() bool { return d.m.held() })
	d.settle()
	d.shootLesson("read")
	d.Press("enter")
	d.state(learn.Asking)
	if d.m.run.At() != 6*time.Second {
		t.Errorf("asked at %v", d.m.run.At())
	}
	d.Shows("|| x4")
	d.Shows("covered until you have answered")
	d.Press("down")
	d.shootLesson("question")
	d.Press("enter")
	d.Shows("› 1  Only Beijing")
	d.state(learn.Revealed)
	d.Shows("You said: Only Beijing. Right.")
	if d.m.run.At() != 22*time.Second {
		t.Errorf("revealed at %v", d.m.run.At())
	}
	d.shootLesson("revealed")
	d.Press("enter")
	d.state(learn.Asking)
	d.Press("1", "4", "2", "1") // a digit chooses, and there is no fourth
	if d.m.State() != learn.Asking {
		t.Fatal("a digit answered")
	}
	d.Press("enter")
	d.state(learn.Revealed)
	d.Shows("It was: None at all.")
	if d.m.o.Progress.Status("two-regions").Finished {
		t.Error("finished before its end")
	}
	d.Press("enter")
	d.state(learn.Over)
	d.shootLesson("why")
	if r := d.m.o.Progress.Status("two-regions"); !r.Finished || r.Asked != 2 || r.Right != 1 {
		t.Errorf("kept: %v", r)
	}
	d.Press("enter")
	d.bothSettle()
	d.shootLesson("differs")
	d.Press("enter")
	d.Sees("two-regions   00:2")
	d.Press(" ")
	d.m.pair.Seek(20 * time.Second)
	d.bothSettle()
	d.shootLesson("both")
	d.Press("enter")
	d.Until("over", d.m.pair.Over)
	d.shootLesson("fixed")
	d.Press("enter")
	d.shootLesson("end")
	d.Press("?")
	d.Shows("next: Two regions, with the Redis")
	d.Press("esc", "n")
	next, ok := d.host.Next.(*Model)
	if !ok || next.Lesson.Name != "redis-adapter" || next.pair != nil {
		t.Errorf("next is %+v", d.host.Next)
	}
}

// The key that continues answers nothing when it is pressed once more: nothing is
// chosen until the viewer chooses.
func TestNothingIsChosenAtFirst(t *testing.T) {
	tests := []struct {
		keys []string
		want int
	}{
		{[]string{"enter", "enter"}, learn.NoAnswer},
		{[]string{"down", "enter"}, 0},
		{[]string{"up", "enter"}, 2},
		{[]string{"enter", "down", "down", "enter"}, 1},
		{[]string{"3"}, learn.NoAnswer},
		{[]string{"1", "3", "enter"}, 2},
	}
	d := attend(t, "two-regions", 100, 30)
	d.state(learn.Asking)
	if d.m.chosen != learn.NoAnswer || strings.Contains(d.Screen(), "› 1") {
		t.Errorf("%d is chosen:\n%s", d.m.chosen, d.Screen())
	}
	for _, tt := range tests {
		began := learn.NewSession(d.m.Lesson)
		if _, err := began.Reach(6*time.Second, nil, nil); err != nil {
			t.Fatal(err)
		}
		d.m.Session, d.m.chosen = began, learn.NoAnswer
		d.Press(tt.keys...)
		if got := began.AnswerTo(0); got != tt.want {
			t.Errorf("%v: answer %d, want %d", tt.keys, got, tt.want)
		}
		if tt.want == learn.NoAnswer && tt.keys[0] == "enter" {
			d.Shows("choose with 1 to 3")
		}
	}
}

// A lesson begins with its nginx.conf, and nothing happens before that is read.
func TestTheOpening(t *testing.T) {
	d := open(t, "two-regions", 80, 24, nil)
	d.Until("it is open", d.m.Ready)
	d.Wait(3 * time.Second)
	if d.m.run.At() != run.Beginning || len(d.m.Said()) > 0 {
		t.Errorf("at %v, %d said", d.m.run.At(), len(d.m.Said()))
	}
	d.shootLesson("opening")
	d.Press("enter")
	d.Until("something is said", func() bool { return len(d.m.Said()) > 0 })
}

// Whoever looks back, or closer, is asked all the same.
func TestLookingBackInALesson(t *testing.T) {
	d := attend(t, "two-regions", 120, 40)
	d.Press(">", ">") // before anything is on the screen: nothing
	d.state(learn.Asking)
	d.Press("]", ".")
	d.Wait(time.Second)
	if at := d.m.run.At(); at != 6*time.Second {
		t.Errorf("continued to %v without an answer", at)
	}
	d.Press("[")
	d.settle()
	if at := d.m.run.At(); at != time.Second || d.m.State() != learn.Asking {
		t.Errorf("back at %v, state %d", at, d.m.State())
	}
	d.Press("a", "x") // no verbs in a lesson
	if d.m.run.Unsaved() > 0 {
		t.Error("a lesson was changed")
	}
	d.Press("1", "enter")
	d.Press("enter")
	if d.m.run.Inspecting() {
		t.Error("enter looks closer")
	}
	d.Press(" ", "enter") // after a pause it continues
	d.Press("i")
	if !d.m.run.Inspecting() {
		t.Error("nothing to look closer at while it runs")
	}
	d.Press("esc")
	d.state(learn.Revealed)
	d.Shows("Right.")
	d.Press("esc")
	if d.host.Listed != 1 {
		t.Errorf("the list was shown %d times", d.host.Listed)
	}
	d.Press("q")
	if !d.Quit {
		t.Error("quitting asks")
	}
}

const short = `
title: Short
duration: 5s
nodes: 2
proxy: {policy: ip_hash}
clients: {users: {count: 4, ip: 172.16.0.0/12, say: every 2s}}
lesson:
  topic: trials
  cause: |
    Because.
  narration: [{at: 0s, say: "Look."}]
`

// A lesson without questions and without a fix has an end too.
func TestLessonWithoutAFix(t *testing.T) {
	file := filepath.Join(t.TempDir(), "short.yaml")
	if err := os.WriteFile(file, []byte(short), 0o644); err != nil {
		t.Fatal(err)
	}
	d := attend(t, file, 80, 24)
	d.state(learn.Over)
	d.Shows("Because.")
	d.Press("enter")
	if d.m.phase != phaseRead || d.m.pair != nil {
		t.Errorf("phase %d", d.m.phase)
	}
	d.Press("n")
	if d.host.Listed != 1 {
		t.Error("it does not go back to the list")
	}
}

// At every size the screen is exactly as large as the terminal.
func TestEverySizeOfALesson(t *testing.T) {
	d := attend(t, "two-regions", 100, 30)
	d.state(learn.Asking)
	d.Fits("question", 9, 4)
	d.Press("1", "enter")
	d.state(learn.Revealed)
	d.Fits("revealed", 9, 4)
	d.Press("enter")
	d.state(learn.Asking)
	d.Press("1", "enter")
	d.state(learn.Revealed)
	d.Press("enter")
	d.state(learn.Over)
	d.Press("enter")
	d.bothSettle()
	d.Fits("differs", 9, 4)
	d.Press("enter", "enter")
	d.Until("over", d.m.pair.Over)
	d.Fits("both", 9, 4)
	d.Press("enter")
	d.Fits("end", 9, 4)
}

// A text that is longer than its panel can be scrolled, not beyond its ends.
func TestScrollingTheText(t *testing.T) {
	d := attend(t, "two-regions", 80, 24)
	d.state(learn.Asking)
	before := d.Screen()
	d.Press("pgup")
	if d.Screen() == before {
		t.Error("nothing above")
	}
	for range 50 {
		d.Press("pgup")
	}
	d.Shows("The service goes live.")
	for range 50 {
		d.Press("pgdown")
	}
	d.Shows("3  No one")
}

// A lesson with its commands working apart from it, from the first question to the
// end.
func TestLearnFlow(t *testing.T) {
	d := attend(t, "two-regions", 100, 30)
	d.Apart()
	d.Sees("The service goes live")
	d.Press(">", ">", ">")
	d.Sees("continue")
	d.Press("enter")
	d.Sees("your answer: 1 to 3")
	d.Press("1", "enter")
	d.Sees("Right.")
	d.Press("enter")
	d.Sees("your answer: 1 to 3")
	d.Press("3", "enter")
	d.Sees("None at all. Right.")
	for _, next := range [][]string{{"the fix"}, {"run both"}, {"to the end"}, {"4,474/4,474", "continue"}, {"2 of 2 answers right"}} {
		d.Until("there is something to see", d.m.Ready)
		d.Press("enter")
		d.Sees(next...)
	}
	d.Press("q")
	d.Until("it ends", func() bool { return d.Quit })
}

// On a small screen a question has it all, so that its choices are seen; where even that is too
// low, a line says how many lines would do, and they do.
func TestChoicesOnASmallScreen(t *testing.T) {
	d := attend(t, "two-regions", 40, 12)
	d.Until("it waits for the text to be read", func() bool { return d.m.held() })
	d.Press("enter")
	d.state(learn.Asking)
	d.Press("down")
	d.Golden("question-40x12")
	for _, choice := range []string{"› 1  Only Beijing", "2  Everyone", "3  No one"} {
		d.Shows(choice)
	}
	d.Size(40, 9)
	d.Golden("question-40x9")
	found := regexp.MustCompile(`all is seen in (\d+) lines`).FindStringSubmatch(d.Screen())
	if found == nil {
		t.Fatalf("no line says how high the screen should be:\n%s", d.Screen())
	}
	lines, _ := strconv.Atoi(found[1])
	d.Size(40, lines)
	d.Shows("3  No one")
	d.Size(40, lines-1)
	if strings.Contains(d.Screen(), "3  No one") {
		t.Errorf("fewer than %d lines would do:\n%s", lines, d.Screen())
	}
	d.Size(40, 12)
	d.Press("enter")
	d.state(learn.Revealed)
}
