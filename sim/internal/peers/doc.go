// Package peers holds the suite that lives through the scenarios twice, once on
// virtual time behind our proxy and once by the wall clock behind a real nginx
// with the scenario's own text.
//
//	go test -tags peers -v ./sim/internal/peers
//
// It needs nginx, and fails without it.
package peers
