package plan_test

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// same compares files by what they say, not by where they say it.
var same = cmp.Options{
	cmpopts.IgnoreUnexported(scenario.File{}),
	cmpopts.IgnoreFields(scenario.File{}, "Variants", "Lesson"), // they are not written
	cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}, netip.Prefix{}),
	cmpopts.EquateNaNs(),
}

func mustParse(t testing.TB, name string, src []byte) *scenario.File {
	t.Helper()
	f, errs := plan.Parse(name, src)
	if err := errs.Err(); err != nil {
		t.Fatalf("%s:\n%s", name, err)
	}
	return f
}

func goodFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	out := map[string][]byte{"starter.yaml": []byte(scenario.Starter)}
	for _, path := range files {
		out[filepath.Base(path)] = read(t, path)
	}
	return out
}

func TestWrittenFileReadsBackEqual(t *testing.T) {
	for name, src := range goodFiles(t) {
		t.Run(name, func(t *testing.T) {
			f := mustParse(t, name, src)
			out, err := plan.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			again := mustParse(t, "written.yaml", out)
			if diff := cmp.Diff(f, again, same); diff != "" {
				t.Errorf("(-read +written)\n%s\n%s", diff, out)
			}
		})
	}
}

func TestWrittenFileLooksAsOneWritesIt(t *testing.T) {
	f := mustParse(t, "two-regions.yaml", read(t, "testdata/good/two-regions.yaml"))
	f.Steps = append(f.Steps, scenario.Step{At: 50 * time.Second, Verb: scenario.Say, Who: "beijing-01", Text: "it's: \"on\"\n"})
	out, err := plan.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/written.yaml", string(out))
}

func TestStepsGivenDuringARunAreChecked(t *testing.T) {
	f := mustParse(t, "two-regions.yaml", read(t, "testdata/good/two-regions.yaml"))
	built := *scenario.NewFile()
	built.Title, built.Duration, built.Nodes, built.Proxy, built.Clients = f.Title, f.Duration, f.Nodes, f.Proxy, f.Clients
	built.Steps = []scenario.Step{{At: time.Second, Verb: scenario.Kill, Node: "im-3031"}}
	_, err := plan.Marshal(&built)
	if err == nil || !strings.Contains(err.Error(), `steps[0].kill: no node "im-3031"`) {
		t.Errorf("error = %v", err)
	}
}
