package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"stickylab/sim/format"
)

// seen lists the errors that clients of those kinds met in the spans [from, to),
// the most frequent first.
func (o *outcome) seen(from, to int, which []string) []string {
	met := map[string]int{}
	for _, kind := range which {
		for _, p := range o.of(kind, "") {
			p.met(from, to, met)
		}
	}
	return most(met)
}

// reasons lists why clients were disconnected.
func (o *outcome) reasons(from, to int) []string {
	met := map[string]int{}
	for _, p := range o.clients {
		p.ended(from, to, met)
	}
	return most(met)
}

func most(met map[string]int) []string {
	texts := slices.Collect(maps.Keys(met))
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(met[b]-met[a], cmp.Compare(a, b)) })
	var out []string
	for _, text := range texts[:min(len(texts), 4)] {
		out = append(out, fmt.Sprintf("%s x %s", format.Number(met[text]), text))
	}
	return out
}

// labels name the kinds in reports.
var labels = map[string]string{
	browser:   "default clients (polling, then WebSocket)",
	websocket: "WebSocket-only clients",
	polling:   "polling-only clients",
	native:    "native clients (polling, no cookies)",
}
