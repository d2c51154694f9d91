package why

import (
	"slices"
	"strings"
)

// Filter chooses scenarios by what a person types: words of its texts, or
// an error text or a symptom that they show.
type Filter struct {
	words   []string
	lessons []string
}

// NewFilter returns the filter of a text. An empty one lets everything through.
func NewFilter(text string) Filter {
	f := Filter{words: strings.Fields(strings.ToLower(text))}
	if len(f.words) == 0 {
		return f
	}
	a := Ask(text)
	if a.Best != nil {
		f.lessons = a.Best.Lessons()
		return f
	}
	for _, e := range a.Also {
		f.lessons = append(f.lessons, e.Lessons()...)
	}
	return f
}

// Matches reports whether a scenario is let through: it shows what the text
// means, or every word of the text is in one of its texts, in whatever case.
func (f Filter) Matches(name string, texts ...string) bool {
	if slices.Contains(f.lessons, name) {
		return true
	}
	all := strings.ToLower(name + "\n" + strings.Join(texts, "\n"))
	return !slices.ContainsFunc(f.words, func(w string) bool { return !strings.Contains(all, w) })
}
