package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"stickylab/cluster/nginx"
	"stickylab/scenarios"
)

// kinds are the schemas of the manifests.
var kinds = map[string]string{
	"v1 ConfigMap": "io.k8s.api.core.v1.ConfigMap", "v1 Service": "io.k8s.api.core.v1.Service", "v1 PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
	"apps/v1 Deployment": "io.k8s.api.apps.v1.Deployment", "batch/v1 Job": "io.k8s.api.batch.v1.Job",
}

// definitions are the published schemas of Kubernetes.
func definitions(t *testing.T) map[string]map[string]any {
	t.Helper()
	text, err := os.ReadFile("testdata/kubernetes/definitions.json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// manifests returns the documents of a text by kind and name, each valid.
func manifests(t *testing.T, text string) map[string]map[string]any {
	t.Helper()
	all := definitions(t)
	out := map[string]map[string]any{}
	for i, part := range strings.Split(text, "\n---\n") {
		if i == 0 {
			for line := range strings.Lines(part) {
				if line != "\n" && !strings.HasPrefix(line, "#") {
					t.Errorf("%q before the first manifest", line)
				}
			}
			continue
		}
		var m map[string]any
		if err := yaml.Unmarshal([]byte(part+"\n"), &m); err != nil {
			t.Fatalf("%v\n%s", err, part)
		}
		kind := fmt.Sprint(m["apiVersion"], " ", m["kind"])
		schema, ok := all[kinds[kind]]
		if !ok {
			t.Fatalf("no schema of %q", kind)
		}
		if err := fits(all, schema, m, kind); err != nil {
			t.Errorf("%v\n%s", err, part)
		}
		name := fmt.Sprint(m["kind"], "/", at(m, "metadata", "name"))
		if out[name] != nil {
			t.Errorf("%s is there twice", name)
		}
		out[name] = m
	}
	return out
}

// fits checks a value against a schema of OpenAPI. A key that the schema does not have is an
// error, as it is to kubectl, and so is a keyword that is not known here.
func fits(all map[string]map[string]any, schema map[string]any, v any, path string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...))
	}
	object, _ := v.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	for keyword, arg := range schema {
		switch keyword {
		case "properties", "additionalProperties":
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/definitions/")
			if all[name] == nil {
				return fail("no definition %s", name)
			}
			return fits(all, all[name], v, path)
		case "type":
			_, isText := v.(string)
			n, isNumber := number(v)
			_, isList := v.([]any)
			_, isBool := v.(bool)
			whole := isNumber && n == math.Trunc(n)
			ok := map[string]bool{"object": object != nil, "array": isList, "string": isText || schema["format"] == "int-or-string" && whole, "integer": whole, "number": isNumber, "boolean": isBool}
			if !ok[arg.(string)] {
				return fail("%v (%T) is no %v", v, v, arg)
			}
		case "format":
			if n, ok := number(v); ok && arg == "int32" && (n > math.MaxInt32 || n < math.MinInt32) {
				return fail("%v is no int32", v)
			}
		case "required":
			for _, key := range arg.([]any) {
				if _, ok := object[key.(string)]; !ok {
					return fail("lacks %v", key)
				}
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				if err := fits(all, arg.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		default:
			return fail("the schema has %q", keyword)
		}
	}
	more, _ := schema["additionalProperties"].(map[string]any)
	for key, value := range object {
		one, ok := properties[key].(map[string]any)
		if !ok && more == nil && schema["properties"] != nil {
			return fail("unknown key %q", key)
		} else if !ok {
			one = more
		}
		if one != nil {
			if err := fits(all, one, value, path+"."+key); err != nil {
				return err
			}
		}
	}
	return nil
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case uint64:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// at returns what is at a path of keys and numbers, nil for nothing.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			list, _ := v.([]any)
			if p >= len(list) {
				return nil
			}
			v = list[p]
		}
	}
	return v
}

// The check of the manifests finds mistakes of form.
func TestSchemasRefuseMistakes(t *testing.T) {
	all := definitions(t)
	for _, text := range []string{
		"{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {prots: []}}",
		"{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: [{name: a}]}}",
		"{apiVersion: v1, kind: Service, metadata: {name: 5}, spec: {ports: [{port: 80}]}}",
		`{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: [{port: "80"}]}}`,
		"{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: {port: 80}}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {a: {b: c}}}",
		"{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {ports: [{port: 99999999999}]}}",
		"{apiVersion: batch/v1, kind: Job, metadata: {name: x}, spec: {completions: 3}}",
	} {
		var m map[string]any
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		if err := fits(all, all[kinds[fmt.Sprint(m["apiVersion"], " ", m["kind"])]], m, ""); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

// The manifests of every scenario are valid, each selector finds its pods, and every server
// line of nginx leads to a service, and on to the port that its node listens on.
func TestKubernetesManifests(t *testing.T) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		p := planOf(t, name, text)
		out, _, err := Kubernetes(Options{Plan: p, Name: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := manifests(t, out)
		for key, m := range all {
			if !strings.HasPrefix(key, "Service/") {
				continue
			}
			d := all["Deployment/"+strings.TrimPrefix(key, "Service/")]
			labels, _ := at(d, "spec", "template", "metadata", "labels").(map[string]any)
			if selector := at(m, "spec", "selector").(map[string]any); !maps.Equal(selector, labels) || !maps.Equal(selector, at(d, "spec", "selector", "matchLabels").(map[string]any)) {
				t.Errorf("%s: %s selects %v, and there is %v", name, key, selector, labels)
			}
			if a, b := at(m, "spec", "ports", 0, "targetPort"), at(d, "spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"); a != b {
				t.Errorf("%s: %s leads to %v, which listens on %v", name, key, a, b)
			}
		}
		conf, problems := nginx.Parse(at(all["ConfigMap/proxy"], "data", "nginx.conf").(string), p.File.NginxVersion)
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
			continue
		}
		nodes := map[string]bool{}
		if p.Upstream != "" {
			for _, s := range conf.Upstream(p.Upstream).Servers {
				nodes[s.Host] = true
				if port, _ := number(at(all["Service/"+s.Host], "spec", "ports", 0, "port")); int(port) != s.Port {
					t.Errorf("%s: server %s, and its service has port %v", name, s.Address, port)
				}
			}
		}
		for _, n := range p.Nodes {
			services, _ := serviceNames(p.Nodes)
			args := fmt.Sprint(at(all["Deployment/"+services[slices.Index(p.Nodes, n)]], "spec", "template", "spec", "containers", 0, "args"))
			if !strings.Contains(args, "node --name "+n.Name+" --listen 0.0.0.0:"+fmt.Sprint(n.Listen.Port())) {
				t.Errorf("%s: %s is started with %s", name, n.Name, args)
			}
			if strings.Contains(args, "redis://redis:6379") != (all["Service/redis"] != nil) {
				t.Errorf("%s: %s is started with %s, and Redis is %v", name, n.Name, args, all["Service/redis"])
			}
		}
	}
}

func TestServiceNames(t *testing.T) {
	p := planOf(t, "x.yaml", []byte("title: x\nduration: 5s\nnodes: [{name: IM-1}, {name: im.2}, {name: 3-im}]\nproxy: {policy: ip_hash}\nclients: {a: {ip: 203.0.113.7}}\n"))
	if got, err := serviceNames(p.Nodes); err != nil || !slices.Equal(got, []string{"im-1", "im-2", "node-3-im"}) {
		t.Errorf("%q, %v", got, err)
	}
	p = planOf(t, "x.yaml", []byte("title: x\nduration: 5s\nnodes: [{name: im.1}, {name: im-1}]\nproxy: {policy: ip_hash}\nclients: {a: {ip: 203.0.113.7}}\n"))
	if _, _, err := Kubernetes(Options{Plan: p, Name: "x"}); err == nil || !strings.Contains(err.Error(), "im.1 and im-1 would both be the service im-1") {
		t.Error(err)
	}
}

// The scripts of the pods, run by a shell in place of the pods', cover every run once, take
// runs that fail for results, and merge them.
func TestKubernetesJobRuns(t *testing.T) {
	src := []byte("title: \"Small\\e\"\nduration: 3s\nnodes: 2\nproxy: {policy: ip_hash}\nclients: {a: {count: 2, ip: 203.0.113.0/24, say: every 1s}}\nexpect: [{at: end, that: \"delivery.cross.ratio == 1\"}]\n")
	out := KubernetesJob(Job{Plan: planOf(t, "small.yaml", src), Name: "small", Text: string(src), Shards: 3, Words: []string{"--seeds", "1..7", "--set", "'title=$(HOME)'"}})
	all := manifests(t, out)
	if at(all["Job/sweep"], "spec", "completionMode") != "Indexed" || at(all["Job/sweep"], "spec", "completions") != uint64(3) {
		t.Errorf("%v", at(all["Job/sweep"], "spec"))
	}
	if got := at(all["ConfigMap/sweep-scenario"], "data", "scenario.yaml"); got != string(src) {
		t.Errorf("the scenario is %q", got)
	}
	dir := t.TempDir()
	recorder := filepath.Join(dir, "stickylab")
	// It keeps its arguments where they say that it writes, and ends as a sweep that failed.
	script := "#!/bin/sh\nfor a; do last=$a; done\n[ \"$2\" = --merge ] && { shift 2; cat \"$@\"; exit 1; }\nprintf '%s|' \"$@\" >\"$last\"\necho >>\"$last\"\nexit ${END:-1}\n"
	if err := os.WriteFile(recorder, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(job string, env ...string) (string, error) {
		text := at(all["Job/"+job], "spec", "template", "spec", "containers", 0, "args", 0).(string)
		text = strings.NewReplacer("$$(", "$(", "/stickylab", recorder, "/results", dir).Replace(text) // $$ as Kubernetes reads it
		cmd := exec.Command("/bin/sh", "-c", text)
		cmd.Env = append(os.Environ(), env...)
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	for i := range 3 {
		if said, err := run("sweep", fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i)); err != nil {
			t.Errorf("%v\n%s", err, said)
		}
	}
	if _, err := run("sweep", "JOB_COMPLETION_INDEX=0", "END=2"); err == nil {
		t.Error("a sweep whose input is wrong is taken for a result")
	}
	// Of another sweep in the same volume.
	if err := os.WriteFile(filepath.Join(dir, "0123456789ab-1-of-3.jsonl"), []byte("stale"), 0o644); err != nil {
		t.Fatal(err)
	}
	said, err := run("sweep-merge")
	if strings.Contains(said, "stale") {
		t.Errorf("another sweep is merged:\n%s", said)
	}
	if err == nil {
		t.Error("a sweep that failed is merged into one that did not")
	}
	for i := range 3 {
		want := fmt.Sprintf("sweep|/scenario/scenario.yaml|--seeds|1..7|--set|title=$(HOME)|--shard|%d/3|--jobs|1|--out|%s/[0-9a-f]{12}-%d-of-3.jsonl|", i+1, dir, i)
		if !regexp.MustCompile(strings.NewReplacer("|", `\|`, "$(HOME)", `\$\(HOME\)`).Replace(want)).MatchString(said) {
			t.Errorf("merged\n%slacks\n%s", said, want)
		}
	}
}

// The first lines name no image that does not exist: they say how to make it.
func TestImagesAreMade(t *testing.T) {
	text, err := scenarios.Read("redis-adapter")
	if err != nil {
		t.Fatal(err)
	}
	p := planOf(t, "redis-adapter", text)
	cluster, _, err := Kubernetes(Options{Plan: p, Name: "redis-adapter", Image: "registry.example.com/x:1"})
	if err != nil {
		t.Fatal(err)
	}
	job := KubernetesJob(Job{Plan: p, Name: "redis-adapter", Shards: 1, Image: "registry.example.com/x:1"})
	for _, out := range []string{cluster, job} {
		for _, m := range regexp.MustCompile(`(?m)^ +image: "(.*)"$`).FindAllStringSubmatch(out, -1) {
			known := strings.HasPrefix(m[1], "nginx:") || strings.HasPrefix(m[1], "redis:")
			if !known && !strings.Contains(out, "docker build -t "+m[1]+" ") {
				t.Errorf("%s is not made", m[1])
			}
		}
	}
	if !strings.Contains(job, "FROM busybox") { // it needs a shell
		t.Error("the image of the job has no shell")
	}
}

// An adapter that a node alone does not have is said, not left out in silence.
func TestAdaptersThatNodesLack(t *testing.T) {
	p := planOf(t, "x.yaml", []byte("title: x\nduration: 5s\nadapter: redis-sharded\nnodes: 2\nproxy: {policy: ip_hash}\nclients: {a: {ip: 203.0.113.7}}\n"))
	if _, remarks, err := Kubernetes(Options{Plan: p, Name: "x"}); err != nil || !slices.Contains(remarks, "stickylab node has no adapter redis-sharded: no message crosses nodes") {
		t.Errorf("%q, %v", remarks, err)
	}
}
