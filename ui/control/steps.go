package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"stickylab/sim"
	"stickylab/sim/scenario"
)

// done is a step with the time at which it was, or will be, done.
type done struct {
	At   seconds `json:"at"`
	Step string  `json:"step"`
}

// stepList is the answer to GET /steps.
type stepList struct {
	Verbs    []verb `json:"verbs"`
	Scenario []done `json:"scenario"` // the scenario's own
	Hand     []done `json:"hand"`     // those asked for since
}

type verb struct {
	Verb  string `json:"verb"`
	Usage string `json:"usage"`
}

func (c *control) steps(w http.ResponseWriter, r *http.Request) {
	if _, ok := parameters(w, r); !ok {
		return
	}
	if r.Method == http.MethodPost {
		c.do(w, r)
		return
	}
	list := stepList{Scenario: said(c.run.Plan().Steps), Hand: said(c.run.Hand())}
	for _, v := range scenario.Verbs {
		list.Verbs = append(list.Verbs, verb{string(v), v.Usage()})
	}
	answer(w, http.StatusOK, list)
}

func said(steps []scenario.Step) []done {
	out := make([]done, len(steps))
	for i, s := range steps {
		out[i] = done{seconds(s.At), s.String()}
	}
	return out
}

// do does a step: 400 when it cannot be understood or never be done, 409 when it
// cannot be done now.
func (c *control) do(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "a step has at most 256 KiB")
		return
	case err != nil:
		fail(w, http.StatusBadRequest, "the body cannot be read")
		return
	}
	step, err := c.read(body)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	step, err = c.run.Do(step)
	var wrong *sim.WrongStepError
	switch {
	case errors.As(err, &wrong):
		fail(w, http.StatusBadRequest, err.Error())
	case err != nil:
		fail(w, http.StatusConflict, err.Error())
	default:
		answer(w, http.StatusOK, done{seconds(step.At), step.String()})
	}
}

// read reads a step: a JSON object, words, or words as a JSON string.
func (c *control) read(body []byte) (scenario.Step, error) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return scenario.ReadStep(body)
	}
	words := string(body)
	if len(body) > 0 && body[0] == '"' {
		if err := json.Unmarshal(body, &words); err != nil {
			return scenario.Step{}, errors.New("a text that is no JSON string: leave the quotes out")
		}
	}
	if strings.ContainsAny(words, "\r\n") {
		return scenario.Step{}, errors.New("one step at a time, in one line")
	}
	return scenario.ParseStep(c.run.Names(), words)
}
