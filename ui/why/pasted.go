package why

import (
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/spell"
)

// pasted is a text in which entries are looked for.
type pasted struct {
	words []string
	at    map[string][]int // where each word is
	lines []line
}

// line is a line of the text, or a clause, as the words in it that say something.
type line struct{ words []string } // sorted, each once

func (l line) has(word string) bool {
	_, found := slices.BinarySearch(l.words, word)
	return found
}

// shortestCorrected is the length from which a misspelt word is recognised.
const shortestCorrected = 5

// newPasted takes a text apart.
func newPasted(text string) *pasted {
	t := &pasted{at: map[string][]int{}}
	t.words = tokens(text)
	for i, w := range t.words {
		t.at[w] = append(t.at[w], i)
	}
	for l := range strings.Lines(text) {
		t.add(l)
		if clauses := clauseEnd.Split(l, -1); len(clauses) > 1 {
			for _, c := range clauses {
				t.add(c)
			}
		}
	}
	return t
}

// mostLines bounds the lines that are compared by their words.
const mostLines = 2000

// clauseEnd matches what separates the clauses of a sentence, and sentences.
var clauseEnd = regexp.MustCompile(`[.,;:!?]\s+`)

// add adds a line, or a part of one.
func (t *pasted) add(text string) {
	if words := distinct(meant(tokens(text))); len(words) > 0 && len(t.lines) < mostLines {
		t.lines = append(t.lines, line{words})
	}
}

// mostCorrected bounds the words of a text in which slips of the pen are looked for.
const mostCorrected = 40

// correct returns a short text with each misspelt word as it was probably meant;
// ok is false when there is none.
func correct(text string, known []string) (fixed string, ok bool) {
	words := tokens(text)
	if len(words) > mostCorrected {
		return text, false
	}
	for i, w := range words {
		if words[i] = corrected(w, known); words[i] != w {
			ok = true
		}
	}
	return strings.Join(words, " "), ok
}

// corrected returns the known word that a word is, but for a letter or two.
func corrected(word string, known []string) string {
	if len(word) < shortestCorrected || strings.ContainsAny(word, "._0123456789") {
		return word
	}
	if _, ok := slices.BinarySearch(known, word); ok {
		return word
	}
	most := 1
	if len(word) > 8 {
		most = 2
	}
	if near := spell.Nearest(word, known); near != "" && spell.Distance(near, word) <= most {
		return near
	}
	return word
}

// has reports whether the words of a phrase follow each other in the text.
func (t *pasted) has(p phrase) bool {
	for _, i := range t.at[p.words[0]] {
		if p.begins && i > 0 {
			return false
		}
		if t.follows(p, i) {
			return true
		}
	}
	return false
}

func (t *pasted) follows(p phrase, i int) bool {
	end := i + len(p.words)
	if end > len(t.words) || p.ends && end != len(t.words) {
		return false
	}
	for k, w := range p.words {
		if t.words[i+k] != w {
			return false
		}
	}
	return true
}

// hasAll reports whether each term of a clue is in the text, in one of its forms,
// and how many letters those have.
func (t *pasted) hasAll(clue [][]phrase) (letters int, ok bool) {
	for _, term := range clue {
		longest := 0
		for _, way := range term {
			if t.has(way) {
				longest = max(longest, way.letters)
			}
		}
		if longest == 0 {
			return 0, false
		}
		letters += longest
	}
	return letters, true
}
