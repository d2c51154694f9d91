package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// binding is what a key does in a mode.
type binding struct {
	key.Binding
	group string // the heading in the list of all keys
	about string // there; the help of the Binding is for the line
	verb  bool   // it changes a run: not for reading only
	asks  bool   // it opens a question first
	late  bool   // on the line after all others have room
	free  bool   // it needs virtual time: when a cluster is served, it tells why not
	do    func(*Model) tea.Cmd
}

// bind makes a binding. short is for the help line; with none it is not there.
func bind(group, shown, short, about string, do func(*Model) tea.Cmd, keys ...string) binding {
	return binding{
		Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, short)),
		group:   group, about: about, do: do,
	}
}

// verb makes a binding that changes the run.
func verb(shown, short, about string, do func(*Model) tea.Cmd, keys ...string) binding {
	b := bind("do", shown, short, about, do, keys...)
	b.verb = true
	return b
}

// asking makes a verb that opens a question.
func asking(shown, short, about string, do func(*Model) tea.Cmd, keys ...string) binding {
	b := verb(shown, short, about, do, keys...)
	b.asks = true
	return b
}

// later makes a binding wait for room on the help line.
func later(b binding) binding {
	b.late = true
	return b
}

// freely makes a binding need virtual time.
func freely(b binding) binding {
	b.free = true
	return b
}

// bindings returns the keys of a mode.
func (m *Model) bindings(of mode) []binding {
	var out []binding
	if m.o.Served != nil && (of == modeStage || of == modeCloser) {
		out = append(out, entryKey)
	}
	if m.lesson != nil && (of == modeStage || of == modePair) {
		out = append(out, m.lessonBindings()...)
	}
	for _, b := range unshadowed(keymap(of), out) {
		if !b.verb || !m.o.ReadOnly && m.lesson == nil {
			out = append(out, b)
		}
	}
	return out
}

// unshadowed are the bindings without those whose first key others have taken.
func unshadowed(list, by []binding) (out []binding) {
	for _, b := range list {
		if !slices.ContainsFunc(by, func(other binding) bool { return slices.Contains(other.Keys(), b.Keys()[0]) }) {
			out = append(out, b)
		}
	}
	return out
}

// shownBindings are those of the keys of a mode that do something here.
func (m *Model) shownBindings(of mode) []binding {
	list := m.bindings(of)
	if m.o.Served != nil {
		list = slices.DeleteFunc(list, func(b binding) bool { return b.free })
	}
	return list
}

// keymap returns the keys of a mode.
func keymap(of mode) []binding {
	switch of {
	case modeStage:
		return concat(verbKeys, timeKeys, lookKeys, fileKeys, alwaysKeys)
	case modeCloser:
		return concat(closerKeys, verbKeys, timeKeys, fileKeys, alwaysKeys)
	case modeAsk:
		return askKeys
	case modeConfirm:
		return confirmKeys
	case modeHelp, modeEntry:
		return concat(coverKeys, quitKeys)
	case modeBranches:
		return concat([]binding{bind("", "enter", "go there", "go on with this run", (*Model).chooseBranch, "enter")}, coverKeys, quitKeys)
	case modeBuilding:
		return []binding{bind("", "esc", "cancel", "stay where you are", (*Model).cancelBuilding, "esc", "ctrl+c")}
	case modePair:
		return concat(pairKeys, alwaysKeys)
	case modePicker:
		return pickerKeys
	}
	return nil
}

func concat(lists ...[]binding) []binding {
	var out []binding
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// The bindings are filled in by init, since what they do leads back to them.
var entryKey binding

var verbKeys, timeKeys, lookKeys, fileKeys, alwaysKeys, quitKeys, closerKeys, askKeys, confirmKeys, coverKeys, pickerKeys []binding

func init() {
	entryKey = bind("look", "u", "url", "where clients connect, and how", (*Model).showEntry, "u")
	verbKeys = []binding{
		verb("a", "adapter", "adapter on or off, on all nodes", (*Model).toggleAdapter, "a"),
		verb("A", "", "adapter on or off, on the selected node", (*Model).toggleNodeAdapter, "A"),
		verb("p", "policy", "the proxy's next policy", (*Model).nextPolicy, "p"),
		verb("x", "kill", "kill the selected node, or restart it", (*Model).killOrRestart, "x"),
		verb("d", "down", "the selected node down in the proxy, or up", (*Model).downOrUp, "d"),
		verb("r", "redis", "Redis down, or up", (*Model).toggleRedis, "r"),
		verb("+ -", "nodes", "one node more", (*Model).oneMore, "+"),
		verb("-", "", "one node less", (*Model).oneLess, "-"),
		asking("m", "say", "say something from the selected client", (*Model).askSay, "m"),
		later(asking("c", "clients", "more clients: how many, and from where", (*Model).askClients, "c")),
		later(asking("i", "move", "move the selected group to other addresses", (*Model).askMove, "i")),
		asking(":", "command", "any step, in words; tab completes", (*Model).askCommand, ":"),
	}
	timeKeys = []binding{
		freely(bind("time", "space", "pause", "stop and go on", (*Model).pause, " ")),
		bind("time", ".", "", "one event on", (*Model).eventOn, "."),
		bind("time", ",", "", "one event back", (*Model).eventBack, ","),
		bind("time", "[ ]", "5 s", "five seconds back", (*Model).secondsBack, "["),
		bind("time", "]", "", "five seconds on", (*Model).secondsOn, "]"),
		freely(bind("time", "< >", "speed", "slower", (*Model).slower, "<")),
		freely(bind("time", ">", "", "faster, up to as fast as it can", (*Model).faster, ">")),
		bind("time", "home", "", "to the beginning", (*Model).toBeginning, "home"),
		bind("time", "end", "", "to the newest moment", (*Model).toHead, "end"),
	}
	lookKeys = []binding{
		bind("look", "enter", "look closer", "look closer at what is selected", (*Model).lookCloser, "enter"),
		bind("look", "tab", "", "the next pane", (*Model).nextPane, "tab"),
		bind("look", "shift+tab", "", "the pane before", (*Model).paneBefore, "shift+tab"),
		bind("look", "h left", "", "selection to the left", (*Model).left, "h", "left"),
		bind("look", "j down", "", "selection down", (*Model).down, "j", "down"),
		bind("look", "k up", "", "selection up", (*Model).up, "k", "up"),
		bind("look", "l right", "", "selection to the right", (*Model).right, "l", "right"),
		bind("look", "/", "filter", "filter clients and what happens", (*Model).askFilter, "/"),
		bind("look", "v", "", "matrix of the last 10 s, or of the whole run", (*Model).switchMatrix, "v"),
		freely(bind("look", "b", "", "the branches: runs that were left by an action in the past", (*Model).showBranches, "b")),
		bind("look", "esc", "", "back: the filter, the selection, the list of scenarios", (*Model).back, "esc"),
	}
	write := asking("w", "", "write what was done by hand as a scenario file", (*Model).askWrite, "w")
	write.group = "files"
	fileKeys = []binding{
		write,
		bind("files", "s", "", "save the screen as text", (*Model).saveScreen, "s"),
		bind("files", "T", "", "write the trace", (*Model).saveTrace, "T"),
	}
	quitKeys = []binding{bind("", "q", "quit", "quit", (*Model).quit, "q", "ctrl+c")}
	alwaysKeys = append([]binding{bind("", "?", "keys", "all keys", (*Model).help, "?")}, quitKeys...)
	closerKeys = []binding{
		bind("look", "esc", "back", "back to the stage", (*Model).backToStage, "esc", "enter"),
		bind("look", "h l", "others", "the one before", (*Model).thingBefore, "h", "left"),
		bind("look", "l", "", "the next one", (*Model).nextThing, "l", "right"),
		bind("look", "j k", "scroll", "down", (*Model).pageDown, "j", "down"),
		bind("look", "k", "", "up", (*Model).pageUp, "k", "up"),
	}
	askKeys = []binding{
		bind("", "enter", "", "that is it", (*Model).answer, "enter"),
		bind("", "esc", "", "never mind", (*Model).dropQuestion, "esc", "ctrl+c"),
		bind("", "tab", "", "complete", (*Model).complete, "tab"),
		bind("", "up", "", "what was typed before", (*Model).recall, "up"),
		bind("", "down", "", "what was typed after it", (*Model).recallNext, "down"),
	}
	confirmKeys = []binding{
		bind("", "y", "", "yes", (*Model).sayYes, "y", "Y"),
		bind("", "n", "", "no", (*Model).sayNo, "n", "N", "esc", "ctrl+c", "q"),
	}
	coverKeys = []binding{
		bind("", "esc", "back", "back", (*Model).uncover, "esc", "?"),
		bind("", "j k", "scroll", "down", (*Model).scrollDown, "j", "down"),
		bind("", "k", "", "up", (*Model).scrollUp, "k", "up"),
		bind("", "pgdn", "", "a page down", (*Model).scrollPageDown, "pgdown"),
		bind("", "pgup", "", "a page up", (*Model).scrollPageUp, "pgup"),
	}
	pickerKeys = []binding{bind("", "ctrl+c", "", "quit", (*Model).quit, "ctrl+c")}
}

// shows reports whether there is something on the screen that keys can be about.
func (m *Model) shows() bool {
	if m.pair != nil {
		return m.pair.ready()
	}
	return m.stage != nil && m.stage.frame != nil
}

// key does what a key means in the mode. Characters that were typed so fast
// that they come together are keys of their own.
func (m *Model) key(msg tea.KeyMsg) tea.Cmd {
	m.notice = notice{}
	if msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Paste && m.mode != modeAsk {
		var cmds []tea.Cmd
		for _, r := range msg.Runes {
			cmds = append(cmds, m.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}))
		}
		return tea.Batch(cmds...)
	}
	if m.mode > modePicker && m.mode != modeAsk && m.mode != modeConfirm && !m.shows() {
		if msg.String() == "esc" {
			return m.toScenarios()
		}
		if msg.String() == "q" || msg.String() == "ctrl+c" {
			return m.quit()
		}
		return nil
	}
	for _, b := range m.bindings(m.mode) {
		if key.Matches(msg, b.Binding) {
			if b.verb && !b.asks && m.stage.acting() {
				return m.stage.later(func() tea.Cmd { return b.do(m) })
			}
			return b.do(m)
		}
	}
	switch m.mode {
	case modeAsk:
		return m.question.typed(m, msg)
	case modePicker:
		return m.toPicker(msg)
	}
	return nil
}
