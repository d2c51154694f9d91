package screen

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Key is the meaning of a key on a screen.
type Key struct {
	Keys  string // their names, as Bubble Tea has them, between spaces; the space bar is "space"
	Hint  string // on the line of keys, in place of Keys: "j k"
	Short string // what it does, on the line of keys; "" leaves it out
	About string // what it does, in the help; "" leaves it out
	Group string // its heading in the help: one of the groups

	Verb   bool // it changes the run
	Asks   bool // it opens a question first
	First  bool // on the line at every size, first of all
	Late   bool // on the line when all others have room
	Hidden bool // in the help and on the line: it only says why it cannot be used

	Do func() tea.Cmd
}

// The groups of keys, each with a heading in the help. Keys of no group come
// first on the line.
const (
	List   = "the list"
	Lesson = "the lesson"
	Do     = "do something, here; in the past, on a new branch"
	DoNow  = "do something, now"
	Files  = "files"
	Time   = "time"
	Look   = "look"
)

// Names returns the names of the keys.
func (k *Key) Names() []string { return strings.Fields(k.Keys) }

// Shown returns the keys as the line of keys has them.
func (k *Key) Shown() string {
	if k.Hint != "" {
		return k.Hint
	}
	return k.Keys
}

// In returns the keys as those of a group.
func In(group string, keys ...Key) []Key {
	for i := range keys {
		keys[i].Group = group
	}
	return keys
}

// Without returns keys without those whose first name others have.
func Without(keys, others []Key) (out []Key) {
	for _, k := range keys {
		if !slices.ContainsFunc(others, func(o Key) bool { return slices.Contains(o.Names(), k.Names()[0]) }) {
			out = append(out, k)
		}
	}
	return out
}

// Find returns the key that a message is, nil when it is none of them.
func Find(keys []Key, msg tea.KeyMsg) *Key {
	name := msg.String()
	if name == " " {
		name = "space"
	}
	for i := range keys {
		if slices.Contains(keys[i].Names(), name) {
			return &keys[i]
		}
	}
	return nil
}

// Press does what a key means. found is false when it means nothing.
func Press(keys []Key, msg tea.KeyMsg) (found bool, cmd tea.Cmd) {
	if k := Find(keys, msg); k != nil {
		return true, k.Do()
	}
	return false, nil
}

// Always returns the keys that every screen ends with.
func (s *Shell) Always() []Key {
	return []Key{
		{Keys: "?", Short: "keys", About: "all keys", Do: s.help},
		{Keys: "q ctrl+c", Hint: "q", Short: "quit", About: "quit", Do: s.Quit},
	}
}
