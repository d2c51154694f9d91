package app_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"stickylab/ui/stage"
	"stickylab/ui/web/app"
)

func files(t *testing.T, engine app.Engine) map[string][]byte {
	t.Helper()
	all, err := app.Files(engine)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var policy = regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`)

// The page may load and reach nothing but its own origin, and nothing in it can become code.
func TestContentSecurityPolicy(t *testing.T) {
	m := policy.FindSubmatch(files(t, app.InTab)["index.html"])
	if m == nil {
		t.Fatal("there is no policy")
	}
	got := make(map[string]string)
	for _, directive := range strings.Split(string(m[1]), "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		got[name] = sources
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "worker-src": "'self' blob:", "style-src": "'self'",
		"img-src": "'self'", "connect-src": "'self'", "base-uri": "'none'", "form-action": "'none'",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, not %q", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("the policy also has %q", got)
	}
}

var named = regexp.MustCompile(`(?:from "\./|href="|src="|fetch\("|new URL\(")([\w-]+\.(?:json|js|css|svg|bin))`)

// Every file that the page names is there, and none is there in vain.
func TestFilesAreComplete(t *testing.T) {
	all := files(t, app.InTab)
	used := map[string]bool{"index.html": true, "engine.bin": true}
	for file, text := range all {
		for _, m := range named.FindAllSubmatch(text, -1) {
			name := string(m[1])
			if used[name] = true; all[name] == nil && name != "engine.bin" {
				t.Errorf("%s names %s, which is not there", file, name)
			}
		}
	}
	for name := range all {
		if !used[name] {
			t.Errorf("no file names %s", name)
		}
	}
	if len(all) < 10 {
		t.Errorf("%d files", len(all))
	}
}

// The page is told where its engine is.
func TestEngineIsNamed(t *testing.T) {
	for _, engine := range []app.Engine{app.InTab, app.Live} {
		if want := fmt.Sprintf(`<html lang="en" data-engine="%s">`, engine); !strings.Contains(string(files(t, engine)["index.html"]), want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

// Each colour of a node has its ink.
func TestInks(t *testing.T) {
	css := string(files(t, app.InTab)["app.css"])
	for c := stage.Colour(0); c < stage.Colours; c++ {
		if !strings.Contains(css, fmt.Sprintf(".ink-%d {", c)) {
			t.Errorf("%s has no ink", c)
		}
	}
}
