package board_test

import (
	"testing"

	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
)

// A frame while the run continues.
func BenchmarkFrame(b *testing.B) {
	board := &board.Board{}
	defer board.Close()
	board.Handle(wire.Request{Verb: wire.Open, Scenario: "two-regions"})
	board.Handle(wire.Request{Verb: wire.Show, At: 60_000})
	board.Handle(wire.Request{Verb: wire.Show, At: 20_000})
	at := wire.Millis(20_000)
	for b.Loop() {
		if at += 50; at > 60_000 {
			b.StopTimer()
			board.Handle(wire.Request{Verb: wire.Show, At: 20_000})
			at = 20_000
			b.StartTimer()
		}
		board.Handle(wire.Request{Verb: wire.Show, At: at})
	}
}
