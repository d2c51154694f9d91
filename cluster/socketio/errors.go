package socketio

import (
	"errors"
	"fmt"
)

// Errors of emits that ask for an acknowledgement, in the words of the official
// server.
var (
	// ErrAckTimeout says that not all answers came in time.
	ErrAckTimeout = errors.New("operation has timed out")
	// ErrDisconnected says that the socket left before it answered.
	ErrDisconnected = errors.New("socket has been disconnected")
	// ErrClosed says that the server was closed while answers were missing.
	ErrClosed = errors.New("server shutting down")
)

// Reasons of a disconnect that arise here; the others are those of Engine.IO
// ("transport close", "transport error", "ping timeout", "forced close").
const (
	reasonClient   = "client namespace disconnect"
	reasonServer   = "server namespace disconnect"
	reasonForced   = "forced server close" // the client broke the protocol
	reasonShutdown = "server shutting down"
)

func errReserved(event string) error {
	return fmt.Errorf("socketio: %q is a reserved event name", event)
}
