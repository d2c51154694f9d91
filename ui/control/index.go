package control

import "net/http"

// index lists the ports and paths.
type index struct {
	Scenario string            `json:"scenario"`
	URL      string            `json:"url"`
	At       seconds           `json:"at"`
	Events   uint64            `json:"events"`
	Ports    []port            `json:"ports"`
	Paths    map[string]string `json:"paths"`
}

type port struct {
	Host    string `json:"host"`
	Address string `json:"address"` // in the scenario
	Listen  string `json:"listen"`
}

var paths = map[string]string{
	"GET /":       "this",
	"GET /state":  "nodes, clients, users, delivery, matrix, errors; ?from=30s counts what was sent since",
	"GET /steps":  "the verbs, the scenario's steps, those that users did",
	"POST /steps": `do a step: words such as kill im-1, or JSON such as {"kill":"im-1"}`,
	"GET /trace":  "the events as JSON Lines, as they happen; ?from=N begins at the N-th, ?follow=0 ends with the last",
}

func (c *control) index(w http.ResponseWriter, r *http.Request) {
	if _, ok := parameters(w, r); !ok {
		return
	}
	x := index{
		Scenario: c.run.Plan().File.Title, URL: "http://" + c.run.Entry() + "/", At: seconds(c.run.Head()),
		Events: c.run.Len(), Paths: paths, Ports: []port{},
	}
	for _, p := range c.run.Places() {
		x.Ports = append(x.Ports, port{p.Host, p.Virtual, p.Real})
	}
	answer(w, http.StatusOK, x)
}
