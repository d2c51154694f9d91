//go:build linux

package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// yamlHostile is the same in a double-quoted string of YAML.
var yamlHostile = strings.NewReplacer("\x1b", `\e`, "\a", `\a`, "\u009b", `\x9b`, "\x9b", "", "\x7f", `\x7f`, "\r", `\r`, "\u202e", `\u202e`, "\u2066", `\u2066`, "\u200f", `\u200f`).Replace(hostile)

// steering is what hostile does, on a terminal that is otherwise the program's.
var steering = regexp.MustCompile("\x1b\\]0|pwned\a|\x1b\\[2J\x1b\\[31m|\x1b\\[31mred|\u009b|\x7f|\rCR|\u202e|\u2066|\u200f")

// unsteered checks an output of a terminal.
func (p *pseudo) unsteered() {
	p.t.Helper()
	out := p.out.String()
	if at := steering.FindStringIndex(out); at != nil {
		p.t.Errorf("%q: %q reaches the terminal: %.300q", p.cmd.Args[1:], out[at[0]:at[1]], out[max(0, at[0]-100):])
	}
	if !utf8.ValidString(out) {
		p.t.Errorf("%q: bytes that are no text reach the terminal", p.cmd.Args[1:])
	}
	if !strings.Contains(out, "red") {
		p.t.Errorf("%q: nothing of it is told: %.600q", p.cmd.Args[1:], out)
	}
}

// hostileFiles writes a scenario and a configuration that are hostile wherever a
// file may be, one that is wrong in that way, and one with a hostile name.
func hostileFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Chdir(dir)
	scenario := strings.ReplaceAll(`title: "X"
summary: "X"
duration: 20s
proxy:
  nginx: "upstream im { ip_hash; server 127.0.0.1:3030; server 127.0.0.1:5080; } # X\nserver { listen 80; location / { proxy_pass http://im; proxy_set_header A 'X'; } }"
nodes: [{name: im-1, listen: 127.0.0.1:3030}, {name: im-2, listen: 127.0.0.1:5080}]
clients: {a: {ip: [203.0.113.0/24], count: 2, say: every 1s, room: "X"}}
expect: [{at: end, that: "clients.connected == 7", because: "X"}]
variants: {fixed: {title: "X", summary: "X", expect: [{at: end, that: "clients.connected == 2", because: "X"}]}}
lesson:
  topic: "X"
  order: 1
  narration: [{at: 1s, say: "X"}]
  predictions: [{at: 2s, ask: "X", choices: [{say: "X", that: "clients.connected == 2"}, {say: "X no", that: "clients.connected == 3"}]}]
  cause: "X"
  fix: fixed
  texts: ["X"]
`, "X", yamlHostile)
	for name, text := range map[string]string{
		"good.yaml": scenario, "bad.yaml": strings.Replace(scenario, "20s", `"`+yamlHostile+`"`, 1), "raw.yaml": "title: " + hostile + "\n",
		hostile + ".yaml": "title: x\nduration: 1\n",
		"good.conf":       "upstream im { ip_hash; server 127.0.0.1:3030; server 127.0.0.1:5080; } # " + hostile + "\nserver { listen 80; location / { proxy_pass http://im; } }\n",
		"bad.conf":        "upstream im { " + hostile + " 1; }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Whatever a file, a name or an argument holds, it does not steer the terminal.
func TestNoFileSteersTheTerminal(t *testing.T) {
	hostileFiles(t)
	for _, args := range [][]string{
		{"check", "--expand", "./good.yaml"}, {"run", "./good.yaml"}, {"run", "./good.yaml", "--json"},
		{"run", "./good.yaml", "--trace", "/dev/stdout"}, {"run", "./good.yaml", "--junit", "/dev/stdout"},
		{"compare", "./good.yaml"}, {"compare", "./good.yaml", "--json"}, {"export", "nginx", "./good.yaml"}, {"export", "compose", "./good.yaml"},
		{"learn", "./good.yaml", "--answers", "1"},
		{"check", "./bad.yaml"}, {"check", "./raw.yaml"}, {"run", "./bad.yaml", "--json"}, {"check", "./" + hostile + ".yaml"}, {"run", "./" + hostile + "none.yaml"},
		{"doctor", "good.conf"}, {"doctor", "good.conf", "--json"}, {"doctor", "bad.conf"}, {"doctor", hostile + "none"}, {"explain", "--nginx", "bad.conf", "10.0.0.1"},
		{"explain", "./good.yaml", hostile}, {"run", "./good.yaml", "--variant", hostile}, {"run", "./good.yaml", "--junit", "nowhere/" + hostile},
		{"run", "--" + hostile}, {hostile}, {"help", hostile}, {"watch", hostile}, {"serve", "./good.yaml", "--listen", hostile}, {"node", "--name", hostile, "--listen", "x"},
		{"serve", "./good.yaml", "--redis", "redis://" + hostile}, {"export", hostile}, {"init", "nowhere/" + hostile}, {"compare", "./good.yaml", "--policy", hostile},
	} {
		p := onTerminal(t, args...)
		p.await()
		p.unsteered()
	}
}

// await waits for the end of the program.
func (p *pseudo) await() {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err
	case <-time.After(timeout):
		p.t.Fatalf("it does not end: %q", p.out.String())
	}
}

// The same on the screens, with all that keys show.
func TestNoFileSteersTheScreen(t *testing.T) {
	hostileFiles(t)
	for args, keys := range map[string]string{
		"watch ./good.yaml --speed max": "]\r]", "learn ./good.yaml": "]\r", "./good.yaml": "G",
	} {
		p := onTerminal(t, strings.Fields(args)...)
		p.out.await(t, `red|Good|good`)
		for _, key := range keys + "?" {
			p.types(string(key))
		}
		p.out.await(t, `81mkeys`) // the help, when all else was shown
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.await()
		p.unsteered()
	}
}

// A client's name and words, its requests and its bytes come to the log as text.
func TestNoClientSteersTheTerminal(t *testing.T) {
	for look, await := range map[string]string{"--headless": `pwned.* joined`, "--max-connections=999": `pwned`} { // lines, and the screen
		p := onTerminal(t, "serve", "two-regions", look, "--listen", "127.0.0.1:0", "--no-clients")
		address := p.out.await(t, `open +http://(\S+)/`)[1]
		chat(t, address, hostile)
		p.out.await(t, await)
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.await()
		p.unsteered()
	}
}
