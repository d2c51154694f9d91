// Package peers holds the suite that lives through the scenarios twice, once on
// virtual time behind our proxy and once by the wall clock behind a real nginx
// with the scenario's own text. Official clients of a served cluster keep books that
// are compared with the ledger's.
//
//	go test -tags peers -v ./sim/internal/peers
//
// It needs nginx, Node.js and the packages of cluster/internal/peers, and fails
// without them.
package peers
