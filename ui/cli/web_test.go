package cli

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"

	"stickylab/ui/web/wire"
)

// web prints a link with a token, at which the page and its engine are, and ends when it is told to, whatever a tab
// does meanwhile.
func TestWebServesAPageWithAnEngine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	text := "title: Mine\nduration: 5s\nnodes: 1\nproxy: {policy: ip_hash}\nclients:\n  a: {count: 1, ip: 203.0.113.0/24}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := begin(t, "web", file)
	link, err := url.Parse(strings.TrimSpace(p.out.await(t, `(http://\S+)\n`)[1]))
	if err != nil {
		t.Fatal(err)
	}
	if link.Hostname() != "127.0.0.1" || link.Fragment != "file" || len(link.Query().Get("token")) < 20 {
		t.Errorf("the link is %s", link)
	}
	if page := get(t, "http://"+link.Host+"/"); !strings.Contains(page, `data-engine="live"`) {
		t.Error("the page does not know where its engine is")
	}
	address := "ws://" + link.Host + "/engine?"
	if _, r, err := websocket.Dial(t.Context(), address, nil); err == nil || r == nil || r.StatusCode != http.StatusForbidden {
		t.Errorf("without the token: %v", err)
	}
	ws, _, err := websocket.Dial(t.Context(), address+link.RawQuery, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	ws.SetReadLimit(-1)
	speak(t, ws, `{"id":1,"verb":"`+string(wire.Open)+`","scenario":"file"}`)
	if answer := listen(t, ws, `{"id":1`); !strings.Contains(answer, `"title":"Mine"`) {
		t.Errorf("the file opens as %.200s", answer)
	}
	if err := os.WriteFile(file, []byte("duraton: 5s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	speak(t, ws, `{"id":2,"verb":"`+string(wire.Open)+`","scenario":"file"}`)
	if answer := listen(t, ws, `{"id":2`); !strings.Contains(answer, "mine.yaml:1:1") {
		t.Errorf("the changed file opens as %.300s", answer)
	}
	p.stop(syscall.SIGTERM, 143)
}
