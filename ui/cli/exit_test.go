package cli

import "testing"

func TestTheWorstCodeWins(t *testing.T) {
	order := []int{ExitOK, ExitInconclusive, ExitNotJudged, ExitFailed, ExitInput, ExitProgram}
	for i, a := range order {
		for k, b := range order {
			if got, want := worse(a, b), order[max(i, k)]; got != want {
				t.Errorf("worse(%d, %d) = %d, want %d", a, b, got, want)
			}
		}
	}
}
