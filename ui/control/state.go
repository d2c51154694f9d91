package control

import (
	"net/http"
	"time"

	"stickylab/sim/ledger"
)

// state is the cluster at an instant. What is counted is of the time from From
// to At; the rest is as it is at At.
type state struct {
	From     seconds                 `json:"from"`
	At       seconds                 `json:"at"`
	Events   uint64                  `json:"events"`
	Policy   string                  `json:"policy"`
	Nodes    []node                  `json:"nodes"`
	Users    users                   `json:"users"`
	Clients  clients                 `json:"clients"`
	Groups   map[string]ledger.Group `json:"groups"`
	Delivery ledger.Delivery         `json:"delivery"`
	Matrix   ledger.Matrix           `json:"matrix"`
	Missed   []missed                `json:"missed"`
	Sessions ledger.Sessions         `json:"sessions"`
	Errors   map[string]int          `json:"errors"`
	Latency  ledger.Latency          `json:"latency"`
	Messages ledger.Messages         `json:"messages"`
	Requests ledger.Requests         `json:"requests"`

	// LeftOver is how many of the missed deliveries no user missed. Untracked are
	// messages that no other count has: too many were in flight.
	LeftOver  int `json:"left_over"`
	Untracked int `json:"untracked"`
}

type node struct {
	Name   string `json:"name"`
	Listen string `json:"listen"`
	ledger.Node
	Redis bool    `json:"redis"` // linked to it
	Since seconds `json:"since"` // up or down
	ledger.Traffic
}

// mostListed bounds the lists of users and of clients.
const mostListed = 1000

// users are the real ones.
type users struct {
	Count int    `json:"count"`
	List  []user `json:"list"` // the first 1,000
}

type user struct {
	Name      string   `json:"name"`
	Node      string   `json:"node"`
	Transport string   `json:"transport"`
	Rooms     []string `json:"rooms"`
	Since     seconds  `json:"since"`
	LeftOver  seconds  `json:"left_over,omitempty"` // when the user reconnected, of a socket from before
}

// clients are the virtual ones.
type clients struct {
	ledger.Clients
	List []virtual `json:"list"` // the first 1,000
}

type virtual struct {
	Name      string  `json:"name"`
	Group     string  `json:"group"`
	IP        string  `json:"ip"`
	State     string  `json:"state"`
	Node      string  `json:"node"`
	Transport string  `json:"transport"`
	Since     seconds `json:"since"`
	Failure   string  `json:"failure,omitempty"`
	Heard     int     `json:"heard"`
	Missed    int     `json:"missed"`
}

type missed struct {
	Count    int    `json:"count"`
	Why      string `json:"why"`
	Sender   string `json:"sender"`
	Receiver string `json:"receiver"`
}

func (c *control) state(w http.ResponseWriter, r *http.Request) {
	q, ok := parameters(w, r, "from")
	if !ok {
		return
	}
	now := c.run.Head()
	var from time.Duration
	if text := q.Get("from"); q.Has("from") {
		var err error
		if from, err = time.ParseDuration(text); err != nil || from < 0 || from > now {
			fail(w, http.StatusBadRequest, "from: "+quoted(text)+" is not a time since the start, such as 30s, before now ("+now.Round(time.Second).String()+")")
			return
		}
	}
	n := c.run.Len()
	answer(w, http.StatusOK, stateOf(c.run.Ledger(n, now), n, from))
}

func stateOf(l *ledger.Ledger, n uint64, from time.Duration) *state {
	p := l.SnapshotSince(from)
	policy, _ := l.Policy()
	s := &state{
		From: seconds(p.From), At: seconds(l.Now()), Events: n, Policy: policy,
		Nodes: []node{}, Groups: p.Groups, Delivery: p.Delivery, Matrix: p.Matrix,
		Missed: []missed{}, Sessions: p.Sessions, Errors: p.Errors, Latency: p.Latency, Messages: p.Messages, Requests: p.Requests,
		LeftOver: p.LeftOver(), Untracked: p.Untracked,
		Users: users{List: []user{}}, Clients: clients{Clients: p.Clients, List: []virtual{}},
	}
	for _, x := range l.Nodes() {
		s.Nodes = append(s.Nodes, node{x.Name, x.Listen, x.Node, x.Redis, seconds(x.Since), x.Traffic})
	}
	list, count := l.RealClients(mostListed)
	s.Users.Count = count
	for _, o := range list {
		s.Users.List = append(s.Users.List, user{o.Name, o.Node, o.Transport, o.Rooms, seconds(o.Since), seconds(o.LeftOver)})
	}
	all := l.Clients()
	for _, x := range all[:min(len(all), mostListed)] {
		s.Clients.List = append(s.Clients.List, virtual{
			x.Name, x.Group, x.IP, x.Presence.String(), x.Node, x.Transport, seconds(x.Since), x.Failure, x.Received, x.Missed,
		})
	}
	for _, m := range p.Missed {
		s.Missed = append(s.Missed, missed{m.Count, m.String(), m.Sender, m.Receiver})
	}
	return s
}
