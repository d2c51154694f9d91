package why

import "stickylab/sim/format"

// Answer is what the dictionary says to a text.
type Answer struct {
	Best *Entry   // what it means; nil when several entries may be meant equally well, or none
	Also []*Entry // what it may mean, or holds, too; the surest first
	Near []*Entry // what comes nearest, when nothing matches well
}

// Found reports whether the dictionary has an answer.
func (a Answer) Found() bool { return a.Best != nil || len(a.Also) > 0 }

// How many entries an answer names, and when: those that are nearly as sure as
// the first. Without an exact text or a clue the first one is only one of
// several, unless it is surer than the second.
const (
	mostAlso    = 3
	nearlySure  = 0.7
	clearlySure = 0.95

	sureOfCorrected = 400 // the score from which a text with corrected words is taken for an answer
)

// Ask returns the answer to a pasted text, or to the name of an entry.
func Ask(text string) Answer {
	if e := Named(text); e != nil {
		return Answer{Best: e}
	}
	found := Find(text)
	if len(found) == 0 || found[0].Score < Sure {
		if fixed, ok := correct(text, dictionary().search.known); ok {
			if again := Find(fixed); len(again) > 0 && again[0].Score >= sureOfCorrected {
				found = again
			}
		}
	}
	var a Answer
	if len(found) == 0 || found[0].Score < Sure {
		a.Near = nearest(text)
		return a
	}
	first := found[0]
	rest := found[1:]
	if first.Exact || len(rest) == 0 || rest[0].Score < clearlySure*first.Score {
		a.Best = first.Entry
	} else {
		rest = found
	}
	for _, m := range rest {
		if len(a.Also) == mostAlso || m.Score < Sure || m.Score < nearlySure*first.Score && !m.Exact {
			break
		}
		a.Also = append(a.Also, m.Entry)
	}
	return a
}

// Write writes an answer that was found.
func (a Answer) Write(p *format.Page) {
	if a.Best == nil {
		p.Text("This may be one of several things:")
		p.Gap()
		WriteList(p, a.Also)
		return
	}
	a.Best.Write(p)
	if len(a.Also) > 0 {
		p.Section("The text also has, or may mean")
		WriteList(p, a.Also)
	}
}
