package engineio

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// recorded reads the answers of engine.io 6.6.12 (pings every 300 ms, timeout
// 200 ms, CORS "*"), by the title of the request.
func recorded(t *testing.T) map[string]answer {
	text, err := os.ReadFile("testdata/http-answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	answers := make(map[string]answer)
	for section := range strings.SplitSeq(strings.TrimPrefix(string(text), "### "), "\n### ") {
		title, rest, _ := strings.Cut(section, "\n")
		head, body, _ := strings.Cut(strings.ReplaceAll(rest, "\r\n", "\n"), "\n\n")
		if head == "" {
			answers[title] = answer{}
			continue
		}
		head = strings.Replace(head, "Transfer-Encoding: chunked\n", "", 1)
		head = strings.Replace(head, "\nTransfer-Encoding: chunked", "", 1)
		resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head+"\n\n")), &http.Request{Method: "HEAD"})
		if err != nil {
			t.Fatalf("%s: %v", title, err)
		}
		io.Copy(io.Discard, resp.Body)
		answers[title] = answer{resp.StatusCode, resp.Header, strings.Trim(body, "\n")}
	}
	return answers
}

var sidPattern = regexp.MustCompile(`"sid":"[^"]+"`)

// same compares what a client can depend on.
func same(t *testing.T, title string, got, want answer) {
	t.Helper()
	for _, a := range []*answer{&got, &want} {
		a.body = sidPattern.ReplaceAllString(a.body, `"sid":"S"`)
	}
	if got.status != want.status || got.body != want.body {
		t.Errorf("%s: got %v, want %v", title, got, want)
	}
	for _, key := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Vary",
		"Content-Type", "Cache-Control", "Upgrade", "Sec-WebSocket-Accept",
	} {
		if g, w := got.header.Get(key), want.header.Get(key); g != w {
			t.Errorf("%s: %s is %q, want %q", title, key, g, w)
		}
	}
}

// TestAnswersOfEngineIO repeats the recorded requests.
func TestAnswersOfEngineIO(t *testing.T) {
	want := recorded(t)
	const path = "/socket.io/"
	upgrade := []string{
		"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}
	inWorld(t, Config{Release: "6.6.12", PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, CORS: CORS{Origin: "*"}}, func(w *world) {
		checked := 0
		check := func(title, method, target, body string, header ...string) {
			t.Helper()
			expected, ok := want[title]
			if !ok {
				t.Fatalf("no answer recorded for %q", title)
			}
			checked++
			same(t, title, w.do(method, target, body, header...), expected)
		}
		check("open polling (cors *)", "GET", base, "")
		sid := "session-1"
		check("no EIO", "GET", path+"?transport=polling", "")
		check("EIO=3", "GET", path+"?EIO=3&transport=polling", "")
		check("no transport", "GET", path+"?EIO=4", "")
		check("transport=abc", "GET", path+"?EIO=4&transport=abc", "")
		check("unknown sid GET", "GET", base+"&sid=zzz", "")
		check("unknown sid POST", "POST", base+"&sid=zzz", "4a")
		check("POST handshake", "POST", base, "4a")
		check("PUT handshake", "PUT", base, "4a")
		check("HEAD handshake", "HEAD", base, "")
		check("transport=websocket plain GET, no sid", "GET", wsBase, "")
		check("transport=websocket plain GET, known sid (Upgrade header stripped)", "GET", wsBase+"&sid="+sid, "")
		check("EIO mismatch on known sid", "GET", path+"?EIO=3&transport=polling&sid="+sid, "")
		check("PUT known sid", "PUT", base+"&sid="+sid, "4a")

		w.session().OnMessage(func([]byte, bool) { // what a Socket.IO server says to a CONNECT
			w.session().Send(Message{Data: []byte(`0{"sid":"8Bp-VTXCS2TBBPFbAABe"}`)})
			w.session().Send(Message{Data: []byte(`2["auth",{}]`)})
		})
		check("POST 40 known sid", "POST", base+"&sid="+sid, "40")
		check("GET after POST", "GET", base+"&sid="+sid, "")
		check("octet-stream POST", "POST", base+"&sid="+sid, "4a", "Content-Type: application/octet-stream")
		check("after octet-stream", "GET", base+"&sid="+sid, "")
		sid = w.handshake()
		check("POST 1000001 bytes", "POST", base+"&sid="+sid, strings.Repeat("4", 1000001))
		check("GET after 413", "GET", base+"&sid="+sid, "")
		check("OPTIONS preflight", "OPTIONS", base, "", "Origin: http://other", "Access-Control-Request-Headers: x-foo")

		check("WS unknown sid", "GET", wsBase+"&sid=zzz", "", upgrade...)
		check("WS transport=abc", "GET", path+"?EIO=4&transport=abc", "", upgrade...)
		check("WS wrong path", "GET", "/other", "", upgrade...)
		check("path without trailing slash", "GET", "/socket.io?EIO=4&transport=polling", "")
		check("path prefix /socket.io/foo", "GET", "/socket.io/foo?EIO=4&transport=polling", "")

		// This one is upgraded, and then gets an answer where a frame should be.
		conn, err := w.net.dial(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s?transport=websocket HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", path, strings.Join(upgrade, "\r\n"))
		raw := bufio.NewReader(conn)
		for _, part := range []answer{want["WS no EIO"], {400, http.Header{"Content-Type": {"text/html"}}, "Unsupported protocol version"}} {
			resp, err := http.ReadResponse(raw, nil)
			if err != nil {
				t.Fatal(err)
			}
			var body []byte
			if resp.StatusCode == http.StatusSwitchingProtocols {
				_, rest, _ := strings.Cut(part.body, "\n\n")
				part.body = ""
				if rest != "Unsupported protocol version" {
					t.Errorf("recorded after the upgrade: %q", rest)
				}
			} else if body, err = io.ReadAll(resp.Body); err != nil {
				t.Fatal(err)
			}
			same(t, "WS no EIO", answer{resp.StatusCode, resp.Header, string(body)}, part)
		}
		if b, err := raw.ReadByte(); err != io.EOF {
			t.Errorf("after the answer: %q, %v", b, err)
		}
		checked++

		// The bodies of these are frames.
		for _, title := range []string{"WS transport=polling with Upgrade", "WS OK (first bytes)"} {
			target := base
			if strings.Contains(title, "OK") {
				target = wsBase
			}
			got, expected := w.do("GET", target, "", upgrade...), want[title]
			got.body, expected.body = "", ""
			same(t, title, got, expected)
			checked++
		}
		if checked != len(want) {
			t.Errorf("%d answers are recorded, %d were compared", len(want), checked)
		}
	})
}

func TestOrderOfChecks(t *testing.T) {
	refuse := func(*http.Request) error { return io.ErrNoProgress }
	up := []string{"Connection: keep-alive, Upgrade", "Upgrade: websocket"}
	key := append(up, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	for _, test := range []struct {
		name, method, target string
		header               []string
		status               int
		body                 string
	}{
		{"transport before session", "GET", "/socket.io/?transport=abc&sid=zzz", nil, 400, `{"code":0,"message":"Transport unknown"}`},
		{"session before version", "GET", "/socket.io/?EIO=3&transport=polling&sid=zzz", nil, 400, unknownSID},
		{"session before method", "PUT", base + "&sid=zzz", nil, 400, unknownSID},
		{"method before upgrade", "POST", wsBase, nil, 400, `{"code":2,"message":"Bad handshake method"}`},
		{"upgrade before forbidden", "GET", wsBase, nil, 400, badReq},
		{"forbidden before version", "GET", "/socket.io/?transport=polling", nil, 403, `{"code":4,"message":"multiple Read calls return no data or error"}`},
		{"the last of a repeated parameter counts", "GET", "/socket.io/?transport=polling&EIO=4&transport=%61bc", nil, 400, `{"code":0,"message":"Transport unknown"}`},
		{"no version on a known session", "GET", "/socket.io/?transport=polling&sid=session-1", nil, 400, badReq},
		{"forbidden upgrade", "GET", wsBase, key, 400, "multiple Read calls return no data or error"},
		{"no version on an upgrade of a known session", "GET", "/socket.io/?transport=websocket&sid=session-1", key, 400, "Bad request"},
		{"upgrade by POST", "POST", wsBase, key, 400, "Bad handshake method"},
		{"upgrade of a known session by POST", "POST", wsBase + "&sid=session-1", key, 405, "Invalid HTTP method"},
		{"not a WebSocket", "GET", wsBase + "&sid=session-1", []string{"Connection: upgrade", "Upgrade: h2c"}, 400, "Invalid Upgrade header"},
		{"no key", "GET", wsBase + "&sid=session-1", up, 400, "Missing or invalid Sec-WebSocket-Key header"},
		{"short key", "GET", wsBase + "&sid=session-1", append(up, "Sec-WebSocket-Key: YQ=="), 400, "Missing or invalid Sec-WebSocket-Key header"},
		{"no WebSocket version", "GET", wsBase + "&sid=session-1", key, 400, "Missing or invalid Sec-WebSocket-Version header"},
		{"Upgrade header without Connection", "GET", wsBase + "&sid=session-1", []string{"Upgrade: websocket"}, 400, badReq},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				w.handshake()
				w.srv.cfg.AllowRequest = refuse
				w.expectLog("opened session-1 polling")
				w.expectAnswer(w.do(test.method, test.target, "", test.header...), test.status, test.body)
				if w.log = w.log[:min(1, len(w.log))]; len(w.log) == 0 || !strings.HasPrefix(w.log[0], "refused ") {
					t.Errorf("the observer was told %q", w.log)
				}
			})
		})
	}
}

func TestCORSWithOneOrigin(t *testing.T) {
	inWorld(t, Config{CORS: CORS{Origin: "https://a.example", Credentials: true}}, func(w *world) {
		a := w.do("OPTIONS", base, "", "Access-Control-Request-Headers: x-foo")
		for key, want := range map[string]string{
			"Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Credentials": "true",
			"Vary": "Origin,Access-Control-Request-Headers", "Access-Control-Allow-Headers": "x-foo",
		} {
			if got := strings.Join(a.header[http.CanonicalHeaderKey(key)], ","); a.status != 204 || got != want {
				t.Errorf("%d: %s is %q, want %q", a.status, key, got, want)
			}
		}
		a = w.do("GET", "/socket.io/?EIO=4", "")
		if got := a.header.Get("Access-Control-Allow-Origin"); a.status != 400 || got != "https://a.example" {
			t.Errorf("%d: an error answer allows %q", a.status, got)
		}
	})
	inWorld(t, Config{}, func(w *world) {
		w.expectAnswer(w.do("OPTIONS", base, ""), 400, `{"code":2,"message":"Bad handshake method"}`)
	})
}
