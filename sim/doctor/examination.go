package doctor

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// examination is that of one site. Its experiments run two at a time.
type examination struct {
	options Options
	number  int  // of the server block
	most    int  // experiments with one text
	small   bool // the text as it is limits bodies to less than Socket.IO does
	tiny    bool // to so little that ordinary messages do not get through
	onetry  bool // the text as it is does not try the next server when one is gone
	past    bool // the key is a header of proxies: all come through one, but in one experiment
	proxied bool // something stands in front of nginx, by what the options or the text say
	slots   chan struct{}

	mu      sync.Mutex
	grounds map[string]*ground
	done    map[string]*trial // by text
}

// trial is a text under all experiments; it runs once, whoever asks for it.
type trial struct {
	once    sync.Once
	results results
	err     error
}

func newExamination(o Options, number int) *examination {
	return &examination{options: o, number: number, most: mostExperiments, slots: make(chan struct{}, 2), grounds: map[string]*ground{}, done: map[string]*trial{}}
}

// path is where clients look for Socket.IO.
func (x *examination) path() string {
	if x.options.Path != "" {
		return x.options.Path
	}
	return scenario.DefaultPath
}

// ground reads a text and finds the examined site in it; nil: it is gone.
func (x *examination) ground(text string) *ground {
	x.mu.Lock()
	defer x.mu.Unlock()
	g, ok := x.grounds[text]
	if !ok {
		g = x.read(text)
		x.grounds[text] = g
	}
	return g
}

// try runs the experiments on a text.
func (x *examination) try(g *ground) (results, error) {
	x.mu.Lock()
	t := x.done[g.text]
	if t == nil {
		t = &trial{}
		x.done[g.text] = t
	}
	x.mu.Unlock()
	t.once.Do(func() { t.results, t.err = x.run(g) })
	return t.results, t.err
}

// run runs first the experiment that tells which clients stay at all, then
// those with these clients.
func (x *examination) run(g *ground) (results, error) {
	r := results{}
	first, err := x.one(g, steady, kinds)
	if err != nil {
		return nil, err
	}
	r[steady] = first
	held := first.heldKinds()
	var names []string
	for _, name := range order {
		if name != steady && x.wanted(name, g.site, held) && len(names) < x.most-1 {
			names = append(names, name)
		}
	}
	outcomes, errs := make([]*outcome, len(names)), make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { outcomes[i], errs[i] = x.one(g, name, held) })
	}
	all.Wait()
	for i, name := range names {
		if errs[i] != nil {
			return nil, errs[i]
		}
		r[name] = outcomes[i]
	}
	return r, nil
}

func (x *examination) one(g *ground, name string, held []string) (*outcome, error) {
	x.slots <- struct{}{}
	defer func() { <-x.slots }()
	e := x.experiment(name, g.site, g.config, held)
	o, err := e.try(g.prepared, g.site, x.options.Version, x.options.Seed)
	if problems, ok := err.(yamltree.Errors); ok {
		return nil, fmt.Errorf("%w: %s", ErrUnusable, problems[0].Text)
	}
	return o, err
}

// judge judges the experiments with a text by all criteria, in their order.
func judge(g *ground, r results) []verdict {
	out := make([]verdict, len(criteria))
	for i, c := range criteria {
		if !slices.ContainsFunc(c.needs, func(name string) bool { return r[name] == nil }) {
			out[i] = c.judge(g.site, r)
		}
	}
	return out
}

// cure is a mend that was tried.
type cure struct {
	mend
	text string // the mended one
}

// examine diagnoses the site.
func (x *examination) examine(text string) (*SiteReport, error) {
	g := x.ground(text)
	x.small = g.location != nil && g.location.MaxBody > 0 && g.location.MaxBody < 1_000_000
	if m := g.upstream.Method; x.options.From == Both && m.Name == "hash" && len(m.Args) > 0 && len(names(m.Args[0])) > 0 {
		x.past, x.options.From = true, Behind
	}
	x.tiny = x.small && g.location.MaxBody < tinyBody
	x.onetry = g.location != nil && once(g.location.Proxy.NextUpstream)
	x.proxied = x.options.From == Behind || x.options.known || g.proxied()
	r, err := x.try(g)
	if err != nil {
		return nil, err
	}
	report := newSiteReport(g, r)
	first, r0 := judge(g, r), r
	now, last := g, first
	told := map[string]bool{}
	for round := range 3 {
		var bad []int
		for i, v := range last {
			judged, failed := v.state()
			switch {
			case failed && !told[criteria[i].id]:
				bad = append(bad, i)
			case round == 0 && judged && !failed:
				report.Works = append(report.Works, criteria[i].works)
			}
		}
		if len(bad) == 0 {
			break
		}
		cures, err := x.cures(now, last, bad)
		if err != nil {
			return nil, err
		}
		results, err := x.try(now)
		if err != nil {
			return nil, err
		}
		for k, i := range bad {
			told[criteria[i].id] = true
			f := x.finding(criteria[i], now, last[i], results, cures[k], round > 0)
			if f.Cause.Line > 0 && now != g {
				f.Cause.Line = lineBefore(g.text, now.text, f.Cause.Line)
				f.Cause.Excerpt = g.excerpt(f.Cause.Line)
			}
			report.Findings = append(report.Findings, f)
			if o := results[f.Experiment]; round > 0 && o != nil && r0[f.Experiment] == nil && !slices.Contains(report.Tried, o.words()) {
				report.Tried = append(report.Tried, o.words())
			}
		}
		next, err := x.combine(now, bad, cures)
		if err != nil {
			return nil, err
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
	report.end(x.options.name(), g, now, last)
	return report, nil
}

// cures finds a mend for each of the criteria that a text fails; nil: none of
// those that are known passes.
func (x *examination) cures(g *ground, before []verdict, bad []int) ([]*cure, error) {
	out, errs := make([]*cure, len(bad)), make([]error, len(bad))
	var all sync.WaitGroup
	for k, i := range bad {
		if x.doubtful(g, before[i], i) {
			continue
		}
		all.Go(func() { out[k], errs[k] = x.cure(g, before, i) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// doubtful tells whether what a criterion misses may stand where nobody read:
// then to add it could say it twice.
func (x *examination) doubtful(g *ground, v verdict, i int) bool {
	f := Finding{ID: criteria[i].id, Cause: criteria[i].cause(x, g, v)}
	return f.doubt(g)
}

// cure tries the mends of a criterion until one passes: the criterion is met,
// and no other fails clients whom it had passed.
func (x *examination) cure(g *ground, before []verdict, i int) (*cure, error) {
	for _, m := range criteria[i].mends(x, g) {
		text := m.edit(g)
		if text == g.text {
			continue
		}
		next := x.ground(text)
		if next == nil {
			continue
		}
		r, err := x.try(next)
		if errors.Is(err, ErrUnusable) {
			continue
		}
		if err != nil {
			return nil, err
		}
		after := judge(next, r)
		judged, failed := after[i].state()
		if !judged || failed {
			continue
		}
		worse := slices.ContainsFunc(criteria, func(c *criterion) bool {
			k := slices.Index(criteria, c)
			return c.breaks(before[k], after[k])
		})
		if !worse {
			return &cure{m, text}, nil
		}
	}
	return nil, nil
}

// combine does all cures one after another; one that another has made needless
// is left out. It returns the same ground when they do not go together.
func (x *examination) combine(g *ground, bad []int, cures []*cure) (*ground, error) {
	now := g
	for k, c := range cures {
		if c == nil {
			continue
		}
		if now != g {
			r, err := x.try(now)
			if err != nil {
				return nil, err
			}
			if judged, failed := judge(now, r)[bad[k]].state(); judged && !failed {
				continue
			}
		}
		if next := x.ground(c.edit(now)); next != nil {
			now = next
		}
	}
	if now == g {
		return g, nil
	}
	r, err := x.try(now)
	if errors.Is(err, ErrUnusable) {
		return g, nil
	}
	if err != nil {
		return nil, err
	}
	after := judge(now, r)
	for k, c := range cures {
		if c == nil {
			continue
		}
		if _, failed := after[bad[k]].state(); failed {
			return g, nil
		}
	}
	return now, nil
}
