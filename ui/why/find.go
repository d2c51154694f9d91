package why

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// Match is an entry that a text leads to, and how surely.
type Match struct {
	*Entry
	Exact bool    // the text holds one of its texts, or all of a clue
	Score float64 // larger is surer, see Find
}

// Sure is the score from which a match is taken for an answer.
const Sure = 280

// Scores. An exact text beats a short clue, and both beat words; an entry that
// comes along with others yields to them, unless it is all of the text, or the
// others are found by a few words only. What depends on letters makes the longer,
// more special one win.
const (
	exactScore     = 1000 // and one more for each letter
	longestCounted = 200
	clueScore      = 700
	letterOfClue   = 25
	generalScore   = 400 // and a tenth for each letter
	wordsScore     = 500 // of all words of a phrase, with no others in the text

	// What further ways to an entry add to the surest one.
	supportingScore = 0.05
	mostSupport     = 50
)

// Find returns the entries that a pasted text leads to, the surest first, and
// those from Sure on before all others. The text may have anything around what
// counts: addresses, JSON, stack traces, the prefixes of logs.
//
// An entry is found by an exact text (its words follow each other in the text),
// by a clue (all its terms are somewhere in the text), or by words: one of its
// phrases and one line of the text have most of their words in common, or all of
// its phrases together have most words of the line. Rare words count more.
func Find(text string) []Match { return dictionary().search.find(newPasted(text)) }

// searcher has what is needed to find entries.
type searcher struct {
	entries []pattern
	weight  map[string]float64 // of a word in the phrases: how rare it is
	known   []string           // all words of the dictionary, for misspelt ones
}

// pattern is an entry, taken apart into words.
type pattern struct {
	*Entry
	texts []phrase
	clues [][][]phrase // clue, term, alternative
	words [][]string
	all   map[string]bool // the words of all phrases
}

// phrase is a sequence of words.
type phrase struct {
	words        []string
	begins, ends bool // it is held to the beginning or the end of the text
	letters      int
}

func newPhrase(text string) phrase {
	p := phrase{begins: strings.HasPrefix(text, "^"), ends: strings.HasSuffix(text, "$"), words: tokens(text)}
	for _, w := range p.words {
		p.letters += len(w)
	}
	return p
}

func newPattern(e *Entry) pattern {
	p := pattern{Entry: e, all: map[string]bool{}}
	for _, text := range e.Texts {
		p.texts = append(p.texts, newPhrase(text))
	}
	for _, clue := range e.Clues {
		var terms [][]phrase
		for _, term := range clue {
			var ways []phrase
			for _, way := range strings.Split(term, "|") {
				ways = append(ways, newPhrase(way))
			}
			terms = append(terms, ways)
		}
		p.clues = append(p.clues, terms)
	}
	for _, text := range e.Words {
		words := distinct(meant(tokens(text)))
		p.words = append(p.words, words)
		for _, w := range words {
			p.all[w] = true
		}
	}
	return p
}

func newSearcher(entries []Entry) searcher {
	s := searcher{weight: map[string]float64{}}
	in := map[string]int{} // how many entries have a word in their phrases
	known := map[string]bool{}
	learn := func(words []string) {
		for _, w := range words {
			known[w] = true
		}
	}
	learn(strings.Fields(synonyms))
	learn(slices.Collect(maps.Keys(small)))
	for i := range entries {
		p := newPattern(&entries[i])
		for w := range p.all {
			in[w]++
		}
		for _, text := range slices.Concat(p.Texts, p.Words) {
			learn(tokens(text))
		}
		s.entries = append(s.entries, p)
	}
	for w, n := range in {
		s.weight[w] = math.Log(1 + float64(len(entries))/float64(n))
	}
	for w := range known {
		if len(w) >= shortestCorrected {
			s.known = append(s.known, w)
		}
	}
	slices.Sort(s.known)
	return s
}

func (s *searcher) find(t *pasted) []Match {
	var out []Match
	for i := range s.entries {
		if m := s.judge(&s.entries[i], t); m.Score > 0 {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// judge returns how surely a text leads to an entry.
func (s *searcher) judge(p *pattern, t *pasted) Match {
	texts, clues, words := 0.0, 0.0, 0.0
	for _, text := range p.texts {
		if !t.has(text) {
			continue
		}
		special := float64(min(text.letters, longestCounted))
		switch {
		case !p.General || len(text.words) == len(t.words):
			texts = max(texts, exactScore+special)
		default:
			texts = max(texts, generalScore+special/10)
		}
	}
	for _, clue := range p.clues {
		letters, ok := t.hasAll(clue)
		switch {
		case !ok:
		case p.General:
			clues = max(clues, generalScore+float64(letters)/10)
		default:
			clues = max(clues, clueScore+letterOfClue*float64(letters))
		}
	}
	for _, phrase := range p.words {
		words = max(words, wordsScore*s.shared(phrase, t))
	}
	words = max(words, wordsScore*s.covered(p.all, t))
	best := max(texts, clues, words)
	return Match{
		Entry: p.Entry,
		Exact: texts+clues > 0,
		Score: best + min((texts+clues+words-best)*supportingScore, mostSupport),
	}
}
