package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx"
	"stickylab/sim/doctor"
	"stickylab/sim/format"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".conf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// examined are the reports that tests share, by text and options.
var examined sync.Map

// examine returns the report on a text in which nothing is wrong with the text
// itself. The same text with the same options is examined once.
func examine(t *testing.T, text string, o doctor.Options) *doctor.Report {
	t.Helper()
	if o.Source == "" {
		o.Source = "nginx.conf"
	}
	once, _ := examined.LoadOrStore(fmt.Sprintf("%q %#v", text, o), sync.OnceValues(func() (*doctor.Report, error) {
		r, problems, err := doctor.Examine(context.Background(), text, o)
		if len(problems) > 0 {
			err = problems[0]
		}
		return r, err
	}))
	r, err := once.(func() (*doctor.Report, error))()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// decisive are the experiments that findings come from, but for the first.
func decisive(finds []string) []string {
	out := []string{}
	for _, id := range finds {
		out = append(out, strings.Trim(id, "+?"))
	}
	return out
}

func text(t *testing.T, r *doctor.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteText(&b, format.Screen{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// found lists the findings as "sticky", those that show only after others as
// "+sticky", those that may not be as "behind?".
func found(r *doctor.Report) []string {
	out := []string{}
	for _, s := range r.Sites {
		for _, f := range s.Findings {
			id := f.ID
			if f.Later {
				id = "+" + id
			}
			if f.Grade == doctor.If {
				id += "?"
			}
			out = append(out, id)
		}
	}
	return out
}

// special are the findings without those that every cluster has as long as it has
// the defaults of nginx, and the options do not say what adapter there is.
func special(finds []string) []string {
	return slices.DeleteFunc(finds, func(id string) bool {
		return slices.Contains([]string{"restart", "+restart", "adapter?", "+adapter?"}, id)
	})
}

// The configurations in testdata: what is found, on which line, and that there is
// a fix, which means that the fixed text passes the same experiments.
var configurations = []struct {
	name    string
	version nginx.Version
	front   string
	path    string
	finds   []string
	verdict doctor.Verdict
	line    int // of the first finding's cause
}{
	{name: "good", verdict: doctor.Costly},
	{name: "good-cookie", verdict: doctor.Works},

	{name: "no-upgrade", finds: []string{"sticky", "upgrade", "+behind?"}, verdict: doctor.Broken, line: 1},
	{name: "no-upgrade", version: "1.22", finds: []string{"sticky", "upgrade", "+behind?"}, verdict: doctor.Broken, line: 1},
	{name: "upgrade-only", finds: []string{"sticky", "+behind?"}, verdict: doctor.Broken, line: 1},
	{name: "ip-hash", finds: []string{"office", "scale", "behind?"}, verdict: doctor.Costly, line: 2},
	{name: "silent-polling", finds: []string{"upgrade", "office", "scale", "behind?"}, verdict: doctor.Broken, line: 12},

	{name: "behind-a-cdn", finds: []string{"behind?"}, verdict: doctor.Works, line: 8},
	{name: "three-nodes", finds: []string{"behind?"}, verdict: doctor.Works, line: 2},
	{name: "upgrade-always", finds: []string{"sticky"}, verdict: doctor.Broken, line: 13},
	{name: "tiny-bodies", finds: []string{"large"}, verdict: doctor.Broken, line: 9},
	{name: "one-try", finds: []string{"death"}, verdict: doctor.Broken, line: 13},
	{name: "key-header", finds: []string{"bypass?"}, verdict: doctor.Works, line: 2},
	{name: "returns", finds: []string{"reach"}, verdict: doctor.Broken, line: 11},
	{name: "include", finds: []string{"upgrade?", "behind?"}, verdict: doctor.Works, line: 10},
	{name: "rewrite", finds: []string{"behind?"}, verdict: doctor.Works, line: 6},
	{name: "limits", finds: []string{"forbidden?", "limit?"}, verdict: doctor.Works, line: 7},
	{name: "front-elsewhere", front: "203.0.113.10", finds: []string{"behind"}, verdict: doctor.Costly, line: 10},
	{name: "spoofed", finds: []string{"spoofed"}, verdict: doctor.Costly, line: 11},
	{name: "idle-timeout", finds: []string{"idle"}, verdict: doctor.Broken, line: 17},
	{name: "native-clients", finds: []string{"sticky?"}, verdict: doctor.Works, line: 2},
	{name: "request-key", finds: []string{"sticky"}, verdict: doctor.Broken, line: 2},
	{name: "same-key", finds: []string{"key"}, verdict: doctor.Costly, line: 2},
	{name: "upgrade-elsewhere", finds: []string{"upgrade"}, verdict: doctor.Broken, line: 2},
	{name: "node-dies", finds: []string{"death"}, verdict: doctor.Broken, line: 3},
	{name: "path-cut", finds: []string{"reach"}, verdict: doctor.Broken, line: 16},
	{name: "path-other", path: "/socket.io/", finds: []string{"reach"}, verdict: doctor.Broken, line: 8},
	{name: "reload", finds: []string{"reload"}, verdict: doctor.Broken, line: 1},
	{name: "modulo", finds: []string{"scale"}, verdict: doctor.Costly, line: 2},
	{name: "connection-value", finds: []string{"upgrade"}, verdict: doctor.Broken, line: 20},
	{name: "upgrade-pool", finds: []string{"upgrade"}, verdict: doctor.Broken, line: 28},
	{name: "proxy-protocol", finds: []string{"key"}, verdict: doctor.Costly, line: 8},
	{name: "small-bodies", finds: []string{"large?"}, verdict: doctor.Works, line: 14},
	{name: "least-conn", finds: []string{"sticky"}, verdict: doctor.Broken, line: 2},
}

var raced bool // the race detector is on

// wholly are the configurations with which all experiments run, but not under the
// race detector: all that it can see is in each experiment. With the others only
// the decisive ones run.
var wholly = []string{"good", "ip-hash", "no-upgrade", "node-dies", "spoofed", "limits"}

// some are those of a list that run: all, or under the race detector, which needs
// the code and not the verdicts, every sixth.
func some[T any](list []T) []T {
	if !raced {
		return list
	}
	var out []T
	for i := 0; i < len(list); i += 6 {
		out = append(out, list[i])
	}
	return out
}

// options are those of the first configuration of a name.
func options(name string) doctor.Options {
	o := doctor.Options{Source: name + ".conf"}
	for _, c := range configurations {
		if c.name == name && (raced || !slices.Contains(wholly, name)) {
			finds := c.finds
			if slices.Contains(wholly, name) { // "restart" is found in any file of several nodes
				finds = append(slices.Clone(finds), "death")
			}
			o = o.Only(decisive(finds)...)
			break
		}
	}
	return o
}

func TestConfigurations(t *testing.T) {
	for _, c := range some(configurations) {
		name := c.name
		if c.version != "" {
			name += "-" + string(c.version)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(c.name)
			if c.version != "" {
				o = o.Only(decisive(c.finds)...)
			}
			o.Version, o.Path = c.version, c.path
			if c.front != "" {
				o.Front = netip.MustParseAddr(c.front)
			}
			r := examine(t, read(t, c.name), o)
			if got := special(found(r)); !slices.Equal(got, c.finds) && len(got)+len(c.finds) > 0 {
				t.Errorf("found %q, want %q", got, c.finds)
			}
			if r.Verdict() != c.verdict {
				t.Errorf("verdict %q, want %q", r.Verdict(), c.verdict)
			}
			first := true
			for _, f := range r.Sites[0].Findings {
				if f.Fix == nil && (f.Grade != doctor.If || f.Settle == "") {
					t.Errorf("%s has no fix", f.ID)
				}
				if first && len(c.finds) > 0 && f.ID == strings.Trim(c.finds[0], "+?") {
					if first = false; f.Cause.Line != c.line {
						t.Errorf("%s is due to line %d, want %d", f.ID, f.Cause.Line, c.line)
					}
				}
			}
			unfixed := func(f doctor.Finding) bool { return f.Fix == nil }
			if !r.Sites[0].Sound && !slices.ContainsFunc(r.Sites[0].Findings, unfixed) {
				t.Error("all fixes together do not pass")
			}
			if !raced {
				golden(t, name, text(t, r))
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("report (-want +got):\n%s", d)
	}
}

// A text with all fixes of a report has no findings.
func TestTheFixedTextHasNoFindings(t *testing.T) {
	for _, name := range []string{"no-upgrade", "path-other"} {
		o := options(name)
		o.Adapter, o.Path = "redis", "/socket.io/"
		r := examine(t, read(t, name), o)
		again := examine(t, r.Sites[0].Fixed, o)
		if got := found(again); len(got) > 0 {
			t.Errorf("%s, fixed: found %q in\n%s", name, got, r.Sites[0].Fixed)
		}
	}
}

func TestTheSameTextHasTheSameReport(t *testing.T) {
	const name = "node-dies"
	again, _, err := doctor.Examine(t.Context(), read(t, name), options(name))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(text(t, examine(t, read(t, name), options(name))), text(t, again)); d != "" {
		t.Fatalf("another report (-first +now):\n%s", d)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := examine(t, read(t, "upgrade-only"), options("upgrade-only")).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  int
		Verdict string
		Source  string
		Sites   []struct {
			Upstream string
			Findings []struct {
				ID, Grade string
				Clients   []struct {
					Kind    string
					Bad, Of int
				}
				Cause struct {
					Line    int
					Missing bool
				}
				Fix *struct{ Diff string }
			}
		}
		NotTried []string `json:"not_tried"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "\n") != 1 {
		t.Error("it is not one line")
	}
	if got.Schema != 2 || got.Verdict != "breaks" || got.Source != "upgrade-only.conf" || len(got.NotTried) == 0 || len(got.Sites) != 1 || len(got.Sites[0].Findings) != 3 {
		t.Fatalf("%s", b.String())
	}
	f := got.Sites[0].Findings[0]
	if f.ID != "sticky" || f.Grade != "breaks" || f.Cause.Line != 1 || !f.Cause.Missing || f.Fix == nil || !strings.Contains(f.Fix.Diff, "\n+    hash $remote_addr consistent;\n") ||
		f.Clients[1].Kind != "polling" || f.Clients[1].Bad != f.Clients[1].Of {
		t.Errorf("%+v", f)
	}
}

// Of many routes through a text only so many are examined that the experiments
// stay few; the others are named.
func TestManyServers(t *testing.T) {
	var conf strings.Builder
	for i := range 13 {
		fmt.Fprintf(&conf, "server { server_name s%d.org; location / { proxy_pass http://10.0.0.%[1]d:3000; %s } }\n", i+1, headers)
	}
	r := examine(t, conf.String(), doctor.Options{}.Only())
	tried := 0
	for _, s := range r.Sites {
		tried += len(s.Tried)
	}
	if len(r.Sites) != 12 || tried != 12 || len(r.Left) == 0 || !strings.HasPrefix(r.Left[len(r.Left)-1].Text, "server s13.org") {
		t.Errorf("%d sites, %d experiments, left out %v", len(r.Sites), tried, r.Left)
	}
	if !strings.Contains(text(t, r), "Left: line 13: server s13.org (line 13): too many experiments with the others") {
		t.Error(text(t, r))
	}
}

func TestControlCharactersAreNotPrinted(t *testing.T) {
	r := examine(t, "upstream \"a\x1b[31m\" { server b:1; server c:1; }\nserver { location / { proxy_pass \"http://a\x1b[31m\"; } }\n", doctor.Options{From: doctor.Direct})
	if got := text(t, r); strings.Contains(got, "\x1b") || !strings.Contains(got, "a?[31m") {
		t.Errorf("%q", got)
	}
}

// A lesson is named only if there is one.
func TestLessons(t *testing.T) {
	o := options("idle-timeout")
	if got := examine(t, read(t, "idle-timeout"), o).Sites[0].Findings[0].Lesson; got != "idle-timeout" {
		t.Errorf("got %q", got)
	}
	o = o.Only("idle")
	o.Lessons = []string{"node-dies"}
	if got := examine(t, read(t, "idle-timeout"), o).Sites[0].Findings[0].Lesson; got != "" {
		t.Errorf("got %q", got)
	}
}

// Of much that was left the text names some, and says how much more there is.
func TestMuchIsLeft(t *testing.T) {
	conf := "server { server_name chat.org; location / { proxy_pass http://10.0.0.1:1; " + headers + " } }\n"
	for i := range 12 {
		conf += fmt.Sprintf("upstream u%d { server 10.1.0.%[1]d:1; } server { server_name s%[1]d.org; location / { proxy_pass http://u%[1]d; } }\n", i+1)
	}
	r := examine(t, conf, doctor.Options{}.Only())
	if got := text(t, r); len(r.Left) != 13 || strings.Count(got, "Left: ") != 9 || !strings.Contains(got, "Left: 5 more; --json lists all") {
		t.Errorf("%d left:\n%s", len(r.Left), got)
	}
}
