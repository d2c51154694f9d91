package balance

import (
	"encoding/csv"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// vectors is where the choices recorded from a real nginx are (README.md there):
// testdata, or a directory of the same files given in NGINX_VECTORS.
func vectors() string {
	if dir := os.Getenv("NGINX_VECTORS"); dir != "" {
		return dir
	}
	return "testdata"
}

// config is an upstream of a configs*.json file. What a file leaves out has
// nginx's default.
type config struct {
	ID      string
	Method  string
	Key     string
	Servers []server
	Vectors string // the file with its rows
	Input   string
	Note    string
}

type server struct {
	Name        string
	Weight      *int
	Down        bool
	Backup      bool
	Drain       bool
	Route       string
	MaxConns    int  `json:"max_conns"`
	MaxFails    *int `json:"max_fails"`
	FailTimeout *int `json:"fail_timeout_s"`
}

func (c config) String() string {
	text, _ := json.Marshal(c)
	return string(text)
}

// events reports whether its rows are events, not choices.
func (c config) events() bool { return strings.HasSuffix(c.Vectors, ".jsonl") }

func (c config) upstream(t *testing.T) *Upstream {
	t.Helper()
	method := Method{Name: c.Method}
	switch c.Method {
	case "hash":
		method.Args = []string{c.Key}
	case "hash_consistent":
		method = Method{"hash", []string{c.Key, "consistent"}}
	}
	or := func(n *int, otherwise int) int {
		if n == nil {
			return otherwise
		}
		return *n
	}
	var peers []Peer
	for _, s := range c.Servers {
		peers = append(peers, Peer{
			Name: s.Name, Address: s.Name, Weight: or(s.Weight, 1), Down: s.Down, Backup: s.Backup, Drain: s.Drain, Route: s.Route, MaxConns: s.MaxConns,
			MaxFails: or(s.MaxFails, 1), FailTimeout: time.Duration(or(s.FailTimeout, 10)) * time.Second,
		})
	}
	u, err := New(method, peers, nil)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	return u
}

// key is the key of a request, by the row that it comes from.
func (c config) key(addr netip.Addr, row map[string]string) string {
	replacer := strings.NewReplacer("${remote_addr}", RemoteAddr(addr), "$remote_addr", RemoteAddr(addr), "${arg_k}", row["key"], "$arg_k", row["key"])
	return replacer.Replace(c.Key)
}

// readConfigs reads the configurations of all files.
func readConfigs(t *testing.T) []config {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectors(), "configs*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no configs*.json in %s: %v", vectors(), err)
	}
	var list []config
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Configs []config }
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, all.Configs...)
	}
	return list
}

// rows reads a vector file into maps by column, grouped by configuration.
func rows(t *testing.T, file string) map[string][]map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(vectors(), file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("%s: %d rows, %v", file, len(records), err)
	}
	for _, column := range []string{"config", "chosen"} {
		if !slices.Contains(records[0], column) {
			t.Fatalf("%s has no column %q", file, column)
		}
	}
	grouped := map[string][]map[string]string{}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		grouped[row["config"]] = append(grouped[row["config"]], row)
	}
	return grouped
}

// TestGolden promises nginx's choice for every recorded request. Each
// configuration is a subtest, and no row is left out: those of failures are
// TestFailures'.
func TestGolden(t *testing.T) {
	files := map[string]map[string][]map[string]string{}
	replayed := 0
	for _, c := range readConfigs(t) {
		if c.events() {
			continue
		}
		if files[c.Vectors] == nil {
			files[c.Vectors] = rows(t, c.Vectors)
		}
		list := files[c.Vectors][c.ID]
		delete(files[c.Vectors], c.ID)
		t.Run(c.ID, func(t *testing.T) { replayed += c.replay(t, list) })
	}
	t.Logf("%d rows", replayed)
	recorded, err := filepath.Glob(filepath.Join(vectors(), "vectors-*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range recorded {
		left, used := files[filepath.Base(path)]
		if !used {
			t.Errorf("%s: no configuration uses it", path)
		}
		for id, list := range left {
			t.Errorf("%s: %d rows of %q, which is no configuration", path, len(list), id)
		}
	}
}

func (c config) replay(t *testing.T, rows []map[string]string) int {
	if len(rows) == 0 {
		t.Fatalf("no rows recorded in %s", c.Vectors)
	}
	u := c.upstream(t)
	wrong := 0
	for i, row := range rows {
		var r Request
		if ip := row["client_ip"]; ip != "" {
			addr, err := netip.ParseAddr(ip)
			if err != nil {
				t.Fatalf("row %d: %v", i, err)
			}
			r.Addr = addr
		}
		if want, ok := row["remote_addr"]; ok {
			if got := RemoteAddr(r.Addr); got != want {
				t.Errorf("row %d: $remote_addr of %s is %q, want %q", i, r.Addr, got, want)
			}
		}
		r.Key = c.key(r.Addr, row)
		if of := row["cookie_of"]; of != "" && of != "-" {
			r.Sticky = c.cookie(of)
		}
		a := u.Start(r)
		chosen := "502"
		if p, err := a.Next(); err == nil {
			chosen = p.Address
			a.Done(false)
		}
		if chosen != row["chosen"] {
			if wrong++; wrong <= 5 {
				t.Errorf("row %d %v: chose %s, nginx %s", i, row, chosen, row["chosen"])
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d rows differ under %v", wrong, len(rows), c)
	}
	return len(rows)
}

// cookie is the sticky id of a server by its address, known or not.
func (c config) cookie(address string) string {
	p := Peer{Address: address}
	for _, s := range c.Servers {
		if s.Name == address {
			p.Route = s.Route
		}
	}
	return p.ID()
}
