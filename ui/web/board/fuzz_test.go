package board_test

import (
	"encoding/json"
	"testing"

	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
)

// Whatever a tab asks gets an answer that can be written: a frame or what else was asked for, or an error.
func FuzzHandle(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"verb":"show","at":900}`, `{"verb":"show","at":-1e300}`, `{"verb":"do","at":300,"words":"adapter redis"}`, `{"verb":"look","at":1,"thing":{"kind":"client","name":"beijing-01"}}`,
		`{"verb":"answer","choice":-7}`, `{"verb":"complete","words":"kill "}`, `{"verb":"trace","from":18446744073709551615}`, `{"verb":"open","text":"{"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var q wire.Request
		if json.Unmarshal([]byte(text), &q) != nil {
			return
		}
		q.At = min(q.At, 1000) // longer runs say no more
		b := &board.Board{}
		defer b.Close()
		b.Handle(wire.Request{Verb: wire.Open, Scenario: "two-regions"})
		out := b.Handle(q)
		if _, err := json.Marshal(out); err != nil {
			t.Fatal(err)
		}
		if given := out.Frame != nil || out.Look != nil || out.Complete != nil || out.Trace != nil; given == (out.Error != "") {
			t.Errorf("%s: %+v", text, out)
		}
	})
}
