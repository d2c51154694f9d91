package scenario

// Parse reads a scenario file. Name is what problems call the file. It returns
// either a file without mistakes, or every mistake of it: those of YAML, of keys
// and values, of the nginx text, of the expressions, and of how all that fits
// together. After a syntax error of YAML there is nothing more to say.
func Parse(name string, src []byte) (*File, Errors) {
	rep := &reporter{name: name}
	root := read(rep, src)
	if root == nil {
		return nil, rep.errors()
	}
	rep.origin = &origin{name: name, source: rep.source, nodes: map[string]*node{}, keys: map[string]place{}, bad: map[string]bool{}}
	f := decode(rep, root)
	if errs := rep.errors(); len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

// decode reads the tree of a file and checks the file as a whole.
func decode(rep *reporter, root *node) *File {
	f := NewFile()
	f.origin = rep.origin
	d := &decoder{reporter: rep, origin: rep.origin}
	d.file(root, f)
	for i := range f.Expect {
		f.Expect[i].At = f.Expect[i].instant(f.Duration)
	}
	r := newResolver(f)
	r.problems, r.dropped = rep.problems, rep.dropped
	r.resolve()
	rep.problems, rep.dropped = r.problems, r.dropped
	for _, v := range d.varied {
		v.report(rep)
	}
	return f
}
