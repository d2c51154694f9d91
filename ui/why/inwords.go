package why

import (
	"cmp"
	"slices"
)

// When words have enough in common. Shares are of the weight of words, where rare
// ones weigh more.
const (
	// Of one phrase and a line. For n words in common they must be the n-th part of
	// the line: two words say little in a long one.
	leastOfPhrase = 0.55
	leastOfLine   = 1.0
	ofPhrase      = 0.65 // what the phrase counts
	ofLine        = 1 - ofPhrase

	// Of all phrases of an entry and a line.
	fewestOfAll = 3 // words
	leastOfAll  = 0.7
	ofAll       = 0.8

	// The weight of a word that no phrase has.
	unknownWeight = 2.0
)

// weigh returns the weight of a line.
func (s *searcher) weigh(l line) float64 {
	sum := 0.0
	for _, w := range l.words {
		if weight, ok := s.weight[w]; ok {
			sum += weight
		} else {
			sum += unknownWeight
		}
	}
	return sum
}

// covered returns how much of a line is words that the phrases of an entry have
// between them, 0 to ofAll.
func (s *searcher) covered(all map[string]bool, t *pasted) float64 {
	best := 0.0
	for _, line := range t.lines {
		common, hits := 0.0, 0
		for _, w := range line.words {
			if all[w] {
				common += s.weight[w]
				hits++
			}
		}
		if whole := s.weigh(line); hits >= fewestOfAll && common >= leastOfAll*whole {
			best = max(best, ofAll*common/whole)
		}
	}
	return best
}

// nearest returns the entries whose phrases have the weightiest words in common
// with a line of a text, at most mostAlso.
func nearest(text string) []*Entry {
	s, t := &dictionary().search, newPasted(text)
	common := map[*Entry]float64{}
	var out []*Entry
	for i := range s.entries {
		p := &s.entries[i]
		for _, line := range t.lines {
			sum := 0.0
			for _, w := range line.words {
				if p.all[w] {
					sum += s.weight[w]
				}
			}
			common[p.Entry] = max(common[p.Entry], sum)
		}
		if common[p.Entry] > 0 {
			out = append(out, p.Entry)
		}
	}
	slices.SortStableFunc(out, func(a, b *Entry) int { return cmp.Compare(common[b], common[a]) })
	return out[:min(len(out), mostAlso)]
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
			if line.has(w) {
				common += s.weight[w]
				hits++
			}
		}
		if hits == 0 || common < leastOfPhrase*whole || hits == 1 && len(line.words) > 1 {
			continue
		}
		if all := s.weigh(line); common/all >= leastOfLine/float64(hits) {
			best = max(best, ofPhrase*common/whole+ofLine*common/all)
		}
	}
	return best
}
