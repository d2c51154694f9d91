// A Node Socket.IO server with an official Redis adapter, and the emitter.
// Its argument: {"lib":"redis","url":"redis://127.0.0.1:6379","kind":"redis","options":{}}.
import { createServer } from "node:http";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { Server } from "socket.io";
import { serve, tell } from "./rpc.mjs";

const { lib, url, kind, options } = JSON.parse(process.argv[2]);

async function connect() {
  const redis = await import(lib);
  if (lib.startsWith("ioredis")) return new redis.Redis(url);
  const client = redis.createClient({ url });
  client.on("error", (e) => tell("redis", e.message));
  await client.connect();
  return client;
}

const clients = await Promise.all([connect(), connect(), connect()]);
const adapters = {
  redis: () => createAdapter(clients[0], clients[1], options),
  "redis-sharded": () => createShardedAdapter(clients[0], clients[1], options),
  "redis-streams": () => createStreamsAdapter(clients[0], options),
};
const http = createServer();
const io = new Server(http, { adapter: adapters[kind ?? "redis"](), transports: ["websocket"] });
const emitter = new Emitter(clients[2]);

function serveNamespace(name) {
  io.of(name).on("connection", (socket) => {
    socket.data = { from: "node", nsp: name };
    socket.on("join", (room, ack) => {
      socket.join(room);
      ack?.(room);
    });
    // shout broadcasts to a room, "" for everybody, but for the sender.
    socket.on("shout", (room, ...args) => {
      const ack = args.pop();
      (room ? socket.to(room) : socket.broadcast).emit(...args);
      ack();
    });
  });
  for (const event of ["hello", "ask"]) {
    io.of(name).on(event, (...args) => {
      const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
      tell("server", name, event, ...args);
      ack?.(["node", ...args]);
    });
  }
}
["/", "/custom"].forEach(serveNamespace);
await new Promise((done) => http.listen(0, "127.0.0.1", done));

function choose(target, chain) {
  for (const [op, ...args] of chain) {
    target = typeof target[op] === "function" ? target[op](...args) : target[op];
  }
  return target;
}

function describe(sockets) {
  return sockets.map(({ id, rooms, data, handshake }) => ({ id, rooms, data, auth: handshake.auth, address: handshake.address }));
}

serve({
  url: () => `http://127.0.0.1:${http.address().port}`,
  // run calls a method of what the chain has chosen of a namespace.
  async run(namespace, chain, method, ...args) {
    const result = await choose(io.of(namespace), chain)[method](...args);
    if (method === "fetchSockets") return describe(result);
    if (method.endsWith("WithAck")) return result;
  },
  emitter(namespace, chain, method, ...args) {
    choose(emitter.of(namespace), chain)[method](...args);
  },
  count: (namespace) => io.of(namespace).adapter.serverCount(),
  // die ends the process as SIGKILL does.
  die: () => process.kill(process.pid, "SIGKILL"),
  rooms: (namespace) => io.of(namespace).adapter.allRooms(),
});
