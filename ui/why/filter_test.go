package why

import "testing"

func TestFilter(t *testing.T) {
	texts := []string{"the road", "Two regions, no adapter", "ip_hash keeps every session on one node."}
	for filter, want := range map[string]bool{
		"": true, " ": true, "two-reg": true, "REGIONS": true, "adapter two": true, "regions redis": false,
		"only some users receive messages": true,  // by the dictionary
		"Invalid frame header":             false, // which leads to no lesson
		"Session ID unknown":               false,
	} {
		if got := NewFilter(filter).Matches("two-regions", texts...); got != want {
			t.Errorf("%q: %v, want %v", filter, got, want)
		}
	}
}
