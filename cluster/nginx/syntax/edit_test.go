package syntax

import "testing"

func TestEdits(t *testing.T) {
	after := func(name string, with ...string) func(*Tree) Change {
		return func(tree *Tree) Change { return tree.InsertAfter(first(tree, name), with...) }
	}
	into := func(name string, with ...string) func(*Tree) Change {
		return func(tree *Tree) Change { return tree.InsertInto(first(tree, name), with...) }
	}
	remove := func(tree *Tree) Change { return tree.Remove(first(tree, "b")) }
	for _, c := range []struct {
		name, text, want string
		edit             func(*Tree) Change
	}{
		{"after, on new lines", "a {\n\tb c; # why\n\n\td;\n}\n", "a {\n\tb c; # why\n\tx 1;\n\ty 2;\n\n\td;\n}\n", after("b", "x 1", "y 2")},
		{"after, in one line", "a { b c; d; }\n", "a { b c; x 1; d; }\n", after("b", "x 1")},
		{"after, with the line ends of Windows", "a {\r\n  b c;\r\n}\r\n", "a {\r\n  b c;\r\n  x 1;\r\n}\r\n", after("b", "x 1")},
		{"after the last of a text", "b c;", "b c;\nx 1;", after("b", "x 1")},
		{"into a block", "a {\n    b c;\n}\n", "a {\n    x 1;\n    b c;\n}\n", into("a", "x 1")},
		{"into an empty block", "  a {\n  }\n", "  a {\n      x 1;\n  }\n", into("a", "x 1")},
		{"into a block in one line", "a { b c; }", "a { x 1; b c; }", into("a", "x 1")},
		{"an argument, quotes and all", `b "c d" e;`, `b x e;`, func(tree *Tree) Change { return Replace(first(tree, "b").Args[0], "x") }},
		{"an argument removed", "b c\n  d;", "b c;", func(tree *Tree) Change { return tree.RemoveArg(first(tree, "b").Args[1]) }},
		{"a whole directive", "a { b c; }", "a { d; }", func(tree *Tree) Change { return Rewrite(first(tree, "b"), "d;") }},
		{"removed with its line", "a {\n  b c;\n  d;\n}\n", "a {\n  d;\n}\n", remove},
		{"removed from a line", "a { b c; d; }\n", "a { d; }\n", remove},
		{"removed, keeping its comment", "a {\n  b c; # why\n}", "a {\n   # why\n}", remove},
		{"blanked, lines kept", "b ü\n c; d;", "   \n    d;", func(tree *Tree) Change { return tree.Blank(first(tree, "b")) }},
	} {
		tree := Scan(c.text)
		if len(tree.Problems) > 0 {
			t.Fatal(c.name, tree.Problems)
		}
		if got := tree.Apply(c.edit(tree)).Text(); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

func TestTheFirstOfOverlappingChangesCounts(t *testing.T) {
	tree := Scan("a { b c; }")
	a, b := first(tree, "a"), first(tree, "b")
	if got := tree.Apply(Replace(b.Args[0], "x"), Rewrite(a, "y;")).Text(); got != "y;" {
		t.Errorf("%q", got)
	}
}
