// The clock of what is shown. Time passes here; the engine is asked for frames a little ahead of it, so that what
// moves between two frames is known when it moves.

const every = 250; // milliseconds between two frames

export class Player {
  at = 0;          // the instant that is shown
  playing = false;
  speed = 1;       // virtual seconds in a second
  frame = null;    // that is shown: the last one at or before `at`
  end = 0;
  #ahead = [];     // frames after it
  #asking = false;
  #then = null;    // when the last tick was
  #round = 0;      // answers to what was asked in an earlier one are dropped

  // changed is called with a frame when another one is shown, moved at each tick, failed with an error.
  constructor(engine, { changed, moved, failed, state }) {
    Object.assign(this, { engine, changed, moved, failed, state });
  }

  // open shows a run from its beginning.
  async open(request) {
    this.playing = false;
    const round = ++this.#round;
    const { opened, frame } = await this.engine.ask({ verb: "open", ...request });
    if (round !== this.#round) return null;
    this.end = opened.end;
    this.#reset(frame);
    this.state();
    return opened;
  }

  #reset(frame) {
    this.#round++;
    this.#asking = false;
    this.#ahead = [];
    this.at = frame.at;
    this.frame = frame;
    this.changed(frame);
    this.moved(this.at, frame);
  }

  // limit is how far time may pass.
  get limit() {
    return this.frame?.lesson ? Math.min(this.frame.lesson.until, this.end) : this.end;
  }

  play() {
    if (this.at >= this.limit) return;
    this.playing = true;
    this.#then = null;
    this.state();
  }

  pause() {
    this.playing = false;
    this.state();
  }

  // seek shows another instant. A run that has not come so far gets there in pieces.
  async seek(at) {
    const want = Math.max(1, Math.min(at, this.limit));
    const round = ++this.#round;
    this.#asking = true;
    try {
      for (let last = -1; ;) {
        const { frame } = await this.engine.ask({ verb: "show", at: want });
        if (round !== this.#round) return;
        if (frame.at >= want - 0.001 || frame.at <= last) {
          this.#reset(frame);
          this.state();
          return;
        }
        last = frame.at;
        this.at = frame.at;
        this.frame = frame;
        this.changed(frame);
        this.moved(this.at, frame);
      }
    } catch (err) {
      if (round === this.#round) this.#fail(err);
    } finally {
      if (round === this.#round) this.#asking = false;
    }
  }

  // act does a step now, and returns what was done. The frames ahead are of a run without it.
  async act(words) {
    const last = this.#ahead.at(-1);
    // What is known ahead ends where the run is. A step there takes effect at once; one before it begins the run anew.
    const near = last && last.at >= last.head - 0.001 && (this.playing || last.at - this.at <= 500);
    const at = near ? last.at : this.at;
    const round = ++this.#round;
    this.#asking = true;
    try {
      const { frame, done } = await this.engine.ask({ verb: "do", at, words });
      if (round !== this.#round) return done;
      if (near && this.playing) this.#ahead.push(frame);
      else this.#reset(frame);
      this.state();
      return done;
    } finally {
      this.#asking = false;
    }
  }

  // lesson sends an answer, or continues.
  async lesson(request) {
    const { frame } = await this.engine.ask({ at: this.at, ...request });
    this.#reset(frame);
    this.state();
  }

  look(thing) {
    return this.engine.ask({ verb: "look", at: this.at, thing });
  }

  // tick lets time pass; now is that of the browser's clock.
  tick(now) {
    const passed = this.#then === null ? 0 : Math.min(now - this.#then, 100);
    this.#then = now;
    if (!this.frame || !this.playing) return;
    const known = (this.#ahead.at(-1) ?? this.frame).at;
    this.at = Math.min(this.at + passed * this.speed, Math.max(known, this.at));
    let shown = null;
    while (this.#ahead.length > 0 && this.#ahead[0].at <= this.at) shown = this.#ahead.shift();
    if (shown) {
      this.frame = shown;
      this.changed(shown);
    }
    this.moved(this.at, this.#ahead[0] ?? this.frame);
    if (this.at >= this.limit - 0.001) {
      this.playing = false;
      this.state();
      return;
    }
    if (!this.#asking && known < this.limit && known - this.at < 1.5 * every * this.speed) this.#prefetch(known);
  }

  async #prefetch(known) {
    this.#asking = true;
    const round = this.#round;
    try {
      const want = Math.min(known + every * this.speed, this.limit);
      const { frame } = await this.engine.ask({ verb: "show", at: want, quick: this.speed > 0.5 });
      if (round === this.#round && frame.at > known) this.#ahead.push(frame);
    } catch (err) {
      if (round === this.#round) this.#fail(err);
    } finally {
      if (round === this.#round) this.#asking = false;
    }
  }

  #fail(err) {
    this.playing = false;
    this.state();
    this.failed(err);
  }
}
