//go:build wasip1

// Command engine is the engine for a browser's tab or for Node.js: a WebAssembly module without a main loop, a
// "reactor" of WASI preview 1. Its host calls _initialize once, then room and ask for each request.
package main

import (
	"encoding/json"
	"time"
	"unsafe"

	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
)

func main() {}

var (
	the     = board.Board{Slice: 60 * time.Millisecond}
	request []byte
	answer  []byte
)

// room returns where the host puts a request of n bytes.
//
//go:wasmexport room
func room(n uint32) uint32 {
	request = make([]byte, max(n, 1))
	return uint32(uintptr(unsafe.Pointer(&request[0])))
}

// ask answers the first n bytes of the room, a wire.Request. What it returns is the address of a wire.Response
// and, in the upper half, its length. It is good until the next call.
//
//go:wasmexport ask
func ask(n uint32) uint64 {
	var q wire.Request
	out := wire.Response{Error: "the request is no JSON of this version"}
	if err := json.Unmarshal(request[:min(int(n), len(request))], &q); err == nil {
		out = the.Handle(q)
	}
	var err error
	if answer, err = json.Marshal(out); err != nil {
		answer = []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	return uint64(uintptr(unsafe.Pointer(&answer[0]))) | uint64(len(answer))<<32
}
