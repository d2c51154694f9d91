// Package swarm runs random scenarios, drawn from the table that describes the
// scenario language, and checks what every run promises: the same trace and report
// however goroutines are scheduled, counts that add up and are those of the trace,
// affinity, and no error of the program. See TestSwarm.
package swarm

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stickylab/sim/scenario/yamltree"
)

var (
	count     = flag.Int("scenarios", 200, "how many random scenarios are run")
	firstSeed = flag.Uint64("seed", 1, "the seed of the first; the others follow")
	parallel  = flag.Int("parallel", 1, "how many are run at once")
	runs      = flag.Int("runs", 2, "how often each is run")
	file      = flag.String("file", "", "a scenario file that is run in place of random ones, and shrunk")
	shrinking = flag.Duration("shrinking", time.Minute, "how long a failing file is made smaller")
	keepGoing = flag.Bool("keep-going", false, "continue after a failure")
)

// swarm is what a run of many scenarios has found.
type swarm struct {
	*spec
	mu       sync.Mutex
	next     int
	done     int
	refused  int // drawings that were invalid, or too large
	cut      int
	traced   int // bytes
	failures []string
}

// Whatever is done to a cluster, each run gives the same trace and the counts that
// follow from it. A scenario that fails is made as small as it can be.
//
//	go test ./sim/internal/swarm -args -scenarios 20000 -seed 1 -parallel 2
func TestSwarm(t *testing.T) {
	fmt.Printf("swarm: seeds %d to %d\n", *firstSeed, *firstSeed+uint64(*count)-1)
	restore(t)
	before := runtime.NumGoroutine()
	s := &swarm{spec: readSpec(t)}
	began := time.Now()
	var workers sync.WaitGroup
	for range *parallel {
		workers.Go(func() {
			for {
				seed, ok := s.take()
				if !ok {
					return
				}
				s.scenario(seed)
			}
		})
	}
	workers.Wait()
	for _, f := range s.failures {
		t.Error(f)
	}
	took := time.Since(began)
	fmt.Printf("swarm: %d scenarios, each %d times, in %v: %.1f scenarios a second\n", s.done, *runs, took.Round(time.Millisecond), float64(s.done)/took.Seconds())
	fmt.Printf("swarm: %d failed; %d were cut at %d events; %d drawings were no good; %d kB of trace each\n", len(s.failures), s.cut, mostEvents, s.refused, s.traced/1000/max(s.done, 1))
	for late := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) { // the last ones may be about to end
		if time.Now().After(late) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// restore undoes at the end of a test what runs change.
func restore(t *testing.T) {
	processors, percent := runtime.GOMAXPROCS(0), debug.SetGCPercent(100)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(processors)
		debug.SetGCPercent(percent)
	})
}

// take returns the next seed.
func (s *swarm) take() (seed uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= *count || len(s.failures) > 0 && !*keepGoing {
		return 0, false
	}
	if s.next++; s.next%1000 == 0 {
		fmt.Printf("swarm: seed %d is next, %d have failed\n", *firstSeed+uint64(s.next), len(s.failures))
	}
	return *firstSeed + uint64(s.next) - 1, true
}

// scenario draws, runs and checks one.
func (s *swarm) scenario(seed uint64) {
	d, text, refused := s.valid(seed)
	r := rand.New(rand.NewPCG(seed, 1))
	f, o := try(text, *runs, r)
	s.mu.Lock()
	s.done++
	s.refused += refused
	s.traced += len(o.trace)
	if o.cut {
		s.cut++
	}
	s.mu.Unlock()
	if f == nil {
		return
	}
	fmt.Printf("swarm: seed %d fails: %s\n", seed, f.kind)
	found := reduce(d.top, f, r)
	s.mu.Lock()
	s.failures = append(s.failures, fmt.Sprintf("seed %d; again with: go test ./sim/internal/swarm -run Swarm -args -seed %d -scenarios 1\n%s", seed, seed, found))
	s.mu.Unlock()
}

// seldom is how often a file is run to see what does not show in every run.
const seldom = 12

// reduce shrinks a file that fails, and says how, and how to run it.
func reduce(top *tree, f *failure, r *rand.Rand) string {
	often := 2
	for range 3 {
		if again, _ := try(top.String(), often, r); again == nil || again.kind != f.kind {
			often = seldom
		}
	}
	smallest := shrink(top, time.Now().Add(*shrinking), func(text string) bool {
		again, _ := try(text, often, r)
		if again == nil || again.kind != f.kind {
			return false
		}
		f = again
		return true
	})
	text := smallest.String()
	name, err := os.CreateTemp("", "swarm-*.yaml")
	if err != nil {
		return fmt.Sprintf("%v\n%s\n%s", err, f, text)
	}
	defer name.Close()
	head := "# " + strings.ReplaceAll(f.String(), "\n", "\n# ") + "\n"
	if _, err := name.WriteString(head + text); err != nil {
		return fmt.Sprintf("%v\n%s\n%s", err, f, text)
	}
	return fmt.Sprintf("the smallest file: go test ./sim/internal/swarm -run File -args -runs %d -file %s\n%s\n%s", often, name.Name(), f, text)
}

// A file that is given fails in no run; those that failed once do not fail any more.
func TestFile(t *testing.T) {
	restore(t)
	files, often := []string{*file}, *runs
	if *file == "" {
		once, _ := filepath.Glob("testdata/*.yaml")
		chance, _ := filepath.Glob("../../testdata/strict/*.yaml")
		files, often = slices.Concat(once, chance), 4
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, errs := parse(string(src)); errs != nil {
			t.Fatal(errs)
		}
		r := rand.New(rand.NewPCG(*firstSeed, 1))
		f, _ := try(string(src), often, r)
		switch {
		case f == nil:
		case *file == "":
			t.Errorf("%s: %s", name, f)
		default:
			t.Error(reduce(read(yamltree.Read(&yamltree.Reporter{}, src)), f, r))
		}
	}
}
