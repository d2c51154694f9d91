package live_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/ui/web/live"
	"stickylab/ui/web/wire"
)

const token = "s3cret"

// serve serves the page, for up to some tabs.
func serve(t *testing.T, tabs int) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	h, err := live.New(live.Options{Token: token, Hosts: []string{s.Listener.Addr().String()}, Tabs: tabs})
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = h
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func dial(t *testing.T, s *httptest.Server, query string, o *websocket.DialOptions) (*websocket.Conn, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, r, err := websocket.Dial(ctx, strings.Replace(s.URL, "http", "ws", 1)+"/engine"+query, o)
	if err != nil {
		if r == nil {
			t.Fatal(err)
		}
		return nil, r.StatusCode
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { conn.CloseNow() })
	return conn, 101
}

func ask(t *testing.T, conn *websocket.Conn, q wire.Request) (out wire.Response) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(ctx, websocket.MessageText, text); err != nil {
		t.Fatal(err)
	}
	if _, text, err = conn.Read(ctx); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A tab gets an engine, and so does the next one once it has left.
func TestATabHasARun(t *testing.T) {
	s := serve(t, 1)
	conn, _ := dial(t, s, "?token="+token, nil)
	if r := ask(t, conn, wire.Request{ID: 3, Verb: wire.Open, Scenario: "two-regions"}); r.ID != 3 || r.Opened == nil || r.Frame == nil {
		t.Errorf("%+v", r)
	}
	if f := ask(t, conn, wire.Request{Verb: wire.Show, At: 300}).Frame; f == nil || f.At <= 0 {
		t.Errorf("%+v", f)
	}
	if _, status := dial(t, s, "?token="+token, nil); status != 503 {
		t.Errorf("a second tab got %d", status)
	}
	conn.Close(websocket.StatusNormalClosure, "")
	for status, n := 0, 0; status != 101; n++ {
		if n == 1000 {
			t.Fatal("no room after the first tab left")
		}
		if _, status = dial(t, s, "?token="+token, nil); status != 101 {
			time.Sleep(5 * time.Millisecond) // the server notices that it left
		}
	}
}

// Whoever has no token, or is a page of another origin, or gave this machine another name, gets nothing.
func TestStrangersGetNothing(t *testing.T) {
	s := serve(t, 0)
	for _, c := range []struct {
		query, origin, host string
		want                int
	}{
		{"", "", "", 403},
		{"?token=x", "", "", 403},
		{"?token=" + token, "https://evil.example.com", "", 403},
		{"?token=" + token, "null", "", 403},
		{"?token=" + token, "", "rebound.example.com", 403},
		{"?token=" + token, s.URL, "", 101},
	} {
		o := &websocket.DialOptions{Host: c.host}
		if c.origin != "" {
			o.HTTPHeader = http.Header{"Origin": {c.origin}}
		}
		if _, status := dial(t, s, c.query, o); status != c.want {
			t.Errorf("%+v: %d", c, status)
		}
	}
	for _, c := range []struct {
		method, path, host string
		want               int
	}{
		{"GET", "/", "", 200}, {"GET", "/main.js", "", 200}, {"HEAD", "/", "", 200}, {"GET", "/catalogue.json", "", 200},
		{"GET", "/nothing", "", 404}, {"GET", "/../live.go", "", 404}, {"POST", "/", "", 405}, {"GET", "/", "rebound.example.com", 403},
	} {
		r, err := http.NewRequest(c.method, s.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if answer.StatusCode != c.want || answer.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%+v: %d %v", c, answer.StatusCode, answer.Header)
		}
	}
}

// What is no request ends the connection.
func TestNoRequest(t *testing.T) {
	s := serve(t, 0)
	conn, _ := dial(t, s, "?token="+token, nil)
	conn.Write(t.Context(), websocket.MessageText, []byte("hello"))
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Error(err)
	}
}
