package socketio

import (
	"errors"
	"fmt"

	"stickylab/cluster/trace"
)

// Errors of emits that ask for an acknowledgement, in the words of the official
// server.
var (
	// ErrAckTimeout says that not all answers came in time.
	ErrAckTimeout = errors.New("operation has timed out")
	// ErrDisconnected says that the socket left before it answered.
	ErrDisconnected = errors.New("socket has been disconnected")
	// ErrClosed says that the server was closed while answers were missing.
	ErrClosed = errors.New(reasonShutdown)
)

// Reasons of a disconnect that arise here; the others are those of Engine.IO.
const (
	reasonClient   = string(trace.ClientNamespaceDisconnect)
	reasonServer   = string(trace.ServerNamespaceDisconnect)
	reasonForced   = string(trace.ForcedServerClose)
	reasonShutdown = string(trace.ServerShuttingDown)
)

func errReserved(event string) error {
	return fmt.Errorf("socketio: %q is a reserved event name", event)
}
