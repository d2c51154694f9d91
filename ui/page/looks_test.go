//go:build peers

package page_test

import (
	"fmt"
	"testing"
)

// A visitor sees the page in each of these.
var screens = []struct {
	name          string
	width, height int
	mobile        bool
}{
	{"wide", 1280, 800, false},
	{"narrow", 390, 844, true},
	{"small", 320, 568, true},
	{"zoomed", 320, 256, false}, // 1280x1024 at 400 %
}

func TestLooks(t *testing.T) {
	s := start(t, sticky, true)
	b := browse(t)
	others := []*tab{
		b.open(s.url("?name=beijing-07"), 800, 600, false),
		b.open(s.url("?name=shanghai-12"), 800, 600, false),
		b.open(s.url("?name=a-name-as-long-as-names-can-be-in-here-1"), 800, 600, false),
	}
	p := b.open(s.url("?name=ann"), 1280, 800, false)
	for _, o := range append(others, p) {
		o.Until(connected)
	}
	for i, words := range []string{
		"Does anybody on the other node hear this?",
		"Loud and clear: the adapter is on.",
		"A long one, to see how lines are broken: " + "https://example.com/" + fmt.Sprintf("%0120d", 7) + ", and then a few words more, so that it takes two lines also where there is room.",
	} {
		others[i].say(words)
		p.shows(words)
	}
	p.say("Then I am not alone.")
	p.shows("Then I am not alone.")
	p.Until(text("#people") + `.includes("shanghai-12")`)

	for _, scheme := range []string{"light", "dark"} {
		p.Prefer("prefers-color-scheme", scheme)
		for _, v := range screens {
			p.Resize(v.width, v.height, v.mobile)
			if w := eval[int](p, `document.documentElement.scrollWidth`); w > v.width {
				t.Errorf("%s: %d pixels wide, the screen has %d", v.name, w, v.width)
			}
			p.Screenshot(v.name + "-" + scheme)
			if v.width < 800 {
				for _, panel := range []string{"people", "journal", "settings"} {
					eval[any](p, `document.querySelector("#panel-`+panel+`").open = true`)
					if w := eval[int](p, `document.documentElement.scrollWidth`); w > v.width {
						t.Errorf("%s, %s: %d pixels wide, the screen has %d", v.name, panel, w, v.width)
					}
					if v.name == "narrow" {
						p.Screenshot(v.name + "-" + panel + "-" + scheme)
					}
				}
				eval[any](p, `document.querySelector("#panel-settings").open = false`)
			}
		}
	}
}

func TestTheClusterIsGone(t *testing.T) {
	s := start(t, sticky, true)
	b := browse(t)
	p := b.open(s.url("?name=ann"), 1280, 800, false)
	p.Until(connected)
	p.Until(text("#transport") + ` === "polling → websocket"`)
	for _, node := range []string{"im-3030", "im-5080"} {
		if err := s.Kill(node); err != nil {
			t.Fatal(err)
		}
	}
	p.Until(text("#alert") + ` === "xhr poll error · HTTP 502 · 502 Bad Gateway"`)
	if got := eval[string](p, text("#node")); got != "was\n"+"A\n"+"im-3030" {
		t.Errorf("the node is %q", got)
	}
	p.say("is this thing on?")
	p.shows("waiting for a connection")
	p.Screenshot("gone-wide-light")
	p.Prefer("prefers-color-scheme", "dark")
	p.Resize(390, 844, true)
	p.Screenshot("gone-narrow-dark")
	for _, node := range []string{"im-3030", "im-5080"} {
		if err := s.Restart(node); err != nil {
			t.Fatal(err)
		}
	}
	p.Until(connected)
	p.Until(`document.querySelector(".own") && !document.querySelector(".pending")`) // said in the end, once
	if n := eval[int](p, `document.querySelectorAll(".message").length`); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
	p.Until(text("#alert") + ` === ""`)
	if c := p.Complaints("502"); len(c) > 0 {
		t.Errorf("complaints: %q", c)
	}
}
