// The chat over the official client: one connection with the settings of the
// user, told in the words of the page.
import { io } from "./socket.io.esm.min.js";

const joinTimeout = 5000; // ms

// Client speaks the chat protocol. It calls
//   on.state(state, attempt)   connecting, connected, reconnecting, disconnected
//   on.node(node, again)       the node has said who it is; again after a reconnect
//   on.transport(name, from)   "" when there is none; from after an upgrade
//   on.said(message)           {id, from, room, text, node}
//   on.sent(id)                a message left the page
//   on.broken(reason, ids)     the connection ended, these messages had no echo
//   on.error(text)             exactly what the client and the server said
//   on.note(text)              for the log
export class Client {
  #on;
  #settings; // {name, room, transports}
  #next; // () => the number of the next message
  #socket;
  #joined = false;
  #welcomed = false; // at least once
  #outbox = []; // said while there was no room to say it in
  #echoes = new Map(); // id -> text, sent and not come back yet

  constructor(settings, next, on) {
    this.#settings = settings;
    this.#next = next;
    this.#on = on;
    this.#open();
  }

  // newId returns the id of the next message.
  newId() {
    return `${this.#settings.name}:${this.#next()}`;
  }

  // say sends a text, or keeps it until the room is joined.
  say(id, text) {
    this.#outbox.push({ id, room: this.#settings.room, text });
    this.#flush();
  }

  // isOwn reports whether a message is the echo of one of ours.
  isOwn(message) {
    return this.#echoes.get(message.id) === message.text && message.from === this.#settings.name;
  }

  connect() {
    this.#on.state("connecting", 0);
    this.#socket.connect();
  }

  disconnect() {
    this.#socket.disconnect();
    this.#on.state("disconnected", 0);
  }

  // close ends the client for good: nothing is called any more. It returns the
  // ids of the messages that were not sent and of those that had no echo.
  close() {
    this.#on = new Proxy({}, { get: () => () => {} });
    const left = { unsent: this.#outbox.map((m) => m.id), unheard: [...this.#echoes.keys()] };
    this.#socket.disconnect();
    return left;
  }

  #open() {
    const { name, transports } = this.#settings;
    const socket = (this.#socket = io({ auth: { name }, transports, forceNew: true }));
    const manager = socket.io;

    manager.on("open", () => this.#watch(manager.engine));
    manager.on("reconnect_attempt", (attempt) => {
      this.#on.state("reconnecting", attempt);
      this.#on.note(`reconnect attempt ${attempt}`);
    });
    socket.on("connect", () => this.#join());
    socket.on("connect_error", (err) => {
      this.#on.error(describe(err));
      if (!socket.active) this.#on.state("disconnected", 0); // refused by the server: no further attempt
    });
    socket.on("disconnect", (reason, details) => {
      this.#joined = false;
      const lost = [...this.#echoes.keys()];
      this.#echoes.clear();
      this.#on.transport("");
      this.#on.state(socket.active ? "reconnecting" : "disconnected", 0);
      this.#on.broken(details ? `${reason} · ${describe(details)}` : reason, lost);
    });
    socket.on("welcome", ({ node }) => {
      this.#on.node(node, this.#welcomed);
      this.#welcomed = true;
    });
    socket.on("said", (message) => {
      this.#on.said(message);
      this.#echoes.delete(message.id);
    });
    this.#on.state("connecting", 0);
  }

  // watch tells the transport of an Engine.IO connection, now and after an
  // upgrade.
  #watch(engine) {
    const first = engine.transport.name;
    this.#on.transport(first);
    engine.on("upgrade", (transport) => this.#on.transport(transport.name, first));
    engine.on("upgradeError", (err) => this.#on.error(describe(err)));
  }

  // join enters the room; what was said meanwhile follows. The client's own
  // buffer would send it before the join, and its echo would not be heard.
  #join() {
    const socket = this.#socket;
    const { room } = this.#settings;
    this.#on.state("connected", 0);
    socket.timeout(joinTimeout).emit("join", room, (err) => {
      if (err) {
        if (socket.connected) this.#on.error(`join ${room}: ${describe(err)}`);
        return;
      }
      this.#joined = true;
      this.#flush();
    });
  }

  #flush() {
    while (this.#joined && this.#outbox.length > 0) {
      const message = this.#outbox.shift();
      this.#echoes.set(message.id, message.text);
      this.#socket.emit("say", message);
      this.#on.sent(message.id);
    }
  }
}

// describe puts in one line what an error of the client holds: its message, the
// status and the body of the answer, the data of a refusal.
export function describe(err) {
  const parts = [err.message || String(err.description ?? err)];
  if (typeof err.description === "number" && err.description > 0) parts.push(`HTTP ${err.description}`);
  const body = err.context?.responseText;
  if (typeof body === "string" && body !== "") {
    const title = /<title>(.*?)<\/title>/i.exec(body); // an error page of a proxy
    parts.push((title ? title[1] : body).slice(0, 200));
  }
  if (err.context?.code > 0) parts.push(`close code ${err.context.code}`); // of a WebSocket
  if (err.data !== undefined) parts.push(JSON.stringify(err.data));
  return parts.join(" · ");
}
