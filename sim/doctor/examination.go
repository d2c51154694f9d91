package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/scenario/yamltree"
)

// examination is the diagnosis of one site. Its experiments run two at a time.
type examination struct {
	ctx     context.Context // ends the experiments
	options Options
	texts   *library
	number  int  // of the server block
	lead         // where Socket.IO is in it
	most    int  // experiments with one text
	small   bool // the text limits bodies to less than Socket.IO does
	tiny    bool // to so little that ordinary messages are refused
	oneTry  bool // the text does not try the next server when one is down
	bypass  bool // the key is a proxy's header: all clients come through one, but in one experiment
	proxied bool // something is in front of nginx, according to the options or the text
	slots   chan struct{}

	mu      sync.Mutex
	targets map[*syntax.Tree]*target
	trials  map[*syntax.Tree]*trial
}

// trial is a text under experiments, each of which runs once.
type trial struct {
	mu       sync.Mutex
	outcomes map[string]func() (*outcome, error)
}

func newExamination(ctx context.Context, o Options, texts *library, s *site) *examination {
	return &examination{ctx: ctx, options: o, texts: texts, number: s.number, lead: s.lead, most: mostExperiments, slots: make(chan struct{}, 2), targets: map[*syntax.Tree]*target{}, trials: map[*syntax.Tree]*trial{}}
}

// target reads a text and finds the examined site in it; nil means there is none.
func (x *examination) target(text *syntax.Tree) *target {
	x.mu.Lock()
	defer x.mu.Unlock()
	g, ok := x.targets[text]
	if !ok {
		g = x.read(text)
		x.targets[text] = g
	}
	return g
}

// try runs experiments on a text: those of that name, or all that can show anything
// without one.
func (x *examination) try(g *target, only ...string) (results, error) {
	r := results{}
	first, err := x.once(g, steady, g.kinds())
	if err != nil {
		return nil, err
	}
	r[steady] = first
	held := first.heldKinds()
	var names []string
	for _, name := range order {
		if name != steady && (len(only) == 0 || slices.Contains(only, name)) && x.wanted(name, g.site, held) && len(names) < x.most-1 {
			names = append(names, name)
		}
	}
	outcomes, err := sideBySide(names, func(name string) (*outcome, error) { return x.once(g, name, held) })
	for i, o := range outcomes {
		r[names[i]] = o
	}
	return r, err
}

// once runs an experiment on a text, unless it has run.
func (x *examination) once(g *target, name string, held []string) (*outcome, error) {
	x.mu.Lock()
	t := x.trials[g.source]
	if t == nil {
		t = &trial{outcomes: map[string]func() (*outcome, error){}}
		x.trials[g.source] = t
	}
	x.mu.Unlock()
	t.mu.Lock()
	run := t.outcomes[name]
	if run == nil {
		run = sync.OnceValues(func() (*outcome, error) { return x.one(g, name, held) })
		t.outcomes[name] = run
	}
	t.mu.Unlock()
	return run()
}

// sideBySide calls f for all of the list at once and returns the results in its
// order. It fails with the first error in that order.
func sideBySide[A, B any](list []A, f func(A) (B, error)) ([]B, error) {
	out, errs := make([]B, len(list)), make([]error, len(list))
	var all sync.WaitGroup
	for i, a := range list {
		all.Go(func() { out[i], errs[i] = f(a) })
	}
	all.Wait()
	return out, cmp.Or(errs...)
}

func (x *examination) one(g *target, name string, held []string) (*outcome, error) {
	x.slots <- struct{}{}
	defer func() { <-x.slots }()
	e := x.experiment(name, g.site, g.config, held)
	o, err := e.try(x.ctx, g.prepared, g.site, x.options.Seed)
	if problems, ok := err.(yamltree.Errors); ok {
		return nil, fmt.Errorf("%w: %s", ErrUnusable, problems[0].Text)
	}
	return o, err
}

// judge judges the experiments with a text by all criteria, in their order.
func judge(g *target, r results) []verdict {
	out := make([]verdict, len(criteria))
	for i, c := range criteria {
		if r[c.experiment] != nil {
			out[i] = c.judge(g.site, r)
		}
	}
	return out
}

// verifiedFix is a fix that was tried and passed.
type verifiedFix struct {
	fix
	text *syntax.Tree // the fixed one
}

// settleFrom takes all clients to come through a proxy in front when the key is a header of
// one, unless the options say otherwise.
func (x *examination) settleFrom(s *site) {
	if m := s.upstream.Method; x.options.From == Both && m.Name == "hash" && len(m.Args) > 0 && len(names(m.Args[0])) > 0 {
		x.bypass, x.options.From = true, Behind
	}
}

// examine diagnoses the site.
func (x *examination) examine(text *syntax.Tree) (*SiteReport, error) {
	g := x.target(text)
	x.small = g.location != nil && g.location.MaxBody > 0 && g.location.MaxBody < 1_000_000
	x.settleFrom(g.site)
	x.tiny = x.small && g.location.MaxBody < tinyBody
	x.oneTry = g.location != nil && triesOnce(g.location.Proxy.NextUpstream)
	x.proxied = x.options.From == Behind || x.options.known || g.proxied()
	r, err := x.try(g)
	if err != nil {
		return nil, err
	}
	report := newSiteReport(g, r)
	r0, now, last := r, g, judge(g, r)
	reported := map[string]bool{}
	for round := range 3 {
		var bad []int
		for i, v := range last {
			switch {
			case v.failed() && !reported[criteria[i].id]:
				bad = append(bad, i)
			case round == 0 && v.met():
				report.Works = append(report.Works, criteria[i].works)
			}
		}
		if len(bad) == 0 {
			break
		}
		verifiedFixes, err := x.verifiedFixes(now, last, bad)
		if err != nil {
			return nil, err
		}
		next, err := x.combine(now, last, bad, verifiedFixes)
		if err != nil {
			return nil, err
		}
		for k, i := range bad {
			reported[criteria[i].id] = true
			f := x.finding(criteria[i], now, last[i], verifiedFixes[k], round > 0)
			if k := slices.IndexFunc(report.Findings, func(o Finding) bool { return o.ID == reach && o.Grade == If }); k >= 0 {
				f.Grade, f.Settle = If, report.Findings[k].Settle // it depends on that one
			}
			if f.Cause.Line > 0 && now != g {
				f.Cause.Line = lineBefore(g.source.Text(), now.source.Text(), f.Cause.Line)
				f.Cause.Excerpt = g.excerpt(f.Cause.Line)
			}
			report.Findings = append(report.Findings, f)
			if o := r[f.Experiment]; round > 0 && o != nil && r0[f.Experiment] == nil && !slices.Contains(report.Tried, o.words()) {
				report.Tried = append(report.Tried, o.words())
			}
		}
		if next == now {
			break
		}
		now = next
		if r, err = x.try(now); err != nil {
			return nil, err
		}
		last = judge(now, r)
	}
	report.Findings = append(report.Findings, x.hazards(g, report.Findings)...)
	report.conclude(x.options.name(), g, now, last)
	return report, nil
}

// verifiedFixes finds a fix for each of the criteria that a text fails; nil
// means that none passes.
func (x *examination) verifiedFixes(g *target, before []verdict, bad []int) ([]*verifiedFix, error) {
	return sideBySide(bad, func(i int) (*verifiedFix, error) {
		if criteria[i].elsewhere != "" || x.doubtful(g, before[i], i) {
			return nil, nil
		}
		return x.verifiedFix(g, before, i)
	})
}

// doubtful reports whether what a criterion misses may be in a file that was not
// read: adding it could write it twice.
func (x *examination) doubtful(g *target, v verdict, i int) bool {
	f := Finding{ID: criteria[i].id, Cause: criteria[i].cause(x, g, v)}
	return f.doubt(g)
}

// verifiedFix tries the fixes of a criterion with its experiments until one passes:
// the criterion is met, and no other fails clients that it passed before. All
// experiments run with the fixes together; see combine.
func (x *examination) verifiedFix(g *target, before []verdict, i int) (*verifiedFix, error) {
	for _, m := range criteria[i].fixes(x, g) {
		text := m.edit(g)
		if text == g.source {
			continue
		}
		next := x.target(text)
		if next == nil {
			continue
		}
		r, err := x.try(next, criteria[i].experiment)
		if errors.Is(err, ErrUnusable) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if after := judge(next, r); after[i].met() && !worse(before, after) {
			return &verifiedFix{m, text}, nil
		}
	}
	return nil, nil
}

// worse reports whether a criterion fails clients that it passed before.
func worse(before, after []verdict) bool {
	for k, c := range criteria {
		if c.breaks(before[k], after[k]) {
			return true
		}
	}
	return false
}

// combine applies all fixes one after another, without those that an earlier one
// made needless, and runs all experiments. When the fixes do not work together it
// returns the same target, and drops those that make something else worse.
func (x *examination) combine(g *target, before []verdict, bad []int, verifiedFixes []*verifiedFix) (*target, error) {
	now := g
	for k, c := range verifiedFixes {
		if c == nil {
			continue
		}
		if now != g {
			r, err := x.try(now, criteria[bad[k]].experiment)
			if err != nil {
				return nil, err
			}
			if judge(now, r)[bad[k]].met() {
				continue
			}
		}
		if next := x.target(c.edit(now)); next != nil {
			now = next
		}
	}
	if now == g {
		return g, nil
	}
	passes := func(t *target, fixed func(k int) bool) (bool, error) {
		r, err := x.try(t)
		if errors.Is(err, ErrUnusable) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		after := judge(t, r)
		for k := range verifiedFixes {
			if fixed(k) && after[bad[k]].failed() {
				return false, nil
			}
		}
		return !worse(before, after), nil
	}
	if ok, err := passes(now, func(k int) bool { return verifiedFixes[k] != nil }); ok || err != nil {
		return now, err
	}
	for k, c := range verifiedFixes {
		if c == nil {
			continue
		}
		ok, err := passes(x.target(c.text), func(o int) bool { return o == k })
		if err != nil {
			return nil, err
		}
		if !ok {
			verifiedFixes[k] = nil
		}
	}
	return g, nil
}
