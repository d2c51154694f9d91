package nginx

import (
	"sync"
	"testing"
)

// Whoever asks, and however many ask at once, a text is read once for each
// version; without a cache it is read each time.
func TestCacheReadsEachTextOnce(t *testing.T) {
	const text = "upstream im { server a:1; }\nserver { location / { proxy_pass http://im; } }\n"
	var c Cache
	first, problems := c.ParseTree(c.Scan(text), DefaultVersion)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if again, _ := c.ParseTree(c.Scan(text), DefaultVersion); again != first {
				t.Error("the text was parsed again")
			}
			if tree := c.Scan(text); tree != tree.Apply() || tree != c.Scan(text) {
				t.Error("the text was scanned again")
			}
		})
	}
	all.Wait()
	if old, _ := c.ParseTree(c.Scan(text), "1.22"); old == first {
		t.Error("versions share a configuration")
	}
	if _, problems := c.ParseTree(c.Scan("upstream {"), DefaultVersion); len(problems) == 0 {
		t.Error("the problems are lost")
	}
	if scans, parses := c.Counts(); scans != 2 || parses != 3 {
		t.Errorf("%d texts scanned, %d parsed", scans, parses)
	}
	var none *Cache
	if config, problems := none.ParseTree(none.Scan(text), DefaultVersion); len(problems) > 0 || config == first || len(config.Upstreams) != 1 {
		t.Errorf("without a cache: %+v %v", config, problems)
	}
}
