package why

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed entries/*.yaml
var files embed.FS

// kinds are the files of the dictionary, in the order of the entries.
var kinds = []string{"engineio", "client", "nginx", "requests", "browser", "handshake", "cloud", "redis", "node", "delivery", "placement", "changes"}

// index is the dictionary, made ready to be searched.
type index struct {
	entries []Entry
	named   map[string]*Entry
	byText  map[string]*Entry
	search  searcher
}

// dictionary reads the files once.
var dictionary = sync.OnceValue(func() *index {
	entries, err := load(files)
	if err != nil {
		panic(err) // embedded, and read by every test
	}
	return newIndex(entries)
})

func newIndex(entries []Entry) *index {
	x := &index{entries: entries, named: map[string]*Entry{}, byText: map[string]*Entry{}}
	for i := range entries {
		e := &entries[i]
		x.named[e.Name] = e
		for _, text := range e.Texts {
			if k := key(text); x.byText[k] == nil {
				x.byText[k] = e
			}
		}
	}
	x.search = newSearcher(entries)
	return x
}

// load decodes the files of all kinds. It returns an error when one is missing or
// not valid.
func load(from fs.FS) ([]Entry, error) {
	var out []Entry
	for _, kind := range kinds {
		name := "entries/" + kind + ".yaml"
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		entries, err := decode(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, entries...)
	}
	return out, nil
}

// decode reads a list of entries. It returns an error when the text is not YAML,
// has a key that is not known, or an entry that is not whole.
func decode(text []byte) ([]Entry, error) {
	var out []Entry
	if err := yaml.UnmarshalWithOptions(text, &out, yaml.Strict()); err != nil {
		return nil, err
	}
	for i := range out {
		if err := out[i].whole(); err != nil {
			return nil, fmt.Errorf("entry %d, %q: %w", i+1, out[i].Name, err)
		}
	}
	return out, nil
}

// whole returns an error when something is missing without which an entry says
// nothing.
func (e *Entry) whole() error {
	switch {
	case e.Name == "" || strings.Trim(e.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return errors.New("name is not of a-z, 0-9 and -")
	case e.Title == "" || e.Means == "":
		return errors.New("it has no title, or does not say what it means")
	case len(e.Texts)+len(e.Clues)+len(e.Words) == 0:
		return errors.New("nothing leads to it")
	case len(e.Causes) == 0 || len(e.Sources) == 0:
		return errors.New("it has no cause, or no source")
	}
	for _, text := range append(e.Texts, e.Words...) {
		if len(tokens(text)) == 0 {
			return fmt.Errorf("%q has no words", text)
		}
	}
	for _, clue := range e.Clues {
		for _, term := range clue {
			for _, way := range strings.Split(term, "|") {
				if len(tokens(way)) == 0 {
					return fmt.Errorf("%q of a clue has no words", term)
				}
			}
		}
	}
	for i, c := range e.Causes {
		if c.What == "" || c.Tell == "" || c.Fix == "" {
			return fmt.Errorf("cause %d has no what, tell or fix", i+1)
		}
	}
	return nil
}
