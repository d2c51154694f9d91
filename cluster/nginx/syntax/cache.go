package syntax

import "sync"

// Cache scans each distinct text once. The trees that edits of its trees return
// come from it too. The zero value is ready, and safe for concurrent use.
type Cache struct {
	mu    sync.Mutex
	trees map[string]*Tree
}

// Scan returns the tree of a text, the same one for the same text.
func (c *Cache) Scan(text string) *Tree {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.trees[text]; t != nil {
		return t
	}
	if c.trees == nil {
		c.trees = map[string]*Tree{}
	}
	t := Scan(text)
	t.cache = c
	c.trees[text] = t
	return t
}

// Scans returns how many texts were scanned so far, each counted once.
func (c *Cache) Scans() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.trees)
}
