package explain

import (
	"slices"

	"stickylab/cluster/balance"
)

// Turns is the servers of successive requests where an address decides nothing.
type Turns struct {
	Why string `json:"why"` // the address decides nothing

	// The numbers of the servers, 0 for 502. Done: each request is over before
	// the next begins. Held: none ends, as with WebSockets; nil when the servers are the same.
	Done []int `json:"done"`
	Held []int `json:"held,omitempty"`
}

// Turns returns the servers of the first n requests after a start of nginx; nil
// when the address decides.
func (u *Upstream) Turns(n int) *Turns {
	ok, why := u.Decides()
	if ok {
		return nil
	}
	t := &Turns{Why: why, Done: u.turns(n, false)}
	if held := u.turns(n, true); !slices.Equal(held, t.Done) {
		t.Held = held
	}
	return t
}

// turns makes n requests with fresh state.
func (u *Upstream) turns(n int, hold bool) []int {
	u.reset()
	defer u.reset()
	list := make([]int, n)
	for i := range list {
		a := u.balance.Start(balance.Request{})
		peer, err := a.Next()
		if err != nil {
			continue
		}
		list[i] = index(peer) + 1
		if !hold {
			a.Done(false)
		}
	}
	return list
}
