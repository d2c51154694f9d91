// Official clients, each with a name.
import { io } from "socket.io-client";
import { serve, tell } from "./rpc.mjs";

const sockets = new Map();

function watch(name, socket) {
  sockets.set(name, socket);
  socket.on("connect", () => tell(name, "connect"));
  socket.on("connect_error", (e) => {
    const event = [name, "connect_error", e.message];
    if (e.data !== undefined || typeof e.description === "number") event.push(e.data ?? e.description);
    tell(...event);
  });
  socket.on("disconnect", (reason, details) => {
    const event = [name, "disconnect", reason];
    if (details?.message) event.push(details.message);
    if (typeof details?.description === "number") event.push(details.description);
    tell(...event);
  });
  socket.onAny((event, ...args) => {
    const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
    tell(name, event, ...args);
    if (event !== "mute") ack?.(name, ...args);
  });
}

serve({
  // connect opens a connection of its own.
  connect(name, url, options) {
    watch(name, io(url, { forceNew: true, ...options }));
  },
  // share opens another namespace on the connection of a client.
  share(name, other, namespace, options) {
    watch(name, sockets.get(other).io.socket(namespace, options));
  },
  emit(name, ...args) {
    sockets.get(name).emit(...args);
  },
  ask(name, timeout, ...args) {
    return sockets.get(name).timeout(timeout).emitWithAck(...args);
  },
  // transport waits for a transport to be in use.
  async transport(name, want) {
    while (sockets.get(name).io.engine.transport.name !== want) await new Promise((done) => setTimeout(done, 5));
  },
  id: (name) => sockets.get(name).id,
  recovered: (name) => sockets.get(name).recovered === true,
  // drop ends the connection as a transport that closes does; the client comes back.
  drop(name) {
    sockets.get(name).io.engine.close();
  },
  active: (name) => sockets.get(name).active,
  disconnect(name) {
    sockets.get(name).disconnect();
  },
});
