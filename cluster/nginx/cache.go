package nginx

import (
	"sync"

	"stickylab/cluster/nginx/syntax"
)

// Cache scans and parses each distinct text once. The zero value is ready; nil
// is a Cache that keeps nothing. It is safe for concurrent use, and what it
// returns is shared and must not be changed.
type Cache struct {
	trees syntax.Cache

	mu     sync.Mutex
	parsed map[cacheKey]cacheEntry
}

type cacheKey struct {
	text    string
	version Version
}

type cacheEntry struct {
	config   *Config
	problems []syntax.Problem
}

// Scan returns the tree of a text.
func (c *Cache) Scan(text string) *syntax.Tree {
	if c == nil {
		return syntax.Scan(text)
	}
	return c.trees.Scan(text)
}

// ParseTree is the function ParseTree.
func (c *Cache) ParseTree(tree *syntax.Tree, version Version) (*Config, []syntax.Problem) {
	if c == nil {
		return ParseTree(tree, version)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := cacheKey{tree.Text(), version}
	e, ok := c.parsed[key]
	if !ok {
		if c.parsed == nil {
			c.parsed = map[cacheKey]cacheEntry{}
		}
		e.config, e.problems = ParseTree(tree, version)
		c.parsed[key] = e
	}
	return e.config, e.problems
}

// Counts returns how many texts were scanned and how many parsed so far.
func (c *Cache) Counts() (scans, parses int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trees.Scans(), len(c.parsed)
}
