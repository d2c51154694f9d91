package run

import (
	"slices"
	"strconv"
	"time"

	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"

	tea "github.com/charmbracelet/bubbletea"
)

// Keys returns what keys do on the run, or on what of it is inspected.
func (m *Model) Keys() []screen.Key {
	if m.building != nil {
		return []screen.Key{{Keys: "esc ctrl+c", Hint: "esc", Short: "cancel", About: "stay where you are", Do: m.cancelBuilding}}
	}
	served := m.served != nil
	moves := func(dx, dy int) func() tea.Cmd {
		return func() tea.Cmd { m.moveIn(m.view.focus, dx, dy); return nil }
	}
	focuses := func(back bool) func() tea.Cmd {
		return func() tea.Cmd { m.view.focus = m.layout().next(m.view.focus, back); return nil }
	}
	var keys []screen.Key
	if served {
		keys = screen.In(screen.Look, screen.Key{Keys: "u", Short: "url", About: "where clients connect, and how", Do: m.showEntry})
	}
	if len(m.o.Around) > 0 {
		keys = screen.In(screen.Look, screen.Key{Keys: "u", Short: "made of", Late: true, About: "what the scenario was made around, and what was left out", Do: func() tea.Cmd { return m.showAround(false) }})
	}
	if m.page != nil {
		keys = append(keys, m.page.Keys()...)
	}
	if !m.o.ReadOnly && !m.o.Lesson {
		keys = append(keys, m.verbs()...)
	}
	keys = append(keys, screen.In(screen.Time,
		screen.Key{Keys: "space", Short: "pause", First: true, About: "pause and resume", Hidden: served, Do: m.pause},
		screen.Key{Keys: ".", About: "one event on", Do: m.eventOn},
		screen.Key{Keys: ",", About: "one event back", Do: m.eventBack},
		screen.Key{Keys: "[", Hint: "[ ]", Short: "5 s", About: "five seconds back", Do: func() tea.Cmd { return m.seekBack(m.cursor.At - 5*time.Second) }},
		screen.Key{Keys: "]", About: "five seconds on", Do: func() tea.Cmd { return m.seek(max(m.cursor.At, m.goal) + 5*time.Second) }},
		screen.Key{Keys: "<", Hint: "< >", Short: "speed", About: "slower", Hidden: served, Do: m.nextSpeed(false)},
		screen.Key{Keys: ">", About: "faster, up to as fast as it can", Hidden: served, Do: m.nextSpeed(true)},
		screen.Key{Keys: "home", About: "to the beginning", Do: func() tea.Cmd { return m.seekBack(Beginning) }},
		screen.Key{Keys: "end", About: "to the newest moment", Do: func() tea.Cmd { return m.seek(m.current.head.At) }},
	)...)
	if m.page == nil {
		keys = append(keys, screen.In(screen.Look, screen.Key{Keys: "V", Short: "projector", Late: true, About: "nothing but the picture, for a projector; and back", Do: m.project})...)
		keys = append(keys, screen.In(screen.Look,
			screen.Key{Keys: "enter", Short: "look", First: true, About: "look closer at what is selected", Do: m.inspect},
			screen.Key{Keys: "tab", About: "the next pane", Do: focuses(false)},
			screen.Key{Keys: "shift+tab", About: "the pane before", Do: focuses(true)},
			screen.Key{Keys: "h left", About: "selection to the left", Do: moves(-1, 0)},
			screen.Key{Keys: "j down", About: "selection down", Do: moves(0, 1)},
			screen.Key{Keys: "k up", About: "selection up", Do: moves(0, -1)},
			screen.Key{Keys: "l right", About: "selection to the right", Do: moves(1, 0)},
			screen.Key{Keys: "pgdown", About: "selection a page down", Do: moves(0, pageLines)},
			screen.Key{Keys: "pgup", About: "selection a page up", Do: moves(0, -pageLines)},
			screen.Key{Keys: "n", Short: "nginx.conf", Late: true, About: "the nginx.conf that is running: what decides for the selected client, and what changed last", Do: m.showConfig},
			screen.Key{Keys: "/", Short: "filter", About: "filter clients and what happens", Do: m.askFilter},
			screen.Key{Keys: "v", About: "matrix since the last switch, or of the whole run", Do: func() tea.Cmd { m.SwitchMatrix(); return nil }},
			screen.Key{Keys: "b", About: "the branches: runs that were left by an action in the past", Hidden: served, Do: m.showBranches},
			screen.Key{Keys: "esc", About: "back: the filter, the selection, the list of scenarios", Do: m.back},
		)...)
	}
	if m.page == nil {
		keys = append(keys, m.paneKeys()...)
	}
	if !m.o.ReadOnly && !m.o.Lesson {
		keys = append(keys, screen.In(screen.Files,
			screen.Key{Keys: "w", About: "write what was done here as a scenario file", Verb: true, Asks: true, Do: m.askWrite})...)
	}
	keys = append(keys, screen.In(screen.Files,
		screen.Key{Keys: "s", About: "save the screen as text", Do: m.saveScreen},
		screen.Key{Keys: "T", About: "write the trace", Do: m.saveTrace},
	)...)
	return append(keys, m.Always()...)
}

// pageLines is how many lines a key moves that moves by pages.
const pageLines = 10

// paneKeys are the keys that give panes the focus by their number, in the order of tab.
func (m *Model) paneKeys() (keys []screen.Key) {
	if m.o.Lesson { // there digits are answers
		return nil
	}
	for i, pane := range focusOrder {
		keys = append(keys, screen.Key{Keys: strconv.Itoa(i + 1), About: "to the pane of " + titles[pane], Do: func() tea.Cmd {
			if m.layout().has(pane) {
				m.view.focus = pane
			}
			return nil
		}})
	}
	return screen.In(screen.Look, keys...)
}

// verbs are the keys that change the run.
func (m *Model) verbs() []screen.Key {
	group := screen.Do
	if m.served != nil {
		group = screen.DoNow
	}
	keys := screen.In(group,
		screen.Key{Keys: "a", Short: "adapter", About: "adapter on, off or of another kind, on all nodes", Do: m.toggleAdapter},
		screen.Key{Keys: "A", About: "the same, on the selected node", Do: m.toggleNodeAdapter},
		screen.Key{Keys: "p", Short: "policy", About: "another policy for the proxy: which, and what it would change for whom", Asks: true, Do: m.choosePolicy},
		screen.Key{Keys: "x", Short: "kill", About: "kill the selected node, or restart it", Do: m.killOrRestart},
		screen.Key{Keys: "d", Short: "down", About: "the selected node down in the proxy, or up", Do: m.downOrUp},
		screen.Key{Keys: "r", Short: "redis", About: "Redis down, or up", Do: m.toggleRedis},
		screen.Key{Keys: "e", Short: "reconnect", About: "everyone reconnects, as when all reload the page", Late: true, Do: m.everyoneReconnects},
		screen.Key{Keys: "+", Hint: "+ -", Short: "nodes", About: "one node more", Do: m.scale(1)},
		screen.Key{Keys: "-", About: "one node less", Do: m.scale(-1)},
		screen.Key{Keys: "m", Short: "say", About: "say something from the selected client", Asks: true, Do: m.askSay},
		screen.Key{Keys: "c", Short: "clients", About: "more clients: how many, and from where", Asks: true, Late: true, Do: m.askClients},
		screen.Key{Keys: "i", Short: "move", About: "move the selected group to other addresses", Asks: true, Late: true, Do: m.askMove},
		screen.Key{Keys: ":", Short: "command", About: "any step, in words; tab completes", Asks: true, Do: m.askCommand},
	)
	for i := range keys {
		keys[i].Verb = true
	}
	return keys
}

// atTheEnd are the keys that are of use when the run is over, the most wanted
// first.
var atTheEnd = []screen.Key{
	{Keys: "q", Short: "quit"}, {Keys: "[", Short: "back"}, {Keys: "home", Short: "beginning"}, {Keys: "esc", Short: "scenarios"},
	{Keys: "enter", Short: "look closer"}, {Keys: "?", Short: "keys"}, {Keys: "w", Short: "write"},
}

// Footer says that the run is over, or how far a new branch is.
func (m *Model) Footer(width int) string {
	switch {
	case m.Frame == nil:
		return " "
	case m.building != nil:
		return m.building.draw(width)
	case m.page != nil || m.o.Lesson || !m.over():
		return ""
	}
	const said = "the run is over:"
	have := m.Keys()
	keys := slices.DeleteFunc(slices.Clone(atTheEnd), func(k screen.Key) bool {
		return !slices.ContainsFunc(have, func(h screen.Key) bool { return slices.Contains(h.Names(), k.Keys) })
	})
	screen.In("end", keys...)
	return " " + style.Paint(style.Strong, said) + " " + screen.HelpLine(keys, width-2-style.Width(said)-1)
}
