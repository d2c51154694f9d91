package why

import (
	"os"
	"slices"
	"strings"
	"testing"
)

type paste struct{ want, text string }

// pastes reads a file of pasted texts.
func pastes(t *testing.T, file string) (out []paste) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+string(text), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		out = append(out, paste{strings.TrimSpace(name), strings.TrimSpace(rest)})
	}
	return out
}

// What people paste finds the right entry first, whatever is around it.
func TestPastedTexts(t *testing.T) {
	all := pastes(t, "testdata/pasted.txt")
	if len(all) < 40 {
		t.Fatalf("only %d texts", len(all))
	}
	unclear := 0
	for _, p := range all {
		if Named(p.want) == nil {
			t.Errorf("there is no entry %q", p.want)
		}
		a := Ask(p.text)
		var found []string
		for _, e := range append([]*Entry{a.Best}, a.Also...) {
			if e != nil {
				found = append(found, e.Name)
			}
		}
		if len(found) == 0 || found[0] != p.want {
			t.Errorf("want %s, found %s:\n%s", p.want, strings.Join(found, ", "), p.text)
		}
		if a.Best == nil {
			unclear++
		}
	}
	if unclear > len(all)/10 {
		t.Errorf("of %d texts %d lead to a list of several things", len(all), unclear)
	}
}

// The noise around a text changes nothing: prefixes, quotes, JSON, colours, case.
func TestNoise(t *testing.T) {
	for _, text := range []string{"Session ID unknown", "upstream prematurely closed connection", "Invalid frame header", "persistSession is not a function"} {
		want := Of(text)
		for _, noisy := range []string{
			strings.ToUpper(text), "  " + text + "\n", "\x1b[31m" + text + "\x1b[0m", `{"error":"` + text + `","status":500}`,
			"Error: " + text + "\n    at foo (/app/index.js:12:3)\n    at bar (node:internal/x:1:2)",
			"Uncaught (in promise) " + text, "[2025-01-01T00:00:00.000Z] ERROR " + text + " request_id=8f0c", `"msg":"a\n` + text + `\nb"`,
			strings.ReplaceAll(text, " ", "\n"), strings.ReplaceAll(text, " ", "  "), "<h1>" + text + "</h1>",
		} {
			if a := Ask(noisy); a.Best != want {
				t.Errorf("%q does not find %s", noisy, want.Name)
			}
		}
	}
}

// Slips of the pen are seen through.
func TestMisspelt(t *testing.T) {
	for text, want := range map[string]string{
		"sesion ID unknwon":                    "session-id-unknown",
		"upstrem prematurly closed connection": "upstream-prematurely-closed",
		"mesages only reach some usres":        "some-users",
	} {
		if a := Ask(text); a.Best == nil || a.Best.Name != want {
			t.Errorf("%q does not find %s: %+v", text, want, a)
		}
	}
}

// What the dictionary does not know it does not explain: nothing is found, and what
// comes nearest is only named.
func TestUnknown(t *testing.T) {
	for _, text := range []string{
		"MongoServerError: E11000 duplicate key error collection: shop.users index: email_1 dup key",
		"TypeError: Cannot read properties of undefined (reading 'map')",
		"npm ERR! code ERESOLVE npm ERR! ERESOLVE unable to resolve dependency tree",
		"java.lang.NullPointerException at com.example.Main.main(Main.java:5)",
		"fatal: not a git repository (or any of the parent directories): .git",
		"how do I center a div", "the weather is nice today", "segmentation fault (core dumped)",
		"ModuleNotFoundError: No module named 'flask'", "hello", "北京", "???", "", " ", "x", "redis", "the server is down and I am sad",
		"ORA-00942: table or view does not exist", "Hydration failed because the initial UI does not match", "deprecated package warning",
		"MongoServerError: E11000 duplicate key error collection messages", "git push rejected because the remote server contains work",
	} {
		if a := Ask(text); a.Found() || len(a.Near) > mostAlso {
			t.Errorf("%q leads to %+v; %+v", text, a.Best, Find(text)[0])
		}
	}
}

// What is not clear enough names what comes nearest.
func TestNearest(t *testing.T) {
	for text, want := range map[string]string{
		"connection lost": "missed-while-away",
		"websocket":       "",
	} {
		a := Ask(text)
		if a.Found() || len(a.Near) == 0 || want != "" && !slices.Contains(a.Near, Named(want)) {
			t.Errorf("%q: %v, %d near", text, a.Found(), len(a.Near))
		}
	}
}

// Where several things may be meant, they are listed.
func TestAmbiguous(t *testing.T) {
	for text, want := range map[string][]string{
		"connect() failed (111: Connection refused) while connecting to upstream\nno live upstreams while connecting to upstream": {"connection-refused", "no-live-upstreams"},
		"xhr poll error\n{\"code\":1,\"message\":\"Session ID unknown\"}":                                                         {"session-id-unknown", "xhr-poll-error"},
		"Error: xhr poll error, 413 Request Entity Too Large":                                                                     {"entity-too-large", "xhr-poll-error"},
	} {
		a := Ask(text)
		var got []string
		if a.Best != nil {
			got = append(got, a.Best.Name)
		}
		for _, e := range a.Also {
			got = append(got, e.Name)
		}
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%q: %v, want %v", text, got, want)
			}
		}
	}
}

func TestAskByName(t *testing.T) {
	for _, e := range All() {
		if a := Ask(e.Name); a.Best == nil || a.Best.Name != e.Name {
			t.Errorf("%s does not lead to itself", e.Name)
		}
	}
}

// Whatever is pasted, the matcher ends, is the same twice, and its answers are in
// order, each once.
func FuzzFind(f *testing.F) {
	for _, text := range []string{"Session ID unknown", "^$", "....", "a.b._'’\\n\x1b[", "400 400 400", "\x00\xff", "code 1 socket.io"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, again := Find(text), Find(text)
		seen := map[*Entry]bool{}
		for i, m := range found {
			if seen[m.Entry] || m.Score <= 0 || i > 0 && m.Score > found[i-1].Score || m != again[i] {
				t.Errorf("%q: %d is %+v after %+v, then %+v", text, i, m, found[max(i-1, 0)], again[i])
			}
			seen[m.Entry] = true
		}
		if a := Ask(text); a.Found() && len(a.Near) > 0 || len(a.Also) > mostAlso {
			t.Errorf("%q: %+v", text, a)
		}
	})
}
