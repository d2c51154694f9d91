package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/cluster/nginx"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// Verb is what a step does. What each verb takes is in verbs.
type Verb string

// The verbs.
const (
	Adapter           Verb = "adapter"
	Kill              Verb = "kill"
	Close             Verb = "close"
	Restart           Verb = "restart"
	Freeze            Verb = "freeze"
	Block             Verb = "block"
	DisconnectSockets Verb = "disconnect_sockets"
	Emit              Verb = "emit"
	Count             Verb = "count"
	Policy            Verb = "policy"
	Down              Verb = "down"
	Up                Verb = "up"
	Drain             Verb = "drain"
	Scale             Verb = "scale"
	Reload            Verb = "reload"
	Slow              Verb = "slow"
	Refuse            Verb = "refuse"
	Resume            Verb = "resume"
	Partition         Verb = "partition"
	Heal              Verb = "heal"
	Redis             Verb = "redis"
	Delays            Verb = "latency"
	Say               Verb = "say"
	Connect           Verb = "connect"
	Disconnect        Verb = "disconnect"
	Reconnect         Verb = "reconnect"
	Move              Verb = "move"
	Add               Verb = "add"
)

// Kind is what a verb is about.
type Kind int

// The kinds of verbs.
const (
	OfCluster Kind = iota // the adapter and the nodes' processes
	OfNode                // what a node's process does itself, or stops doing
	OfProxy               // the configuration of the proxy, which is rewritten
	OfNetwork
	OfClients
)

// Ref is what kind of thing an argument names.
type Ref int

// What an argument may name.
const (
	RefNone     Ref = iota
	RefNode         // a node
	RefClients      // a group or a client
	RefClient       // one client
	RefHost         // a node, a group, a client, or a host of the simulation
	RefUpstream     // an upstream block
	RefRoom
)

// verbSpec describes a verb: all that reading, writing, help, the schema and the
// reference know of it.
type verbSpec struct {
	verb  Verb
	alias string // another name, which files and words may use
	kind  Kind
	doc   string
	args  func(s *Step) []field                               // its own first, whose key is the verb
	fit   func(s *Step) (key string, wrong *yamltree.Problem) // what single keys do not show; nil means nothing
	fill  func(s *Step)                                       // sets what is left out; nil means nothing
}

// verbs are all verbs, in the order in which help shows them.
var verbs = []verbSpec{
	{verb: Adapter, kind: OfCluster, doc: "Switches the adapter on all nodes, or on one.", args: func(s *Step) []field {
		return []field{
			{key: "adapter", word: "redis|none", required: true, value: adapterState(&s.Adapter)},
			{key: "node", word: "[NODE]", value: node(&s.Node), doc: "The one node."},
		}
	}},
	{verb: Policy, kind: OfProxy, doc: "Rewrites the balancing method and reloads as nginx does.", args: func(s *Step) []field {
		return []field{{key: "policy", word: "METHOD", required: true, value: method(s)}, upstream(s)}
	}},
	{verb: Kill, kind: OfCluster, doc: "Ends a node at once.", args: oneNode(Kill)},
	{verb: Close, kind: OfNode, doc: "Ends a node as io.close() does: clients are told and come back. It is down until restart.", args: oneNode(Close)},
	{verb: Restart, kind: OfCluster, doc: "Starts a node again.", args: oneNode(Restart)},
	{verb: Freeze, kind: OfNode, doc: "Stops a node's process as SIGSTOP does, until resume: its kernel takes what comes, nothing is done with it.", alias: "hang", args: oneNode(Freeze)},
	{verb: Block, kind: OfNode, doc: "A node's event loop is busy: nothing is done for a time.", args: func(s *Step) []field {
		return append(oneNode(Block)(s), field{key: "for", word: "TIME", required: true, value: duration(&s.Delay).offering("3s", "30s", "60s"), doc: "How long."})
	}},
	{verb: Down, kind: OfProxy, doc: "Marks a node's server line as down and reloads.", args: serverLine(Down)},
	{verb: Up, kind: OfProxy, doc: "Takes down and drain off a node's server line and reloads.", args: serverLine(Up)},
	{verb: Drain, kind: OfProxy, doc: "Marks a node's server line as draining and reloads: no new clients, those bound by a cookie stay.", args: serverLine(Drain)},
	{verb: Scale, kind: OfProxy, doc: "How many nodes there shall be, or which one comes or goes; the server lines are rewritten.", args: func(s *Step) []field {
		return []field{{key: "scale", word: "COUNT|add NODE|remove NODE", required: true, value: scale(s)}, upstream(s)}
	}},
	{verb: Reload, kind: OfProxy, doc: "New nginx text, loaded as nginx does.", args: func(s *Step) []field {
		return []field{{key: "reload", required: true, value: literal(&s.Nginx)}}
	}},
	{verb: Slow, kind: OfNetwork, doc: "All traffic of a node takes longer.", args: func(s *Step) []field {
		return append(oneNode(Slow)(s), field{key: "by", word: "DELAY", required: true, value: duration(&s.Delay).offering("100ms", "1s", "5s"), doc: "How much longer, each way."})
	}},
	{verb: Refuse, kind: OfNetwork, doc: "A node refuses new connections.", args: oneNode(Refuse)},
	{verb: Resume, kind: OfNetwork, doc: "Ends slow and refuse of a node, and freeze and block.", args: oneNode(Resume)},
	{verb: Partition, kind: OfNetwork, doc: "Nothing gets through between two hosts.", args: twoHosts(Partition)},
	{verb: Heal, kind: OfNetwork, doc: "Ends a partition.", args: twoHosts(Heal)},
	{verb: Redis, kind: OfNetwork, doc: "Takes Redis down, up again, or slows it.", args: func(s *Step) []field {
		return []field{
			{key: "redis", word: "down|up|slow", required: true, value: choice(&s.Redis, RedisDown, RedisUp, RedisSlow)},
			{key: "by", word: "[DELAY]", value: duration(&s.Delay), doc: "With slow: how much longer, each way."},
		}
	}, fit: func(s *Step) (string, *yamltree.Problem) {
		switch {
		case s.Redis == RedisSlow && s.Delay == 0:
			return "", &yamltree.Problem{Text: `redis: slow lacks the key "by"`, Expected: ADuration}
		case s.Redis != RedisSlow && s.Delay > 0:
			return "by", &yamltree.Problem{Text: "by does not go with redis: " + s.Redis, Hint: "it belongs to redis: slow"}
		}
		return "", nil
	}},
	{verb: Delays, kind: OfNetwork, doc: "Changes latencies.", args: func(s *Step) []field {
		return []field{{key: "latency", word: "client|backend|redis DELAY ...", required: true, value: latency(&s.Latency)}}
	}},
	{verb: Say, kind: OfClients, doc: "One client says a text to its room.", args: func(s *Step) []field {
		return []field{
			{key: "say", word: "CLIENT", required: true, value: text(&s.Who).naming(RefClient, &s.Who)},
			{key: "text", word: "[TEXT|size BYTES]", value: sayText(s), doc: "The text. Default " + DefaultText + "."},
			{key: "size", value: size(&s.Size, MaxText), doc: "How many bytes, in place of a text."},
		}
	}, fit: func(s *Step) (string, *yamltree.Problem) {
		if s.Text != "" && s.Size > 0 {
			return "size", &yamltree.Problem{Text: "a say has both text and size", Expected: "one of them", Hint: "a text has the size that it has"}
		}
		return "", nil
	}, fill: func(s *Step) {
		if s.Text == "" && s.Size == 0 {
			s.Text = DefaultText
		}
	}},
	{verb: Connect, kind: OfClients, doc: "A group or client connects.", args: clients(Connect)},
	{verb: Disconnect, kind: OfClients, doc: "A group or client disconnects and stays away.", args: clients(Disconnect)},
	{verb: Reconnect, kind: OfClients, doc: "Clients drop their connections and come back, as a reload of the page does: a new session under the same name and address, in the same room. What they had not sent yet is lost.", args: func(s *Step) []field {
		return []field{{key: "reconnect", word: "all|GROUP|CLIENT", required: true, value: orAll(&s.Who, text(&s.Who).naming(RefClients, &s.Who))}}
	}},
	{verb: Move, kind: OfClients, doc: "A group or client changes its addresses, and so loses its connections.", args: func(s *Step) []field {
		return append(clients(Move)(s), field{key: "ip", word: "IP...", required: true, value: ranges(&s.IP), doc: "The new addresses."})
	}},
	{verb: Add, kind: OfClients, doc: "More clients come: a new group, or one that grows.", args: func(s *Step) []field {
		if s.Group == nil {
			s.Group = &Group{Count: 1}
		}
		return append([]field{{key: "add", word: "GROUP", required: true, value: newcomer(&s.Who)}}, s.Group.fields()...)
	}, fill: func(s *Step) { s.Group.Name = s.Who }},
	{verb: DisconnectSockets, kind: OfNode, doc: "A node disconnects its clients as io.local.disconnectSockets(true) does: they do not come back by themselves.", args: oneNode(DisconnectSockets)},
	{verb: Emit, kind: OfNode, doc: "The nodes themselves emit to a room.", args: func(s *Step) []field {
		return []field{
			{key: "emit", word: "ROOM", required: true, value: room(&s.Room)},
			{key: "from", word: "all|NODE", value: orAll(&s.Node, node(&s.Node).as("from")), doc: "The node that does, or all."},
			{key: "local", word: "[local]", value: word(&s.Local, "local"), doc: "Each tells its own sockets only, as io.local.emit does. Default false."},
			{key: "text", word: "[TEXT]", value: rest(&s.Text), doc: "The text. Default " + DefaultText + "."},
		}
	}, fill: func(s *Step) {
		if s.Text == "" {
			s.Text = DefaultText
		}
	}},
	{verb: Count, kind: OfNode, doc: "Asks a node how many sockets are in a room: its own, and those of the cluster (fetchSockets).", args: func(s *Step) []field {
		return []field{
			{key: "count", word: "ROOM", required: true, value: room(&s.Room)},
			{key: "node", word: "NODE", required: true, value: node(&s.Node), doc: "The node that is asked."},
		}
	}},
}

// Verbs are all verbs, in the order in which help shows them.
var Verbs = func() []Verb {
	var out []Verb
	for _, v := range verbs {
		out = append(out, v.verb)
	}
	return out
}()

var verbNames = func() []string {
	var out []string
	for _, v := range verbs {
		out = append(out, string(v.verb))
	}
	return out
}()

// specOf returns the description of a verb, by its name or its alias; nil for what is
// none.
func specOf(v Verb) *verbSpec {
	for i := range verbs {
		if verbs[i].verb == v || v != "" && verbs[i].alias == string(v) {
			return &verbs[i]
		}
	}
	return nil
}

// Kind returns what the verb is about.
func (v Verb) Kind() Kind {
	if spec := specOf(v); spec != nil {
		return spec.kind
	}
	return OfCluster
}

// Usage is how a verb is written in words: "slow NODE DELAY".
func (v Verb) Usage() string {
	spec := specOf(v)
	if spec == nil {
		return string(v)
	}
	return spec.usage()
}

func (v *verbSpec) usage() string { return strings.TrimRight(string(v.verb)+" "+v.form(), " ") }

// mostSettings is how many optional settings usage names.
const mostSettings = 4

// form is what follows the verb in words.
func (v *verbSpec) form() string {
	var out []string
	settings := 0
	for _, f := range v.args(&Step{}) {
		if f.setting() != "" {
			if settings++; settings > mostSettings {
				continue
			}
		}
		out = append(out, someWords(f.word)...)
	}
	if settings > mostSettings {
		out = append(out, "...")
	}
	return strings.Join(out, " ")
}

// Argument is what a step names under one of its keys.
type Argument struct {
	Key   string
	Ref   Ref
	Names []string
}

// Arguments returns what a step names, in the order of its keys.
func (s Step) Arguments() []Argument {
	spec := specOf(s.Verb)
	if spec == nil {
		return nil
	}
	var out []Argument
	for _, f := range spec.args(&s) {
		if f.value.names != nil {
			out = append(out, Argument{f.key, f.value.ref, f.value.names()})
		}
	}
	return out
}

// Check reports what is wrong with a step that was not read, by itself: a verb that is
// none, and values that do not fit.
func (s Step) Check(r *yamltree.Reporter, path string) {
	spec := specOf(s.Verb)
	if spec == nil {
		r.Value(path, fmt.Sprintf("a step cannot %q", string(s.Verb)), aStep, "")
		return
	}
	checkFields(r, path, "a step", spec.args(&s))
	if spec.fit == nil {
		return
	}
	if key, wrong := spec.fit(&s); wrong != nil {
		r.Value(yamltree.Join(path, key), wrong.Text, wrong.Expected, wrong.Hint)
	}
}

func node(into *string) value { return name(into, hostName).as("node").naming(RefNode, into) }

func oneNode(v Verb) func(*Step) []field {
	return func(s *Step) []field {
		return []field{{key: string(v), word: "NODE", required: true, value: node(&s.Node)}}
	}
}

func upstream(s *Step) field {
	return field{key: "upstream", word: "[UPSTREAM]", value: text(&s.Upstream).naming(RefUpstream, &s.Upstream), doc: "Which upstream. Left out: the one that clients reach."}
}

func serverLine(v Verb) func(*Step) []field {
	return func(s *Step) []field { return append(oneNode(v)(s), upstream(s)) }
}

func clients(v Verb) func(*Step) []field {
	return func(s *Step) []field {
		who := text(&s.Who).naming(RefClients, &s.Who)
		return []field{{key: string(v), word: "GROUP|CLIENT", required: true, value: who}}
	}
}

func twoHosts(v Verb) func(*Step) []field {
	return func(s *Step) []field {
		return []field{{key: string(v), word: "HOST HOST", required: true, value: hostPair(&s.Hosts)}}
	}
}

// adapterStates are the words for the state of the adapter. YAML of old took on and off
// for booleans.
var adapterStates = map[string]string{
	AdapterRedis: AdapterRedis, "on": AdapterRedis, "true": AdapterRedis,
	AdapterNone: AdapterNone, "off": AdapterNone, "false": AdapterNone,
}

// adapterState is the state of the adapter.
func adapterState(into *string) value {
	words := []string{"redis", "none", "on", "off"}
	return scalar(into, form[string]{
		name: "redis, none", expected: yamltree.OneOf(words), format: same,
		parse: func(t string) (string, *yamltree.Problem) {
			state, ok := adapterStates[strings.ToLower(t)]
			if !ok {
				return "", unfit("", spell.DidYouMean(t, words))
			}
			return state, nil
		},
		schema: func() *jsonschema.Schema { return oneOf([]any{"redis", "none", "on", "off", true, false}) },
	}).offering(AdapterRedis, AdapterNone)
}

// method is a balancing method, which may have several words; an upstream may follow
// them.
func method(s *Step) value {
	v := text(&s.Policy)
	v.take = func(x *phrase, what string) {
		if x.completing {
			before := x.args
			x.args = nil
			x.more(func() []string { return methodsAfter(before, x.Upstreams) })
			x.fail("the line ends", "")
			return
		}
		if len(x.args) == 0 {
			x.next(what)
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
			s.Policy, s.Upstream = front, last.text
			x.lookUp(RefUpstream, last.text)
			return
		}
		x.fail(MethodProblem(all, err))
	}
	v.words = func() []string { return someWords(s.Policy) }
	return v
}

// methodsAfter continues a balancing method word by word.
func methodsAfter(before []spoken, upstreams []string) []string {
	var out []string
	whole := false
	for _, m := range Methods {
		words := strings.Fields(m)
		same := len(words) >= len(before)
		for i, w := range before {
			same = same && words[i] == w.text
		}
		switch {
		case !same:
		case len(words) > len(before):
			out = append(out, words[len(before)])
		default:
			whole = true
		}
	}
	if whole {
		out = append(out, upstreams...)
	}
	return out
}

// hostPair is the two ends of a partition.
func hostPair(into *[]string) value {
	return value{
		form: "list of two hosts", ref: RefHost,
		names: func() []string { return *into },
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind != yamltree.Sequence || len(n.Items) != 2 {
				d.wrong(n, path, what, "two hosts such as [proxy, im-1]", "")
				return
			}
			for i, item := range n.Items {
				d.Origin.Nodes[yamltree.Index(path, i)] = item
				if !d.countStep(item) || item.Kind != yamltree.Scalar || !hostName.MatchString(item.Text) {
					d.wrong(item, path, "a host", "a node, a group, a client, proxy or redis", "")
					return
				}
				*into = append(*into, item.Text)
			}
		},
		write: func() string {
			var quoted []string
			for _, h := range *into {
				quoted = append(quoted, yamltree.Quote(h))
			}
			return "[" + strings.Join(quoted, ", ") + "]"
		},
		check: func(r *yamltree.Reporter, path, _ string) {
			if len(*into) != 2 {
				r.Value(path, "a partition is between two hosts", "two hosts such as [proxy, im-1]", "")
			}
		},
		take: func(x *phrase, _ string) {
			for len(*into) < 2 && x.err == nil {
				host := x.next("two hosts")
				if x.err == nil {
					x.lookUp(RefHost, host)
				}
				*into = append(*into, host)
			}
		},
		words: func() []string { return *into },
		offer: func(x *phrase) []string { return x.known(RefHost) },
		schema: func(s *schemas) *jsonschema.Schema {
			return &jsonschema.Schema{Type: "array", Items: s.define(textForm.define, textForm.schema), MinItems: number(2), MaxItems: number(2)}
		},
	}
}

// scale is a number of nodes, or one that comes or goes.
func scale(s *Step) value {
	const expected = "a number of nodes, {add: NODE} or {remove: NODE}"
	fields := []field{
		{key: "add", value: name(&s.Added, hostName), doc: "The node that comes."},
		{key: "remove", value: name(&s.Removed, hostName), doc: "The node that goes."},
	}
	m := mapping{name: "scale", what: "scale", fields: fields, exactlyOne: []string{"add", "remove"}, after: func(d *decoder, n *yamltree.Node, path string) {
		if (s.Added == "") == (s.Removed == "") && !d.bad(path+".add", path+".remove") {
			d.invalid(n, path, "scale does not say which node comes or goes", expected, "one node in a step")
		}
		d.Origin.Bad[path] = d.bad(path, path+".add", path+".remove")
	}}
	count := integer(&s.Count, 1, MaxNodes)
	byName := func() bool { return s.Added != "" || s.Removed != "" }
	return value{
		form: "number, mapping",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind == yamltree.Mapping {
				m.value().read(d, n, path, what)
				return
			}
			if v, err := strconv.Atoi(n.Text); n.Kind != yamltree.Scalar || err != nil || v < 1 || v > MaxNodes {
				d.wrong(n, path, what, expected, "")
				return
			}
			count.read(d, n, path, what)
		},
		write: func() string {
			if byName() {
				return yamltree.Flow(pairsOf(fields, nil)...)
			}
			return count.write()
		},
		check: func(r *yamltree.Reporter, path, what string) {
			if !byName() {
				count.check(r, path, what)
			}
		},
		take: func(x *phrase, what string) {
			switch w := x.next(what); {
			case x.err != nil:
			case w == "add":
				x.inner(name(&s.Added, hostName), "a node")
			case w == "remove":
				x.inner(node(&s.Removed), "a node")
			default:
				v, err := strconv.Atoi(w)
				if s.Count = v; err != nil || v < 1 || v > MaxNodes {
					x.fail(cannotBe("scale", w), cmp.Or(spell.DidYouMean(w, []string{"add", "remove"}), fmt.Sprintf("a number from 1 to %d, add NODE or remove NODE", MaxNodes)))
				}
			}
		},
		words: func() []string {
			switch {
			case s.Added != "":
				return []string{"add", s.Added}
			case s.Removed != "":
				return []string{"remove", s.Removed}
			}
			return []string{strconv.Itoa(s.Count)}
		},
		offer: func(*phrase) []string { return []string{"add", "remove"} },
		schema: func(sc *schemas) *jsonschema.Schema {
			return either(count.schema(sc), m.value().schema(sc))
		},
	}
}

// latency are the links whose latency changes.
func latency(into *Latency) value {
	m := into.mapping()
	v := m.value()
	v.form = "mapping"
	read := v.read
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if read(d, n, path, what); *into == (Latency{}) {
			if n.Kind == yamltree.Mapping && len(n.Pairs) == 0 {
				d.invalid(n, path, "no latency changes", "one of client, backend, redis", "")
			}
			d.Origin.Bad[path] = true
		}
	}
	v.check = func(r *yamltree.Reporter, path, _ string) {
		if *into == (Latency{}) {
			r.Value(path, "no latency changes", "one of client, backend, redis", "")
		}
	}
	v.take = func(x *phrase, _ string) {
		links := keysOf(m.fields)
		var seen []string
		left := func() []string { return without(links, seen) }
		for first := true; x.err == nil && (first || len(x.args) > 0); first = false {
			var link string
			choice(&link, links...).take(x, yamltree.OneOf(links))
			if x.err != nil {
				break
			}
			if slices.Contains(seen, link) {
				x.fail(link+" appears twice", "")
			}
			seen = append(seen, link)
			f, _ := fieldNamed(m.fields, link)
			x.key = link
			x.inner(f.value, "a latency")
		}
		x.more(left)
	}
	v.words = func() []string {
		var out []string
		for _, f := range m.fields {
			if text := f.value.write(); text != "" {
				out = append(out, f.key, text)
			}
		}
		return out
	}
	v.offer = func(*phrase) []string { return keysOf(m.fields) }
	return v
}

func (l *Latency) mapping() mapping {
	return mapping{name: "latency", what: "latency", defaults: (&Latency{}).fields(), fields: l.fields()}
}

func (l *Latency) fields() []field {
	return []field{
		{key: "client", value: spanOrNone(&l.Client), doc: "Between client and proxy."},
		{key: "backend", value: spanOrNone(&l.Backend), doc: "Between proxy and node."},
		{key: "redis", value: spanOrNone(&l.Redis), doc: "Between node and Redis."},
	}
}

// newcomer is the name of a group that may be new.
func newcomer(into *string) value {
	v := name(into, groupName).as("the name of a group")
	v.take = func(x *phrase, what string) {
		*into = x.next(what)
		if wrong := CheckGroupName(*into); x.err == nil && wrong != nil {
			x.refuse(wrong)
		}
		x.who = *into
	}
	v.offer = func(x *phrase) []string { return x.Groups.Names() }
	return v
}

// all stands for every node, or every client.
const all = "all"

// orAll is a name, or all, which is "".
func orAll(into *string, v value) value {
	read, take, write := v.read, v.take, v.write
	none := func() {
		if *into == all {
			*into = ""
		}
	}
	v.read = func(d *decoder, n *yamltree.Node, path, what string) { read(d, n, path, what); none() }
	v.take = func(x *phrase, what string) {
		if len(x.args) > 0 && x.args[0].text == all {
			x.args = x.args[1:]
			return
		}
		x.also = []string{all}
		take(x, what)
	}
	v.words = func() []string { return []string{cmp.Or(*into, all)} }
	v.write = func() string { return cmp.Or(write(), all) }
	check := v.check
	v.check = func(r *yamltree.Reporter, path, what string) {
		if *into != "" {
			check(r, path, what)
		}
	}
	offer := v.offer
	v.offer = func(x *phrase) []string { return append([]string{all}, offer(x)...) }
	return v
}

// word is a truth that is one word, which is there or not.
func word(into *bool, word string) value {
	v := truth(into)
	write := v.write
	v.write = func() string {
		if !*into {
			return ""
		}
		return write()
	}
	v.take = func(*phrase, string) { *into = true }
	v.words = func() []string {
		if !*into {
			return nil
		}
		return []string{word}
	}
	return v
}

// rest is a text that takes the rest of the line, and may be in quotes.
func rest(into *string) value {
	v := text(into)
	v.take = func(x *phrase, _ string) {
		t := x.rest()
		if plain, err := strconv.Unquote(t); err == nil && t[0] == '"' && strings.TrimSpace(plain) != "" {
			t = plain
		}
		*into = t
	}
	v.words = func() []string { return []string{strconv.Quote(*into)} }
	v.offer = nil
	return v
}

// sayText is a text, or in words the number of its bytes.
func sayText(s *Step) value {
	v := rest(&s.Text)
	take, words := v.take, v.words
	v.take = func(x *phrase, what string) {
		if len(x.args) == 2 && x.args[0].text == "size" && x.line[x.args[0].at] != '"' {
			x.args = x.args[1:]
			size(&s.Size, MaxText).take(x, "a number of bytes")
			return
		}
		take(x, what)
	}
	v.words = func() []string {
		if s.Size > 0 {
			return []string{"size", FormatBytes(s.Size)}
		}
		return words()
	}
	v.offer = func(*phrase) []string { return []string{"size"} }
	return v
}
