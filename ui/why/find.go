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
// others are found by a few words only.
const (
	exactScore        = 1000
	clueScore         = 700
	generalScore      = 400
	letterOfClue      = 25
	wordsScore        = 500 // of all words, and no others in the text
	shareOfAll        = 0.8 // of that, for a line whose words are all in the phrases of an entry, no matter in which
	leastOfAll        = 0.7 // of the words of a line, by weight
	fewestOfAll       = 3   // words
	longestCounted    = 200 // letters of a text that make it more special
	mostLines         = 2000
	shareOfPhrase     = 0.65
	shareOfText       = 1 - shareOfPhrase
	leastOfPhrase     = 0.55
	leastOfText       = 1.0  // for one word in common; for n words the n-th part
	supportingScore   = 0.05 // what further ways to an entry add to the best one
	mostSupport       = 50
	unknownWordWeight = 2.0
)

// Find returns the entries that a pasted text leads to, the surest first, and
// those from Sure on before all others. The text may have anything around what
// counts: addresses, JSON, stack traces, the prefixes of logs.
//
// An entry is found by an exact text (its words follow each other in the text),
// by a clue (all its terms are somewhere in the text), or by words: one of its
// phrases and one line of the text have most of their words in common, where rare
// words count more.
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
		e := &entries[i]
		p := pattern{Entry: e}
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
		mine := map[string]bool{}
		for _, text := range e.Words {
			words := meant(tokens(text))
			slices.Sort(words)
			words = slices.Compact(words)
			p.words = append(p.words, words)
			for _, w := range words {
				mine[w] = true
			}
		}
		for w := range mine {
			in[w]++
		}
		p.all = mine
		for _, text := range slices.Concat(e.Texts, e.Words) {
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

// covered returns how much of a line is words that the phrases of an entry have
// between them, 0 to shareOfAll.
func (s *searcher) covered(all map[string]bool, t *pasted) float64 {
	best := 0.0
	for _, line := range t.lines {
		common, whole, hits := 0.0, 0.0, 0
		for w := range line.has {
			weight, ok := s.weight[w]
			if !ok {
				weight = unknownWordWeight
			}
			whole += weight
			if all[w] {
				common += weight
				hits++
			}
		}
		if hits >= fewestOfAll && common >= leastOfAll*whole {
			best = max(best, shareOfAll*common/whole)
		}
	}
	return best
}

// shared returns how much a phrase and a line of the text have in common, 0 to 1.
func (s *searcher) shared(words []string, t *pasted) float64 {
	whole := 0.0
	for _, w := range words {
		whole += s.weight[w]
	}
	best := 0.0
	for _, line := range t.lines {
		common, hits := 0.0, 0
		for _, w := range words {
			if line.has[w] {
				common += s.weight[w]
				hits++
			}
		}
		if hits == 0 || common < leastOfPhrase*whole || hits == 1 && len(line.has) > 1 {
			continue
		}
		all := 0.0
		for w := range line.has {
			if weight, ok := s.weight[w]; ok {
				all += weight
			} else {
				all += unknownWordWeight
			}
		}
		if common/all >= leastOfText/float64(hits) {
			best = max(best, shareOfPhrase*common/whole+shareOfText*common/all)
		}
	}
	return best
}
