// Each node has one letter and one of seven colours, everywhere on the page.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const inks = 7;

// Nodes knows the nodes of the cluster, in its order: the first is A.
export class Nodes {
  #marks = new Map(); // name -> {letter, ink}

  constructor(names) {
    names.forEach((name, i) => this.#marks.set(name, { letter: letters[i] ?? "#", ink: i % inks }));
  }

  names() {
    return [...this.#marks.keys()];
  }

  // mark returns the letter in its colour, as an element.
  mark(name) {
    const { letter, ink } = this.#of(name);
    const mark = document.createElement("span");
    mark.className = `mark ink-${ink}`;
    mark.textContent = letter;
    return mark;
  }

  letter(name) {
    return this.#of(name).letter;
  }

  // of returns the mark of a node. One that was not announced gets the letter
  // that its name hashes to, so that two browsers agree, or the next free one.
  #of(name) {
    let found = this.#marks.get(name);
    if (!found) {
      const taken = new Set([...this.#marks.values()].map((m) => m.letter));
      let i = hash(name) % letters.length;
      for (let tries = 0; tries < letters.length && taken.has(letters[i]); tries++) i = (i + 1) % letters.length;
      found = { letter: taken.has(letters[i]) ? "#" : letters[i], ink: i % inks };
      this.#marks.set(name, found);
    }
    return found;
  }
}

// hash is FNV-1a, 32 bits.
function hash(text) {
  let h = 0x811c9dc5;
  for (const c of new TextEncoder().encode(text)) h = Math.imul(h ^ c, 0x01000193) >>> 0;
  return h;
}
