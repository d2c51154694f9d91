package expect

import "testing"

// In brief a single value is its counts, or itself.
func TestBrief(t *testing.T) {
	for _, tt := range []struct {
		actual Actual
		want   string
	}{
		{Actual{{Name: "delivery.cross.ratio", Value: "0.775", Counts: "31/40"}}, "31/40"},
		{Actual{{Name: "clients.connected", Value: "40"}}, "40"},
		{Actual{{Name: "delivery.cross.ratio", Value: "-", Void: "nothing was due"}}, ""},
		{Actual{{Name: "sessions.lost", Value: "0"}, {Name: "clients.connected", Value: "40"}}, ""},
		{nil, ""},
	} {
		if got := tt.actual.Brief(); got != tt.want {
			t.Errorf("%v is %q in brief, want %q", tt.actual, got, tt.want)
		}
	}
}
