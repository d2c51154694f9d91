// Package control lets programs steer a served cluster, over HTTP and JSON.
package control

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
)

// maxBody bounds the body of a request: that of the longest reload.
const maxBody = yamltree.MaxSize

// handler answers the requests of a control port:
//
//	GET  /        what there is
//	GET  /state   the cluster as it is, and what was delivered (?from=30s)
//	GET  /steps   the verbs, the scenario's steps and those that users did
//	POST /steps   do a step, in words or as JSON
//	GET  /trace   the events as JSON Lines, also those to come (?from=1, ?follow=0)
//
// A request that is wrong gets 4xx with {"error":"..."}.
func handler(run *sim.Served, token string) http.Handler {
	c := &control{run: run}
	m := http.NewServeMux()
	m.HandleFunc("/{$}", only(c.index, http.MethodGet))
	m.HandleFunc("/state", only(c.state, http.MethodGet))
	m.HandleFunc("/steps", only(c.steps, http.MethodGet, http.MethodPost))
	m.HandleFunc("/trace", only(c.trace, http.MethodGet))
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "there is no "+r.URL.Path+"; GET / lists the paths")
	})
	return guard(m, token)
}

type control struct{ run *sim.Served }

// only lets a path answer to its methods.
func only(h http.HandlerFunc, methods ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(methods, r.Method) || r.Method == http.MethodHead && slices.Contains(methods, http.MethodGet) {
			h(w, r)
			return
		}
		w.Header()["Allow"] = methods
		fail(w, http.StatusMethodNotAllowed, r.URL.Path+" does not answer to "+r.Method)
	}
}

func fail(w http.ResponseWriter, status int, text string) {
	answer(w, status, map[string]string{"error": text})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	format.JSONLine(w, body)
}

// parameters returns those of a request's query, if they are among the known
// ones and each appears once.
func parameters(w http.ResponseWriter, r *http.Request, known ...string) (url.Values, bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, http.StatusBadRequest, "the query is malformed")
		return nil, false
	}
	for name, values := range q {
		switch {
		case !slices.Contains(known, name):
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
