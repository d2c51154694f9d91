// Official clients in one room that keep books: what each of them, on each socket that
// it had, should have heard by its own clock, and what it has heard.
import http from "node:http";
import { createRequire } from "node:module";
import { serve } from "../../../cluster/internal/peers/rpc.mjs";

const require = createRequire(new URL("../../../cluster/internal/peers/rpc.mjs", import.meta.url));
const { io } = require("socket.io-client");

const books = []; // of each socket: joining, joined and left are times, or undefined
const messages = []; // by their number: when it was said and when that was acknowledged
let saying = true;
let inFlight = 0;
let lastHeard = 0;

function come(k, url, every) {
  const user = `user-${k}`;
  const socket = io(url, {
    forceNew: true,
    transports: [["polling"], ["websocket"], ["polling", "websocket"]][k % 3],
    agent: new http.Agent({ keepAlive: true, localAddress: `127.0.${1 + (k % 250)}.1` }),
    auth: { name: user },
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  });
  let book;
  let n = 0;
  socket.on("connect", async () => {
    const own = { id: socket.id, user, joining: performance.now(), heard: [], unanswered: 0 };
    book = own;
    books.push(own);
    n = 0; // as a page that was loaded again: its ids are used again
    try {
      await socket.timeout(10_000).emitWithAck("join", "lobby");
      own.joined = performance.now();
    } catch {}
  });
  socket.on("disconnect", () => {
    if (!book) return; // it had not connected
    book.left = performance.now();
    inFlight -= book.unanswered;
    book = undefined;
  });
  socket.on("said", (m) => {
    book.heard.push(Number(m.text));
    lastHeard = performance.now();
  });
  const talk = () => {
    if (!saying || !book?.joined) return;
    const own = book;
    const message = { said: performance.now() };
    messages.push(message);
    inFlight++;
    own.unanswered++;
    socket.emit("say", { id: `${user}:${++n}`, room: "lobby", text: String(messages.length) }, () => {
      message.acknowledged = performance.now();
      inFlight--;
      own.unanswered--;
    });
  };
  setTimeout(() => setInterval(talk, every), (every * k) / 200);
}

// slack is how long, in ms, a client may not know what its node knows.
const slack = 5000;

function audit({ joining, joined, left = Infinity }) {
  let sure = 0;
  let unsure = 0;
  for (const { said, acknowledged = said + slack } of messages) {
    if (joined !== undefined && said >= joined && acknowledged + slack <= left) sure++;
    else if (acknowledged >= joining && said <= left) unsure++;
  }
  return { sure, unsure };
}

serve({
  come(clients, url, every) {
    for (let k = 0; k < clients; k++) come(k, url, every);
  },
  // joined returns how many clients are in the room, as they know.
  joined: () => books.filter((b) => b.joined && !b.left).length,
  // pause returns when all that was said has been answered, and nothing is heard any more.
  async pause() {
    saying = false;
    while (inFlight > 0 || performance.now() - lastHeard < 250) await new Promise((done) => setTimeout(done, 10));
  },
  resume() {
    saying = true;
  },
  said: () => messages.length,
  audit: () => books.map((b) => ({ id: b.id, user: b.user, heard: Int32Array.from(b.heard), ...audit(b) })),
});
