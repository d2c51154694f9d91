package scenario

import (
	"fmt"
	"strings"
)

// nearest returns the candidate that differs least from word by the letters
// changed, missing, added or swapped, ignoring case; "" when all differ by more
// than about a third of the word. The first of equals wins.
func nearest(word string, candidates []string) string {
	return nearestWithin(word, candidates, max(1, (len([]rune(word))+2)/3))
}

func nearestWithin(word string, candidates []string, limit int) string {
	best, least := "", limit+1
	a := []rune(strings.ToLower(word))
	if len(a) > 100 {
		return ""
	}
	for _, c := range candidates {
		if d := distance(a, []rune(strings.ToLower(c))); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance of a and b.
func distance(a, b []rune) int {
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

// didYouMean is the hint that names the nearest candidate; "" without one.
func didYouMean(word string, candidates []string) string {
	if c := nearest(word, candidates); c != "" {
		return fmt.Sprintf("did you mean %q?", c)
	}
	return ""
}

// oneOf lists what may stand in a place; long lists are cut.
func oneOf(names []string) string {
	const most = 16
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return names[0]
	case len(names) > most:
		return fmt.Sprintf("one of %s, ... (%d in all)", strings.Join(names[:most], ", "), len(names))
	}
	return "one of " + strings.Join(names, ", ")
}
