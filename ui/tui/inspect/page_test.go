package inspect

import (
	"fmt"
	"strings"
	"testing"
)

func TestPeople(t *testing.T) {
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("x%d", 2*i))
	}
	for _, c := range []struct{ names, want string }{
		{"", ""},
		{"b-02 b-01", "b-01, b-02"},
		{"b-03 b-02 b-01", "b-01 to b-03"},
		{"b-09 b-10 b-11 c-12", "b-09 to b-11, c-12"},
		{"b-1 b-02 b-3", "b-02, b-1, b-3"},
		{"b-099 b-100 b-101", "b-099 to b-101"},
		{"b-01 b-02 b-02 b-03", "b-01, b-02 (2 times), b-03"},
		{"anna berta", "anna, berta"},
		{"a1 a1 a1", "a1 (3 times)"},
	} {
		if got := people(strings.Fields(c.names)); got != c.want {
			t.Errorf("%s: %q, want %q", c.names, got, c.want)
		}
	}
	if got := people(many); !strings.HasSuffix(got, "and 76 more") {
		t.Errorf("of a hundred: %q", got)
	}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{100, "one   two   three"},
		{11, "one   two|  three"},
		{4, "one|  two|  three"},
	} {
		if got := strings.Join(rows(c.width, "  ", []string{"one", "", "two", "three"}), "|"); got != c.want {
			t.Errorf("on %d: %q, want %q", c.width, got, c.want)
		}
	}
}
