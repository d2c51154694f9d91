package cli

import (
	"bytes"
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

const contributing = "../../.github/CONTRIBUTING.md"

// proseAllowed are the places where a retired word stays, and why. A name that ends in / is
// a directory.
var proseAllowed = []struct{ path, word, why string }{
	{"cluster/engineio/testdata/", "", "recorded from a real server"},
	{"cluster/redisadapter/testdata/", "", "recorded from the official adapter"},
	{"cluster/balance/testdata/", "", "recorded from a real nginx"},
	{"ui/page/dist/", "", "the official client"},
	{"cluster/trace/text.go", "nobody", "its value is part of every trace"},
	{"scenarios/missed-while-away.yaml", "nobody", "the name of a variant"},
	{"scenarios/node-dies.yaml", "nobody", "the name of a variant"},
	{"scenarios/testdata/sentences.txt", "nobody", "the name of a variant"},
	{"sim/scenario/decode.go", "mended", "the old name of a key, in the hint to the new one"},
	{"sim/plan/lesson_test.go", "mended", "the old name of a key"},
	{"ui/cli/words_test.go", "", "this list"},
}

// retired returns the words of a table in CONTRIBUTING.md, by the name of its markers.
func retired(t *testing.T, name string) []string {
	t.Helper()
	_, table, _ := strings.Cut(document(t, contributing), "<!-- "+name+" -->\n")
	table, _, ok := strings.Cut(table, "<!-- end of "+name+" -->")
	if !ok {
		t.Fatalf("CONTRIBUTING.md has no table of %s", name)
	}
	var words []string
	for _, line := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
		words = append(words, strings.Split(strings.TrimSpace(strings.Split(line, "|")[1]), ", ")...)
	}
	return words
}

// wordPattern matches a retired word or phrase, also over the end of a comment's line.
func wordPattern(words []string) *regexp.Regexp {
	var alternatives []string
	for _, w := range words {
		alternatives = append(alternatives, strings.ReplaceAll(regexp.QuoteMeta(w), " ", `(?:\s+(?:(?://|#)\s*)?)`))
	}
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(alternatives, "|") + `)\b`)
}

// inIdentifier is where a word of an identifier begins.
var inIdentifier = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// withoutTables blanks the tables of retired words in CONTRIBUTING.md itself.
func withoutTables(text []byte) []byte {
	return regexp.MustCompile(`(?s)retired words -->.*<!-- end of words retired`).ReplaceAllFunc(text, blank)
}

// blank returns as many lines without text.
func blank(text []byte) []byte { return bytes.Repeat([]byte("\n"), bytes.Count(text, []byte("\n"))) }

// literals returns a Go file with everything blanked but its strings.
func literals(text []byte) []byte {
	var out []byte
	var s scanner.Scanner
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(text))
	s.Init(file, text, nil, 0)
	last := 0
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return append(out, blank(text[last:])...)
		}
		if tok == token.STRING {
			at := file.Offset(pos)
			out = append(append(out, blank(text[last:at])...), literal...)
			out = append(out, ' ')
			last = at + len(literal)
		}
	}
}

// No file uses a word that CONTRIBUTING.md retires: neither in texts, nor in comments, nor
// as part of an identifier or of a file's name. Some words are retired only in texts.
func TestRetiredWords(t *testing.T) {
	everywhere, inTexts := wordPattern(retired(t, "retired words")), wordPattern(retired(t, "words retired in texts"))
	allowed := func(path, word string) bool {
		for _, a := range proseAllowed {
			if (path == a.path || strings.HasSuffix(a.path, "/") && strings.HasPrefix(path, a.path)) && (a.word == "" || strings.EqualFold(word, a.word)) {
				return true
			}
		}
		return false
	}
	look := func(path string, text []byte, pattern *regexp.Regexp) {
		text = append([]byte(path+"\n"), text...)
		for _, at := range pattern.FindAllIndex(text, -1) {
			if word := string(text[at[0]:at[1]]); !allowed(path, word) {
				t.Errorf("%s:%d: %q", path, bytes.Count(text[:at[0]], []byte("\n")), word)
			}
		}
	}
	for path, text := range sources(t, ".go", ".md", ".yaml", ".txtar", ".golden", ".txt", ".html", ".js", ".css", ".json", ".conf") {
		if path == contributing[len("../../"):] {
			text = withoutTables(text)
		}
		look(path, inIdentifier.ReplaceAll(text, []byte("$1 $2")), everywhere)
		switch {
		case strings.HasSuffix(path, "_test.go"):
		case strings.HasSuffix(path, ".go"):
			look(path, literals(text), inTexts)
		default:
			look(path, text, inTexts)
		}
	}
}
