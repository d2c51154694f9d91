package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// start runs the command and returns the base of its URLs.
func start(t *testing.T) string {
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, "127.0.0.1:0", w)
		w.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base, _, ok := strings.Cut(strings.TrimPrefix(line, "serving "), "/engine.io/")
	if !ok {
		t.Fatalf("said %q", line)
	}
	return base
}

func TestServesBothAndStops(t *testing.T) {
	base := start(t)
	for _, path := range []string{"/engine.io/", "/socket.io/"} {
		resp, err := http.Get(base + path + "?EIO=4&transport=polling")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		const want = `,"upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`
		if resp.StatusCode != 200 || !strings.HasSuffix(string(body), want) {
			t.Errorf("%s answered %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestAddressInUse(t *testing.T) {
	address := strings.TrimPrefix(start(t), "http://")
	if err := run(t.Context(), address, io.Discard); err == nil {
		t.Error("two servers on one address")
	}
}
