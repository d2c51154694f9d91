package nginx_test

import (
	"testing"

	"stickylab/cluster/nginx"
)

// statement finds the first statement of a name, however deep.
func statement(list []*nginx.Statement, name string) *nginx.Statement {
	for _, s := range list {
		if s.Name == name {
			return s
		}
		if found := statement(s.Block, name); found != nil {
			return found
		}
	}
	return nil
}

func TestStatementsAreEdited(t *testing.T) {
	behind := func(name string, with ...string) func(string, []*nginx.Statement) string {
		return func(text string, list []*nginx.Statement) string {
			return nginx.InsertBehind(text, statement(list, name), with...)
		}
	}
	into := func(name string, with ...string) func(string, []*nginx.Statement) string {
		return func(text string, list []*nginx.Statement) string {
			return nginx.InsertInto(text, statement(list, name), with...)
		}
	}
	for _, c := range []struct {
		name, text, want string
		edit             func(string, []*nginx.Statement) string
	}{
		{"behind, on lines of their own", "a {\n\tb c; # why\n\n\td;\n}\n", "a {\n\tb c; # why\n\tx 1;\n\ty 2;\n\n\td;\n}\n", behind("b", "x 1", "y 2")},
		{"behind, in one line", "a { b c; d; }\n", "a { b c; x 1; d; }\n", behind("b", "x 1")},
		{"behind, with the line ends of Windows", "a {\r\n  b c;\r\n}\r\n", "a {\r\n  b c;\r\n  x 1;\r\n}\r\n", behind("b", "x 1")},
		{"behind the last of a text", "b c;", "b c;\nx 1;", behind("b", "x 1")},
		{"into a block", "a {\n    b c;\n}\n", "a {\n    x 1;\n    b c;\n}\n", into("a", "x 1")},
		{"into an empty block", "  a {\n  }\n", "  a {\n      x 1;\n  }\n", into("a", "x 1")},
		{"into a block in one line", "a { b c; }", "a { x 1; b c; }", into("a", "x 1")},
		{"an argument, quotes and all", `b "c d" e;`, `b x e;`, func(text string, list []*nginx.Statement) string {
			return nginx.ReplaceArg(text, statement(list, "b"), 0, "x")
		}},
		{"removed with its line", "a {\n  b c;\n  d;\n}\n", "a {\n  d;\n}\n", func(text string, list []*nginx.Statement) string {
			return nginx.Remove(text, statement(list, "b"))
		}},
		{"removed from a line", "a { b c; d; }\n", "a { d; }\n", func(text string, list []*nginx.Statement) string {
			return nginx.Remove(text, statement(list, "b"))
		}},
	} {
		list, problems := nginx.Scan(c.text)
		if len(problems) > 0 {
			t.Fatal(c.name, problems)
		}
		if got := c.edit(c.text, list); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

func TestScanTellsPlaces(t *testing.T) {
	list, problems := nginx.Scan("http {\n  server {\n    foo bar 'x y';\n  }\n}\n")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := statement(list, "foo")
	if s.Pos != (nginx.Pos{Line: 3, Column: 5}) || s.Arg(0) != "bar" || s.Arg(1) != "x y" || s.Arg(2) != "" || s.IsBlock || len(list[0].Find("server")) != 1 {
		t.Errorf("%+v", s)
	}
	if _, problems := nginx.Scan("a {\n"); len(problems) == 0 {
		t.Error("a block that is not closed is no problem")
	}
}
