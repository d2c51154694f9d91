package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stickylab/ui/learn"
	"stickylab/ui/why"
)

// guides are the documents for users, from this directory.
var guides = []string{readmePath, manualPath, formatPath, coursePath}

const (
	readmePath = "../../README.md"
	manualPath = "../README.md"
	formatPath = "../../scenarios/README.md"
	coursePath = "../../scenarios/COURSE.md"

	courseBegin = "<!-- the course -->\n"
	courseEnd   = "\n<!-- end of the course -->"
)

func document(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The README is short enough to be read.
func TestReadmeLength(t *testing.T) {
	if lines := strings.Count(document(t, readmePath), "\n"); lines > 200 {
		t.Errorf("the README has %d lines, more than 200", lines)
	}
}

// blocks returns the fenced blocks of a kind.
func blocks(text, kind string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+kind+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// shellWords matches the words of a command line, with as much of the shell's quoting as
// the documents use.
var shellWords = regexp.MustCompile(`'[^']*'|\S+`)

// The commands that the documents tell people to type work, in the order given.
func TestReadmeCommands(t *testing.T) {
	var commands []string
	for _, path := range guides {
		commands = append(commands, blocks(document(t, path), "sh")...)
	}
	t.Chdir(t.TempDir())
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ran := 0
	for _, block := range commands {
		for line := range strings.Lines(block) {
			args := shellWords.FindAllString(line, -1)
			for i := range args {
				args[i] = strings.Trim(args[i], "'")
			}
			if len(args) == 0 || args[0] != "stickylab" {
				t.Errorf("not a stickylab command: %q", line)
				continue
			}
			if raced && args[1] == "compare" {
				continue
			}
			var out, errs bytes.Buffer
			if code := Main(args[1:], &out, &errs); code != ExitOK {
				t.Errorf("%sexit %d\n%s%s", line, code, &out, &errs)
			}
			ran++
		}
	}
	if ran < 5 {
		t.Errorf("only %d commands found", ran)
	}
}

// The picture of a run is what a run prints before its errors, the wall time
// aside; the flag -update renews it.
func TestReadmePicture(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main([]string{"run", "two-regions"}, &out, &errs); code != ExitOK {
		t.Fatal(errs.String())
	}
	printed, _, _ := strings.Cut(out.String(), "\nErrors\n")
	wall := regexp.MustCompile(`in [0-9.]+ s,`)
	printed = "$ go run . run two-regions\n" + wall.ReplaceAllString(printed, "in 0.1 s,") + "...\n"
	text := document(t, readmePath)
	switch picture := blocks(text, "")[0]; {
	case picture == printed:
	case *update:
		if err := os.WriteFile(readmePath, []byte(strings.Replace(text, picture, printed, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("a run prints\n%s\nthe README shows\n%s\nrenew it with -update", printed, picture)
	}
}

// The scenario in the reference of the file format is valid and does what it promises.
func TestReadmeScenario(t *testing.T) {
	text := document(t, formatPath)
	file := filepath.Join(t.TempDir(), "readme.yaml")
	if err := os.WriteFile(file, []byte(blocks(text, "yaml")[0]), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"run", file}, &out, &errs); code != ExitOK {
		t.Errorf("exit %d\n%s%s", code, &out, &errs)
	}
}

// The course as COURSE.md lists it is that of `stickylab list`, and the README gives its
// number of lessons; the flag -update writes the list anew.
func TestReadmeCourse(t *testing.T) {
	all, err := learn.Course()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	topic := ""
	for _, l := range all {
		if l.Topic != topic {
			topic = l.Topic
			fmt.Fprintf(&b, "\n| %s | |\n| --- | --- |\n", topic)
		}
		fmt.Fprintf(&b, "| [`%s`](%[1]s.yaml) | %s |\n", l.Name, strings.ReplaceAll(l.Summary, "|", "\\|"))
	}
	for path, want := range map[string]string{readmePath: " %d lessons ", coursePath: "\n%d lessons, "} {
		if !strings.Contains(document(t, path), fmt.Sprintf(want, len(all))) {
			t.Errorf("%s does not say that there are %d lessons", path, len(all))
		}
	}
	text := document(t, coursePath)
	before, rest, ok := strings.Cut(text, courseBegin)
	table, after, ok2 := strings.Cut(rest, courseEnd)
	switch {
	case !ok || !ok2:
		t.Fatal("COURSE.md has no place for the course")
	case table == b.String():
	case *update:
		if err := os.WriteFile(coursePath, []byte(before+courseBegin+b.String()+courseEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the course in COURSE.md is not that of the scenarios; renew it with -update")
	}
}

// mostInRow is how many lessons a row of the table of symptoms names.
const mostInRow = 4

// The README's table of symptoms is made from the dictionary, and each lesson has a place
// in it; the flag -update writes it anew.
func TestReadmeSymptoms(t *testing.T) {
	all, err := learn.Course()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{"toggle-live": true, "redis-adapter": true, "websocket-only": true} // show no fault
	var b strings.Builder
	for _, e := range why.All() {
		lessons := e.Lessons()
		if !e.InReadme || len(lessons) == 0 {
			continue
		}
		lessons = lessons[:min(len(lessons), mostInRow)]
		for _, name := range lessons {
			named[name] = true
		}
		fmt.Fprintf(&b, "| %s | `%s` |\n", strings.ReplaceAll(e.Title, "|", "\\|"), strings.Join(lessons, "`, `"))
	}
	for _, l := range all {
		if !named[l.Name] {
			t.Errorf("no symptom leads to the lesson %s", l.Name)
		}
	}
	const head, end = "| you see | start here |\n| --- | --- |\n", "| you have an nginx.conf"
	text := document(t, readmePath)
	before, rest, ok := strings.Cut(text, head)
	table, after, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		t.Fatal("the README has no place for the table of symptoms")
	case table == b.String():
	case *update:
		if err := os.WriteFile(readmePath, []byte(before+head+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the table of symptoms in the README is not that of the dictionary; renew it with -update")
	}
}

// The screens in the documents are those that the tests of the screen expect; the flag
// -update copies them.
func TestReadmeScreens(t *testing.T) {
	place := regexp.MustCompile("(?s)<!-- (ui/tui/[a-z]+/testdata/[a-z0-9-]+\\.golden) -->\n```text\n(.*?)```")
	found := 0
	for _, path := range guides {
		text := document(t, path)
		renewed := place.ReplaceAllStringFunc(text, func(old string) string {
			found++
			m := place.FindStringSubmatch(old)
			want, err := os.ReadFile("../../" + m[1])
			if err != nil {
				t.Error(err)
				return old
			}
			screen := strings.TrimRight(string(want), "\n") + "\n"
			if screen != m[2] && !*update {
				t.Errorf("%s is not what %s shows; renew it with -update", m[1], path)
			}
			return strings.TrimSuffix(old, m[2]+"```") + screen + "```"
		})
		if renewed != text && *update {
			if err := os.WriteFile(path, []byte(renewed), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d screens found", found)
	}
}

// What the manual shows of the doctor's report is what the doctor says of the configuration
// above it.
func TestReadmeDoctor(t *testing.T) {
	if raced {
		return
	}
	_, section, _ := strings.Cut(document(t, manualPath), "## What is wrong with my nginx.conf?")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("nginx.conf", []byte(blocks(section, "nginx")[0]), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"doctor", "nginx.conf"}, &out, &errs); code != ExitFailed {
		t.Fatalf("exit %d\n%s", code, &errs)
	}
	if want := blocks(section, "text")[0]; !strings.Contains(out.String(), want) {
		t.Errorf("the manual shows\n%s\nthe doctor says\n%s", want, &out)
	}
}
