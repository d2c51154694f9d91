package edit

import (
	"testing"

	"stickylab/cluster/nginx/syntax"
)

func TestStickyIsSetAndTakenOut(t *testing.T) {
	for _, tt := range []struct{ name, text, parameters, want string }{
		{"put behind the method", "upstream im {\n    ip_hash; # by address\n    server a;\n}\n", "cookie srv", "upstream im {\n    ip_hash; # by address\n    sticky cookie srv;\n    server a;\n}\n"},
		{"without a method", "upstream im {\n  server a;\n}\n", "cookie srv", "upstream im {\n  sticky cookie srv;\n  server a;\n}\n"},
		{"in one line", "upstream im { server a; }", "cookie srv", "upstream im { sticky cookie srv; server a; }"},
		{"replaced", "upstream im {\n\tsticky cookie a expires=1h;\n\tserver a;\n}\n", "cookie srv", "upstream im {\n\tsticky cookie srv;\n\tserver a;\n}\n"},
		{"taken out", "upstream im {\n  ip_hash;\n  sticky cookie a;\n  server a;\n}\n", "", "upstream im {\n  ip_hash;\n  server a;\n}\n"},
		{"nothing to take out", "upstream im { server a; }", "", "upstream im { server a; }"},
	} {
		got, err := SetSticky(syntax.Scan(tt.text), "im", tt.parameters)
		if err != nil || got.Text() != tt.want {
			t.Fatalf("%s: %v\n%s\nwant\n%s", tt.name, err, got.Text(), tt.want)
		}
		if again, err := SetSticky(got, "im", tt.parameters); err != nil || again != got {
			t.Errorf("%s: a second time: %v\n%s", tt.name, err, again.Text())
		}
	}
	if _, err := SetSticky(syntax.Scan("upstream im { server a; }"), "other", "cookie srv"); err == nil {
		t.Error("no error for an upstream that there is not")
	}
}
