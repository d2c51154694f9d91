// Who was heard in the room, by the node that they last spoke on.
import { clock, element, setText } from "./element.js";

const kept = 200; // people; who was silent longest goes

export class People {
  #nodes;
  #place;
  #count;
  #heard = new Map(); // name -> {node, messages, at}, who was silent longest first
  #me = "";
  #home = "";
  #drawing = false;

  constructor(nodes, place, count) {
    this.#nodes = nodes;
    this.#place = place;
    this.#count = count;
  }

  // home says who we are and where; node is "" while that is not known.
  home(me, node) {
    this.#me = me;
    this.#home = node;
    this.#heard.delete(me);
    this.#later();
  }

  // heard counts a message.
  heard({ from, node }) {
    if (from === this.#me) return;
    const messages = (this.#heard.get(from)?.messages ?? 0) + 1;
    this.#heard.delete(from);
    this.#heard.set(from, { node, messages, at: new Date() });
    if (this.#heard.size > kept) this.#heard.delete(this.#heard.keys().next().value);
    this.#later();
  }

  // forget starts anew, in another room.
  forget() {
    this.#heard.clear();
    this.#later();
  }

  #later() {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      this.#draw();
    }, 200);
  }

  #draw() {
    const groups = new Map(this.#nodes.names().map((node) => [node, []]));
    if (this.#home && !groups.has(this.#home)) groups.set(this.#home, []);
    for (const [name, person] of [...this.#heard].reverse()) {
      if (!groups.has(person.node)) groups.set(person.node, []);
      groups.get(person.node).push([name, person]);
    }
    setText(this.#count, String(this.#heard.size));
    this.#place.replaceChildren(...[...groups].map(([node, people]) => this.#group(node, people)));
  }

  #group(node, people) {
    const title = element("h3", "", this.#nodes.mark(node), " ", element("span", "name", node));
    const list = element("ul");
    if (node === this.#home) {
      title.append(" ", element("small", "", "my node"));
      list.append(element("li", "me", element("span", "name", this.#me), element("small", "", "me")));
    }
    for (const [name, { messages, at }] of people) {
      const count = messages === 1 ? "1 message" : `${messages} messages`;
      list.append(element("li", "", element("span", "name", name), element("small", "", `${count}, last `, clock(at))));
    }
    if (people.length === 0) list.append(element("li", "none", node === this.#home ? "no one else heard" : "no one heard"));
    return element("section", "", title, list);
  }
}
