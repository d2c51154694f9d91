package sweep

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"stickylab/sim"
	"stickylab/sim/plan"
)

// Run runs points, several at once, and calls each with their records in the order of the
// points, on its own goroutine. Plan returns the plan of a combination, of any seed; it is
// shared by the runs. Run fails with sim.ErrStopped when ctx ends before the last, and with
// the first error of each. A run in which the program fails is a record like any other.
func Run(ctx context.Context, space Space, points []Point, jobs int, planOf func(combination int) *plan.Plan, each func(*Record) error) error {
	type outcome struct {
		i      int
		record *Record // nil when it was stopped
	}
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	var next atomic.Int64
	outcomes := make(chan outcome, jobs)
	for range max(1, min(jobs, len(points))) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(points) {
					return
				}
				o := outcome{i: i, record: one(ctx, space, points[i], planOf(points[i].Combination))}
				select {
				case outcomes <- o:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	waiting := map[int]*Record{}
	for told := 0; told < len(points); {
		var o outcome
		select {
		case o = <-outcomes:
		case <-ctx.Done():
		}
		if o.record == nil {
			return sim.ErrStopped
		}
		waiting[o.i] = o.record
		for ; waiting[told] != nil; told++ {
			if err := each(waiting[told]); err != nil {
				return err
			}
			delete(waiting, told)
		}
	}
	return nil
}

// one runs a point; nil means that it was stopped.
func one(ctx context.Context, space Space, at Point, p *plan.Plan) *Record {
	result, err := sim.Run(ctx, p.Seeded(at.Seed), sim.Options{})
	if errors.Is(err, sim.ErrStopped) {
		return nil
	}
	var set []string
	for _, s := range space.Settings(at.Combination) {
		set = append(set, s.String())
	}
	return recordOf(at, set, result, err)
}
