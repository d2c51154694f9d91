// The page: which view is shown, and the controls.

import { connect } from "./engine.js";
import { byID, clock, el, plural, setText } from "./dom.js";
import { drawLesson } from "./lesson.js";
import { drawCloser, drawPanels, say } from "./panels.js";
import { Player } from "./player.js";
import { Stage } from "./stage.js";
import { pack, unpack } from "./link.js";

const source = document.documentElement.dataset.engine, recording = source === "recording";
const catalogue = recording ? [] : await (await fetch("catalogue.json")).json();
setText(byID("privacy"), source === "live" ? "Everything runs in the program that serves this page, on this machine."
  : "Everything runs in this tab. Nothing is uploaded: the page is not allowed to reach any other server.");

const stage = new Stage(byID("stage"), look);
let opened = null, request = {}, dragging = false, player = null, chosenNode = "";

// The views.

function show(view) {
  for (const id of ["loading", "picker", "run"]) byID(id).hidden = id !== view;
  byID("share").hidden = view !== "run" || recording;
}

let engine = null;
function ready() {
  engine ??= connect((text, share) => {
    setText(byID("loading-text"), text);
    byID("loading-bar").value = share;
  }).then((e) => {
    player = new Player(e, { changed, moved, failed, state });
    requestAnimationFrame(function tick(now) {
      player.tick(now);
      requestAnimationFrame(tick);
    });
  });
  return engine;
}

function drawCatalogue(filter = "") {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (e) => words.every((w) => `${e.name} ${e.title} ${e.summary} ${e.topic ?? ""}`.toLowerCase().includes(w));
  const topics = new Map();
  for (const e of catalogue.filter(fits)) {
    const topic = e.topic ?? "more scenarios";
    topics.set(topic, [...(topics.get(topic) ?? []), e]);
  }
  byID("catalogue").replaceChildren(...[...topics].map(([topic, list]) => el("section", null, el("h3", null, topic),
    el("ol", { class: "cards" }, list.map((e) => el("li", { class: "card" },
      el("a", { class: "card-title", href: e.questions ? `#lesson/${e.name}` : `#${e.name}` }, e.title),
      el("p", null, e.summary),
      el("p", { class: "dim" }, e.questions ? plural(e.questions, "question") : "",
        e.questions ? [" · ", el("a", { href: `#${e.name}` }, "just watch")] : "")))))));
  if (topics.size === 0) byID("catalogue").append(el("p", { class: "dim" }, "No scenario has all of these words."));
}

// route opens what the address names: #NAME, #NAME/VARIANT@20s, #lesson/NAME, #text=PACKED.
async function route() {
  const hash = decodeURIComponent(location.hash.slice(1));
  player?.pause();
  if (recording) {
    if (!opened) await start().catch(problem);
    return;
  }
  if (hash === "" || hash === "main") {
    document.title = "stickylab";
    setText(byID("title"), "");
    show("picker");
    return;
  }
  try {
    const [, what, at] = /^(.*?)(?:@([\d.]+)s)?$/.exec(hash);
    if (what.startsWith("text=")) request = { text: await unpack(what.slice(5)) };
    else if (what.startsWith("lesson/")) request = { scenario: what.slice(7), lesson: true };
    else {
      const [scenario, variant] = what.split("/");
      request = { scenario, ...(variant ? { variant } : {}) };
    }
    await start(at ? Number(at) * 1000 : 0);
  } catch (err) {
    problem(err);
  }
}

// start opens the run of the request, and plays it.
async function start(at = 0) {
  show(player ? "run" : "loading");
  await ready();
  show("run");
  closeCloser();
  const now = await player.open(request);
  if (!now) return;
  opened = now;
  chosenNode = "";
  setText(byID("title"), opened.title);
  document.title = `${opened.title} – stickylab`;
  byID("scrub").max = opened.end;
  byID("policy").replaceChildren(...opened.policies.map((p) => el("option", { value: p }, p)));
  byID("controls").classList.toggle("in-lesson", Boolean(request.lesson));
  if (request.lesson) byID("speed").value = "4";
  player.speed = Number(byID("speed").value);
  say(opened.notes.join(" "));
  changed(player.frame);
  if (at > 0) await player.seek(at);
  else player.play();
}

function problem(err) {
  if (request?.text && opened?.text !== request.text) {
    show("picker");
    byID("own").open = true;
    byID("own-text").value = request.text;
    setText(byID("own-problems"), err.message);
    byID("own-text").focus();
    return;
  }
  byID("loading-bar").hidden = true;
  setText(byID("loading-text"), err.message);
  show("loading");
}

// What the player shows.

function changed(frame) {
  byID("headline").hidden = Boolean(frame.lesson && frame.lesson.state !== "over"); // it would give the answer away
  setText(byID("headline"), `${frame.at < (opened?.end ?? 0) - 0.001 ? "So far: " : ""}${frame.headline}`);
  stage.draw(frame);
  drawPanels(frame, look);
  drawLesson(frame.lesson && { ...frame.lesson, end: frame.lesson.end && { ...frame.lesson.end, name: opened?.name } }, {
    answer: (choice) => player.lesson({ verb: "answer", choice }).then(() => player.play(), failed),
    resume: () => player.lesson({ verb: "continue" }).then(() => player.play(), failed),
    open: (hash) => { location.hash = hash; },
  });
  drawControls(frame);
}

function moved(at, frame) {
  setText(byID("time"), `${clock(at)} / ${clock(player.end, false)}`);
  if (!dragging) byID("scrub").value = at;
  stage.move(at, frame);
}

function failed(err) { say(err.message, true); }

function state() {
  setText(byID("play"), player.playing ? "Pause" : player.at >= player.end - 0.001 ? "At the end" : "Play");
  byID("play").disabled = !player.playing && player.at >= player.limit - 0.001;
}

const control = (id, text, on) => {
  setText(byID(id), text);
  if (on !== undefined) byID(id).setAttribute("aria-pressed", on);
};

function drawControls(frame) {
  const over = player && player.at >= player.end - 2000.001;
  for (const button of byID("controls").querySelectorAll(".actions button:not(#again), .actions select")) button.disabled = Boolean(over);
  control("adapter", `Adapter: ${frame.adapter === "on" ? "Redis" : frame.adapter}`, frame.adapter === "on");
  const policy = byID("policy");
  policy.parentElement.hidden = frame.proxy.policy === "";
  if (document.activeElement !== policy) {
    if (frame.proxy.policy && ![...policy.options].some((o) => o.value === frame.proxy.policy)) policy.append(el("option", { value: frame.proxy.policy }, frame.proxy.policy));
    policy.value = frame.proxy.policy;
  }
  const node = byID("node");
  const names = frame.nodes.map((n) => n.name).join(" ");
  if (node.dataset.names !== names) {
    node.dataset.names = names;
    node.replaceChildren(...frame.nodes.map((n) => el("option", { value: n.name }, `${n.letter} ${n.name}`)));
  }
  node.value = frame.nodes.some((n) => n.name === chosenNode) ? chosenNode : frame.nodes[0]?.name;
  const here = nodeNow(frame);
  control("kill", here?.up === false ? "Restart" : "Kill");
  control("freeze", here?.frozen ? "Resume" : "Freeze");
  byID("freeze").disabled ||= here?.up === false;
  control("redis", frame.redis.state === "down" ? "Redis up" : "Redis down");
}

const nodeNow = (frame) => frame.nodes.find((n) => n.name === byID("node").value);

// What a person does.

async function act(words) {
  const slow = setTimeout(() => say("Working: the run begins anew up to here …"), 400);
  try {
    const done = await player.act(words);
    if (done) say(done);
  } catch (err) {
    failed(err);
  } finally {
    clearTimeout(slow);
  }
}

async function look(thing) {
  try {
    const at = player.at;
    const { look: closer } = await player.look(thing);
    if (thing.kind === "node") chosenNode = thing.name;
    drawCloser(closer, player.frame.nodes, at, closeCloser);
    drawControls(player.frame);
  } catch (err) {
    failed(err);
  }
}

function closeCloser() { byID("closer").hidden = true; }

const actions = {
  play: () => (player.playing ? player.pause() : player.play()),
  step: () => { player.pause(); player.seek(player.at + 100); },
  back: () => { player.pause(); player.seek(player.at - 100); },
  adapter: () => act(player.frame.adapter === "on" ? "adapter none" : "adapter redis"),
  kill: () => act(`${nodeNow(player.frame).up ? "kill" : "restart"} ${nodeNow(player.frame).name}`),
  freeze: () => act(`${nodeNow(player.frame).frozen ? "resume" : "freeze"} ${nodeNow(player.frame).name}`),
  redis: () => act(player.frame.redis.state === "down" ? "redis up" : "redis down"),
  reconnect: () => act("reconnect all"),
  say: () => {
    const g = player.frame.groups.find((x) => x.on.some((n) => n >= 0));
    if (g) act(`say ${g.names[g.on.findIndex((n) => n >= 0)]} hi`);
    else say("No client is connected that could say something.", true);
  },
  again: () => start(),
};
for (const [id, f] of Object.entries(actions)) byID(id).addEventListener("click", f);

byID("speed").addEventListener("change", () => { player.speed = Number(byID("speed").value); });
byID("policy").addEventListener("change", () => { act(`policy ${byID("policy").value}`); byID("policy").blur(); });
byID("node").addEventListener("change", () => { chosenNode = byID("node").value; drawControls(player.frame); });
byID("scrub").addEventListener("input", () => { dragging = true; player.pause(); player.seek(Number(byID("scrub").value)); });
byID("scrub").addEventListener("change", () => { dragging = false; });
byID("words").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byID("words-text"), words = field.value.trim();
  if (words) act(words).then(() => { field.value = ""; });
});
byID("words-text").addEventListener("input", async () => {
  const words = byID("words-text").value, head = words.slice(0, words.lastIndexOf(" ") + 1);
  try {
    const { complete } = await player.engine.ask({ verb: "complete", words });
    byID("words-list").replaceChildren(...complete.slice(0, 12).map((w) => el("option", { value: head + w })));
  } catch (err) {
    failed(err);
  }
});
byID("filter").addEventListener("input", () => drawCatalogue(byID("filter").value));
byID("own-run").addEventListener("click", async () => {
  setText(byID("own-problems"), "");
  const hash = `#text=${await pack(byID("own-text").value)}`;
  if (location.hash === hash) route();
  else location.hash = hash;
});
byID("share").addEventListener("click", async () => {
  const what = request.text ? `text=${await pack(request.text)}` : request.lesson ? `lesson/${request.scenario}` : [request.scenario, request.variant].filter(Boolean).join("/");
  const link = new URL(location.href);
  link.hash = request.lesson ? what : `${what}@${(player.at / 1000).toFixed(1)}s`;
  history.replaceState(null, "", link);
  const steps = player.frame.steps.some((s) => s.here) ? " What was done here is not in it." : "";
  try {
    await navigator.clipboard.writeText(link.href);
    say(`The link is copied.${steps}`);
  } catch {
    say(`The link is in the address bar.${steps}`);
  }
});

const keys = { " ": "play", ".": "step", ",": "back", a: "adapter", x: "kill", f: "freeze", r: "redis", e: "reconnect", s: "say", 0: "again" };
document.addEventListener("keydown", (event) => {
  if (byID("run").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return closeCloser();
  const on = event.target;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName) && on.type !== "range" || event.key === " " && on.tagName === "BUTTON") return;
  if (event.key === "p") byID("policy").focus();
  const id = keys[event.key];
  if (!id || byID(id).disabled) return;
  event.preventDefault();
  actions[id]();
});

addEventListener("hashchange", route);
drawCatalogue();
await route();
