package explain

import (
	"net/netip"
)

// Question is what to explain.
type Question struct {
	Source    string       // the file or scenario, for the text
	Addresses []netip.Addr // explained one by one
	Crowds    []Crowd      // only counted
	Requests  int          // how many requests to show where addresses decide nothing; 0: 12

	// Other configuration to compare with, by its source; nil: none. With Down
	// it is the same one, before the servers named went down.
	Other       *Upstream
	OtherSource string
	Down        bool
}

// Report is the answer.
type Report struct {
	Question Question
	Upstream *Upstream
	Choices  []Choice
	Spreads  []Spread
	Together *Spread // all that was asked for, when that is more than one address or crowd
	Turns    *Turns  // nil: the address decides
	Moves    *Moves  // nil: nothing to compare
	NoMoves  string  // why there is nothing to compare, though it was asked
	Notes    []string
}

// Answer explains.
func (u *Upstream) Answer(q Question) *Report {
	if q.Requests == 0 {
		q.Requests = 12
	}
	r := &Report{Question: q, Upstream: u, Turns: u.Turns(q.Requests)}
	all := Crowd{Label: "all together", Addresses: q.Addresses}
	for _, c := range q.Crowds {
		all.Addresses = append(all.Addresses[:len(all.Addresses):len(all.Addresses)], c.Addresses...)
	}
	sampled, grouped := false, len(q.Addresses) == 0
	for _, c := range q.Crowds {
		sampled, grouped = sampled || c.Sampled(), grouped && c.Of != ""
	}
	if grouped {
		all.Of = "all groups"
	}
	r.Notes = u.Notes(all.Addresses)
	if len(q.Crowds) == 1 && len(q.Addresses) == 0 {
		all = q.Crowds[0]
	}
	if r.Turns == nil {
		for _, a := range q.Addresses {
			r.Choices = append(r.Choices, u.Choose(a))
		}
		for _, c := range q.Crowds {
			r.Spreads = append(r.Spreads, u.Spread(c))
		}
		// A sample and what is whole do not add up.
		if len(q.Crowds) == 0 || len(q.Crowds)+len(q.Addresses) > 1 && !sampled {
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
