// The messages of the room, oldest first, with what happened to the connection
// between them.
import { clock, element } from "./element.js";

const kept = 500; // older ones go
const batch = 40; // ms between two drawings
const chatter = 5; // more lines than that in one drawing are not read out

export class Messages {
  #nodes;
  #log; // scrolls
  #list;
  #newer; // the button to the end
  #waiting = []; // lines to draw
  #following = true; // the end is in sight, and stays there
  #unread = 0;
  #own = new Map(); // id -> the line of a message of ours

  constructor(nodes, log, list, newer) {
    this.#nodes = nodes;
    this.#log = log;
    this.#list = list;
    this.#newer = newer;
    log.addEventListener("scroll", () => this.#look(), { passive: true });
    new ResizeObserver(() => this.#following && this.#end()).observe(log);
    newer.addEventListener("click", () => {
      this.#end();
      this.#log.focus();
    });
  }

  // said shows a message; home is the node of this page.
  said(message, home) {
    this.#add(this.#line(message.from, message.text, this.#origin(message.node, home), message.node));
  }

  // own shows a message of ours, which waits until it is sent and comes back.
  own(id, name, text) {
    const line = this.#line(name, text, element("span", "fate", "waiting for a connection"));
    line.classList.add("own", "pending");
    this.#own.set(id, line);
    this.#following = true;
    this.#add(line);
  }

  // sent says that it left the page.
  sent(id) {
    this.#fate(id, "sent");
  }

  // lost says why it will not come back.
  lost(id, why) {
    this.#fate(id, why);
    this.#own.get(id)?.classList.replace("pending", "lost");
    this.#own.delete(id);
  }

  // echo completes a message of ours: it came back, and everyone heard it whom
  // its node could reach.
  echo(message, home) {
    const line = this.#own.get(message.id);
    if (!line) return this.said(message, home);
    this.#own.delete(message.id);
    line.classList.remove("pending");
    line.querySelector(".mark").replaceWith(this.#nodes.mark(message.node));
    line.querySelector(".fate").replaceWith(this.#origin(message.node, home));
  }

  // event shows what happened to the connection.
  event(kind, ...content) {
    this.#add(element("li", `event ${kind}`, element("p", "", ...content, " ", clock())));
  }

  #line(from, text, meta, node) {
    const mark = node === undefined ? element("span", "mark blank", "·") : this.#nodes.mark(node);
    const head = element("p", "head", element("b", "", from), " ", meta, " ", clock());
    return element("li", "message", mark, element("div", "", head, element("p", "text", text)));
  }

  #origin(node, home) {
    const origin = element("span", "origin", node);
    if (node !== home) {
      const hop = element("span", "hop", `${this.#nodes.letter(node)} → ${this.#nodes.letter(home)}`);
      hop.title = `said on ${node}, heard on ${home}`;
      origin.append(" ", hop);
    }
    return origin;
  }

  #fate(id, text) {
    const fate = this.#own.get(id)?.querySelector(".fate");
    if (fate) fate.textContent = text;
  }

  #add(line) {
    this.#waiting.push(line);
    if (this.#waiting.length === 1) setTimeout(() => this.#draw(), batch);
    if (this.#waiting.length > 2 * kept) this.#waiting.splice(1, kept);
  }

  #draw() {
    const lines = this.#waiting.splice(0).slice(-kept);
    this.#log.setAttribute("aria-live", lines.length > chatter ? "off" : "polite");
    this.#list.append(...lines);
    while (this.#list.childElementCount > kept) this.#list.firstElementChild.remove();
    if (this.#following) return this.#end();
    this.#unread += lines.length;
    this.#newer.textContent = `${this.#unread} newer ↓`;
    this.#newer.hidden = false;
  }

  // look finds out whether the user has scrolled away from the end.
  #look() {
    this.#following = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
    if (this.#following) this.#read();
  }

  #end() {
    this.#following = true;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#read();
  }

  #read() {
    this.#unread = 0;
    this.#newer.hidden = true;
  }
}
