// The panels below the picture: the last message, the matrix, the log, errors, expectations, a closer look.

import { byID, clock, el, ink, mark, setText } from "./dom.js";

// drawn draws into an element only when its content is another one.
const before = new WeakMap();
function drawn(node, content, draw) {
  const key = JSON.stringify(content);
  if (before.get(node) === key) return;
  before.set(node, key);
  node.replaceChildren(...[draw()].flat());
}

export function drawPanels(frame, look) {
  drawLast(frame, look);
  drawMatrix(frame);
  drawLog(frame, look);
  drawErrors(frame, look);
  drawExpectations(frame);
}

const crossings = {
  none: "no receiver is on another node", open: "not yet published", published: "published to Redis", stopped: "not published",
};

function drawLast({ last: j, nodes }, look) {
  drawn(byID("last"), [j, nodes.map((n) => n.letter)], () => {
    if (!j) return el("p", { class: "dim" }, "No one has said anything yet.");
    return [
      el("p", { class: "says" },
        el("button", { class: "link", onclick: () => look({ kind: "message", name: j.id }), title: "look closer" }, `${j.from} says “${j.text}”`),
        el("span", { class: "dim" }, ` at ${clock(j.sent)}, accepted by `), mark(nodes, j.node)),
      el("ul", { class: "branches" }, j.branches.map((b) => el("li", { class: ink(nodes, b.node) },
        mark(nodes, b.node),
        bar(b.counts.arrived, b.counts.due, b.counts.missed),
        el("span", { class: "number" }, `${b.counts.arrived}/${b.counts.due}`),
        el("span", { class: b.why ? "loss" : "dim" }, b.why || (b.counts.pending > 0 ? `${b.counts.pending} in flight` : b.node === j.node ? "its own node" : b.relayed ? "through Redis" : ""))))),
      el("p", { class: "dim" }, `Between nodes: ${crossings[j.crosses]}.`),
    ];
  });
}

// bar is a share as a bar: what arrived in the node's colour, what was missed empty.
function bar(part, of, missed = 0) {
  const track = el("span", { class: `bar${missed > 0 && part === 0 ? " empty" : ""}`, "aria-hidden": "true" }, el("i"));
  track.firstChild.style.width = `${of > 0 ? (100 * part) / of : 0}%`;
  return track;
}

function drawMatrix({ matrix: m, nodes }) {
  setText(byID("matrix-since"), m.why ? `since ${m.why} at ${clock(m.since)}` : "in the last 10 seconds");
  const live = m.nodes.map((n, i) => i).filter((i) => nodes[m.nodes[i]]?.up || m.cells[i].some((c, k) => c.due + m.cells[k][i].due > 0));
  drawn(byID("matrix"), [m, nodes.map((n) => n.letter)], () => el("table", { class: "matrix" },
    el("thead", null, el("tr", null, el("td"), live.map((i) => el("th", { scope: "col" }, el("span", { class: "dim" }, "heard on "), mark(nodes, m.nodes[i]))))),
    el("tbody", null, live.map((i) => el("tr", { class: ink(nodes, m.nodes[i]) },
      el("th", { scope: "row" }, el("span", { class: "dim" }, "said on "), mark(nodes, m.nodes[i])),
      live.map((k) => {
        const c = m.cells[i][k], judged = c.arrived + c.missed;
        return el("td", null, bar(c.arrived, judged, c.missed), el("strong", { class: judged > 0 && c.arrived === 0 ? "loss" : "" }, c.share || "–"),
          el("small", { class: "dim" }, judged > 0 ? `${c.arrived.toLocaleString("en")}/${judged.toLocaleString("en")}` : "nothing yet"));
      }))))));
}

function drawLog({ log, nodes }, look) {
  drawn(byID("log"), [log, nodes.length], () => log.map((line) => {
    const what = line.step ? [el("strong", { class: "step" }, "step"), el("strong", null, line.what)]
      : [el("span", { class: "who" }, line.times > 1 ? `${line.who} × ${line.times}` : line.who), el("span", null, line.what)];
    const rest = el("span", { class: line.loss && !line.lost ? "loss" : "dim" }, line.detail ?? "");
    return el("li", null, el("time", null, clock(line.at)), line.node >= 0 ? mark(nodes, line.node) : el("span"),
      el("span", { class: "text" },
        line.thing ? el("button", { class: "link", tabindex: -1, onclick: () => look(line.thing), title: "look closer" }, ...join(what)) : join(what),
        line.detail ? [" ", rest] : "", line.lost ? [" ", el("span", { class: "loss" }, line.lost)] : ""));
  }));
}

const join = (parts) => parts.flatMap((p, i) => (i > 0 ? [" ", p] : [p]));

function drawErrors({ errors }, look) {
  byID("errors-panel").hidden = errors.length === 0;
  drawn(byID("errors"), errors, () => errors.map((e) => el("li", null,
    el("span", { class: "number loss" }, e.count.toLocaleString("en")),
    el("span", null, el("button", { class: "link", onclick: () => look({ kind: "error", name: e.text }) }, el("code", null, e.text)),
      e.title ? el("small", { class: "dim" }, e.title) : ""))));
}

const verdicts = { pass: "✓ pass", fail: "✗ fail", inconclusive: "? inconclusive" };

function drawExpectations({ expect, at }) {
  drawn(byID("expect"), [expect, expect.map((x) => x.at <= at)], () => (expect.length === 0 ? el("li", { class: "none dim" }, "This scenario expects nothing.") : expect.map((x) => {
    const word = verdicts[x.verdict] ?? (x.at <= at ? "– set aside" : "· open");
    return el("li", null, el("span", { class: x.verdict === "fail" ? "verdict loss" : "verdict" }, word),
      el("span", null, el("code", null, x.that), el("small", { class: "dim" }, [`at ${clock(x.at, false)}`, x.words, x.because].filter(Boolean).join(" · "))));
  })));
}

// drawCloser shows a closer look; close is called when it is closed.
export function drawCloser(look, nodes, at, close) {
  const panel = byID("closer");
  panel.hidden = false;
  panel.replaceChildren(
    el("div", { class: "closer-top" }, el("h2", { id: "closer-head" }, look.node >= 0 ? mark(nodes, look.node) : "", " ", look.title),
      el("button", { class: "quiet small", onclick: close, title: "esc" }, "Close")),
    el("p", { class: "dim" }, `${look.kind}, as it was at ${clock(at)}`),
    ...look.parts.map((part) => el("section", null, el("h3", null, part.head),
      part.exact ? el("pre", { class: "exact scroll", tabindex: 0 }, part.lines.join("\n")) : part.lines.map((line) => el("p", { class: part.loss ? "loss" : "" }, line)))));
  panel.focus({ preventScroll: false });
}

export const say = (text, loss = false) => {
  const note = byID("note");
  note.className = loss ? "loss" : "";
  setText(note, text);
};

