// The picture of a run: clients by group, proxy, nodes, Redis, and what moves between them.

import { svg, ink, plural, setAttribute, setText } from "./dom.js";

const stateNames = {
  w: "on websocket", p: "on polling", a: "away", r: "refused", n: "not connected so far", g: "left",
};
// Of clients on no node.
const stateMarks = { a: "○", r: "×", n: "·", g: "–" };

const narrow = 720; // pixels, below which the parts are one below the other

export class Stage {
  #frame = null;
  #layout = null;
  #shape = "";
  #clients = [];
  #dots = [];
  #moved = null;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  // look is called with the thing that was chosen.
  constructor(root, look) {
    this.look = look;
    this.parts = Object.fromEntries(["wires", "groups", "boxes", "ending", "dots"].map((name) => [name, svg("g", { class: name })]));
    this.root = root;
    root.append(...Object.values(this.parts));
    new ResizeObserver(() => this.#frame && this.draw(this.#frame)).observe(root.parentElement);
  }

  draw(frame) {
    this.#frame = frame;
    const box = this.root.parentElement;
    const style = getComputedStyle(box);
    const inside = Math.max(280, box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
    const scale = inside > 1700 ? 1.5 : inside > 1300 ? 1.25 : 1; // to be read from far away
    const width = Math.floor(inside / scale);
    const shape = [inside, frame.groups.map((g) => `${g.name}/${g.where}/${g.names.length}`), frame.nodes.length, frame.proxy.policy !== ""].join("|");
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#layout = arrange(frame, width);
      setAttribute(this.root, "viewBox", `0 0 ${width} ${this.#layout.height}`);
      setAttribute(this.root, "height", Math.ceil(this.#layout.height * scale));
      this.#build(frame);
    }
    this.#update(frame);
    if (this.#moved) this.move(...this.#moved);
  }

  // #build makes the elements anew: there are more or fewer of them, or they are somewhere else.
  #build(frame) {
    const { groups, proxy, nodes, redis, cell } = this.#layout;
    const focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
    this.#clients = [];
    this.parts.groups.replaceChildren(...frame.groups.map((g, i) => {
      const at = groups[i];
      const marks = g.names.map((name, k) => this.#mark(name, at.x + (k % at.columns) * cell, at.y + 22 + Math.floor(k / at.columns) * cell, cell, i, k));
      this.#clients.push(marks);
      const count = svg("tspan", { class: "dim", dx: 8 });
      const element = svg("g", { role: "group", "aria-label": `group ${g.name}` },
        svg("text", { x: at.x, y: at.y + 13, class: "head" }, g.name, count), ...marks.map((m) => m.element));
      element.addEventListener("keydown", (event) => this.#walk(event, i));
      marks.count = count;
      return element;
    }));

    const boxOf = (at, name, kind) => svg("g", { class: `box ${name}`, "data-key": name, ...(kind ? { tabindex: 0, role: "button" } : {}) },
      svg("rect", { x: at.x, y: at.y, width: at.w, height: at.h, rx: 8 }));
    const line = (x, y, cls, anchor = "start") => svg("text", { x, y, class: cls, "text-anchor": anchor });
    this.boxes = { nodes: [] };
    const boxes = [];
    if (proxy) {
      const b = boxOf(proxy, "proxy");
      const middle = proxy.x + proxy.w / 2, y = proxy.y + proxy.h / 2;
      this.boxes.policy = wrapped(middle, y + 14, 2);
      b.append(svg("text", { x: middle, y: y - 6, class: "head", "text-anchor": "middle" }, "nginx"), this.boxes.policy.element);
      boxes.push(b);
    }
    nodes.forEach((at, i) => {
      const b = boxOf(at, `node-${i}`, "node");
      const low = at.h < 52;
      const parts = {
        box: b,
        badge: svg("rect", { x: at.x + 8, y: at.y + at.h / 2 - 13, width: 26, height: 26, rx: 5, class: "badge" }),
        letter: svg("text", { x: at.x + 21, y: at.y + at.h / 2 + 6, class: "letter", "text-anchor": "middle" }),
        name: line(at.x + 42, low ? at.y + at.h / 2 + 5 : at.y + 20, "head"),
        clients: line(at.x + at.w - 8, low ? at.y + at.h / 2 + 5 : at.y + 20, "number", "end"),
        state: line(at.x + 42, at.y + 37, "dim"),
        adapter: line(at.x + 42, at.y + 53, "adapter"),
      };
      if (low) { parts.state.setAttribute("display", "none"); }
      if (at.h < 56) parts.adapter.setAttribute("display", "none");
      b.append(parts.badge, parts.letter, parts.name, parts.clients, parts.state, parts.adapter);
      const choose = () => this.look({ kind: "node", name: this.#frame.nodes[i].name });
      b.addEventListener("click", choose);
      b.addEventListener("keydown", (event) => pressed(event, choose));
      this.boxes.nodes.push(parts);
      boxes.push(b);
    });
    const r = boxOf(redis, "redis");
    const middle = redis.x + redis.w / 2;
    this.boxes.redisState = line(middle, redis.y + redis.h / 2 + 14, "dim", "middle");
    r.append(svg("text", { x: middle, y: redis.y + redis.h / 2 - 6, class: "head", "text-anchor": "middle" }, "Redis"), this.boxes.redisState);
    this.boxes.redis = r;
    boxes.push(r);
    this.parts.boxes.replaceChildren(...boxes);

    const wires = [];
    const wire = (cls, ...points) => wires.push(svg("polyline", { points: points.map((p) => `${p.x},${p.y}`).join(" "), class: cls }));
    groups.forEach((g) => (proxy ? wire("wire", ...g.way, proxy.in) : nodes.forEach((n) => wire("wire", ...g.way, n.in))));
    nodes.forEach((n) => proxy && wire("wire", proxy.out, n.in));
    this.links = nodes.map((n) => {
      wire("link", n.out, redis.in);
      return wires.at(-1);
    });
    this.parts.wires.replaceChildren(...wires);
    if (focused) this.root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #mark(name, x, y, cell, group, k) {
    const size = cell - (cell > 9 ? 3 : 1);
    const rect = svg("rect", { x, y, width: size, height: size, rx: cell > 9 ? 4 : 1 });
    const text = cell >= 14 ? svg("text", { x: x + size / 2, y: y + size / 2 + cell * 0.2, "text-anchor": "middle", "font-size": Math.round(cell * 0.58) }) : null;
    const element = svg("g", { class: "client", role: "button", tabindex: k === 0 ? 0 : -1, "data-key": name }, rect, text);
    const choose = () => this.look({ kind: "client", name });
    element.addEventListener("click", choose);
    element.addEventListener("keydown", (event) => pressed(event, choose));
    return { element, text, name, shown: "", group };
  }

  // #walk moves from client to client with the arrow keys.
  #walk(event, i) {
    const marks = this.#clients[i], columns = this.#layout.groups[i].columns;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const from = marks.findIndex((m) => m.element === event.target);
    if (!by || from < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = marks[Math.max(0, Math.min(marks.length - 1, from + by))];
    marks[from].element.setAttribute("tabindex", -1);
    to.element.setAttribute("tabindex", 0);
    to.element.focus();
  }

  #update(frame) {
    const nodes = frame.nodes;
    frame.groups.forEach((g, i) => {
      const here = g.on.filter((n) => n >= 0).length;
      setText(this.#clients[i].count, `${here}/${g.names.length}  ${g.where}`);
      this.#clients[i].forEach((m, k) => {
        const on = g.on[k], state = g.states[k], lit = g.lit[k] === "1";
        const shown = `${on} ${state} ${lit}`;
        if (m.shown === shown) return;
        m.shown = shown;
        const letter = on >= 0 ? nodes[on].letter : stateMarks[state] ?? "?";
        m.element.setAttribute("class", `client ${ink(nodes, on)} state-${state}${lit ? " lit" : ""}`);
        m.element.setAttribute("aria-label", `${g.names[k]} ${on >= 0 ? `on ${letter}, ` : ""}${stateNames[state]}${lit ? ", received the last message" : ""}`);
        if (m.text) setText(m.text, on >= 0 && state === "p" ? letter.toLowerCase() : letter);
      });
    });
    this.boxes.policy?.set(frame.proxy.policy);
    nodes.forEach((n, i) => {
      const p = this.boxes.nodes[i];
      const state = !n.up ? "down" : n.frozen ? "frozen" : "up";
      const adapter = !n.up ? "" : !n.adapter ? "adapter off" : n.linked ? "Redis adapter" : "adapter without Redis";
      setAttribute(p.box, "class", `box node ${ink(nodes, i)} ${state}`);
      setAttribute(p.box, "aria-label", `node ${n.letter}, ${n.name}, ${state}, ${plural(n.clients, "client")}, ${adapter || "adapter off"}`);
      setText(p.letter, n.letter);
      setText(p.name, n.name);
      setText(p.clients, n.up ? `${n.clients}` : "down");
      setText(p.state, !n.up ? "" : `${state}${n.polling > 0 ? `, ${n.polling} polling` : ""}`);
      setText(p.adapter, adapter);
      setAttribute(p.adapter, "class", n.adapter && !n.linked ? "adapter loss" : n.adapter ? "adapter on" : "adapter");
      setAttribute(this.links[i], "class", n.up && n.adapter && n.linked ? "link on" : n.up && n.adapter ? "link lost" : "link");
    });
    const { state, links } = frame.redis;
    setText(this.boxes.redisState, state === "up" ? plural(links, "link") : state);
    setAttribute(this.boxes.redis, "class", `box redis ${state}${links === 0 ? " idle" : ""}`);
    this.#end(frame);
    const j = frame.last;
    setAttribute(this.root, "aria-label", `${frame.groups.map((g) => `${g.name}: ${spread(g, nodes)}`).join("; ")}. ${j ? `Last message, from ${j.from}: ${[j.heard, j.lost].filter(Boolean).join("; ")}.` : ""}`);
  }

  // #end shows where the last message ended, if it did not cross.
  #end(frame) {
    const j = frame.last, from = this.#layout.nodes[j?.node];
    const why = j?.branches.find((b) => b.node !== j.node && b.why)?.why;
    if (!why || !from || j.crosses !== "stopped") {
      this.parts.ending.replaceChildren();
      return;
    }
    const { redis } = this.#layout;
    const x = from.out.x + (redis.in.x - from.out.x) * 0.35, y = from.out.y + (redis.in.y - from.out.y) * 0.35;
    const key = `${x} ${y} ${why}`;
    if (this.ending === key && this.parts.ending.firstChild) return;
    this.ending = key;
    const label = this.#layout.wide ? { x: redis.x + redis.w, y: redis.y + redis.h + 20, "text-anchor": "end" } : from.x < redis.x ? { x: x + 14, y: y + 5 } : { x: x - 14, y: y + 5, "text-anchor": "end" };
    this.parts.ending.replaceChildren(svg("path", { d: `M${x - 7} ${y - 7}l14 14m0 -14l-14 14`, class: "cross" }), svg("text", { ...label, class: "loss" }, why));
  }

  // move puts the dots where they are at an instant. frame knows the ways.
  move(at, frame) {
    let used = 0;
    this.#moved = [at, frame];
    if (this.#layout && !this.#still.matches) {
      for (const m of frame.motions) {
        for (const leg of m.legs) {
          const along = alongLeg(leg, at);
          if (along === null) continue;
          for (const path of this.#paths(leg, m.group, frame)) used = this.#put(used, point(path, along), ink(frame.nodes, leg.from));
        }
      }
    }
    for (; this.#dots[used]?.shown; used++) {
      this.#dots[used].shown = false;
      this.#dots[used].element.setAttribute("display", "none");
    }
  }

  #put(i, { x, y }, cls) {
    if (i >= 400) return i;
    let dot = this.#dots[i];
    if (!dot) {
      dot = this.#dots[i] = { element: svg("circle", { r: 5 }), shown: false, cls: "" };
      this.parts.dots.append(dot.element);
    }
    if (!dot.shown) {
      dot.shown = true;
      dot.element.removeAttribute("display");
    }
    if (dot.cls !== cls) {
      dot.cls = cls;
      dot.element.setAttribute("class", cls);
    }
    dot.element.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    return i + 1;
  }

  // #paths are the ways of a leg, each a list of points.
  #paths(leg, group, frame) {
    const { groups, proxy, nodes, redis } = this.#layout;
    const index = frame.groups.findIndex((g) => g.name === group);
    const way = groups[index]?.way, from = way?.at(-1), node = nodes[leg.to];
    const sender = nodes[leg.from];
    switch (leg.kind) {
      case 0: return from ? [[...way, proxy?.in ?? between(from, nodes[Math.max(leg.from, 0)].in)]] : [];
      case 1: return from && node ? [[proxy?.out ?? between(from, node.in), node.in]] : [];
      case 2: return sender ? [[sender.out, redis.in]] : [];
      case 3: return node ? [[redis.in, node.out]] : [];
    }
    if (!node) return [];
    return frame.groups.flatMap((g, i) => (g.on.includes(leg.to) && groups[i] ? [[node.in, ...(proxy ? [proxy.out, proxy.in] : []), ...groups[i].way.toReversed()]] : []));
  }
}

// spread tells on which nodes the clients of a group are.
function spread(group, nodes) {
  const counts = nodes.map((n, i) => [group.on.filter((x) => x === i).length, n.letter]).filter(([count]) => count > 0);
  return counts.map(([count, letter]) => `${count} on ${letter}`).join(", ") || "none connected";
}

// alongLeg is how far along a leg something is at an instant, from 0 to 1; null means that it is not on it. While
// its end is not known it is guessed, and what takes longer waits just before it.
export function alongLeg({ begin, until, guess }, at) {
  if (at < begin || until >= 0 && at >= until) return null;
  if (until > begin) return (at - begin) / (until - begin);
  return guess > 0 ? Math.min((at - begin) / guess, 0.95) : 0.95;
}

const between = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

// point is where one is on a way of several points.
function point(path, along) {
  const lengths = path.slice(1).map((p, i) => Math.hypot(p.x - path[i].x, p.y - path[i].y));
  let left = along * lengths.reduce((a, b) => a + b, 0);
  for (const [i, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const share = left / length;
      return { x: path[i].x + (path[i + 1].x - path[i].x) * share, y: path[i].y + (path[i + 1].y - path[i].y) * share };
    }
    left -= length;
  }
  return path.at(-1);
}

function pressed(event, f) {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  event.stopPropagation();
  f();
}

// wrapped is a text in the middle of a box, in up to some lines.
function wrapped(x, y, most) {
  const element = svg("text", { class: "policy", "text-anchor": "middle" });
  return {
    element,
    set(text) {
      if (this.text === text) return;
      this.text = text;
      const lines = [];
      for (const word of text.split(" ")) {
        if (lines.length > 0 && (lines.at(-1) + word).length < 15 || lines.length === most) lines.push(`${lines.pop()} ${word}`);
        else lines.push(word);
      }
      element.replaceChildren(...lines.map((line, i) => svg("tspan", { x, y: y + 15 * i }, line)));
    },
  };
}

// arrange decides where everything is.
function arrange(frame, width) {
  const wide = width >= narrow, proxied = frame.proxy.policy !== "";
  const clientsWide = wide ? Math.round(width * 0.42) : width - 24;
  const most = wide ? 420 : 330; // that clients take, unless they are too many
  const counts = frame.groups.map((g) => g.names.length);
  const lanes = counts.length > 4 && width > 380 ? 2 : 1; // of groups next to each other
  const laneWide = clientsWide / lanes - (lanes - 1) * 12;
  let cell = wide ? 25 : 20;
  const rows = (n) => Math.max(1, Math.ceil(n / Math.max(1, Math.floor(laneWide / cell))));
  const lineHigh = (i) => 38 + Math.max(...counts.slice(i * lanes, (i + 1) * lanes).map(rows)) * cell;
  const lines = Math.ceil(counts.length / lanes);
  const high = () => Array.from({ length: lines }, (_, i) => lineHigh(i)).reduce((a, b) => a + b, 0);
  while (cell > 4 && high() > most) cell -= 1;
  const columns = Math.max(1, Math.floor(laneWide / cell));

  const n = frame.nodes.length;
  const nodeHeight = wide ? Math.max(26, Math.min(66, most / Math.max(n, 1) - 14)) : n > 8 ? 30 : 62;
  const gapHeight = n > 4 ? 6 : 24;
  const nodesHigh = wide ? n * (nodeHeight + gapHeight) - gapHeight : Math.ceil(n / 2) * (nodeHeight + 8);
  const height = wide ? Math.max(210, high(), nodesHigh + 8) : high() + 64 + 22 + nodesHigh + 78;

  let y = wide ? Math.max(0, (height - high()) / 2) : 0;
  const bottom = y + high() - 8;
  const groups = counts.map((count, i) => {
    const line = Math.floor(i / lanes), lane = i % lanes;
    const middle = y + (22 + rows(count) * cell) / 2 + 8, right = lanes > 1 ? clientsWide : Math.min(clientsWide, columns * cell);
    const at = { x: 2 + lane * (laneWide + 24), y, columns, way: wide ? [{ x: right + 8, y: middle }] : [{ x: width - 8, y: middle }, { x: width - 8, y: bottom }] };
    if (lane === lanes - 1) y += lineHigh(line);
    return at;
  });
  if (counts.length % lanes > 0) y += lineHigh(lines - 1);

  const box = (x, top, w, h, side) => ({
    x, y: top, w, h,
    in: side ? { x, y: top + h / 2 } : { x: x + w / 2, y: top },
    out: side ? { x: x + w, y: top + h / 2 } : { x: x + w / 2, y: top + h },
  });
  if (wide) {
    const unit = width - clientsWide;
    const proxyWide = Math.min(150, unit * 0.22), nodeWide = Math.min(210, unit * 0.34), redisWide = Math.min(100, unit * 0.16);
    const gap = (unit - proxyWide - nodeWide - redisWide - 4) / 3;
    const px = clientsWide + gap, nx = px + proxyWide + gap, rx = nx + nodeWide + gap;
    const top = (height - nodesHigh) / 2;
    return {
      wide, height, cell, groups,
      proxy: proxied ? box(px, height / 2 - 44, proxyWide, 88, true) : null,
      nodes: frame.nodes.map((_, i) => box(nx, top + i * (nodeHeight + gapHeight), nodeWide, nodeHeight, true)),
      redis: box(rx, height / 2 - 36, redisWide, 72, true),
    };
  }
  const proxy = proxied ? box(width * 0.2, y + 6, width * 0.6, 52, false) : null;
  const top = y + 64 + 22, half = (width - 12) / 2;
  return {
    wide, height, cell, groups, proxy,
    nodes: frame.nodes.map((_, i) => box(2 + i % 2 * (half + 8), top + Math.floor(i / 2) * (nodeHeight + 8), half, nodeHeight, false)),
    redis: box(width * 0.3, height - 52, width * 0.4, 50, false),
  };
}
