package syntax

import (
	"strings"
	"testing"
)

// first finds the first directive of a name, however deep.
func first(t *Tree, name string) (found *Directive) {
	Each(t.Directives, func(d *Directive) {
		if found == nil && d.Name == name {
			found = d
		}
	})
	return found
}

func TestScanTellsPlaces(t *testing.T) {
	tree := Scan("http {\n  server {\n    foo bar 'x y';\n  }\n}\n")
	if len(tree.Problems) > 0 {
		t.Fatal(tree.Problems)
	}
	d := first(tree, "foo")
	if d.Pos != (Pos{Line: 3, Column: 5}) || d.Arg(0) != "bar" || d.Arg(1) != "x y" || d.Arg(2) != "" || d.IsBlock || !d.Has("x y") || d.Has("x") {
		t.Errorf("%+v", d)
	}
	if w := d.Args[1]; tree.Raw(w) != "'x y'" || !w.Quoted || w.Pos != (Pos{Line: 3, Column: 13}) {
		t.Errorf("%+v", w)
	}
	if tree.HTTP() == nil || len(tree.HTTP().Find("server")) != 1 {
		t.Error("the blocks are not found")
	}
	if tree := Scan("a {\n"); len(tree.Problems) == 0 || tree.Problems[0].Code != Malformed {
		t.Error("a block that is not closed is no problem")
	}
}

func TestHTTPIsABlock(t *testing.T) {
	for text, want := range map[string]bool{"http { }": true, "events {}\nhttp {}": true, "server { }": false, "": false, "http;": false} {
		if found := Scan(text).HTTP() != nil; found != want {
			t.Errorf("%q: %v", text, found)
		}
	}
}

func TestACacheScansEachTextOnce(t *testing.T) {
	var c Cache
	a := c.Scan("a b;\n")
	if c.Scan("a b;\n") != a || c.Scans() != 1 {
		t.Errorf("%d scans of one text", c.Scans())
	}
	there := a.Apply(Replace(a.Directives[0].Args[0], "c"))
	back := there.Apply(Replace(there.Directives[0].Args[0], "b"))
	if back != a || a.Apply() != a || there.Text() != "a c;\n" || c.Scans() != 2 {
		t.Errorf("%d scans of two texts", c.Scans())
	}
}

func TestCutPartsADirective(t *testing.T) {
	d := Scan("a b\n c d {\n e; }").Directives[0]
	rest := d.Cut(1)
	if d.Name != "a" || len(d.Args) != 1 || d.IsBlock || d.End != 3 {
		t.Errorf("%+v", d)
	}
	if rest.Name != "c" || rest.Arg(0) != "d" || !rest.IsBlock || len(rest.Block) != 1 || rest.Pos != (Pos{2, 2}) || rest.Start != 5 {
		t.Errorf("%+v", rest)
	}
}

// FuzzScan promises that a text comes back byte for byte, that all places lie in
// it, and that edits which change nothing leave it alone.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		"", "}", "{{{", "a;", "'", "\"\\", "${", "#", "a 'b c' \"d\";\n", "\xff{\xfe;}", "a\rb\r;", "  a {\n    b {\nc;\n", "a_by_lua_block { x = '}' }",
		"http {\r\n  upstream u { server a backup; } # why\r\n}\r\n", "a {\n  b;\n  }\n}\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := Scan(text)
		if tree.Text() != text {
			t.Fatalf("%q became %q", text, tree.Text())
		}
		inside := func(from, to int) {
			if from < 0 || from > to || to > len(text) {
				t.Fatalf("%q: %d to %d is outside", text, from, to)
			}
		}
		Each(tree.Directives, func(d *Directive) {
			inside(d.Start, d.End)
			var same []Change
			for _, w := range d.Args {
				inside(w.Start, w.End)
				same = append(same, Replace(w, tree.Raw(w)))
			}
			if tree.Apply(same...) != tree {
				t.Fatalf("%q is changed by arguments replaced by themselves", text)
			}
			blanked := tree.Apply(tree.Blank(d)).Text()
			if d.IsBlock {
				inside(d.Inner, d.Close)
				tree.Apply(tree.InsertInto(d, "x y"))
			}
			if !d.Broken {
				tree.Apply(tree.Remove(d), tree.InsertAfter(d, "x y", "z"))
			}
			if strings.Trim(text[d.Start:d.End], " \r\n") != "" && blanked == text {
				t.Fatalf("%q has %q still", text, text[d.Start:d.End])
			}
		})
	})
}
