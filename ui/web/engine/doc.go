//go:build !wasip1

// Command engine is the engine for a browser's tab or for Node.js, see main.go. Build it with
// GOOS=wasip1 GOARCH=wasm and -buildmode=c-shared; for any other system it is a program that says so.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "this is the engine for a browser: build it with GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared")
	os.Exit(2)
}
