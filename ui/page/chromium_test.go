//go:build peers

package page_test

import (
	"testing"

	"stickylab/ui/internal/chromium"
)

type browser struct{ *chromium.Browser }

// browse starts a browser.
func browse(t *testing.T) browser {
	t.Helper()
	return browser{chromium.Start(t)}
}

// tab is a tab with the chat page.
type tab struct {
	*chromium.Tab
	t *testing.T
}

func (b browser) open(url string, width, height int, mobile bool) *tab {
	b.T.Helper()
	return &tab{b.Open(url, width, height, mobile), b.T}
}

// eval is chromium.Eval.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	return chromium.Eval[T](p.Tab, expression)
}
