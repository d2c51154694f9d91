package client

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

var usual = Reconnection{Delay: time.Second, DelayMax: 5 * time.Second, Factor: 0.5}

// The arithmetic of the original's back-off: the random number's first decimal
// decides the sign of the jitter.
func TestBackoffArithmetic(t *testing.T) {
	for _, tt := range []struct {
		attempts int
		random   float64
		want     time.Duration
	}{
		{0, 0, 1000 * time.Millisecond},
		{0, 0.05, 975 * time.Millisecond},
		{0, 0.19, 1095 * time.Millisecond},
		{0, 0.25, 875 * time.Millisecond},
		{0, 0.899, 551 * time.Millisecond},
		{0, 0.9999, 1499 * time.Millisecond},
		{1, 0.5, 2500 * time.Millisecond},
		{2, 0.85, 2300 * time.Millisecond},
		{2, 0.95, 5 * time.Second},
		{3, 0.8999, 4401 * time.Millisecond},
		{5000, 0.5, 5 * time.Second},
		{5000, 0.8, 5 * time.Second},
	} {
		b := backoff{attempts: tt.attempts}
		if got := b.next(usual, tt.random); got != tt.want {
			t.Errorf("attempt %d, random %v: %v, want %v", tt.attempts, tt.random, got, tt.want)
		}
		if b.attempts != tt.attempts+1 {
			t.Errorf("%d attempts, want %d", b.attempts, tt.attempts+1)
		}
	}
}

func TestBackoffRange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		var b backoff
		for _, r := range [][2]time.Duration{{500, 1500}, {1000, 3000}, {2000, 5000}, {4000, 5000}, {5000, 5000}} {
			d := b.next(usual, random.Float64())
			if d < r[0]*time.Millisecond || d > r[1]*time.Millisecond {
				t.Fatalf("attempt %d after %v, want %v to %v ms", b.attempts, d, int64(r[0]), int64(r[1]))
			}
		}
	}
}

func TestParseSaid(t *testing.T) {
	for _, tt := range []struct {
		frame string
		from  string // "" when it is not taken
		n     uint32
	}{
		{`42["said",{"id":"beijing-07:12","from":"beijing-07","room":"lobby","text":"hi","node":"im-3030"}]`, "beijing-07", 12},
		{`42["said",{"id":"a:b:4294967295"}]`, "a:b", 4294967295},
		{`42["said",{"id":"é:1","x":0}]`, "é", 1},
		{`42["said",{"id":"a:4294967296"}]`, "", 0},
		{`42["said",{"id":"a:0"}]`, "", 0},
		{`42["said",{"id":"a:01"}]`, "", 0},
		{`42["said",{"id":"a:"}]`, "", 0},
		{`42["said",{"id":":1"}]`, "", 0},
		{`42["said",{"id":"a\":1"}]`, "", 0},
		{`42["said",{"id":"a:1"`, "", 0},
		{`42["said",{"id":"a:1`, "", 0},
		{`42["said",{"id": "a:1"}]`, "", 0},
		{`421["said",{"id":"a:1"}]`, "", 0},
		{`42["welcome",{"node":"im-1"}]`, "", 0},
		{"2", "", 0},
		{"", "", 0},
	} {
		from, n, ok := parseSaid([]byte(tt.frame))
		if string(from) != tt.from || n != tt.n || ok != (tt.from != "") {
			t.Errorf("%s: %q %d %v, want %q %d", tt.frame, from, n, ok, tt.from, tt.n)
		}
	}
}

// What the fast path takes is what a JSON decoder finds.
func FuzzParseSaid(f *testing.F) {
	f.Add(`42["said",{"id":"beijing-07:12","from":"beijing-07","room":"lobby","text":"hi","node":"im-3030"}]`)
	f.Add(`42["said",{"id":"a:b:4294967295"}]`)
	f.Add(`42["said",{"id":"a\u003a:1","id":"b:2"}]`)
	f.Fuzz(func(t *testing.T, frame string) {
		from, n, ok := parseSaid([]byte(frame))
		if !ok {
			return
		}
		var args []json.RawMessage
		if json.Unmarshal([]byte(frame[2:]), &args) != nil || strings.Count(frame, `"id"`) > 1 || strings.ToValidUTF8(frame, "") != frame {
			return // nodes do not write such
		}
		var m struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(args[1], &m); err != nil {
			return
		}
		wantFrom, wantN, wantOK := parseID([]byte(m.ID))
		if !wantOK || string(wantFrom) != string(from) || wantN != n {
			t.Errorf("%q: %q %d, the decoder finds %q", frame, from, n, m.ID)
		}
	})
}

func TestTarget(t *testing.T) {
	for _, tt := range []struct{ url, host, addr, header, uri string }{
		{"http://192.168.33.10:80/socket.io/", "", "192.168.33.10:80", "192.168.33.10:80", "/socket.io/?EIO=4&transport=polling&t=abc&sid=S"},
		{"http://192.168.33.10", "im.example.com", "192.168.33.10:80", "im.example.com", "/socket.io/?EIO=4&transport=polling&t=abc&sid=S"},
		{"http://im.example.com:8080/chat/?token=x", "", "im.example.com:8080", "im.example.com:8080", "/chat/?token=x&EIO=4&transport=polling&t=abc&sid=S"},
	} {
		got, err := parseTarget(tt.url, tt.host)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		if got.addr != tt.addr || got.host != tt.header || got.uri(Polling, "abc", "S") != tt.uri {
			t.Errorf("%s: %+v %s", tt.url, got, got.uri(Polling, "abc", "S"))
		}
	}
}

func TestNonceDiffers(t *testing.T) {
	seen := map[string]bool{}
	for n := range uint32(20) {
		s := nonce("ann/poll", n)
		if len(s) != 8 {
			t.Errorf("%q: want 8 characters", s)
		}
		seen[s[len(s)-3:]] = true
	}
	if len(seen) < 18 {
		t.Errorf("only %d different ones of 20", len(seen))
	}
}

func TestJar(t *testing.T) {
	var j jar
	set := func(lines ...string) { j.keep(http.Header{"Set-Cookie": lines}) }
	set("route=im-1; Path=/; HttpOnly", "x=1; Max-Age=3600")
	if got := j.header(); got != "route=im-1; x=1" {
		t.Errorf("%q", got)
	}
	set("route=im-2", "x=; Max-Age=0", "broken")
	if got := j.header(); got != "route=im-2" {
		t.Errorf("%q", got)
	}
	set("old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
	if got := j.header(); got != "route=im-2" {
		t.Errorf("%q", got)
	}
}

// One message read, without the WebSocket: to be well below a microsecond.
func BenchmarkRead(b *testing.B) {
	count := 0
	rec := trace.NewRecorder(func(events []trace.Event) { count += len(events) })
	c, err := New(Config{Name: "ann", URL: "http://10.0.0.1/", Lane: rec.Lane})
	if err != nil {
		b.Fatal(err)
	}
	c.connected = true
	e := &engine{c: c, state: open, attached: true, onWS: true}
	frame := []byte(`42["said",{"id":"beijing-07:12","from":"beijing-07","room":"lobby","text":"hello, is anybody there?","node":"im-3030"}]`)
	b.ReportAllocs()
	for i := range b.N {
		c.mu.Lock()
		e.onFrame(frame, false)
		c.mu.Unlock()
		if i%1000 == 0 {
			rec.CloseStep()
		}
	}
}
