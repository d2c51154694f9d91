package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

func theLesson(t *testing.T) *scenario.File {
	t.Helper()
	return mustParse(t, "lesson.yaml", read(t, "testdata/good/lesson.yaml"))
}

func variant(t *testing.T, f *scenario.File, name string) *scenario.File {
	t.Helper()
	v, err := f.Variant(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A variant is the file with its own keys laid over it: mappings key by key,
// null takes one away, edit changes the nginx text.
func TestAVariantDiffersInItsKeysAlone(t *testing.T) {
	f := theLesson(t)
	fixed, short := variant(t, f, "fixed"), variant(t, f, "short")
	if !strings.Contains(fixed.Proxy.Nginx, "hash $remote_addr consistent;") || strings.Contains(fixed.Proxy.Nginx, "ip_hash") {
		t.Errorf("the text was not edited:\n%s", fixed.Proxy.Nginx)
	}
	if len(fixed.Clients) != 1 || fixed.Clients[0].Count != 7 || fixed.Clients[0].Say != 5*time.Second {
		t.Errorf("clients %+v", fixed.Clients)
	}
	if fixed.Fronts != nil || fixed.Title != f.Title || fixed.Of != "fixed" || len(fixed.Steps) != 1 || fixed.Lesson != nil || fixed.Variants != nil {
		t.Errorf("%+v", fixed)
	}
	if short.Proxy != (scenario.Proxy{Policy: "least_conn"}) || short.Adapter != scenario.AdapterRedis || len(short.Steps) != 0 || short.Fronts == nil {
		t.Errorf("%+v", short)
	}
	if strings.Contains(f.Proxy.Nginx, "consistent") || len(f.Clients) != 2 || f.Adapter != scenario.AdapterNone {
		t.Error("the file itself has changed")
	}
	if own := variant(t, f, scenario.Base); own != f {
		t.Error("base is not the file itself")
	}
	for _, name := range []string{"fixed", "short"} {
		if _, errs := plan.Resolve(variant(t, f, name), nil); len(errs) > 0 {
			t.Error(errs)
		}
	}
	if _, err := f.Variant("fixd"); !strings.Contains(err.Error(), "did you mean") {
		t.Error(err)
	}
}

func TestAPredictionIsCompiled(t *testing.T) {
	plan, errs := plan.Resolve(theLesson(t), nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	type window struct{ At, From, Until time.Duration }
	var got []window
	for _, a := range plan.Asked {
		if len(a.Checks) != len(a.Choices) || a.Checks[0].Source != a.Choices[0].That {
			t.Errorf("%+v", a)
		}
		got = append(got, window{a.At, a.From, a.Until})
	}
	const s = time.Second
	if d := cmp.Diff([]window{{5 * s, 5 * s, 30 * s}, {5 * s, s, 20 * s}}, got); d != "" {
		t.Error(d)
	}
}

// What is wrong with a variant or a lesson is reported at its place, and once.
func TestMistakesInVariantsAndLessons(t *testing.T) {
	good := string(read(t, "testdata/good/lesson.yaml"))
	for _, tt := range []struct{ replace, by, want string }{
		{"  fixed:\n    summary", "  base:\n    summary", `lesson.yaml:31:3: "base" cannot be the name of a variant`},
		{"    expect:\n      - {at: 10s, that: \"clients.connected == 7\"}\n", "", `lesson.yaml:31:3: the variant "fixed" expects nothing`},
		{"clients.connected == 7", "clients.conected == 7", `lesson.yaml:39:34: unknown name "conected" in clients (in the variant "fixed")`},
		{"adapter: redis", "adaptor: redis", `lesson.yaml:41:5: unknown key "adaptor" (in the variant "short")`},
		{"adapter: redis", "variants: {}", `lesson.yaml:41:5: variants cannot be in a variant`},
		{"replace: \"ip_hash;\"", "replace: ip_hsh", `lesson.yaml:35:21: "ip_hsh" is not in the nginx text`},
		{"by: \"hash $remote_addr consistent;\"", "with: x", `lesson.yaml:35:11: this does not say what changes`},
		{"by: \"hash $remote_addr consistent;\"", "by: hsh;", `unknown directive "hsh"`},
		{"policy: least_conn, nginx: null", "edit: [], nginx: x", `edit changes the nginx text of the file`},
		{"homes: null", "office: {count: 0}, homes: null", `the key "office" appears twice`},
		{"topic: the road", "topik: the road", `unknown key "topik" in lesson`},
		{"fix: fixed", "mended: Yes.", `did you mean fixed?`},
		{"at: 21s, say", "at: 31s, say", `it is told at 31s, the run ends at 30s`},
		{"until: 20s", "until: 5s", `asked at 5s and answered at 5s`},
		{"from: 1s", "from: 20s", `the window from 20s to 20s is empty`},
		{"delivery.total.ratio < 1", "delivery.total.ration < 1", `unknown name "ration" in delivery.total`},
		{"        - {say: Fewer, that: \"clients.connected < 10\"}\n", "", `expected: 2 to 9 choices`},
		{"fix: fixed", "fix: fixt", `no variant "fixt"`},
		{"https://nginx", "nginx", `is not the address of a page`},
		{"duration: 30s", "duration: 30", `duration cannot be "30"`},
	} {
		text := strings.Replace(good, tt.replace, tt.by, 1)
		if text == good {
			t.Errorf("%q is not in the file", tt.replace)
			continue
		}
		_, errs := plan.Parse("lesson.yaml", []byte(text))
		if got := errs.Error(); strings.Count(got, tt.want) != 1 {
			t.Errorf("%s: want one %q in\n%s", tt.by, tt.want, got)
		}
	}
}
