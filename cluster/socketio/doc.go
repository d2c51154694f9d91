// Package socketio is a Socket.IO v5 server over the sessions of an Engine.IO
// server: namespaces, sockets, rooms, acknowledgements, and the Adapter by
// which a namespace spans several nodes.
//
// Handlers run in the goroutine that delivers the session's message, one at a
// time for each session, and never under a lock. One that waits for an answer
// from the same client waits forever: it must do so in another goroutine.
package socketio
