//go:build peers

package page_test

import (
	"fmt"
	"net/url"
	"testing"
)

// sticky binds a browser to a node by a cookie, so that polling works.
const sticky = "sticky cookie seat path=/;"

const (
	myNode    = `document.querySelector("#node .name").textContent`
	connected = `document.title !== "stickylab chat"` // it has the node in it
)

// url is where browsers find the proxy.
func (s *stage) url(query string) string { return "http://" + s.Address(proxyAddress) + "/" + query }

// text is an expression for what an element shows.
func text(selector string) string {
	return fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "")`, selector)
}

// say types a message and sends it with the Enter key.
func (p *tab) say(words string) {
	p.t.Helper()
	eval[any](p, `document.querySelector("#text").focus()`)
	p.Do("Input.insertText", map[string]any{"text": words})
	p.Press("Enter")
}

// shows waits for a message in the list.
func (p *tab) shows(words string) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`%s.includes(%q)`, text("#list"), words))
}

func TestTwoBrowsersAndTheDeathOfANode(t *testing.T) {
	s := start(t, sticky, true)
	b := browse(t)
	ann := b.open(s.url("?name=ann"), 1280, 800, false)
	ann.Until(connected)
	bob := b.open(s.url("?name=bob"), 390, 844, true)
	bob.Until(connected)
	annNode, bobNode := eval[string](ann, myNode), eval[string](bob, myNode)
	if annNode == bobNode {
		t.Fatalf("both are on %s", annNode)
	}
	for _, p := range []*tab{ann, bob} {
		p.Until(text("#transport") + ` === "polling → websocket"`)
	}

	ann.say("is the other node there?")
	bob.shows("is the other node there?")
	bob.say("here, and not far")
	ann.shows("here, and not far")
	ann.shows("B → A")
	ann.Screenshot("wide")
	bob.Screenshot("phone")

	if err := s.Kill(bobNode); err != nil {
		t.Fatal(err)
	}
	bob.Until(text("#reconnects") + ` === "1"`)
	if node := eval[string](bob, myNode); node != annNode {
		t.Errorf("after the death of %s bob is on %s", bobNode, node)
	}
	bob.shows("disconnected: transport close")
	bob.say("back again")
	ann.shows("back again")
	bob.Screenshot("phone-after")
	ann.Screenshot("wide-after")
	for _, p := range []*tab{ann, bob} {
		if c := p.Complaints(""); len(c) > 0 {
			t.Errorf("complaints: %q", c)
		}
	}
}

func TestWithoutAnAdapterNodesDoNotHearEachOther(t *testing.T) {
	s := start(t, sticky, false)
	b := browse(t)
	ann, bob := b.open(s.url("?name=ann"), 1280, 800, false), b.open(s.url("?name=bob"), 1280, 800, false)
	ann.Until(connected)
	bob.Until(connected)
	ann.say("anybody?")
	ann.Until(`document.querySelector(".own") && !document.querySelector(".pending")`)
	bob.say("hello?")
	bob.Until(`document.querySelector(".own") && !document.querySelector(".pending")`)
	for _, p := range []*tab{ann, bob} {
		if n := eval[int](p, `document.querySelectorAll(".message").length`); n != 1 {
			t.Errorf("%d messages, want its own alone", n)
		}
		p.Until(text("#people") + `.includes("no one heard")`)
	}
	ann.Screenshot("no-adapter")
}

// Round robin sends the requests of one session to both nodes: what the server
// answers stands on the page, word for word.
func TestPollingWithoutAffinity(t *testing.T) {
	s := start(t, "", true)
	p := browse(t).open(s.url("?name=ann&transports=polling"), 390, 844, true)
	p.Until(text("#journal") + `.includes('HTTP 400 · {"code":1,"message":"Session ID unknown"}')`)
	p.Screenshot("no-affinity")

	// One connection needs no affinity.
	w := browser{p.Browser}.open(s.url("?name=bob&transports=websocket"), 390, 844, true)
	w.Until(connected)
	w.Until(text("#transport") + ` === "websocket"`)
	w.say("over one connection")
	w.Until(`document.querySelector(".own") && !document.querySelector(".pending")`)
}

func TestNothingSaidIsReadAsHTML(t *testing.T) {
	s := start(t, sticky, true)
	b := browse(t)
	const bad = `<img src=x onerror="document.title='broken'"><b>`
	p := b.open(s.url("?name="+url.QueryEscape("<i>eve")), 1280, 800, false)
	p.Until(connected)
	q := b.open(s.url(""), 1280, 800, false)
	q.Until(connected)
	p.say(bad)
	for _, p := range []*tab{p, q} {
		p.shows(bad)
		p.shows("<i>eve")
		if n := eval[int](p, `document.querySelectorAll("main img, main i, aside i").length`); n != 0 {
			t.Errorf("%d elements out of words", n)
		}
	}
	if eval[bool](p, fmt.Sprintf(`fetch("http://%s/", {mode: "no-cors"}).then(() => true, () => false)`, s.Address("127.0.0.1:3030"))) {
		t.Error("the page can reach another origin")
	}
}

func TestSettings(t *testing.T) {
	s := start(t, sticky, true)
	p := browse(t).open(s.url("?name=ann&room=lobby"), 1280, 800, false)
	p.Until(connected)
	p.say("in the lobby")
	p.shows("in the lobby")
	p.Until(`!document.querySelector(".pending")`)
	eval[any](p, `(() => {
		document.querySelector("#name").value = "eve";
		document.querySelector("#room").value = "attic";
		document.querySelector("#transports").value = "websocket";
		document.querySelector("#settings").requestSubmit();
	})()`)
	p.Until(text("#room-name") + ` === "attic" && ` + text("#transport") + ` === "websocket" && ` + connected)
	p.say("in the attic")
	p.Until(`document.querySelectorAll(".own").length === 2 && !document.querySelector(".pending")`)
	p.Until(text("#people") + `.includes("eve")`)

	p.Load("Page.reload", nil)
	p.Until(connected + ` && document.querySelector("#name").value === "eve" && !location.search`)
	p.Until(text("#room-name") + ` === "attic" && ` + text("#transport") + ` === "websocket"`)
	p.say("again")
	p.Until(`document.querySelector(".own") && !document.querySelector(".pending")`)
	if n := eval[string](p, `sessionStorage.getItem("said:eve")`); n != "2" {
		t.Errorf("the last message of eve has the number %s", n)
	}

	eval[any](p, `document.querySelector("#toggle").click()`)
	p.Until(`document.querySelector("#state").dataset.state === "disconnected"`)
	p.shows("disconnected: io client disconnect")
	p.say("kept")
	p.shows("waiting for a connection")
	eval[any](p, `document.querySelector("#toggle").click()`)
	p.Until(connected + ` && !document.querySelector(".pending")`)
	if c := p.Complaints(""); len(c) > 0 {
		t.Errorf("complaints: %q", c)
	}
}
