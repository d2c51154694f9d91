//go:build peers

package twins

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/realnginx"
)

var (
	configs   = flag.Int("configs", 300, "how many random configurations are compared")
	firstSeed = flag.Uint64("seed", 1, "the seed; 0 takes the time")
	only      = flag.Int("only", -1, "the number of the one configuration that is compared")
	parallel  = flag.Int("parallel", 3, "how many are compared at once")
	keepGoing = flag.Bool("keep-going", false, "continue after a difference, and count their kinds")
	examples  = flag.Int("examples", 2, "how many differences of one kind are shrunk")
	shrinking = flag.Duration("shrinking", 20*time.Second, "how long a play is made smaller")
	within    = flag.Duration("within", 150*time.Second, "after how long no further one is begun; 0 means no limit")
	file      = flag.String("file", "", "a play that is compared in place of random ones")
)

// series is what a run of many plays has found.
type series struct {
	seed    uint64
	until   time.Time // the zero time means no end
	version nginx.Version

	mu       sync.Mutex
	next     int
	done     int
	asked    int
	refused  int // by both
	broken   []string
	kinds    map[string]int
	failures []string
}

// Whatever the configuration and the requests, our proxy does what nginx does: who gets a
// request, what it gets, and what the client gets. A play that differs is made as small
// as it can be.
//
//	go test -tags peers ./cluster/proxy/internal/twins -args -configs 20000 -within 0 -keep-going
func TestRandom(t *testing.T) {
	s := &series{seed: *firstSeed, version: nginx.Version(realnginx.Version(t)), kinds: map[string]int{}}
	if s.seed == 0 {
		s.seed = uint64(time.Now().UnixNano())
	}
	fmt.Printf("twins: -seed %d, nginx %s\n", s.seed, s.version)
	began := time.Now()
	if *within > 0 && *only < 0 {
		s.until = began.Add(*within)
	}
	var workers sync.WaitGroup
	for range *parallel {
		workers.Go(func() {
			for {
				number, ok := s.take()
				if !ok {
					return
				}
				s.one(number)
			}
		})
	}
	workers.Wait()
	for _, f := range s.failures {
		t.Error(f)
	}
	for _, b := range s.broken {
		t.Error("it could not be compared: " + b)
	}
	took := time.Since(began)
	fmt.Printf("twins: %d configurations, %d of them refused by both, and %d requests in %v\n", s.done, s.refused, s.asked, took.Round(time.Millisecond))
	for _, kind := range slices.Sorted(keys(s.kinds)) {
		fmt.Printf("twins: %4d  %s\n", s.kinds[kind], kind)
	}
	if s.done > 10 && (s.refused*5 > s.done || s.asked < s.done) {
		t.Errorf("%d of %d configurations were refused, and %d requests made: that compares too little", s.refused, s.done, s.asked)
	}
}

func keys(m map[string]int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// take returns the number of the next play.
func (s *series) take() (number int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *only >= 0 {
		s.next++
		return *only, s.next == 1
	}
	if !s.until.IsZero() && time.Now().After(s.until) {
		return 0, false
	}
	if s.next >= *configs || len(s.failures) > 0 && !*keepGoing {
		return 0, false
	}
	if s.next++; s.next%1000 == 0 {
		fmt.Printf("twins: %d\n", s.next)
	}
	return s.next - 1, true
}

// one draws and compares a play.
func (s *series) one(number int) {
	p := draw(s.seed, number)
	d, asked, refused, err := compare(s.version, p)
	s.mu.Lock()
	s.done++
	s.asked += asked
	if refused {
		s.refused++
	}
	if err != nil {
		s.broken = append(s.broken, fmt.Sprintf("-seed %d -only %d: %v", s.seed, number, err))
	}
	if d != nil {
		s.kinds[d.kind]++
	}
	enough := d == nil || s.kinds[d.kind] > *examples
	s.mu.Unlock()
	if enough {
		return
	}
	fmt.Printf("twins: -seed %d -only %d: %s\n", s.seed, number, d.kind)
	found := s.reduce(p, d)
	s.mu.Lock()
	s.failures = append(s.failures, fmt.Sprintf("again with: go test -tags peers ./cluster/proxy/internal/twins -run Random -args -seed %d -only %d\n%s", s.seed, number, found))
	s.mu.Unlock()
}

// A play that is given agrees; so do those that once differed.
func TestCases(t *testing.T) {
	files := []string{*file}
	if *file == "" {
		if files, _ = filepath.Glob("testdata/*.play"); len(files) == 0 {
			t.Fatal("there are no cases")
		}
	}
	version := nginx.Version(realnginx.Version(t))
	for _, name := range files {
		p, err := readPlay(name)
		if err != nil {
			t.Fatal(err)
		}
		d, _, refused, err := compare(version, p)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case d != nil:
			t.Errorf("%s: %s", name, d)
		case refused:
			t.Errorf("%s: both refuse it", name)
		}
	}
}
