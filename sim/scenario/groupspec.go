package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

func (g *Group) mapping() mapping {
	usual := NewGroup(g.Name)
	return mapping{name: "group", what: "a group", fields: g.fields(), defaults: usual.fields}
}

// fields are the keys of a group; their words follow the addresses in a step that adds
// clients.
func (g *Group) fields() []field {
	return []field{
		{key: "count", word: "[COUNT]", always: true, value: newcomers(&g.Count), doc: "How many clients."},
		{key: "ip", word: "IP...", required: true, value: ranges(&g.IP), doc: "A range that clients draw from without repeats, an address that all share (a NAT), or a list used in order."},
		{key: "connect", word: "[connect TIME]", value: span(&g.Connect), doc: "When clients first connect."},
		{key: "say", word: "[say PERIOD]", value: every(&g.Say), doc: "How often each client says something to its room. Left out: never."},
		{key: "room", word: "[room ROOM]", value: room(&g.Room).as("room"), doc: "The room that they join."},
		{key: "transports", word: "[transports LIST]", value: transports(&g.Transports), doc: "Transports in the order tried."},
		{key: "kind", word: "[kind browser|native]", value: kindOfClient(&g.Kind), doc: "A browser keeps cookies; a native client, such as an app, drops them."},
		{key: "size", word: "[size BYTES]", value: size(&g.Size, MaxText), doc: "How many bytes the text of each say has. Left out: a short greeting. Above the node's max_http_buffer_size a WebSocket is closed, and a POST gets 413."},
		{key: "url", word: "[url URL]", value: groupURL(&g.URL), doc: "Where this group goes: another application behind the proxy, or a node itself; its query, such as ?room=tea, goes with every request, as a client's query option does. Left out: where the file's url leads."},
		{key: "headers", word: "[header NAME VALUE]", value: headers(&g.Headers), doc: "Headers that each request has besides the usual ones, such as X-Forwarded-For, true or not."},
		{key: "credentials", word: "[credentials true|false]", value: credentials(&g.Credentials), doc: "False: a page of another site whose client was made without withCredentials, and so keeps no cookies. Default true."},
		{key: "protocol", word: "[protocol 4|3]", value: protocol(&g.Protocol), doc: "Version of Engine.IO: 4 is that of Socket.IO 3 and 4, 3 that of Socket.IO 2, which the nodes refuse."},
		{key: "reconnection", word: "[reconnection true|false]", value: g.Reconnection.value(), doc: "How clients come back."},
		{key: "rejoin", word: "[rejoin true|false]", value: optionalTruth(&g.Rejoin), doc: "False: the code joins the room when the page is loaded, not in its connect handler, and so not again after a reconnect. Default true."},
		{key: "handlers", word: "[handlers once|on_connect]", value: handlers(&g.Handlers), doc: "Where the code registers its handlers of events: once, or in the connect handler, and so once more after each reconnect."},
		{key: "retries", word: "[retries COUNT]", value: integer(&g.Retries, 1, 1000), doc: "How often a message is sent again that was not acknowledged within `ack_timeout`: the client's option `retries`. Messages then go one by one. Left out: no acknowledgement is asked for."},
		{key: "ack_timeout", word: "[ack_timeout TIME]", value: duration(&g.AckTimeout), doc: "How long to wait for an acknowledgement, with `retries`: the client's option `ackTimeout`."},
		{key: "background", word: "[background true|false]", value: optionalTruth(&g.Background), doc: "True: the page is in a hidden tab, whose timers Chrome lets fire at full seconds only. Default false."},
	}
}

// newcomers is a number of clients, which in words may be left out before an address.
func newcomers(into *int) value {
	v := integer(into, 1, MaxClients)
	take := v.take
	v.take = func(x *phrase, what string) {
		if !isAddress(x.args[0].text) {
			take(x, what)
		}
	}
	v.offer = nil
	return v
}

// groups are the groups by name.
func groups(into *[]Group) value {
	pairs := func() []string {
		var out []string
		for i := range *into {
			out = append(out, yamltree.Quote((*into)[i].Name), (*into)[i].mapping().value().write())
		}
		return out
	}
	return value{
		form: "groups by name",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			d.named(n, path, what, "groups by name, such as {beijing: {count: 20, ip: 203.0.113.0/24}}", 1, func(p yamltree.Pair, at string) {
				if wrong := CheckGroupName(p.Key); wrong != nil {
					d.At(p.Place, wrong.Text, wrong.Expected, wrong.Hint)
				}
				g := NewGroup(p.Key)
				g.mapping().value().read(d, p.Value, at, "")
				*into = append(*into, g)
			})
		},
		write: func() string { return flowOf(pairs()) },
		lines: func(margin string) string { return blockOf(pairs(), margin) },
		check: func(r *yamltree.Reporter, path, _ string) {
			for i := range *into {
				g := &(*into)[i]
				at := yamltree.Join(path, g.Name)
				if wrong := CheckGroupName(g.Name); wrong != nil {
					r.Value(at, wrong.Text, wrong.Expected, wrong.Hint)
				}
				if g.Count < 1 || len(g.Transports) == 0 {
					r.Value(at, "the group needs a count and a transport", "", "")
				}
				g.mapping().value().check(r, at, "")
			}
		},
		schema: func(s *schemas) *jsonschema.Schema {
			return &jsonschema.Schema{
				Type: "object", MinProperties: number(1), PropertyNames: groupNames(s), AdditionalProperties: (&Group{}).mapping().value().schema(s),
			}
		},
	}
}

// groupNames describes names of groups.
func groupNames(s *schemas) *jsonschema.Schema {
	unused := ""
	return name(&unused, groupName).schema(s)
}

// CheckGroupName says why a text cannot be the name of a group, nil when it can.
func CheckGroupName(text string) *yamltree.Problem {
	if !isName(text, groupName) {
		return &yamltree.Problem{
			Text:     fmt.Sprintf("%q cannot be the name of a group", yamltree.Shorten(text)),
			Expected: aGroupName,
		}
	}
	if slices.Contains(Hosts, text) { // the word all stands for every client, which a group may be too
		return Reserved(text, "a group")
	}
	return nil
}

var rangeForm = form[Range]{
	name: "range, address", expected: AnIP, text: true, format: Range.String, define: "range",
	parse:  parseRange,
	schema: func() *jsonschema.Schema { return pattern(`[0-9A-Fa-f.:]+(/[0-9]+)?`) },
}

func ranges(into *[]Range) value {
	v := oneOrMore(into, rangeForm, "").as("ip")
	v.offer = func(x *phrase) []string {
		var out []string
		if g := x.Groups.Named(x.who); g != nil {
			for _, r := range g.IP {
				out = append(out, r.String())
			}
		}
		return out
	}
	return v
}

// kindOfClient is what kind of client a group has.
func kindOfClient(into *string) value {
	return explained(into, "browser (keeps cookies) or native (drops them)", Browser, Native)
}

// protocol is the version of Engine.IO.
func protocol(into *int) value {
	return scalar(into, form[int]{
		name: "4, 3", expected: "4 (of Socket.IO 3 and 4) or 3 (of Socket.IO 2)",
		parse:  parsed(strconv.Atoi, func(v int) bool { return v == Protocol3 || v == Protocol4 }),
		format: unlessZero(strconv.Itoa),
		schema: func() *jsonschema.Schema { return oneOf([]int{Protocol4, Protocol3}) },
	}).offering("4", "3")
}

// credentials reports whether a client gives cookies back; nil means that it is left out.
func credentials(into **bool) value { return optionalTruth(into) }

// optionalTruth is true or false; nil means that it is left out.
func optionalTruth(into **bool) value { return truthOf(into, optional(truthForm)) }

// handlers is where the code of a client registers its handlers.
func handlers(into *string) value {
	return explained(into, "once, or on_connect (once more after each reconnect)", HandlersOnce, HandlersOnConnect)
}

// groupURL is where a group goes.
func groupURL(into *string) value {
	v := text(into)
	take := v.take
	v.take = func(x *phrase, what string) {
		if take(x, what); x.err == nil && x.CheckURL != nil {
			if wrong := x.CheckURL(*into); wrong != nil {
				x.refuse(wrong)
			}
		}
	}
	v.offer = func(x *phrase) []string { return x.URLs }
	return v
}

// transports are those of a client in the order tried.
func transports(into *[]string) value {
	all := []string{Polling, Websocket}
	one := func(t *string) value { return choice(t, all...) }
	const expected = "a list of polling and websocket, in the order tried"
	v := list(into, expected, bounds{}, func(int) string { return "" }, func(_ int, t *string) value { return one(t) })
	v.form, v.lines = "list of "+strings.Join(all, ", "), nil
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if n.Kind != yamltree.Sequence || len(n.Items) == 0 {
			hint := ""
			if n.Kind == yamltree.Scalar && slices.Contains(all, n.Text) {
				hint = "did you mean [" + n.Text + "]?"
			}
			d.wrong(n, path, what, expected, hint)
			return
		}
		var list []string
		for _, item := range n.Items {
			switch {
			case item.Kind != yamltree.Scalar || !slices.Contains(all, item.Text):
				d.wrong(item, path, "a transport", "polling or websocket", spell.DidYouMean(item.Text, all))
				return
			case slices.Contains(list, item.Text):
				d.invalid(item, path, fmt.Sprintf("%s appears twice in transports", item.Text), expected, "")
				return
			}
			list = append(list, item.Text)
		}
		*into = list
	}
	v.take = func(x *phrase, what string) {
		w := x.next(what)
		list := strings.Split(w, ",")
		for i, t := range list {
			if !slices.Contains(all, t) || slices.Contains(list[:i], t) {
				x.fail(cannotBe("transports", w), "polling,websocket or one of them")
			}
		}
		*into = list
	}
	v.words = func() []string { return someWords(strings.Join(*into, ",")) }
	v.offer = func(*phrase) []string { return []string{"polling,websocket", "websocket", "polling"} }
	v.schema = func(*schemas) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "array", Items: oneOf(all), MinItems: number(1), UniqueItems: true}
	}
	return v
}

// mapping describes how a client comes back.
func (r *Reconnection) mapping() mapping {
	usual := NewGroup("").Reconnection
	return mapping{name: "reconnection", what: "reconnection", fields: r.fields(), defaults: usual.fields}
}

func (r *Reconnection) fields() []field {
	return []field{
		{key: "attempts", word: "[attempts COUNT]", value: integer(&r.Attempts, 1, 1_000_000), doc: "How often it tries. Left out: no limit."},
		{key: "delay", word: "[delay TIME]", value: duration(&r.Delay), doc: "Before the first attempt."},
		{key: "delay_max", word: "[delay_max TIME]", value: duration(&r.DelayMax), doc: "Each attempt waits twice as long as the one before, up to this."},
		{key: "factor", word: "[factor NUMBER]", value: fraction(&r.Factor), doc: "How much a delay varies by chance."},
	}
}

// fit says why the values do not go together, "" when they do.
func (r *Reconnection) fit() string {
	if r.DelayMax < r.Delay {
		return fmt.Sprintf("delay %s is above delay_max %s", FormatDuration(r.Delay), FormatDuration(r.DelayMax))
	}
	return ""
}

// value is true, false or the mapping; zero means that it is left out.
func (r *Reconnection) value() value {
	usual := NewGroup("").Reconnection
	begin := func() {
		if *r == (Reconnection{}) {
			*r = usual
		}
	}
	v := r.mapping().value()
	v.form = "true, false, mapping"
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		begin()
		if n.Kind == yamltree.Scalar {
			on := true
			expected := "true, false, or a mapping with " + yamltree.OneOf(keysOf(r.fields()))
			if on, _ = n.Value.(bool); n.Value != true && n.Value != false || n.Text != strconv.FormatBool(on) {
				d.wrong(n, path, what, expected, "")
			}
			r.Off = !on && n.Value == false
			return
		}
		d.mapping(n, path, what, r.fields(), nil)
		if text := r.fit(); text != "" && !d.bad(path+".delay", path+".delay_max") {
			d.invalid(n, path, text, "", "")
		}
	}
	v.write = func() string {
		switch {
		case *r == (Reconnection{}):
			return ""
		case r.Off:
			return "false"
		case *r == usual:
			return "true"
		}
		return yamltree.Flow(pairsOf(r.fields(), usual.fields())...)
	}
	check := v.check
	v.check = func(in *yamltree.Reporter, path, what string) {
		if r.Off {
			return
		}
		check(in, path, what)
		if text := r.fit(); text != "" {
			in.Value(path, text, "", "")
		}
	}
	v.take = func(x *phrase, what string) {
		begin()
		on := true
		truth(&on).take(x, what)
		r.Off = !on
	}
	v.offer = func(*phrase) []string { return []string{"true", "false"} }
	v.words = func() []string {
		if *r == (Reconnection{}) {
			return nil
		}
		if r.Off || *r == usual {
			return []string{strconv.FormatBool(!r.Off)}
		}
		return nil // its fields have their own words
	}
	v.settings = func() []field {
		fields := r.fields()
		for i := range fields {
			take, words := fields[i].value.take, fields[i].value.words
			fields[i].value.take = func(x *phrase, what string) { begin(); take(x, what) }
			fields[i].value.words = func() []string {
				if *r == (Reconnection{}) || *r == usual || r.Off {
					return nil
				}
				return words()
			}
		}
		return fields
	}
	v.schema = func(s *schemas) *jsonschema.Schema {
		return either(&jsonschema.Schema{Type: "boolean"}, r.mapping().value().schema(s))
	}
	return v
}
