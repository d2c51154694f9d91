//go:build peers

package page_test

import (
	"fmt"
	"testing"
)

// The modules are tried where they run: a page imports them and evaluates.
func TestModules(t *testing.T) {
	s := start(t, sticky, true)
	p := browse(t).open(s.url(""), 1280, 800, false)
	for _, c := range []struct{ module, expression, want string }{
		{"nodes.js", `["a", "b", "c"].map((n) => new m.Nodes(["a", "b", "c"]).letter(n)).join("")`, "ABC"},
		{"nodes.js", `(() => { const n = new m.Nodes(Array.from({length: 9}, (_, i) => "im-" + i)); return n.mark("im-7").outerHTML })()`,
			`<span class="mark ink-0">H</span>`},
		{"nodes.js", `new m.Nodes(["a"]).letter("im-5080") === new m.Nodes(["a"]).letter("im-5080")`, "true"},
		{"nodes.js", `(() => { const n = new m.Nodes([]); return new Set(Array.from({length: 26}, (_, i) => n.letter("im-" + i))).size })()`, "26"},
		{"nodes.js", `(() => { const n = new m.Nodes(Array.from({length: 26}, (_, i) => "im-" + i)); return n.letter("im-99") })()`, "#"},

		{"client.js", `m.describe(new Error("xhr poll error"))`, "xhr poll error"},
		{"client.js", `m.describe({message: "xhr post error", description: 413, context: {responseText: ""}})`, "xhr post error · HTTP 413"},
		{"client.js", `m.describe({message: "xhr poll error", description: 400, context: {responseText: '{"code":1,"message":"Session ID unknown"}'}})`,
			`xhr poll error · HTTP 400 · {"code":1,"message":"Session ID unknown"}`},
		{"client.js", `m.describe({message: "xhr poll error", description: 502, context: {responseText: "<html>\n<head><title>502 Bad Gateway</title></head>"}})`,
			"xhr poll error · HTTP 502 · 502 Bad Gateway"},
		{"client.js", `m.describe({message: "not authorized", data: {content: "try later"}})`, `not authorized · {"content":"try later"}`},
		{"client.js", `m.describe({description: "websocket connection closed", context: {code: 1006}})`, "websocket connection closed · close code 1006"},
		{"client.js", `m.describe({message: "m", context: {responseText: "x".repeat(1000)}}).length`, "204"},

		{"settings.js", `JSON.stringify(m.check({name: " ann ", room: "", transports: "websocket"}))`, `{"name":"ann","room":"lobby","transports":["websocket"]}`},
		{"settings.js", `m.check({name: "x".repeat(99), room: "r", transports: "pigeon"}).name.length`, "40"},
		{"settings.js", `m.check({name: "a", room: "r", transports: "pigeon"}).transports.join()`, "polling,websocket"},
		{"settings.js", `[m.next("ann"), m.next("ann"), m.next("bob")].join()`, "1,2,1"},

		{"journal.js", `(() => {
			const list = document.createElement("ol"), count = document.createElement("span");
			const j = new m.Journal(list, count);
			for (let i = 0; i < 300; i++) j.add("note", "line " + i);
			for (let i = 0; i < 3; i++) j.add("error", "xhr poll error");
			return [list.childElementCount, count.textContent, list.firstElementChild.innerText.replace(/^.*? /, "")].join();
		})()`, "200,200,xhr poll error ×3"},
	} {
		got := eval[string](p, fmt.Sprintf(`import("/%s").then((m) => String(%s))`, c.module, c.expression))
		if got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.module, c.expression, got, c.want)
		}
	}
}

// A list of messages in the page, and functions to fill it.
const list = `import("/messages.js").then(async (m) => {
	const { Nodes } = await import("/nodes.js");
	const pause = () => new Promise((r) => setTimeout(r, 200));
	const log = document.querySelector("#messages"), list = document.querySelector("#list"), newer = document.querySelector("#newer");
	list.replaceChildren();
	const messages = new m.Messages(new Nodes(["im-3030", "im-5080"]), log, list, newer);
	const say = (n) => messages.said({ id: "bob:" + n, from: "bob", room: "lobby", text: "number " + n, node: "im-5080" }, "im-3030");
	%s
})`

func TestManyMessages(t *testing.T) {
	s := start(t, sticky, true)
	p := browse(t).open(s.url(""), 1280, 800, false)
	p.Until(connected)
	got := eval[[]string](p, fmt.Sprintf(list, `
		const seen = [];
		for (let n = 1; n <= 5000; n++) say(n);
		await pause();
		seen.push("kept " + list.childElementCount, log.getAttribute("aria-live"), list.lastElementChild.querySelector(".text").textContent);
		seen.push("at the end: " + (log.scrollTop + log.clientHeight >= log.scrollHeight - 1));
		say(5001);
		await pause();
		seen.push(log.getAttribute("aria-live"), "hidden: " + newer.hidden);
		log.scrollTop = 0;
		await pause();
		say(5002);
		say(5003);
		await pause();
		seen.push(newer.innerText, "hidden: " + newer.hidden, "still there: " + (log.scrollTop < 100));
		newer.click();
		await pause();
		seen.push("hidden: " + newer.hidden, "at the end: " + (log.scrollTop + log.clientHeight >= log.scrollHeight - 1), document.activeElement.id);
		return seen;`))
	want := []string{"kept 500", "off", "number 5000", "at the end: true", "polite", "hidden: true",
		"2 newer ↓", "hidden: false", "still there: true", "hidden: true", "at the end: true", "messages"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTheFateOfAMessage(t *testing.T) {
	s := start(t, sticky, true)
	p := browse(t).open(s.url(""), 1280, 800, false)
	p.Until(connected)
	got := eval[[]string](p, fmt.Sprintf(list, `
		const seen = [];
		messages.own("ann:1", "ann", "hi");
		await pause();
		const line = list.lastElementChild;
		const tell = () => seen.push(line.className + ": " + line.querySelector(".mark").textContent + " " + line.querySelector(".head").children[1].innerText);
		tell();
		messages.sent("ann:1");
		tell();
		messages.echo({ id: "ann:1", from: "ann", text: "hi", node: "im-5080" }, "im-3030");
		tell();
		messages.lost("ann:1", "too late");
		tell();
		messages.own("ann:2", "ann", "hi");
		messages.sent("ann:2");
		messages.lost("ann:2", "no echo before the connection ended");
		await pause();
		seen.push(list.lastElementChild.className, list.lastElementChild.querySelector(".fate").textContent);
		return seen;`))
	want := []string{
		"message own pending: · waiting for a connection",
		"message own pending: · sent",
		"message own: B im-5080 B → A",
		"message own: B im-5080 B → A",
		"message own lost", "no echo before the connection ended",
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
