package client

import (
	"sync"

	"stickylab/cluster/trace"
)

// Names remembers the interned names of the senders that were met, so that a
// message that is read costs neither an allocation nor a search among all
// names.
type Names struct {
	mu     sync.RWMutex
	byText map[string]trace.Name
}

// NewNames returns an empty set.
func NewNames() *Names { return &Names{byText: make(map[string]trace.Name)} }

func (n *Names) of(text []byte) trace.Name {
	n.mu.RLock()
	name, ok := n.byText[string(text)]
	n.mu.RUnlock()
	if ok {
		return name
	}
	s := string(text)
	name = trace.N(s)
	n.mu.Lock()
	n.byText[s] = name
	n.mu.Unlock()
	return name
}
