//go:build peers

// Package chromium drives a headless Chromium for tests, through the Chrome DevTools Protocol (version 1.3).
package chromium

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A Browser is a headless Chromium, driven on one WebSocket.
type Browser struct {
	T    *testing.T
	conn *websocket.Conn

	mu      sync.Mutex
	last    int
	answers map[int]chan reply
	tabs    map[string]*Tab // by session
	err     error           // why the connection ended
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`

	Method    string          `json:"method"` // of an event
	Params    json.RawMessage `json:"params"`
	SessionID string          `json:"sessionId"`
}

// Start starts a Chromium; the test fails when there is none.
func Start(t *testing.T) *Browser {
	t.Helper()
	bin, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("install the system's package chromium: %v", err)
	}
	dir, err := os.MkdirTemp("", "chromium") // t.TempDir fails when a process writes while it is removed
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--lang=en-GB", "--force-color-profile=srgb", "--user-data-dir="+dir, "--remote-debugging-port=0", "about:blank")
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait()
		close(exited)
	}()
	b := &Browser{T: t, answers: make(map[int]chan reply), tabs: make(map[string]*Tab)}
	t.Cleanup(func() {
		if b.conn != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			b.conn.Write(ctx, websocket.MessageText, []byte(`{"id":0,"method":"Browser.close"}`))
			cancel()
		}
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-exited
		}
		if b.conn != nil {
			b.conn.CloseNow()
		}
		os.RemoveAll(dir)
	})
	b.connect(filepath.Join(dir, "DevToolsActivePort"), exited)
	return b
}

// connect waits for the file in which Chromium writes its port and the path of
// its target, and dials there.
func (b *Browser) connect(file string, exited <-chan struct{}) {
	b.T.Helper()
	deadline := time.After(time.Minute)
	for {
		text, _ := os.ReadFile(file)
		if port, path, ok := strings.Cut(string(text), "\n"); ok && path != "" {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			conn, _, err := websocket.Dial(ctx, "ws://127.0.0.1:"+port+strings.TrimSpace(path), nil)
			if err != nil {
				b.T.Fatal(err)
			}
			conn.SetReadLimit(64 << 20) // screenshots
			b.conn = conn
			go b.read()
			return
		}
		select {
		case <-exited:
			b.T.Fatal("chromium ended at once")
		case <-deadline:
			b.T.Fatal("chromium did not start in a minute")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// read hands answers to those who wait and events to their tab.
func (b *Browser) read() {
	for {
		_, data, err := b.conn.Read(context.Background())
		var r reply
		if err == nil {
			err = json.Unmarshal(data, &r)
		}
		b.mu.Lock()
		if err != nil {
			b.err = err
			for _, answer := range b.answers {
				close(answer)
			}
			b.answers = nil
			b.mu.Unlock()
			return
		}
		if answer := b.answers[r.ID]; r.ID != 0 && answer != nil {
			delete(b.answers, r.ID)
			answer <- r
		} else if tab := b.tabs[r.SessionID]; tab != nil {
			tab.hear(r)
		}
		b.mu.Unlock()
	}
}

// Call sends a command and decodes what comes back into result, unless it is
// nil. An error, or half a minute, is the end of the test.
func (b *Browser) Call(session, method string, params, result any) {
	b.T.Helper()
	answer := make(chan reply, 1)
	b.mu.Lock()
	if b.answers == nil {
		err := b.err
		b.mu.Unlock()
		b.T.Fatalf("%s: %v", method, err)
	}
	b.last++
	id := b.last
	b.answers[id] = answer
	b.mu.Unlock()

	command := map[string]any{"id": id, "method": method}
	if params != nil {
		command["params"] = params
	}
	if session != "" {
		command["sessionId"] = session
	}
	data, err := json.Marshal(command)
	if err != nil {
		b.T.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, data); err != nil {
		b.T.Fatalf("%s: %v", method, err)
	}
	select {
	case r, ok := <-answer:
		switch {
		case !ok:
			b.T.Fatalf("%s: the connection to chromium ended", method)
		case r.Error != nil:
			b.T.Fatalf("%s: %s", method, r.Error.Message)
		case result != nil:
			if err := json.Unmarshal(r.Result, result); err != nil {
				b.T.Fatalf("%s: %v", method, err)
			}
		}
	case <-ctx.Done():
		b.T.Fatalf("%s: no answer", method)
	}
}

// A Tab is a page in a window and with its own cookies.
type Tab struct {
	*Browser
	session string
	loaded  chan struct{} // a page is complete
	faults  []string      // exceptions, and what the browser's console complains of
}

// Open opens a URL in a new tab of that size, as a phone does when mobile.
func (b *Browser) Open(url string, width, height int, mobile bool) *Tab {
	b.T.Helper()
	var context struct{ BrowserContextID string }
	b.Call("", "Target.createBrowserContext", nil, &context)
	var target struct{ TargetID string }
	b.Call("", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": context.BrowserContextID}, &target)
	var attached struct{ SessionID string }
	b.Call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p := &Tab{Browser: b, session: attached.SessionID, loaded: make(chan struct{}, 1)}
	b.mu.Lock()
	b.tabs[p.session] = p
	b.mu.Unlock()
	p.Do("Page.enable", nil)
	p.Do("Runtime.enable", nil)
	p.Do("Log.enable", nil)
	p.Resize(width, height, mobile)
	p.Load("Page.navigate", map[string]any{"url": url})
	return p
}

// Load sends a command that loads a page, and waits until it is complete.
func (p *Tab) Load(method string, params any) {
	p.T.Helper()
	select {
	case <-p.loaded: // the empty page
	default:
	}
	p.Do(method, params)
	select {
	case <-p.loaded:
	case <-time.After(time.Minute):
		p.T.Fatalf("%s: the page did not load", method)
	}
}

func (p *Tab) Do(method string, params any) {
	p.T.Helper()
	p.Call(p.session, method, params, nil)
}

func (p *Tab) Resize(width, height int, mobile bool) {
	p.T.Helper()
	scale := 1
	if mobile {
		scale = 2
	}
	p.Do("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile,
	})
}

// Prefer sets media features: prefers-color-scheme and its like.
func (p *Tab) Prefer(feature, value string) {
	p.T.Helper()
	p.Do("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": feature, "value": value}}})
}

// hear keeps what a developer would see in red. It is called by the reader.
func (p *Tab) hear(r reply) {
	switch r.Method {
	case "Page.loadEventFired":
		select {
		case p.loaded <- struct{}{}:
		default:
		}
	case "Runtime.exceptionThrown":
		p.faults = append(p.faults, string(r.Params))
	case "Log.entryAdded":
		var e struct {
			Entry struct{ Source, Level, Text, URL string }
		}
		if json.Unmarshal(r.Params, &e) == nil && e.Entry.Level == "error" {
			p.faults = append(p.faults, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

// Complaints returns the faults that do not contain the text.
func (p *Tab) Complaints(but string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []string
	for _, f := range p.faults {
		if but == "" || !strings.Contains(f, but) {
			left = append(left, f)
		}
	}
	return left
}

// Eval returns the value of a JavaScript expression, of a promise what it
// resolves to.
func Eval[T any](p *Tab, expression string) T {
	p.T.Helper()
	var r struct {
		Result           struct{ Value T }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	p.Call(p.session, "Runtime.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "returnByValue": true,
	}, &r)
	if r.ExceptionDetails != nil {
		p.T.Fatalf("%s: %s", expression, r.ExceptionDetails.Exception.Description)
	}
	return r.Result.Value
}

// Until waits for an expression to become true, for 50 seconds at most.
func (p *Tab) Until(expression string) {
	p.T.Helper()
	ok := Eval[bool](p, fmt.Sprintf(`new Promise((resolve) => {
		const end = Date.now() + 50000;
		(function look() {
			if (%s) resolve(true);
			else if (Date.now() > end) resolve(false);
			else setTimeout(look, 20);
		})();
	})`, expression))
	if !ok {
		p.T.Fatalf("not within 50 seconds: %s\nthe page says:\n%s\ncomplaints: %q", expression,
			Eval[string](p, `document.body.innerText`), p.Complaints(""))
	}
}

// Press types a key, such as Tab or Enter.
func (p *Tab) Press(key string) {
	p.T.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13}
	event := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
	if key == "Enter" {
		event["text"] = "\r"
	}
	p.Do("Input.dispatchKeyEvent", event)
	p.Do("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]})
}

// Screenshot writes a PNG into a folder of the system's temporary files, and
// returns it.
func (p *Tab) Screenshot(name string) []byte {
	p.T.Helper()
	var shot struct{ Data string }
	p.Call(p.session, "Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		p.T.Fatal(err)
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("stickylab-pages-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.T.Fatal(err)
	}
	file := filepath.Join(dir, name+".png")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		p.T.Fatal(err)
	}
	p.T.Logf("look at %s", file)
	return data
}

// Ask sends a command to the tab and decodes what comes back.
func (p *Tab) Ask(method string, params, result any) {
	p.T.Helper()
	p.Call(p.session, method, params, result)
}
