package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"stickylab/cluster"
	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

const text = `title: Under control
duration: 60s
nodes: 2
proxy: {policy: ip_hash}
clients:
  beijing: {count: 2, ip: 203.0.113.0/24, say: every 100ms}
steps:
  - {at: 50s, kill: im-2}
`

// controlled serves a scenario with a control port.
func controlled(t *testing.T, token string) (string, *sim.Served) {
	t.Helper()
	f, problems := plan.Parse("control.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	run, err := sim.Serve(p, sim.ServeOptions{Listen: "127.0.0.1:0", Bounds: cluster.Limits{}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open("127.0.0.1:0", run, token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), run.Close()); err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Addr(), run
}

// ask sends a request and returns the answer's status and body.
func ask(t *testing.T, method, url, body string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	got, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(got)
}

// stateNow asks for the state until it is as wanted.
func stateNow(t *testing.T, url string, wanted func(state) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		code, body := ask(t, "GET", url+"/state", "")
		var s state
		if err := json.Unmarshal([]byte(body), &s); err != nil || code != 200 {
			t.Fatalf("%d %s: %v", code, body, err)
		}
		if wanted(s) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the state is %s", body)
		}
	}
}

func (s *seconds) UnmarshalJSON(b []byte) error {
	var f float64
	err := json.Unmarshal(b, &f)
	*s = seconds(f * float64(time.Second))
	return err
}

func TestAClusterUnderControl(t *testing.T) {
	url, run := controlled(t, "")
	code, body := ask(t, "GET", url+"/", "")
	if code != 200 || !strings.Contains(body, `"scenario":"Under control"`) || !strings.Contains(body, run.Entry()) || !strings.Contains(body, "POST /steps") {
		t.Errorf("%d %s", code, body)
	}
	stateNow(t, url, func(s state) bool {
		g := s.Groups["beijing"]
		return g.Polling+g.Websocket == 2 && g.Said.Arrived == s.Delivery.Total.Arrived && s.Clients.Connected == 2 && len(s.Clients.List) == 2 && len(s.Nodes) == 2 && s.Delivery.Same.Arrived > 0 &&
			s.Matrix.Cells[0][0].Arrived+s.Matrix.Cells[1][1].Arrived == s.Delivery.Same.Arrived && s.Policy == "ip_hash" && s.Messages.Sent > 0
	})
	for _, c := range []struct{ body, step string }{
		{"kill im-2", "kill im-2"},
		{`{"restart": "im-2"}`, "restart im-2"},
		{`"adapter redis"`, "adapter redis"},
		{" {slow: im-1, by: 20ms} \n", "slow im-1 20ms"},
		{"scale 3", "scale 3"},
		{`{"kill":"im-3"}`, "kill im-3"}, // that a step has added
	} {
		code, body := ask(t, "POST", url+"/steps", c.body)
		var d done
		if err := json.Unmarshal([]byte(body), &d); err != nil || code != 200 || d.Step != c.step || d.At <= 0 {
			t.Errorf("%s: %d %s", c.body, code, body)
		}
	}
	stateNow(t, url, func(s state) bool {
		return len(s.Nodes) == 3 && s.Nodes[1].Up && s.Nodes[1].Adapter && !s.Nodes[2].Up
	})
	code, body = ask(t, "GET", url+"/steps", "")
	var list stepList
	if err := json.Unmarshal([]byte(body), &list); err != nil || code != 200 {
		t.Fatal(code, body, err)
	}
	if len(list.Verbs) != len(scenario.Verbs) || len(list.Hand) != 6 || len(list.Scenario) != 1 || list.Scenario[0].Step != "kill im-2" {
		t.Errorf("%+v", list)
	}
}

// What is wrong is answered with 4xx and the reason.
func TestWrongRequests(t *testing.T) {
	url, _ := controlled(t, "")
	for _, c := range []struct {
		method, path, body string
		code               int
		why                string
	}{
		{"GET", "/nowhere", "", 404, "GET / lists"},
		{"POST", "/", "", 405, "does not answer to POST"},
		{"DELETE", "/steps", "", 405, "does not answer to DELETE"},
		{"POST", "/trace", "", 405, ""},
		{"POST", "/steps", "", 400, "no step"},
		{"POST", "/steps", "kil im-1", 400, `did you mean \"kill\"`},
		{"POST", "/steps", "kill im-7", 400, `no node \"im-7\"`},
		{"POST", "/steps", `{"kill":"im-7"}`, 400, "im-7"},
		{"POST", "/steps", `{"kill":"im-1","hang":"im-1"}`, 400, "one thing"},
		{"POST", "/steps", `{"kill":`, 400, ""},
		{"POST", "/steps", `["kill im-1"]`, 400, "step"},
		{"POST", "/steps", `"kill im-1`, 400, "quotes"},
		{"POST", "/steps", "kill im-1\nkill im-2", 400, "one step at a time"},
		{"POST", "/steps", `{"at":"5s","kill":"im-1"}`, 400, "has no at"},
		{"POST", "/steps", "say beijing-03 hello", 400, "beijing-03"},
		{"POST", "/steps?when=now", "kill im-1", 400, `no parameter \"when\"`},
		{"POST", "/steps", "scale 2", 400, "2 nodes already"},
		{"POST", "/steps", "say " + strings.Repeat("x", 300<<10), 413, "256 KiB"},
		{"GET", "/state?from=yesterday", "", 400, "30s"},
		{"GET", "/state?from=9h", "", 400, "before now"},
		{"GET", "/state?from=-1s", "", 400, "30s"},
		{"GET", "/trace?from=0", "", 400, "1 or more"},
		{"GET", "/trace?follow=yes", "", 400, "neither 0 nor 1"},
		{"GET", "/trace?from=1&from=2", "", 400, "appears twice"},
		{"GET", "/state?%zz", "", 400, "query"},
	} {
		code, body := ask(t, c.method, url+c.path, c.body)
		var f map[string]string
		if err := json.Unmarshal([]byte(body), &f); err != nil || code != c.code || f["error"] == "" || !strings.Contains(body, c.why) {
			t.Errorf("%s %s %.40q: %d %s, want %d with %q", c.method, c.path, c.body, code, body, c.code, c.why)
		}
	}
	stateNow(t, url, func(s state) bool { return len(s.Nodes) == 2 && s.Nodes[0].Up && s.Nodes[1].Up })
}

// The trace comes whole and in order, from where it is asked for, and continues.
func TestTheTraceAsItHappens(t *testing.T) {
	url, run := controlled(t, "")
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/trace?from=3", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if got := a.Header.Get("Content-Type"); got != "application/jsonl" {
		t.Errorf("the type is %q", got)
	}
	lines := bufio.NewScanner(a.Body)
	killed := false
	for want := 3; ; want++ {
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		var e struct {
			Seq        int
			Kind, Text string
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Seq != want {
			t.Fatalf("%s: %v, want number %d", lines.Text(), err, want)
		}
		if want == 50 {
			ask(t, "POST", url+"/steps", "kill im-2")
		}
		if e.Kind == "node-down" && e.Text == "killed" {
			killed = true
		}
		if killed && want > 60 {
			break
		}
	}
	code, body := ask(t, "GET", url+"/trace?follow=0", "")
	if n := strings.Count(body, "\n"); code != 200 || n < 60 || uint64(n) > run.Len() {
		t.Errorf("%d, %d lines", code, n)
	}
	if code, body := ask(t, "GET", url+"/trace?from=1000000&follow=0", ""); code != 200 || body != "" {
		t.Errorf("%d %q", code, body)
	}
	if code, _ := ask(t, "HEAD", url+"/trace", ""); code != 200 {
		t.Errorf("HEAD: %d", code)
	}
}

// Without a token only programs of this machine may ask, and no web page; with
// one whoever has it.
func TestWhoMayAsk(t *testing.T) {
	open, _ := controlled(t, "")
	port := open[strings.LastIndexByte(open, ':'):]
	locked, _ := controlled(t, "s3cret")
	for _, c := range []struct {
		url    string
		header []string
		code   int
	}{
		{open, nil, 200},
		{open, []string{"Host", "localhost" + port}, 200},
		{open, []string{"Host", "[::1]" + port}, 200},
		{open, []string{"Sec-Fetch-Site", "none"}, 200}, // typed into the address bar
		{open, []string{"Host", "rebound.example.com" + port}, 403},
		{open, []string{"Host", "127.0.0.1.example.com"}, 403},
		{open, []string{"Origin", "http://127.0.0.1:8080"}, 403},
		{open, []string{"Origin", "null"}, 403},
		{open, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{open, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{locked, nil, 401},
		{locked, []string{"Authorization", "Bearer s3cret"}, 200},
		{locked, []string{"Authorization", "bearer s3cret", "Host", "lab.example.com", "Origin", "https://lab.example.com"}, 200},
		{locked, []string{"Authorization", "Bearer s3cre"}, 401},
		{locked, []string{"Authorization", "Bearer s3crets"}, 401},
		{locked, []string{"Authorization", "Bearer "}, 401},
		{locked, []string{"Authorization", "Basic s3cret"}, 401},
		{locked, []string{"Authorization", "s3cret"}, 401},
	} {
		for _, path := range []string{"/", "/state", "/steps", "/trace?follow=0", "/nowhere"} {
			want := c.code
			if path == "/nowhere" && want == 200 {
				want = 404
			}
			if code, body := ask(t, "GET", c.url+path, "", c.header...); code != want {
				t.Errorf("%s with %q: %d %s, want %d", path, c.header, code, body, want)
			}
		}
	}
	if code, _ := ask(t, "POST", open+"/steps", "kill im-1", "Origin", "http://evil.example.com", "Content-Type", "text/plain"); code != 403 {
		t.Errorf("a page's POST: %d", code)
	}
	stateNow(t, open, func(s state) bool { return len(s.Nodes) == 2 && s.Nodes[0].Up })
}

func TestAControlPortForOthersNeedsAToken(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "localhost.example.com:0"} {
		if s, err := Open(address, nil, ""); err == nil || !strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", address, err)
			s.Close()
		}
	}
	if _, err := Open("9090", nil, ""); err == nil {
		t.Error("an address without a host is taken")
	}
	s, err := Open("0.0.0.0:0", nil, "x")
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// Peers that do not behave are cut off; others are answered meanwhile.
func TestHostilePeersOfAControlPort(t *testing.T) {
	url, _ := controlled(t, "")
	address := strings.TrimPrefix(url, "http://")
	var idle []net.Conn
	for range most + 20 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		idle = append(idle, c)
	}
	refused := 0
	for _, c := range idle[most:] { // beyond the bound: closed at once
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(make([]byte, 1)); err == io.EOF || errors.As(err, new(*net.OpError)) {
			refused++
		}
	}
	if refused < 19 {
		t.Errorf("%d of 20 connections beyond the bound were closed", refused)
	}
	for _, c := range idle {
		c.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if a, err := http.Get(url); err == nil {
			a.Body.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatal("no connection is let in again")
		}
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /steps HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
	chunk := "1000\r\n" + strings.Repeat("x", 0x1000) + "\r\n"
	for range 1000 {
		if _, err := io.WriteString(c, chunk); err != nil {
			break
		}
	}
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil && a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("an endless body is answered %d", a.StatusCode)
	}
	if code, _ := ask(t, "GET", url+"/state", ""); code != 200 {
		t.Errorf("the next is answered %d", code)
	}
}
