// Package why is the dictionary of what goes wrong with Socket.IO behind a
// load balancer: what an error text or a symptom means, what usually causes it,
// how to tell the causes apart, what fixes each, and the lessons that show it.
// The entries are in entries/*.yaml.
package why

import (
	"slices"
	"strings"
)

// Entry is an error text or a symptom. Title, Means and the sentences of the
// causes are Markdown of one kind only: `code`.
type Entry struct {
	Name  string `yaml:"name"` // short, for the command line
	Title string `yaml:"title"`

	// By what it is found, see Find.
	Texts   []string   `yaml:"texts"`   // exact texts, their words one after the other; ^ and $ hold them to both ends
	Clues   [][]string `yaml:"clues"`   // words and short texts that mean it together, alternatives separated by |
	Words   []string   `yaml:"words"`   // as people say it, in any order and form
	General bool       `yaml:"general"` // it comes along with others, and says less than they do

	Sign    string   `yaml:"sign"` // how to recognise it among others; "" when the title says it
	Means   string   `yaml:"means"`
	Causes  []Cause  `yaml:"causes"`  // the most likely first
	Sources []string `yaml:"sources"` // the documents, with their sections, that say so

	InReadme bool `yaml:"readme"` // it has a row in the README's table
}

// Cause is one of the causes of an entry.
type Cause struct {
	What    string   `yaml:"what"`
	Tell    string   `yaml:"tell"`    // how to see that it is this one
	Try     string   `yaml:"try"`     // commands that show it; "" means none
	Fix     string   `yaml:"fix"`     // what helps
	Paste   string   `yaml:"paste"`   // lines of a configuration or of code for the fix; "" means none
	Lessons []string `yaml:"lessons"` // built-in scenarios that show it
}

// Plain returns a title or a sentence without its Markdown.
func Plain(text string) string { return strings.ReplaceAll(text, "`", "") }

// Lessons returns the names of the built-in scenarios that show the entry, each
// once, those of its most likely cause first.
func (e *Entry) Lessons() []string {
	var out []string
	for _, c := range e.Causes {
		for _, name := range c.Lessons {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// All returns the entries, those of one kind together. They must not be changed.
func All() []Entry { return dictionary().entries }

// Named returns the entry of a name, nil when there is none.
func Named(name string) *Entry { return dictionary().named[name] }

// Of returns the entry that has a text, such as one of ledger.ErrorTexts,
// among its exact texts; nil when none has.
func Of(text string) *Entry { return dictionary().byText[key(text)] }
