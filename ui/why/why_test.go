package why

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"stickylab/scenarios"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
)

// The files are read, each name is there once, and all lessons exist.
func TestEntries(t *testing.T) {
	all, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range all {
		if names[e.Name] {
			t.Errorf("%s is there twice", e.Name)
		}
		names[e.Name] = true
		for _, lesson := range e.Lessons() {
			if !slices.Contains(scenarios.Names(), lesson) {
				t.Errorf("%s: there is no lesson %q", e.Name, lesson)
			}
		}
	}
	if on, err := fs.Glob(files, "entries/*.yaml"); err != nil || len(on) != len(kinds) {
		t.Errorf("%d files, %d kinds, %v", len(on), len(kinds), err)
	}
}

// Sentences are short enough for a screen, end as sentences do, and name only
// entries that there are.
func TestSentences(t *testing.T) {
	for _, e := range All() {
		check := func(field, text string, most int) {
			if n := len([]rune(text)); n > most {
				t.Errorf("%s, %s: %d letters, at most %d: %s", e.Name, field, n, most, text)
			}
			if strings.Count(text, "`")%2 != 0 {
				t.Errorf("%s, %s: a ` is not closed: %s", e.Name, field, text)
			}
			if text != strings.TrimSpace(text) || strings.Contains(text, "\n") {
				t.Errorf("%s, %s: not one line: %q", e.Name, field, text)
			}
			for _, part := range strings.Split(text, "`stickylab why ")[1:] {
				if name, _, _ := strings.Cut(part, "`"); Named(name) == nil {
					t.Errorf("%s, %s: there is no entry %q", e.Name, field, name)
				}
			}
		}
		check("title", e.Title, 110)
		check("sign", e.Sign, 160)
		check("means", e.Means, 200)
		if !strings.HasSuffix(e.Means, ".") {
			t.Errorf("%s, means: no sentence: %s", e.Name, e.Means)
		}
		for _, c := range e.Causes {
			check("what", c.What, 200)
			check("tell", c.Tell, 200)
			check("fix", c.Fix, 200)
			for line := range strings.Lines(c.Paste + c.Try) {
				if len(line) > 90 {
					t.Errorf("%s: a line to paste has %d letters: %s", e.Name, len(line), line)
				}
			}
		}
	}
}

// Every error text that the product knows has its entry, and is found by it.
func TestEveryErrorText(t *testing.T) {
	texts := slices.Concat(ledger.ErrorTexts, reasons(t))
	if len(texts) < 40 {
		t.Errorf("only %d texts", len(texts))
	}
	for _, text := range texts {
		e := Of(text)
		if e == nil {
			t.Errorf("no entry has the text %q", text)
			continue
		}
		if found := Find(text); len(found) == 0 || found[0].Entry != e || !found[0].Exact {
			t.Errorf("%q does not find %s first", text, e.Name)
		}
	}
}

// reasons returns the texts of cluster/trace/text.go for which a connection ends or
// cannot be made.
func reasons(t *testing.T) (out []string) {
	f, err := parser.ParseFile(token.NewFileSet(), "../../cluster/trace/text.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || !strings.HasPrefix(g.Doc.Text(), "Reasons for which") && !strings.HasPrefix(g.Doc.Text(), "What a client reports") {
			continue
		}
		for _, spec := range g.Specs {
			text, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, text)
		}
	}
	return out
}

// Each text that a lesson says people search for leads to that lesson, and each
// lesson is shown by an entry.
func TestEveryLesson(t *testing.T) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := plan.Parse(name, text)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if !slices.ContainsFunc(All(), func(e Entry) bool { return slices.Contains(e.Lessons(), name) }) {
			t.Errorf("no entry shows %s", name)
		}
		if f.Lesson == nil {
			continue
		}
		for _, text := range f.Lesson.Texts {
			found := Find(text)
			if len(found) == 0 || found[0].Score < Sure {
				t.Errorf("%s: %q finds nothing", name, text)
				continue
			}
			if !slices.Contains(found[0].Lessons(), name) {
				t.Errorf("%s: %q leads to %s, which shows %s", name, text, found[0].Name, strings.Join(found[0].Lessons(), ", "))
			}
		}
	}
}

// Each entry is found by its name's first text, clue or phrase, before all others.
func TestEveryEntryIsReached(t *testing.T) {
	for _, e := range All() {
		ways := slices.Concat(e.Texts, e.Words)
		for _, clue := range e.Clues {
			way := ""
			for _, term := range clue {
				first, _, _ := strings.Cut(term, "|")
				way += first + " "
			}
			ways = append(ways, way)
		}
		first := 0
		for _, text := range ways {
			found := Find(strings.Trim(text, "^$"))
			if len(found) > 0 && found[0].Name == e.Name && found[0].Score >= Sure {
				first++
				continue
			}
			other := "nothing"
			if len(found) > 0 {
				other = found[0].Name
			}
			t.Errorf("%s: %q finds %s first", e.Name, text, other)
		}
		if first == 0 {
			t.Errorf("%s is never first", e.Name)
		}
	}
}

// A file that is not whole is refused, with the place.
func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"- name: x\n  titel: y\n":                           "titel",
		"- name: X y\n  title: y\n":                         "name is not of",
		"- name: x\n  title: y\n":                           "does not say what it means",
		"- name: x\n  title: y\n  means: z\n":               "nothing leads to it",
		"- name: x\n  title: y\n  means: z\n  texts: [a]\n": "no cause",
		"- name: x\n  title: y\n  means: z\n  texts: [---]\n  sources: [s]\n  causes: [{what: a, tell: b, fix: c}]\n":     "has no words",
		"- name: x\n  title: y\n  means: z\n  clues: [[a, b|]]\n  sources: [s]\n  causes: [{what: a, tell: b, fix: c}]\n": "of a clue",
		"- name: x\n  title: y\n  means: z\n  texts: [a]\n  sources: [s]\n  causes: [{what: a}]\n":                        "cause 1",
		"{": "",
	} {
		if _, err := decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if _, err := load(fstest.MapFS{}); err == nil {
		t.Error("missing files are no error")
	}
}
