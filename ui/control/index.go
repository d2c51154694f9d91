package control

import (
	"net/http"

	"stickylab/sim/network"
)

// index lists the ports and paths.
type index struct {
	Scenario string            `json:"scenario"`
	URL      string            `json:"url"`
	At       seconds           `json:"at"`
	Events   uint64            `json:"events"`
	Ports    []network.Place   `json:"ports"`
	Paths    map[string]string `json:"paths"`
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
	answer(w, http.StatusOK, index{
		Scenario: c.run.Plan().File.Title, URL: "http://" + c.run.Entry() + "/", At: seconds(c.run.Head()),
		Events: c.run.Len(), Ports: c.run.Places(), Paths: paths,
	})
}
