package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// ParseStep reads a step from words, as Step.String writes it: "kill im-5080",
// "slow im-3030 200ms", "move beijing 192.0.2.128/25". A say's text needs no
// quotes. The step has no time. Names are looked up in the plan; nil knows
// none and takes all. Whether the step can be done is for CheckStep to say.
// The error fits on a line, with a suggestion where there is one.
func ParseStep(v *Names, words string) (Step, error) {
	all := splitWords(words)
	if len(all) == 0 {
		return Step{}, wrongWords("no step", yamltree.OneOf(verbNames()))
	}
	x := &phrase{Names: v.orNone(), open: v == nil, verb: Verb(all[0].text), line: words, args: all[1:]}
	if !slices.Contains(Verbs, x.verb) {
		return Step{}, wrongWords(fmt.Sprintf("unknown step %q", yamltree.Shorten(all[0].text)), yamltree.OrElse(spell.DidYouMean(all[0].text, verbNames()), yamltree.OneOf(verbNames())))
	}
	s := x.step()
	if x.err == nil && len(x.args) > 0 {
		x.fail(fmt.Sprintf("%s does not go with %s", strconv.Quote(yamltree.Shorten(x.args[0].text)), x.verb), "it takes "+forms[x.verb])
	}
	if x.err != nil {
		return Step{}, x.err
	}
	return s, nil
}

// Usage is how a verb is written in words: "slow NODE DELAY".
func (v Verb) Usage() string { return strings.TrimRight(string(v)+" "+forms[v], " ") }

// forms are what follows each verb in words.
var forms = map[Verb]string{
	Adapter: "redis|none [NODE]", Policy: "METHOD [UPSTREAM]", Kill: "NODE", Close: "NODE", Restart: "NODE",
	Freeze: "NODE", Block: "NODE TIME",
	DisconnectSockets: "NODE", Emit: "ROOM all|NODE [local] [TEXT]", Count: "ROOM NODE",
	Down: "NODE [UPSTREAM]", Up: "NODE [UPSTREAM]", Drain: "NODE [UPSTREAM]",
	Scale: "COUNT|add NODE|remove NODE [UPSTREAM]", Reload: "",
	Slow: "NODE DELAY", Hang: "NODE", Refuse: "NODE", Resume: "NODE",
	Partition: "HOST HOST", Heal: "HOST HOST", Redis: "down|up|slow DELAY",
	Delays: "client|backend|redis DELAY ...",
	Say:    "CLIENT [TEXT|size BYTES]", Connect: "GROUP|CLIENT", Disconnect: "GROUP|CLIENT", Move: "GROUP|CLIENT IP...",
	Add: "GROUP [COUNT] IP... [say PERIOD] [room ROOM] [transports LIST] [kind browser|native] ...",
}

func verbNames() []string {
	out := make([]string, len(Verbs))
	for i, v := range Verbs {
		out[i] = string(v)
	}
	return out
}

func wrongWords(text, hint string) error {
	if hint != "" {
		text += " (" + hint + ")"
	}
	return errors.New(yamltree.Printable(text))
}

// phrase is a step in words, taken apart from the left.
type phrase struct {
	*Names
	open bool // any name will do
	verb Verb
	line string
	args []spoken // not taken yet
	err  error    // the first
}

func (x *phrase) fail(text, hint string) {
	if x.err == nil {
		x.err = wrongWords(text, hint)
	}
}

// next takes a word, "" when there is none.
func (x *phrase) next(what string) string {
	if len(x.args) == 0 {
		x.fail(fmt.Sprintf("%s needs %s", x.verb, what), x.verb.Usage())
		return ""
	}
	w := x.args[0].text
	x.args = x.args[1:]
	return w
}

// rest takes the rest of the line as it stands.
func (x *phrase) rest() string {
	if len(x.args) == 0 {
		return ""
	}
	text := strings.TrimSpace(x.line[x.args[0].at:])
	x.args = nil
	return text
}

func (x *phrase) step() Step {
	s := Step{Verb: x.verb}
	switch x.verb {
	case Adapter:
		s.Adapter = x.onOff()
		if len(x.args) > 0 {
			s.Node = x.node()
		}
	case Kill, Close, Restart, Freeze, DisconnectSockets, Hang, Refuse, Resume:
		s.Node = x.node()
	case Block:
		s.Node = x.node()
		s.Delay = x.duration("a time")
	case Emit:
		x.emit(&s)
	case Count:
		s.Room, s.Node = x.room(), x.node()
	case Down, Up, Drain:
		s.Node = x.node()
		s.Upstream = x.upstream()
	case Slow:
		s.Node = x.node()
		s.Delay = x.duration("a delay")
	case Policy:
		x.policy(&s)
	case Scale:
		x.scale(&s)
	case Reload:
		x.fail("a reload needs the new nginx text", "words can not give it")
	case Partition, Heal:
		s.Hosts = []string{x.host(), x.host()}
	case Redis:
		states := []string{RedisDown, RedisUp, RedisSlow}
		if s.Redis = x.choice(states); s.Redis == RedisSlow {
			s.Delay = x.duration("a delay")
		}
	case Delays:
		x.latency(&s)
	case Say:
		s.Who = x.who(true)
		if len(x.args) == 2 && x.args[0].text == "size" && x.line[x.args[0].at] != '"' {
			x.next("")
			s.Size = x.size()
		} else {
			s.Text = x.text()
		}
	case Connect, Disconnect:
		s.Who = x.who(false)
	case Move:
		s.Who = x.who(false)
		s.IP = x.ranges()
	case Add:
		s.Who = x.newName()
		s.Group = x.group(s.Who)
	}
	return s
}

func (x *phrase) node() string { return x.known("node", x.next("a node"), x.Nodes) }

func (x *phrase) host() string {
	name := x.next("two hosts")
	if x.Groups.Of(name) != nil {
		return name
	}
	return x.known("host", name, x.hosts())
}

// known makes sure that a name is in a list; without a plan all are.
func (x *phrase) known(what, name string, names []string) string {
	unknown := !x.open && !slices.Contains(names, name) || x.open && !NodeName.MatchString(name)
	if x.err == nil && unknown {
		x.fail(fmt.Sprintf("no %s %q", what, yamltree.Shorten(name)), yamltree.OrElse(spell.DidYouMean(name, names), yamltree.OneOf(names)))
	}
	return name
}

func (x *phrase) upstream() string {
	if len(x.args) == 0 {
		return ""
	}
	return x.known("upstream", x.next("an upstream"), x.Upstreams)
}

func (x *phrase) choice(words []string) string {
	w := x.next(yamltree.OneOf(words))
	if x.err == nil && !slices.Contains(words, w) {
		x.fail(fmt.Sprintf("%s can not be %q", x.verb, yamltree.Shorten(w)), yamltree.OrElse(spell.DidYouMean(w, words), yamltree.OneOf(words)))
	}
	return w
}

func (x *phrase) onOff() string {
	w := x.next("redis or none")
	state, ok := adapterStates[strings.ToLower(w)]
	if !ok {
		words := []string{"redis", "none", "on", "off"}
		x.fail(fmt.Sprintf("adapter can not be %q", yamltree.Shorten(w)), yamltree.OrElse(spell.DidYouMean(w, words), yamltree.OneOf(words)))
	}
	return state
}

func (x *phrase) duration(what string) time.Duration {
	w := x.next(what)
	if x.err != nil {
		return 0
	}
	d, hint, ok := parseDuration(w)
	if !ok || d <= 0 || d > MaxDuration {
		x.fail(fmt.Sprintf("%q is not %s", yamltree.Shorten(w), what), yamltree.OrElse(hint, ADuration))
	}
	return d
}

func (x *phrase) span(what string) Span {
	w := x.next(what)
	if x.err != nil {
		return Span{}
	}
	d, hint, ok := parseSpan(w)
	if !ok || d.Max > MaxDuration {
		x.fail(fmt.Sprintf("%q is not %s", yamltree.Shorten(w), what), yamltree.OrElse(hint, "a duration such as 500us, or a range such as 20ms..60ms"))
	}
	return d
}

func (x *phrase) number(what string, low, high int) int {
	w := x.next(what)
	if x.err != nil {
		return 0
	}
	n, err := strconv.Atoi(w)
	if err != nil || n < low || n > high {
		x.fail(fmt.Sprintf("%q is not %s", yamltree.Shorten(w), what), fmt.Sprintf("a whole number from %d to %d", low, high))
	}
	return n
}

// policy takes a method, which may have several words, and an upstream behind
// it.
func (x *phrase) policy(s *Step) {
	if len(x.args) == 0 {
		x.next("a balancing method")
		return
	}
	last, front := x.args[len(x.args)-1], ""
	if len(x.args) > 1 {
		front = strings.TrimSpace(x.line[x.args[0].at:last.at])
	}
	all := x.rest()
	_, err := nginx.ParseMethod(all)
	if err == nil {
		s.Policy = all
		return
	}
	if _, cut := nginx.ParseMethod(front); front != "" && cut == nil {
		s.Policy, s.Upstream = front, x.known("upstream", last.text, x.Upstreams)
		return
	}
	x.fail(MethodProblem(all, err))
}

func (x *phrase) scale(s *Step) {
	w := x.next("a number of nodes, add or remove")
	switch {
	case x.err != nil:
	case w == "add":
		if s.Added = x.next("a node"); x.err == nil && (!NodeName.MatchString(s.Added) || len(s.Added) > LongestName) {
			x.fail(fmt.Sprintf("%q can not be the name of a node", yamltree.Shorten(s.Added)), fmt.Sprintf("letters, digits and -, up to %d", LongestName))
		}
	case w == "remove":
		s.Removed = x.node()
	default:
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 || n > MaxNodes {
			x.fail(fmt.Sprintf("scale can not be %q", yamltree.Shorten(w)), yamltree.OrElse(spell.DidYouMean(w, []string{"add", "remove"}), fmt.Sprintf("a number from 1 to %d, add NODE or remove NODE", MaxNodes)))
		}
		s.Count = n
	}
	s.Upstream = x.upstream()
}

func (x *phrase) latency(s *Step) {
	for first := true; x.err == nil && (first || len(x.args) > 0); first = false {
		names := []string{"client", "backend", "redis"}
		name := x.choice(names)
		span := x.span("a latency")
		for _, l := range s.Latency.links() {
			if l.name == name {
				if *l.span != nil {
					x.fail(name+" stands twice", "")
				}
				*l.span = &span
			}
		}
	}
}
