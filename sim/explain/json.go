package explain

import (
	"io"

	"stickylab/sim/format"
)

// WriteJSON writes the report as one line of JSON. It fails when w does.
func (r *Report) WriteJSON(w io.Writer) error {
	return format.JSONLine(w, r.form())
}

// The form of the JSON line. Shares are parts of 1; servers are told by their
// number from 1, 0 is 502.
type (
	jsonReport struct {
		Schema   int          `json:"schema"`
		Source   string       `json:"source"`
		Upstream jsonUpstream `json:"upstream"`
		Way      string       `json:"way,omitempty"` // through fronts
		Clients  []Choice     `json:"clients,omitempty"`
		Ranges   []jsonSpread `json:"ranges,omitempty"`
		Together *jsonSpread  `json:"together,omitempty"`
		Turns    *Turns       `json:"turns,omitempty"`
		Moves    *jsonMoves   `json:"moves,omitempty"`
		Policies []Policy     `json:"policies,omitempty"`
		Notes    []string     `json:"notes,omitempty"`
	}
	jsonUpstream struct {
		Name    string   `json:"name"`
		Method  string   `json:"method"`
		Total   int      `json:"total_weight"`
		Servers []Server `json:"servers"`
	}
	jsonSpread struct {
		Label   string      `json:"label"`
		Clients int         `json:"clients"`
		Of      string      `json:"of,omitempty"`
		Sampled bool        `json:"sampled,omitempty"`
		Total   string      `json:"total,omitempty"`
		Seed    *uint64     `json:"seed,omitempty"`
		Servers []jsonShare `json:"servers"`
		Refused int         `json:"refused,omitempty"`
		Loose   int         `json:"round_robin,omitempty"`
		OneOnly string      `json:"all_on,omitempty"`
		Reason  string      `json:"reason,omitempty"`
	}
	jsonShare struct {
		Number  int     `json:"number"`
		Address string  `json:"address"`
		Clients int     `json:"clients"`
		Share   float64 `json:"share"`
	}
	jsonMoves struct {
		From    string `json:"from"`
		To      string `json:"to"`
		Moved   int    `json:"moved"`
		Stayed  int    `json:"stayed"`
		List    []Move `json:"list"`
		Meaning string `json:"meaning,omitempty"`
		Why     string `json:"impossible,omitempty"`
	}
)

func (r *Report) form() jsonReport {
	u := r.Upstream
	out := jsonReport{
		Schema: 1, Source: r.Question.Source, Clients: r.Choices, Turns: r.Turns, Policies: r.Policies, Notes: r.Notes, Way: u.Path(),
		Upstream: jsonUpstream{Name: u.Block.Name, Method: u.Method(), Total: u.total, Servers: u.Servers},
	}
	for _, s := range r.Spreads {
		out.Ranges = append(out.Ranges, u.jsonSpread(s))
	}
	if r.Together != nil {
		together := u.jsonSpread(*r.Together)
		out.Together = &together
	}
	from, to := r.Question.Source, r.Question.OtherSource
	if r.Question.Down {
		from, to = "all up", "as given"
	}
	switch m := r.Moves; {
	case m != nil:
		out.Moves = &jsonMoves{From: from, To: to, Moved: m.Moved, Stayed: m.Stay, List: m.List, Meaning: m.Meaning()}
	case r.NoMoves != "":
		out.Moves = &jsonMoves{From: from, To: to, Why: r.NoMoves}
	}
	return out
}

func (u *Upstream) jsonSpread(s Spread) jsonSpread {
	n := len(s.Population.Addresses)
	out := jsonSpread{
		Label: s.Population.Label, Clients: n, Of: s.Population.Of, Sampled: s.Population.Sampled(), Total: s.Population.Total,
		Refused: s.Refused, Loose: s.Loose, Reason: s.Reason,
	}
	if s.Population.Sampled() {
		out.Seed = &s.Population.Seed
	}
	for i, server := range u.Servers {
		share := jsonShare{Number: server.Number, Address: server.Address, Clients: s.Clients[i]}
		if n > 0 {
			share.Share = float64(s.Clients[i]) / float64(n)
		}
		out.Servers = append(out.Servers, share)
	}
	if i, all := s.one(); all {
		out.OneOnly = u.Servers[i].Address
	}
	return out
}
