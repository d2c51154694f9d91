// Package spell finds the word that was probably meant.
package spell

import (
	"fmt"
	"strings"
)

// maxWord is the longest word, in characters, that is looked for.
const maxWord = 100

// Nearest returns the candidate that differs least from word by the letters
// changed, missing, added or swapped, ignoring case; "" when all differ by more
// than a third of the word (or one letter), or by more than three letters. The first of
// equals wins.
func Nearest(word string, candidates []string) string {
	a := []rune(strings.ToLower(word))
	if len(a) > maxWord {
		return ""
	}
	best, least := "", min(3, max(1, (len(a)+1)/3))+1
	for _, c := range candidates {
		if c == word {
			continue // it is no suggestion
		}
		b := []rune(strings.ToLower(c))
		if n := len(b) - len(a); n >= least || -n >= least {
			continue
		}
		if d := Distance(a, b); d < least {
			best, least = c, d
		}
	}
	return best
}

// DidYouMean is the hint that names the nearest candidate; "" without one.
func DidYouMean(word string, candidates []string) string { return Meant(Nearest(word, candidates)) }

// Meant is the hint that names a word, `did you mean "listen"?`; "" for "".
func Meant(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}

// Unknown is the error about a name that is none of those there are.
type Unknown struct {
	Kind    string // what is named: "node", "upstream", "balancing method"
	Problem string
	Near    string // the name that was probably meant; may be empty
}

func (e *Unknown) Error() string {
	if e.Near == "" {
		return e.Problem
	}
	return e.Problem + ", " + Meant(e.Near)
}

// Distance counts the letters to change, add, remove or swap with their
// neighbour to get from a to b (the optimal string alignment distance).
func Distance[T string | []rune](from, to T) int {
	a, b := []rune(from), []rune(to)
	two, one, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(b)]
}
