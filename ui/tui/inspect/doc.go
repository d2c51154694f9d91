// Package inspect draws one client, one node, one message or one error text of
// a run, and why it is as it is.
//
// A page is a pure function of a Source, a run as it was at a cursor, so that
// looking at the past is the same as looking at the present. What the ledger
// does not keep, such as single requests and hops, is looked up in the trace,
// backwards from the cursor, in windows of bounded length: a page of a trace
// of a million events takes a few milliseconds, and says so where it could not
// look further.
package inspect
