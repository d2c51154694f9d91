// What happened to the connection, newest first, with the exact texts.
import { clock, element, setText } from "./element.js";

const kept = 200;

export class Journal {
  #list;
  #count;
  #last = { text: "", times: 0 };

  constructor(list, count) {
    this.#list = list;
    this.#count = count;
  }

  // add writes a line; the same line again is counted. kind is note or error.
  add(kind, text) {
    if (text === this.#last.text) {
      this.#last.times++;
      const line = this.#list.firstElementChild;
      line.querySelector("time").replaceWith(clock());
      setText(line.querySelector(".times"), `×${this.#last.times}`);
      return;
    }
    this.#last = { text, times: 1 };
    const said = element(kind === "error" ? "code" : "span", "", text);
    this.#list.prepend(element("li", kind, clock(), " ", said, " ", element("span", "times")));
    while (this.#list.childElementCount > kept) this.#list.lastElementChild.remove();
    setText(this.#count, String(this.#list.childElementCount));
  }
}
