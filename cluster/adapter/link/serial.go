package link

import "sync"

// A Serial runs functions one after another, in a goroutine that exists while
// there are any.
type Serial struct {
	Start func(func()) // starts a goroutine

	mu      sync.Mutex
	queue   []func()
	running bool
}

// Do runs f after all that were given before.
func (s *Serial) Do(f func()) {
	s.mu.Lock()
	s.queue = append(s.queue, f)
	idle := !s.running
	s.running = true
	s.mu.Unlock()
	if idle {
		s.Start(s.run)
	}
}

func (s *Serial) run() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.queue, s.running = nil, false
			s.mu.Unlock()
			return
		}
		f := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		f()
	}
}
