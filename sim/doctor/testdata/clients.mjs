// Official clients of all kinds that connect once, say something, and tell what they met.
import http from "node:http";
import { createRequire } from "node:module";
import { serve } from "../../../cluster/internal/peers/rpc.mjs";

const require = createRequire(new URL("../../../cluster/internal/peers/rpc.mjs", import.meta.url));
const { io } = require("socket.io-client");

const kinds = {
  browser: { withCredentials: true },
  websocket: { transports: ["websocket"] },
  polling: { transports: ["polling"], withCredentials: true },
  native: { transports: ["polling"] },
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// at makes every name one of that address.
const at = (address) => (name, { all }, done) => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4));

// from is a client's own address, and what a browser sends with every request.
const from = (kind, i, address) => ({
  agent: new http.Agent({ localAddress: `127.${20 + Object.keys(kinds).indexOf(kind)}.${i}.${i + 1}`, keepAlive: true, lookup: at(address) }),
  extraHeaders: { "User-Agent": `Mozilla/5.0 (${i})` },
});

// client connects once and returns what it met.
async function client(url, options, quiet, size) {
  const met = { Of: 1, Connected: 0, Lost: 0, Websocket: 0 };
  const socket = io(url, { forceNew: true, reconnection: false, ...options });
  await new Promise((done) => {
    socket.on("connect", () => {
      met.Connected = 1;
      done();
    });
    socket.on("connect_error", done);
    setTimeout(done, 6000).unref();
  });
  socket.on("disconnect", () => (met.Lost = 1));
  for (let i = 0; i < 4 && !met.Lost && met.Connected; i++) {
    socket.emit("said", i);
    await pause(250);
  }
  if (size && met.Connected) socket.emit("said", "x".repeat(size));
  await pause(met.Connected ? quiet + (size ? 3000 : 0) : 0);
  const engine = socket.io.engine;
  for (let i = 0; i < 20 && engine?.upgrading && !met.Lost; i++) await pause(100);
  if (!met.Lost && met.Connected && engine.transport.name === "websocket") met.Websocket = 1;
  socket.off("disconnect");
  socket.disconnect();
  return met;
}

serve({
  async attempt(url, address, path, which, quiet, size) {
    const out = {};
    for (const kind of which) out[kind] = { Of: 0, Connected: 0, Lost: 0, Websocket: 0 };
    const all = which.flatMap((kind) => [0, 1, 2, 3, 4, 5].map((i) => [kind, i]));
    await Promise.all(all.map(async ([kind, i]) => {
      const own = from(kind, i, address);
      const met = await client(url, { path, ...own, ...kinds[kind] }, quiet, size);
      own.agent.destroy();
      for (const key in met) out[kind][key] += met[key];
    }));
    return out;
  },
});
