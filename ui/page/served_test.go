package page_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Nodes serve the page next to the chat, also through the proxy.
func TestNodesServeThePage(t *testing.T) {
	s := start(t, "", false)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, c := range []struct {
		at, path string
		status   int
		begins   string
	}{
		{proxyAddress, "/", 200, "<!doctype html>"},
		{"127.0.0.1:3030", "/", 200, "<!doctype html>"},
		{"127.0.0.1:5080", "/?name=ann", 200, "<!doctype html>"},
		{proxyAddress, "/client.js", 200, "// The chat over the official client"},
		{proxyAddress, "/nowhere", 404, "404 page not found"},
		{proxyAddress, "/socket.io", 404, "404 page not found"},
		{proxyAddress, "/socket.io/?EIO=4&transport=polling", 200, `0{"sid":"`},
		{proxyAddress, "/socket.io/", 400, `{"code":0,"message":"Transport unknown"}`},
	} {
		r, err := client.Get("http://" + s.Address(c.at) + c.path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != c.status || !strings.HasPrefix(string(text), c.begins) {
			t.Errorf("%s%s: got %d %.40q, %v; want %d %q", c.at, c.path, r.StatusCode, text, err, c.status, c.begins)
		}
		if page := c.begins[0] != '{' && c.begins[0] != '0'; page != (r.Header.Get("Content-Security-Policy") != "") {
			t.Errorf("%s%s: policy %q", c.at, c.path, r.Header.Get("Content-Security-Policy"))
		}
	}
}
