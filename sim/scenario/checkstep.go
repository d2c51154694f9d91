package scenario

// CheckStep reports what is wrong with a step that is added to a plan; nil if
// nothing is.
func (p *Plan) CheckStep(s Step) error {
	f := *p.File
	f.origin = nil // its positions are not the step's
	f.Steps, f.Expect = []Step{s}, nil
	_, problems := Resolve(&f, &p.Seed)
	return problems.Err()
}
