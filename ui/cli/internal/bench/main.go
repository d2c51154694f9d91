// Command bench compares two programs, old and new, by turns in one run: `.ci/bench` calls it.
//
//	bench OLD NEW ROUNDS
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one thing that is measured.
type row struct {
	what, unit string
	args       []string // of the program, in a folder with the files below
	codes      []int    // exit codes that are no failure, besides 0
	value      func(r ran) (float64, error)
}

// ran is what one run of a program took.
type ran struct {
	program string
	out     []byte
	cpu     time.Duration // user and system
	peak    int64         // bytes of memory; 0 where that is not known
}

// files are the inputs.
var files = map[string]string{
	"talk.yaml":    talk(100, 20),
	"crowd.yaml":   talk(500, 6),
	"connect.yaml": idle(1000, 15),
	"one.yaml":     idle(1, 15),
	"nginx.conf": `upstream chat { server 10.0.0.1:3000; server 10.0.0.2:3000; server 10.0.0.3:3000; }
server { listen 80; location /socket.io/ { proxy_pass http://chat; } }
`,
}

// talk is a scenario in which clients in one room say something every 5 s, over the adapter.
func talk(clients, seconds int) string {
	return fmt.Sprintf(`title: Talk
duration: %ds
nodes: 2
adapter: redis
proxy: {policy: ip_hash}
clients: {a: {count: %d, ip: 10.0.0.0/8, connect: 0s..2s, say: every 5s}}
`, seconds, clients)
}

// idle is a scenario in which clients connect and say nothing.
func idle(clients, seconds int) string {
	return fmt.Sprintf(`title: Idle
duration: %ds
nodes: 2
proxy: {policy: ip_hash}
clients: {a: {count: %d, ip: 10.0.0.0/8, connect: 0s..5s}}
`, seconds, clients)
}

// delivered returns how many deliveries the results on standard output had.
func delivered(r ran) (float64, error) {
	n := 0
	for line := range strings.Lines(string(r.out)) {
		var result struct {
			Delivery struct{ Total struct{ Arrived int } }
		}
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			return 0, err
		}
		n += result.Delivery.Total.Arrived
	}
	if n == 0 {
		return 0, errors.New("nothing was delivered")
	}
	return float64(n), nil
}

func perDelivery(r ran) (float64, error) {
	n, err := delivered(r)
	return float64(r.cpu.Microseconds()) / n, err
}

func milliseconds(r ran) (float64, error) { return float64(r.cpu.Microseconds()) / 1000, nil }

var rows = []row{
	{"delivery, 100 clients", "us of CPU", []string{"run", "talk.yaml", "--json"}, nil, perDelivery},
	{"delivery, 500 clients", "us of CPU", []string{"run", "crowd.yaml", "--json"}, nil, perDelivery},
	{"connect, of 1,000 clients", "us of CPU", []string{"run", "connect.yaml", "--json"}, nil, func(r ran) (float64, error) { return float64(r.cpu.Microseconds()) / 1000, nil }},
	{"memory at the peak, of 1,000 idle clients", "KB a client", []string{"run", "connect.yaml", "--json"}, nil, func(r ran) (float64, error) {
		if r.peak == 0 {
			return 0, errors.New("this system does not tell")
		}
		return float64(r.peak) / 1024 / 1000, nil
	}},
	{"four scenarios with their variants", "ms of CPU", []string{"run", "two-regions", "node-dies", "which-policy", "redis-down"}, []int{1}, milliseconds},
	{"sweep, 8 seeds of two-regions", "ms of CPU", []string{"sweep", "two-regions", "--seeds", "1..8"}, nil, milliseconds},
	{"doctor, three servers", "ms of CPU", []string{"doctor", "nginx.conf"}, []int{1}, milliseconds},
	{"explain, one address", "ms of CPU", []string{"explain", "--nginx", "nginx.conf", "203.0.113.77"}, nil, milliseconds},
	{"start", "ms of CPU", []string{"--version"}, nil, milliseconds},
	{"the program itself", "MB", []string{"--version"}, nil, func(r ran) (float64, error) {
		info, err := os.Stat(r.program)
		if err != nil {
			return 0, err
		}
		return float64(info.Size()) / 1e6, nil
	}},
}

func main() {
	if err := compare(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func compare(args []string) error {
	if len(args) != 3 {
		return errors.New("OLD NEW ROUNDS")
	}
	rounds, err := strconv.Atoi(args[2])
	if err != nil || rounds < 1 {
		return fmt.Errorf("%q is no number of rounds", args[2])
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	b := &bench{dir: dir, programs: args[:2], rounds: rounds, done: map[string][]runs{}}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "what\tunit\told\tnew\tnew / old\t\n")
	for _, x := range rows {
		fmt.Fprintln(w, b.line(x))
		fmt.Fprintf(os.Stderr, "%s\n", x.what)
	}
	return w.Flush()
}

// runs are those of a program, or what failed.
type runs struct {
	all    []ran
	failed error
}

// bench holds what was run, by its arguments: rows that look at the same runs share them.
type bench struct {
	dir      string
	programs []string
	rounds   int
	done     map[string][]runs
}

// run runs the programs with the arguments of a row, by turns.
func (b *bench) run(x row) []runs {
	key := strings.Join(x.args, " ")
	if b.done[key] != nil {
		return b.done[key]
	}
	out := make([]runs, len(b.programs))
	for round := range b.rounds {
		for k := range b.programs {
			i := (k + round) % len(b.programs) // neither is always the first
			if out[i].failed != nil {
				continue
			}
			r, err := start(b.dir, b.programs[i], x)
			out[i].failed = err
			out[i].all = append(out[i].all, r)
		}
	}
	b.done[key] = out
	return out
}

// line measures a row and returns it as a line of the table.
func (b *bench) line(x row) string {
	values := make([][]float64, len(b.programs))
	failed := make([]error, len(b.programs))
	for i, of := range b.run(x) {
		failed[i] = of.failed
		for _, r := range of.all {
			if failed[i] == nil {
				var v float64
				v, failed[i] = x.value(r)
				values[i] = append(values[i], v)
			}
		}
	}
	cells := []string{x.what, x.unit}
	for i := range b.programs {
		if failed[i] != nil {
			cells = append(cells, "- ("+failed[i].Error()+")")
			continue
		}
		slices.Sort(values[i])
		cells = append(cells, fmt.Sprintf("%.3g (%.3g to %.3g)", median(values[i]), values[i][0], values[i][len(values[i])-1]))
	}
	if errors.Join(failed...) != nil {
		return strings.Join(append(cells, "-"), "\t") + "\t"
	}
	before, after := values[0], values[1]
	note := ""
	if before[0] <= after[len(after)-1] && after[0] <= before[len(before)-1] {
		note = "  no difference seen"
	}
	return strings.Join(append(cells, fmt.Sprintf("%.2f%s", median(after)/median(before), note)), "\t") + "\t"
}

// median is the middle one of numbers in order.
func median(v []float64) float64 {
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// start runs a program once. It fails when the program does.
func start(dir, program string, x row) (ran, error) {
	cmd := exec.Command(program, x.args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(x.codes, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return ran{}, err
	}
	s := cmd.ProcessState
	return ran{program: program, out: out, cpu: s.UserTime() + s.SystemTime(), peak: peak(s)}, nil
}
