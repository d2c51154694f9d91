package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks returns the fenced blocks of a kind.
func blocks(text, kind string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+kind+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// shellWords are those of a command line as a shell takes them apart, as far as the
// README uses it.
var shellWords = regexp.MustCompile(`'[^']*'|\S+`)

// The commands that the README tells people to type work, in the order given.
func TestReadmeCommands(t *testing.T) {
	text := readme(t)
	t.Chdir(t.TempDir())
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ran := 0
	for _, block := range blocks(text, "sh") {
		for line := range strings.Lines(block) {
			args := shellWords.FindAllString(line, -1)
			for i := range args {
				args[i] = strings.Trim(args[i], "'")
			}
			if len(args) == 0 || args[0] != "stickylab" {
				t.Errorf("not a command of ours: %q", line)
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

// The picture of a run is what a run prints, the wall time aside.
func TestReadmePicture(t *testing.T) {
	picture := blocks(readme(t), "")[0]
	lines := strings.Split(strings.TrimSpace(picture), "\n")
	if lines[0] != "$ go run . run two-regions" || lines[len(lines)-1] != "..." {
		t.Fatalf("the first block is not a cut run: %q ... %q", lines[0], lines[len(lines)-1])
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"run", "two-regions"}, &out, &errs); code != ExitOK {
		t.Fatal(errs.String())
	}
	wall := regexp.MustCompile(`in [0-9.]+ s,`)
	printed := strings.Split(wall.ReplaceAllString(out.String(), "in _ s,"), "\n")
	at := 0
	for _, line := range lines[1 : len(lines)-1] {
		line = wall.ReplaceAllString(line, "in _ s,")
		for at < len(printed) && printed[at] != line {
			at++
		}
		if at == len(printed) {
			t.Fatalf("a run does not print %q", line)
		}
	}
}

// The scenario in the README is valid and does what it promises.
func TestReadmeScenario(t *testing.T) {
	text := readme(t)
	file := filepath.Join(t.TempDir(), "readme.yaml")
	if err := os.WriteFile(file, []byte(blocks(text, "yaml")[0]), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"run", file}, &out, &errs); code != ExitOK {
		t.Errorf("exit %d\n%s%s", code, &out, &errs)
	}
}

// The course in the README is that of `stickylab list`; the flag -update writes
// it anew.
func TestReadmeCourse(t *testing.T) {
	all, err := course()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	topic := ""
	for _, l := range all {
		if l.topic() != topic {
			topic = l.topic()
			fmt.Fprintf(&b, "\n| %s | |\n| --- | --- |\n", topic)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", l.name, strings.ReplaceAll(l.Summary, "|", "\\|"))
	}
	if !strings.Contains(readme(t), fmt.Sprintf(" %d lessons ", len(all))) {
		t.Errorf("the README does not say that there are %d lessons", len(all))
	}
	const begin, end = "<!-- the course -->\n", "\n<!-- end of the course -->"
	text := readme(t)
	before, rest, ok := strings.Cut(text, begin)
	table, after, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		t.Fatal("the README has no place for the course")
	case table == b.String():
	case *update:
		if err := os.WriteFile("../../README.md", []byte(before+begin+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the course in the README is not that of the scenarios; renew it with -update")
	}
}

// The screens in the README are those that the tests of the screen expect; the
// flag -update takes them over.
func TestReadmeScreens(t *testing.T) {
	found := regexp.MustCompile("(?s)<!-- (ui/tui/testdata/[a-z0-9-]+\\.golden) -->\n```text\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(found) < 3 {
		t.Errorf("only %d screens found", len(found))
	}
	for _, m := range found {
		want, err := os.ReadFile("../../" + m[1])
		if err != nil {
			t.Fatal(err)
		}
		screen := strings.TrimRight(string(want), "\n") + "\n"
		switch {
		case screen == m[2]:
		case *update:
			text := strings.Replace(readme(t), m[0], strings.Replace(m[0], m[2], screen, 1), 1)
			if err := os.WriteFile("../../README.md", []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is not what the README shows", m[1])
		}
	}
}

// What the README shows of the doctor's report is what the doctor says of the
// configuration that stands before it.
func TestReadmeDoctor(t *testing.T) {
	if raced {
		return
	}
	_, section, _ := strings.Cut(readme(t), "## What is wrong with my nginx.conf?")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("nginx.conf", []byte(blocks(section, "nginx")[0]), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"doctor", "nginx.conf"}, &out, &errs); code != ExitFailed {
		t.Fatalf("exit %d\n%s", code, &errs)
	}
	if want := blocks(section, "text")[0]; !strings.Contains(out.String(), want) {
		t.Errorf("the README shows\n%s\nthe doctor says\n%s", want, &out)
	}
}
