package expect

import (
	"reflect"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// Phrases say what was measured for a name, whose keys are * here. {n} is the number,
// {n client} the number with its noun, {of} how many clients there are, {arrived} and
// {judged} the counts of a ratio, {%} a percentage, {ms} a time, {key} the first key and {part} the
// second; {not} is "not " when it is false. Those of a group begin with its name.
var phrases = phrasesOf(map[string]string{
	"nodes.*.up":        "{key} is {not}up",
	"nodes.*.frozen":    "{key} is {not}frozen",
	"nodes.*.adapter":   "{key} does {not}have the adapter",
	"nodes.*.clients":   "{n client} on {key}",
	"nodes.*.sessions":  "{n session} on {key}",
	"nodes.*.polling":   "{n session} on {key} with polling",
	"nodes.*.websocket": "{n session} on {key} with WebSocket",
	"nodes.*.share":     "{%} of the connected clients on {key}",

	"groups.*.count":           "{n client}",
	"groups.*.connected":       "{n} of {of} connected",
	"groups.*.away":            "{n} of {of} away, on their way back",
	"groups.*.never":           "{n} of {of} never connected",
	"groups.*.gone":            "{n} of {of} gone, not trying to come back",
	"groups.*.polling":         "{n} of {of} on polling",
	"groups.*.websocket":       "{n} of {of} on WebSocket",
	"groups.*.moved":           "{n} of {of} on another node than at first",
	"groups.*.nodes.*":         "{n} of {of} on {part}",
	"groups.*.lost":            "{n session} lost",
	"groups.*.reconnects":      "{n attempt} to reconnect",
	"groups.*.missed_away":     "{n message} missed while away",
	"groups.*.requests.total":  "{n request}",
	"groups.*.requests.failed": "{n failed request}",
	"groups.*.errors.*":        "{n} x {part}",

	"clients.count":     "{n client}",
	"clients.connected": "{n} of {of} clients connected",
	"clients.away":      "{n} of {of} clients away, on their way back",
	"clients.never":     "{n} of {of} clients never connected",

	"sessions.opened":   "{n session} opened",
	"sessions.upgraded": "{n session} upgraded to WebSocket",
	"sessions.lost":     "{n session} lost",
	"errors.*":          "{n} x {key}",

	"latency.p50":   "half of the deliveries within {ms}",
	"latency.p95":   "95 % of the deliveries within {ms}",
	"latency.p99":   "99 % of the deliveries within {ms}",
	"latency.count": "latency measured of {n delivery}",

	"messages.said":   "{n message} said",
	"messages.sent":   "{n message} accepted by a node",
	"messages.unsent": "{n message} accepted by no node",
	"messages.away":   "{n message} missed by clients that were away",

	"messages.outside":   "{n message} missed by clients that were connected, and not in their room",
	"messages.repeated":  "{n message} handled once more by the same client",
	"messages.resent":    "{n message} sent again for want of an acknowledgement",
	"messages.discarded": "{n message} given up for want of an acknowledgement",

	"clients.outside": "{n} of {of} clients connected, and not in their room",

	"requests.total":      "{n request}",
	"requests.failed":     "{n failed request}",
	"requests.reconnects": "{n attempt} to reconnect",
	"requests.peak":       "{n request} in the busiest second",

	"recovery.recovered": "{n connection} recovered",
	"recovery.failed":    "{n connection} not recovered",
	"recovery.replayed":  "{n message} replayed",

	"redis.published": "{n message} published",
	"redis.relayed":   "{n copy} received by other nodes",
	"redis.idle":      "{n copy} received without need",

	"counts.*.local":   "{key} counts {n} on itself",
	"counts.*.cluster": "{key} counts {n} in the cluster",
})

// unanswered stands in for the phrases of counts that a node never got.
const unanswered = "{key} has no count"

// phrasesOf adds the names of deliveries to phrases.
func phrasesOf(all map[string]string) map[string]string {
	for name, where := range map[string]string{
		"delivery.total": "", "delivery.same": " on the same node", "delivery.cross": " across nodes",
		"groups.*.heard": " to it", "groups.*.said": " of what it sent",
	} {
		for part, phrase := range map[string]string{
			"due": "{n delivery}@ expected", "arrived": "{n delivery}@ arrived", "missed": "{n delivery}@ missed",
			"pending": "{n delivery}@ in flight", "duplicates": "{n duplicate}@", "extra": "{n delivery}@ not expected",
			"ratio": "{arrived} of {judged} deliveries@ arrived", "nothing": "no delivery@ was due",
		} {
			all[name+"."+part] = strings.ReplaceAll(phrase, "@", where)
		}
	}
	return all
}

// shape is the name with * for its keys.
func (u use) shape() string {
	parts := make([]string, len(u.path))
	for i, part := range u.path {
		if parts[i] = part; u.keys[i] {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, ".")
}

// words says what was measured for the name: its value, and the counts of which it is
// the ratio, if it is one. void is why there was nothing to judge.
func (u use) words(view *ledger.View, v reflect.Value, counts *ledger.Counts, void string) string {
	shape := u.shape()
	phrase := phrases[shape]
	switch {
	case void != "" && counts != nil:
		phrase = phrases[shape[:strings.LastIndex(shape, ".")]+".nothing"]
	case void != "":
		phrase = void
	case u.path[0] == "counts" && v.Int() < 0:
		phrase = unanswered
	}
	var keys []string
	for i, part := range u.path {
		if u.keys[i] {
			keys = append(keys, part)
		}
	}
	of := view.Clients.Count
	if u.path[0] == "groups" {
		of = view.Groups[keys[0]].Count
	}
	return fill(phrase, func(what string) string {
		noun, counted := strings.CutPrefix(what, "n ")
		switch {
		case counted:
			return format.Plural(int(v.Int()), noun)
		case what == "n" && v.CanInt():
			return format.Number(int(v.Int()))
		case what == "n":
			return plain(v)
		case what == "ms":
			return strconv.FormatFloat(v.Float(), 'f', 0, 64) + " ms"
		case what == "%":
			return strconv.FormatFloat(100*v.Float(), 'f', 0, 64) + " %"
		case what == "of":
			return format.Number(of)
		case what == "arrived":
			return format.Number(counts.Arrived)
		case what == "judged":
			return format.Number(counts.Due - counts.Pending)
		case what == "not" && !v.Bool():
			return "not "
		case what == "key":
			return keys[0]
		case what == "part":
			return keys[1]
		}
		return ""
	})
}

// fill puts values in the places of a phrase that are in braces.
func fill(phrase string, value func(string) string) string {
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(phrase, "{")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		what, after, _ := strings.Cut(rest, "}")
		b.WriteString(value(what))
		phrase = after
	}
}

// Words says what was measured, for people: "office: 30 of 30 on im-3030, 0 of 30 on
// im-5080; 2 sessions lost".
func (a Actual) Words() string {
	var b strings.Builder
	for i, v := range a {
		switch {
		case i > 0 && v.Group == a[i-1].Group:
			b.WriteString(", ")
		case i > 0:
			b.WriteString("; ")
		}
		if v.Group != "" && (i == 0 || v.Group != a[i-1].Group) {
			b.WriteString(v.Group + ": ")
		}
		b.WriteString(v.Words)
	}
	return b.String()
}
