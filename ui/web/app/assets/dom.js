// Elements, texts and times.

const svgNS = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const svg = (name, attributes, ...children) => fill(document.createElementNS(svgNS, name), attributes, children);

export const byID = (id) => document.getElementById(id);

// setText changes a text only when it is another one, so that nothing is announced or selected anew.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  const text = String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

// clock writes an instant: "0:31.4".
export function clock(ms, tenths = true) {
  const all = Math.floor(ms / 100 + 1e-6), seconds = Math.floor(all / 10);
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return tenths ? `${text}.${all % 10}` : text;
}

// ink is the class of a node's colour, of none for -1.
export const ink = (nodes, number) => (nodes[number] ? `ink-${nodes[number].colour}` : "ink-none");

// mark is a node's letter on its colour.
export function mark(nodes, number) {
  const node = nodes[number];
  return el("span", { class: `mark ${ink(nodes, number)}`, title: node?.name }, node?.letter ?? "?");
}

// spans are the pieces of a line of Markdown: code, bold, and the rest. Links stay as they are written.
function spans(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.length > 2 && piece.startsWith("`")) return el("code", null, piece.slice(1, -1));
    if (piece.length > 4 && piece.startsWith("**")) return el("strong", null, piece.slice(2, -2));
    return piece;
  });
}

// markdown is the paragraphs, lists and fenced blocks of a text.
export function markdown(text) {
  const out = [];
  let lines = [], list = null, fence = null;
  const flush = () => {
    if (lines.length > 0) out.push(el("p", null, spans(lines.join(" "))));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const bare = line.trim();
    if (bare.startsWith("```")) {
      flush();
      if (fence) out.push(el("pre", null, fence.join("\n")));
      fence = fence ? null : [];
    } else if (fence) {
      fence.push(line);
    } else if (bare === "") {
      flush();
      list = null;
    } else if (/^[-*+] |^\d+\. /.test(bare)) {
      flush();
      if (!list) out.push(list = el(/^\d/.test(bare) ? "ol" : "ul"));
      list.append(el("li", null, spans(bare.replace(/^[-*+] |^\d+\. /, ""))));
    } else if (list && /^\s/.test(line)) {
      list.lastChild.append(" ", ...spans(bare));
    } else {
      list = null;
      lines.push(bare);
    }
  }
  flush();
  return out;
}

// plural writes a count with its noun.
export const plural = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
