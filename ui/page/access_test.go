//go:build peers

package page_test

import (
	"slices"
	"strings"
	"testing"
)

// What assistive technology is told: a name for all that can be used, and the
// landmarks and live regions.
func TestTheAccessibilityTree(t *testing.T) {
	s := start(t, sticky, true)
	p := browse(t).open(s.url("?name=ann"), 1280, 800, false)
	p.Until(connected)
	p.say("hello")
	p.shows("hello")
	p.Until(`!document.querySelector(".pending")`)

	type value struct{ Value any }
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name value
			Properties []struct {
				Name  string
				Value value
			}
		}
	}
	p.Do("Accessibility.enable", nil)
	p.Ask("Accessibility.getFullAXTree", nil, &tree)
	found := map[string]string{}
	for _, n := range tree.Nodes {
		role, _ := n.Role.Value.(string)
		name, _ := n.Name.Value.(string)
		if n.Ignored || role == "" {
			continue
		}
		found[role+" "+name] = role
		for _, property := range n.Properties {
			if property.Name == "focusable" && property.Value.Value == true && strings.TrimSpace(name) == "" {
				t.Errorf("a %s that can have the focus has no name", role)
			}
			if property.Name == "live" {
				found[role+" is "+property.Value.Value.(string)] = role
			}
		}
	}
	for _, want := range []string{
		"RootWebArea A im-3030 · stickylab chat", "banner ", "main Room lobby", "complementary About this connection",
		"log Room lobby", "log is polite", "alert is assertive", "textbox Message", "button Send", "button Disconnect",
		"textbox Name", "textbox Room", "combobox Transport", "button Connect anew", "link Skip to the message field",
		"heading stickylab chat", "heading Room lobby", "list Connection log, newest first",
	} {
		if found[want] == "" {
			t.Errorf("no %q", want)
		}
	}
	if t.Failed() {
		all := []string{}
		for k := range found {
			all = append(all, k)
		}
		slices.Sort(all)
		t.Logf("there are %q", all)
	}
}

func TestTheKeyboardReachesEverything(t *testing.T) {
	s := start(t, sticky, true)
	b := browse(t)
	walk := func(p *tab) string {
		var seen []string
		for range 40 {
			p.Press("Tab")
			at := eval[string](p, `(() => {
				const e = document.activeElement;
				if (e === document.body) return "";
				const o = getComputedStyle(e);
				const ring = o.outlineStyle === "solid" && parseFloat(o.outlineWidth) >= 3;
				return (e.id || e.innerText.replace(/\s+\d*$/, "")) + (ring ? "" : " without a ring");
			})()`)
			if at == "" || slices.Contains(seen, at) {
				break
			}
			seen = append(seen, at)
		}
		return strings.Join(seen, ", ")
	}
	wide := b.open(s.url("?name=ann"), 1280, 800, false)
	wide.Until(connected)
	if got, want := walk(wide), "Skip to the message field, toggle, messages, text, Send, Who hears me, Log, journal, Settings, "+
		"name, room, transports, Connect anew, socket.io-client 4.8.4"; got != want {
		t.Errorf("wide: got  %s\nwant %s", got, want)
	}
	narrow := b.open(s.url("?name=bob"), 390, 844, true)
	narrow.Until(connected)
	if got, want := walk(narrow), "Skip to the message field, toggle, Who hears me, Log, Settings, messages, text, Send"; got != want {
		t.Errorf("narrow: got  %s\nwant %s", got, want)
	}
}

func TestMotionIsReduced(t *testing.T) {
	s := start(t, sticky, true)
	p := browse(t).open(s.url(""), 1280, 800, false)
	p.Until(connected)
	const animation = `getComputedStyle(document.querySelector("#list > *")).animationName`
	p.Until(`document.querySelector("#list > *")`)
	p.Prefer("prefers-reduced-motion", "no-preference")
	if got := eval[string](p, animation); got != "appear" {
		t.Errorf("the animation is %q", got)
	}
	p.Prefer("prefers-reduced-motion", "reduce")
	if got := eval[string](p, animation); got != "none" {
		t.Errorf("with reduced motion the animation is %q", got)
	}
}
