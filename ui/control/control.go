// Package control lets programs steer a served cluster, over HTTP and JSON.
package control

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/network"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Run is a served cluster, as sim.Served is one.
type Run interface {
	Plan() *plan.Plan
	Head() time.Duration
	Do(step scenario.Step) (scenario.Step, error)
	Hand() []scenario.Step
	Len() uint64
	Oldest() uint64
	Events(from, to uint64) []trace.Event
	Ledger(n uint64, now time.Duration) *ledger.Ledger
	Follow(ctx context.Context, from uint64, f func([]trace.Event) error) error
	Places() []network.Place
	Entry() string
}

// Options of a control port. The zero value works.
type Options struct {
	// Token is what a request must carry ("Authorization: Bearer TOKEN"). Without
	// one, only programs of this machine may ask, and no web page.
	Token string
}

// maxBody bounds the body of a request: that of the longest reload.
const maxBody = yamltree.MaxSize

// Handler answers the requests of a control port:
//
//	GET  /        what there is
//	GET  /state   the cluster as it is, and what was delivered (?from=30s)
//	GET  /steps   the verbs, the scenario's steps and those that users did
//	POST /steps   do a step, in words or as JSON
//	GET  /trace   the events as JSON Lines, also those to come (?from=1, ?follow=0)
//
// A request that is wrong gets 4xx with {"error":"..."}.
func Handler(run Run, o Options) http.Handler {
	c := &control{run: run}
	m := http.NewServeMux()
	m.HandleFunc("/{$}", only(c.index, http.MethodGet))
	m.HandleFunc("/state", only(c.state, http.MethodGet))
	m.HandleFunc("/steps", only(c.steps, http.MethodGet, http.MethodPost))
	m.HandleFunc("/trace", only(c.trace, http.MethodGet))
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "there is no "+r.URL.Path+"; GET / lists the paths")
	})
	return guard(m, o.Token)
}

type control struct{ run Run }

// only lets a path answer to its methods.
func only(h http.HandlerFunc, methods ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, m := range methods {
			if r.Method == m || r.Method == http.MethodHead && m == http.MethodGet {
				h(w, r)
				return
			}
		}
		for _, m := range methods {
			w.Header().Add("Allow", m)
		}
		fail(w, http.StatusMethodNotAllowed, r.URL.Path+" does not answer to "+r.Method)
	}
}

// failure is the body of an answer of 400 and above.
type failure struct {
	Error string `json:"error"`
}

func fail(w http.ResponseWriter, status int, text string) { answer(w, status, failure{text}) }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(body)
}

// parameters returns those of a request's query, if they are among the known
// ones and each appears once.
func parameters(w http.ResponseWriter, r *http.Request, known ...string) (url.Values, bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, http.StatusBadRequest, "the query is malformed")
		return nil, false
	}
	allowed := map[string]bool{}
	for _, name := range known {
		allowed[name] = true
	}
	for name, values := range q {
		switch {
		case !allowed[name]:
			fail(w, http.StatusBadRequest, r.URL.Path+" knows no parameter "+quoted(name))
			return nil, false
		case len(values) > 1:
			fail(w, http.StatusBadRequest, "the parameter "+quoted(name)+" appears twice")
			return nil, false
		}
	}
	return q, true
}

// seconds is a time of the run as the trace has it.
type seconds time.Duration

func (s seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', 6, 64), nil
}
