package balance

import (
	"encoding/csv"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
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

// config is an upstream of a configs*.json file.
type config struct {
	ID      string
	Method  string
	Key     string
	Servers []struct {
		Name        string
		Weight      int
		Down        bool
		Backup      bool
		MaxFails    int `json:"max_fails"`
		FailTimeout int `json:"fail_timeout_s"`
	}
	Vectors string
}

func (c config) upstream(t *testing.T) *Upstream {
	t.Helper()
	method := Method{Name: c.Method}
	switch c.Method {
	case "hash":
		method.Args = []string{c.Key}
	case "hash_consistent":
		method = Method{"hash", []string{c.Key, "consistent"}}
	}
	var peers []Peer
	for _, s := range c.Servers {
		peers = append(peers, Peer{
			Name: s.Name, Address: s.Name, Weight: s.Weight, Down: s.Down, Backup: s.Backup,
			MaxFails: s.MaxFails, FailTimeout: time.Duration(s.FailTimeout) * time.Second,
		})
	}
	u, err := New(method, peers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func readConfigs(t *testing.T, file string) []config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors(), file))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Configs []config }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Configs
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
	if err != nil {
		t.Fatal(err)
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

// TestGolden promises nginx's choice for every recorded request.
func TestGolden(t *testing.T) {
	files := map[string]map[string][]map[string]string{}
	replayed, recorded := 0, 0
	for _, file := range []string{"configs.json", "configs-sticky.json"} {
		for _, c := range readConfigs(t, file) {
			if files[c.Vectors] == nil {
				files[c.Vectors] = rows(t, c.Vectors)
				for _, list := range files[c.Vectors] {
					recorded += len(list)
				}
			}
			t.Run(c.ID, func(t *testing.T) { replayed += c.replay(t, files[c.Vectors][c.ID]) })
		}
	}
	if replayed != recorded {
		t.Errorf("replayed %d of %d recorded rows", replayed, recorded)
	}
}

func (c config) replay(t *testing.T, rows []map[string]string) int {
	if len(rows) == 0 {
		t.Fatal("no rows recorded")
	}
	u := c.upstream(t)
	wrong := 0
	for i, row := range rows {
		var r Request
		if ip := row["client_ip"]; ip != "" {
			r.Addr = netip.MustParseAddr(ip)
		}
		if want, ok := row["remote_addr"]; ok {
			if got := RemoteAddr(r.Addr); got != want {
				t.Errorf("row %d: $remote_addr of %s is %q, want %q", i, r.Addr, got, want)
			}
		}
		switch c.Key {
		case "$remote_addr":
			r.Key = RemoteAddr(r.Addr)
		case "$arg_k":
			r.Key = row["key"]
		}
		if of := row["cookie_of"]; of != "" && of != "-" {
			r.Sticky = (&Peer{Address: of}).ID()
		}
		a := u.Start(r)
		chosen := "502"
		if p, err := a.Next(); err == nil {
			chosen = p.Address
			a.Done(false)
		}
		if chosen != row["chosen"] {
			if wrong++; wrong <= 5 {
				t.Errorf("row %d %v: chose %s", i, row, chosen)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d rows differ", wrong, len(rows))
	}
	return len(rows)
}
