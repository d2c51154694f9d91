package scenario

import (
	"strconv"
	"strings"
	"unicode"
)

// String is the step in words, without its time: "adapter redis im-3030",
// "kill im-5080", `say beijing-01 "hi"`, "add extra 5 198.51.100.0/24 say 5s".
// ParseStep reads it back, but for the text of a reload.
func (s Step) String() string {
	words := []string{string(s.Verb)}
	add := func(more ...string) {
		for _, w := range more {
			if w != "" {
				words = append(words, w)
			}
		}
	}
	switch s.Verb {
	case Adapter:
		add(s.Adapter, s.Node)
	case Kill, Close, Restart, Freeze, DisconnectSockets, Hang, Refuse, Resume:
		add(s.Node)
	case Emit:
		add(s.emitWords()...)
	case Count:
		add(oneWord(s.Room), s.Node)
	case Down, Up, Drain:
		add(s.Node, s.Upstream)
	case Slow, Block:
		add(s.Node, FormatDuration(s.Delay))
	case Policy:
		add(s.Policy, s.Upstream)
	case Scale:
		add(s.scaleWords()...)
	case Partition, Heal:
		add(s.Hosts...)
	case Redis:
		if add(s.Redis); s.Redis == RedisSlow {
			add(FormatDuration(s.Delay))
		}
	case Delays:
		for _, l := range s.Latency.links() {
			if *l.span != nil {
				add(l.name, (*l.span).String())
			}
		}
	case Say:
		if add(s.Who); s.Size > 0 {
			add("size", FormatBytes(s.Size))
		} else {
			add(strconv.Quote(s.Text))
		}
	case Connect, Disconnect:
		add(s.Who)
	case Move:
		add(s.Who)
		for _, r := range s.IP {
			add(r.String())
		}
	case Add:
		if add(s.Who); s.Group != nil {
			add(s.Group.words()...)
		}
	}
	return strings.Join(words, " ")
}

func (s Step) scaleWords() []string {
	switch {
	case s.Added != "":
		return []string{"add", s.Added, s.Upstream}
	case s.Removed != "":
		return []string{"remove", s.Removed, s.Upstream}
	}
	return []string{strconv.Itoa(s.Count), s.Upstream}
}

// link is one of the spans of a Latency, by its name.
type link struct {
	name string
	span **Span
}

func (l *Latency) links() []link {
	return []link{{"client", &l.Client}, {"backend", &l.Backend}, {"redis", &l.Redis}}
}

// words are the settings of clients that are added: how many, where, then
// names with values.
func (g *Group) words() []string {
	out := []string{strconv.Itoa(max(g.Count, 1))}
	for _, r := range g.IP {
		out = append(out, r.String())
	}
	add := func(name, value string) {
		if value != "" {
			out = append(out, name, value)
		}
	}
	if g.Connect != (Span{}) {
		add("connect", g.Connect.String())
	}
	if g.Say > 0 {
		add("say", FormatDuration(g.Say))
	}
	add("room", oneWord(g.Room))
	add("transports", strings.Join(g.Transports, ","))
	add("kind", g.Kind)
	out = append(out, g.traitWords()...)
	switch r := g.Reconnection; {
	case r == Reconnection{}:
	case r == NewGroup("").Reconnection:
		add("reconnection", "on")
	case r.Off:
		add("reconnection", "off")
	default:
		if r.Attempts > 0 {
			add("attempts", strconv.Itoa(r.Attempts))
		}
		add("delay", FormatDuration(r.Delay))
		add("delay_max", FormatDuration(r.DelayMax))
		add("factor", strconv.FormatFloat(r.Factor, 'f', -1, 64))
	}
	return out
}

// oneWord is a text as one word, in quotes if it has to be.
func oneWord(s string) string {
	plain := func(r rune) bool { return r != '"' && unicode.IsPrint(r) && !unicode.IsSpace(r) }
	if s == "" || strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return strconv.Quote(s)
}

// spoken is a word of a line, out of its quotes.
type spoken struct {
	text string
	at   int // where it begins in the line, in bytes
}

// splitWords splits a line at white space; what stands in double quotes is one
// word, with Go's escapes.
func splitWords(line string) []spoken {
	var out []spoken
	for at := 0; at < len(line); {
		rest := line[at:]
		if trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace); len(trimmed) < len(rest) {
			at += len(rest) - len(trimmed)
			continue
		}
		if quoted, err := strconv.QuotedPrefix(rest); err == nil && rest[0] == '"' {
			text, _ := strconv.Unquote(quoted)
			out = append(out, spoken{text, at})
			at += len(quoted)
			continue
		}
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		out = append(out, spoken{rest[:end], at})
		at += end
	}
	return out
}
