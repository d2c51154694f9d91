// Command conformance serves the Engine.IO and Socket.IO servers of this
// project as the official protocol suites expect the server under test: an echo
// on /engine.io/, a few handlers on /socket.io/, and short timeouts.
//
//	go run ./cluster/internal/conformance --listen 127.0.0.1:3000
//
// The suites are those of the repositories socketio/engine.io-protocol and
// socketio/socket.io-protocol, which look for their server at localhost:3000.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:3000", "`address` to serve on")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "conformance: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(4)
	}
}

// run serves until ctx ends. It tells out where, once it listens.
func run(ctx context.Context, listen string, out io.Writer) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	s := newServer(nil)
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() {
		s.close()
		server.Close()
	})()
	fmt.Fprintf(out, "serving http://%s/engine.io/ and http://%[1]s/socket.io/\n", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
