package explain

import (
	"net/netip"
	"slices"
)

// Question is what to explain.
type Question struct {
	Source      string       // the file or scenario, for the text
	Addresses   []netip.Addr // explained one by one
	Populations []Population // only counted
	Policies    bool         // compare methods by what they make of all of these
	Requests    int          // how many requests to show where addresses decide nothing; 0 means 12

	// Other configuration to compare with, by its source; nil means none. With Down
	// it is the same one, before the servers named went down.
	Other       *Upstream
	OtherSource string
	Down        bool
}

// Report is the answer to a Question.
type Report struct {
	Question Question
	Upstream *Upstream
	Choices  []Choice
	Spreads  []Spread
	Together *Spread // all that was asked for, when that is more than one address or population
	Turns    *Turns  // nil when the address decides
	Moves    *Moves  // nil when there is nothing to compare
	NoMoves  string  // why there is nothing to compare, though it was asked
	Policies []Policy
	Notes    []string
}

// Answer places the addresses of a question and compares configurations.
func (u *Upstream) Answer(q Question) *Report {
	if q.Requests == 0 {
		q.Requests = 12
	}
	r := &Report{Question: q, Upstream: u, Turns: u.Turns(q.Requests)}
	all := Population{Label: "all together", Addresses: slices.Clone(q.Addresses)}
	sampled, grouped := false, len(q.Addresses) == 0
	for _, c := range q.Populations {
		all.Addresses = append(all.Addresses, c.Addresses...)
		sampled, grouped = sampled || c.Sampled(), grouped && c.Of != ""
	}
	if grouped {
		all.Of = "all groups"
	}
	r.Notes = u.Notes(all.Addresses)
	for _, c := range q.Populations {
		r.Notes = append(r.Notes, c.Notes...)
	}
	if len(q.Populations) == 1 && len(q.Addresses) == 0 {
		all = q.Populations[0]
	}
	if q.Policies {
		r.Policies = u.Policies(all)
	}
	if r.Turns == nil {
		for _, a := range q.Addresses {
			r.Choices = append(r.Choices, u.Choose(a))
		}
		for _, c := range q.Populations {
			r.Spreads = append(r.Spreads, u.Spread(c))
		}
		// A sample and what is whole do not add up.
		if len(q.Populations) == 0 || len(q.Populations)+len(q.Addresses) > 1 && !sampled {
			s := u.Spread(all)
			r.Together = &s
		}
	}
	if q.Other != nil {
		before, after := u, q.Other
		if q.Down {
			before, after = after, before
		}
		if m, ok, why := Compare(before, after, all); ok {
			r.Moves = &m
		} else if !q.Down {
			r.NoMoves = why
		}
	}
	return r
}
