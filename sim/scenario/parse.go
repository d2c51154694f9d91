package scenario

import "stickylab/sim/scenario/yamltree"

// fileWording is how problems with YAML speak of a scenario file.
var fileWording = yamltree.Wording{One: "scenario", Form: "a scenario: title, duration, proxy, clients, ...", Start: "`stickylab init` writes one to start from"}

// Parse reads a scenario file. Name is what problems call the file. It returns
// either a file without mistakes, or every mistake of it: those of YAML, of keys
// and values, of the nginx text, of the expressions, and of how all that fits
// together. After a syntax error of YAML there is nothing more to say.
func Parse(name string, src []byte) (*File, yamltree.Errors) {
	rep := &yamltree.Reporter{Name: name}
	root := yamltree.Read(rep, src, fileWording)
	if root == nil {
		return nil, rep.Errors()
	}
	f := decode(rep, root)
	if errs := rep.Errors(); len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

// decode reads the tree of a file and checks the file as a whole.
func decode(rep *yamltree.Reporter, root *yamltree.Node) *File {
	f := NewFile()
	f.origin = rep.Origin
	d := &decoder{Reporter: rep, origin: rep.Origin}
	d.file(root, f)
	for i := range f.Expect {
		f.Expect[i].At = f.Expect[i].instant(f.Duration)
	}
	r := newResolver(f)
	r.Problems, r.Dropped = rep.Problems, rep.Dropped
	r.resolve()
	rep.Problems, rep.Dropped = r.Problems, r.Dropped
	for _, v := range d.varied {
		v.report(rep)
	}
	return f
}
