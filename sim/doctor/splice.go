package doctor

import "stickylab/cluster/nginx/syntax"

// scan reads a text into directives.
func scan(text string) ([]*syntax.Directive, []syntax.Problem) {
	t := syntax.Scan(text)
	return t.Directives, t.Problems
}

// replaceArg writes an argument in the place of another.
func replaceArg(text string, d *syntax.Directive, i int, with string) string {
	return syntax.Scan(text).Apply(syntax.Replace(d.Args[i], with)).Text()
}

// remove takes a directive out, with its line if nothing else is in it.
func remove(text string, d *syntax.Directive) string {
	t := syntax.Scan(text)
	return t.Apply(t.Remove(d)).Text()
}

// insertAfter writes statements after a directive.
func insertAfter(text string, d *syntax.Directive, statements ...string) string {
	t := syntax.Scan(text)
	return t.Apply(t.InsertAfter(d, statements...)).Text()
}

// insertInto writes statements at the beginning of a block.
func insertInto(text string, block *syntax.Directive, statements ...string) string {
	t := syntax.Scan(text)
	return t.Apply(t.InsertInto(block, statements...)).Text()
}
