package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"

	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

// learning is a course of two lessons, and files.
func learning(t testing.TB) *Learning {
	t.Helper()
	p, err := learn.ReadProgress(filepath.Join(t.TempDir(), "progress.json"))
	if err != nil {
		t.Fatal(err)
	}
	return &Learning{
		Course: []learn.Entry{
			{Name: "two-regions", Topic: "the road", Order: 4, Title: "Two regions, no adapter", Questions: 2},
			{Name: "redis-adapter", Topic: "the road", Order: 5, Title: "Two regions, with the Redis adapter"},
		},
		Progress: p,
		Load: func(arg string) (*learn.Lesson, error) {
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
			return learn.New(arg, strings.TrimSuffix(filepath.Base(arg), ".yaml"), f)
		},
	}
}

// attend opens the program on a lesson.
func attend(t testing.TB, arg string, width, height int) *desk {
	t.Helper()
	d := sit(t, "", width, height)
	d.m.o.Learn = learning(t)
	d.m.markLessons()
	d.run(d.m.teachArg(arg))
	if d.m.lesson == nil {
		t.Fatal(d.last())
	}
	return d
}

// state waits until the lesson is in a state.
func (d *desk) state(s learn.State) {
	d.Helper()
	d.until(fmt.Sprintf("state %d", s), func() bool { return d.m.lesson.State() == s })
	d.settle()
}

// bothSettle waits until both sides show where the clock is.
func (d *desk) bothSettle() {
	d.Helper()
	p := d.m.pair
	d.until("both sides are shown", func() bool {
		return p.ready() && p.there() && p.sides[0].frame.cursor == p.sides[0].cursor && p.sides[1].frame.cursor == p.sides[1].cursor
	})
}

var lessonSizes = [][2]int{{80, 24}, {100, 30}, {140, 45}}

// shootLesson compares the screen in the sizes of lessons.
func (d *desk) shootLesson(name string) {
	d.Helper()
	for _, size := range lessonSizes {
		d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		d.golden(fmt.Sprintf("learn-%s-%dx%d", name, size[0], size[1]))
	}
}

// A lesson from its beginning to its end: what is seen at each stop.
func TestLessonScreens(t *testing.T) {
	d := attend(t, "two-regions", 100, 30)
	d.until("it waits for the text to be read", func() bool { return d.m.lesson.held(d.m.stage, d.m.last) })
	d.settle()
	d.shootLesson("read")
	d.press("enter")
	d.state(learn.Asking)
	if d.m.stage.cursor.at != 6*time.Second || d.m.stage.playing {
		t.Errorf("asked at %v, playing %v", d.m.stage.cursor.at, d.m.stage.playing)
	}
	d.shows("covered until you have answered")
	d.press("down", "down")
	d.shootLesson("question")
	d.press("enter")
	d.shows("› 2  Only Beijing")
	d.state(learn.Revealed)
	d.shows("You said: Only Beijing. Right.")
	if d.m.stage.cursor.at != 22*time.Second {
		t.Errorf("revealed at %v", d.m.stage.cursor.at)
	}
	d.shootLesson("revealed")
	d.press("enter")
	d.state(learn.Asking)
	d.press("3") // there is no such choice
	if d.m.lesson.State() != learn.Asking {
		t.Fatal("answered with a choice that there is not")
	}
	d.press("1")
	d.state(learn.Revealed)
	d.shows("It was: None at all.")
	if d.m.o.Learn.Progress.Status("two-regions").Finished {
		t.Error("finished before its end")
	}
	d.press("enter")
	d.state(learn.Over)
	d.shootLesson("why")
	if r := d.m.o.Learn.Progress.Status("two-regions"); !r.Finished || r.Asked != 2 || r.Right != 1 {
		t.Errorf("kept: %v", r)
	}
	d.press("enter")
	d.bothSettle()
	d.shootLesson("differs")
	d.press("enter")
	d.until("they run", func() bool { return d.m.pair.at > 20*time.Second })
	d.press(" ")
	d.m.pair.seek(20 * time.Second)
	d.bothSettle()
	d.shootLesson("beside")
	d.press("enter")
	d.until("over", d.m.pair.over)
	d.shootLesson("mended")
	d.press("enter")
	d.shootLesson("end")
	d.press("?")
	d.shows("next: Two regions, with the Redis")
	d.press("esc", "n")
	if d.m.lesson.Lesson.Name != "redis-adapter" || d.m.pair != nil || d.m.mode != modeStage {
		t.Errorf("%s, mode %d", d.m.lesson.Lesson.Name, d.m.mode)
	}
}

// The key that goes on answers nothing when it is pressed once more: nothing is
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
		{[]string{"3"}, 2},
	}
	d := attend(t, "two-regions", 100, 30)
	d.state(learn.Asking)
	if d.m.lesson.chosen != learn.NoAnswer || strings.Contains(d.screen(), "› 1") {
		t.Errorf("%d is chosen:\n%s", d.m.lesson.chosen, d.screen())
	}
	at := *d.m.lesson.Session
	for _, tt := range tests {
		began := learn.NewSession(at.Lesson)
		if _, err := began.Reach(6*time.Second, nil, nil); err != nil {
			t.Fatal(err)
		}
		d.m.lesson.Session, d.m.lesson.chosen = began, learn.NoAnswer
		d.press(tt.keys...)
		if got := began.AnswerTo(0); got != tt.want {
			t.Errorf("%v: answer %d, want %d", tt.keys, got, tt.want)
		}
		if tt.want == learn.NoAnswer {
			d.shows("choose with 1 to 3")
		}
	}
}

// Whoever looks back, or closer, is asked all the same.
func TestLookingBackInALesson(t *testing.T) {
	d := attend(t, "two-regions", 120, 40)
	d.press(">", ">") // before anything is on the screen: nothing
	d.state(learn.Asking)
	d.press("]", ".")
	d.wait(time.Second)
	if at := d.m.stage.cursor.at; at != 6*time.Second {
		t.Errorf("went on to %v without an answer", at)
	}
	d.press("[")
	d.settle()
	if at := d.m.stage.cursor.at; at != time.Second || d.m.lesson.State() != learn.Asking {
		t.Errorf("back at %v, state %d", at, d.m.lesson.State())
	}
	d.press("a", "x") // no verbs in a lesson
	if len(d.m.stage.current.live.Hand()) > 0 || len(d.m.stage.branches) != 1 {
		t.Error("a lesson was changed")
	}
	d.press("2")
	d.press("enter")
	if d.m.mode != modeCloser {
		t.Errorf("mode %d: nothing to look closer at while it runs", d.m.mode)
	}
	d.press("esc")
	d.state(learn.Revealed)
	d.shows("Right.")
	d.press("esc")
	if d.m.mode != modePicker {
		t.Errorf("mode %d", d.m.mode)
	}
	d.press("esc")
	if d.m.mode != modeStage || d.m.lesson == nil {
		t.Errorf("mode %d", d.m.mode)
	}
	d.press("q")
	if !d.quit {
		t.Error("quitting asks")
	}
}

// From the list, a scenario is watched or learned; a lesson is left by
// watching something.
func TestLearnFromTheList(t *testing.T) {
	d := sit(t, "", 120, 40)
	d.m.o.Learn = learning(t)
	d.typeIn("/two-regions")
	d.press("enter", "l")
	if d.m.lesson == nil || d.m.mode != modeStage {
		t.Fatalf("mode %d: %s", d.m.mode, d.last())
	}
	d.state(learn.Asking)
	d.press("esc")
	d.typeIn("/two-regions")
	d.press("enter", "enter")
	if d.m.lesson != nil || d.m.mode != modeStage {
		t.Errorf("still a lesson, mode %d", d.m.mode)
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
	d.shows("Because.")
	d.press("enter")
	if d.m.lesson.phase != phaseRead || d.m.pair != nil {
		t.Errorf("phase %d", d.m.lesson.phase)
	}
	d.press("n")
	if d.m.mode != modePicker {
		t.Errorf("mode %d", d.m.mode)
	}
}

// At every size the screen is exactly as large as the terminal.
func TestEverySizeOfALesson(t *testing.T) {
	d := attend(t, "two-regions", 100, 30)
	every := func(what string) {
		t.Helper()
		for w := 1; w <= 190; w += 9 {
			for h := 1; h <= 60; h += 4 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				lines := strings.Split(d.m.View(), "\n")
				if len(lines) > h {
					t.Fatalf("%s, %dx%d: %d lines", what, w, h, len(lines))
				}
				for i, line := range lines {
					if got := style.Width(line); got > w {
						t.Fatalf("%s, %dx%d: line %d is %d cells wide: %q", what, w, h, i, got, line)
					}
				}
			}
		}
	}
	d.state(learn.Asking)
	every("question")
	d.press("1")
	d.state(learn.Revealed)
	every("revealed")
	d.press("enter")
	d.state(learn.Asking)
	d.press("1")
	d.state(learn.Revealed)
	d.press("enter")
	d.state(learn.Over)
	d.press("enter")
	d.bothSettle()
	every("differs")
	d.press("enter", "enter")
	d.until("over", d.m.pair.over)
	every("beside")
	d.press("enter")
	every("end")
}

// A text that is longer than its panel can be scrolled, not beyond its ends.
func TestScrollingTheText(t *testing.T) {
	d := attend(t, "two-regions", 80, 24)
	d.state(learn.Asking)
	before := d.screen()
	d.send(tea.KeyMsg{Type: tea.KeyPgUp})
	if d.screen() == before {
		t.Error("nothing above")
	}
	for range 50 {
		d.send(tea.KeyMsg{Type: tea.KeyPgUp})
	}
	d.shows("The service goes live.")
	for range 50 {
		d.send(tea.KeyMsg{Type: tea.KeyPgDown})
	}
	d.shows("3  No one")
}

// The real program, from the first question to the end.
func TestLearnFlow(t *testing.T) {
	m := New(Options{Load: load, Dir: t.TempDir(), Learn: learning(t)})
	l, err := m.o.Learn.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	m.teach(l)
	f := &flow{teatest.NewTestModel(t, m, teatest.WithInitialTermSize(100, 30)), t, m}
	t.Cleanup(m.Close)
	f.sees("The service goes live")
	f.press(">", ">", ">")
	f.sees("go on")
	f.press("enter")
	f.sees("your answer: 1 to 3")
	f.press("2")
	f.sees("Right.")
	f.press("enter")
	f.sees("your answer: 1 to 2")
	f.press("2")
	f.sees("None at all. Right.")
	f.onTo("what mends it")
	f.onTo("run both")
	f.onTo("to the end")
	f.onTo("4,474/4,474")
	f.onTo("2 of 2 answers right")
	f.press("q")
	f.leaves()
}
