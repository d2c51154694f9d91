// The chat on an official server with connection state recovery.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { serve } from "../../../cluster/internal/peers/rpc.mjs";

const require = createRequire(new URL("../../../cluster/internal/peers/rpc.mjs", import.meta.url));
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, { connectionStateRecovery: {} });
const recovered = []; // of each connection

io.on("connection", (socket) => {
  recovered.push(socket.recovered);
  socket.emit("welcome", { node: "official" });
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack?.({ room, node: "official" });
  });
  socket.on("say", ({ id, room, text }) => {
    io.to(room).emit("said", { id, from: socket.handshake.auth.name, room, text, node: "official" });
  });
});
await new Promise((done) => http.listen(0, "127.0.0.1", done));

serve({
  address: () => `127.0.0.1:${http.address().port}`,
  recovered: () => recovered,
  joined: (room) => io.of("/").adapter.rooms.get(room)?.size ?? 0,
  // emit sends messages of a user to the room; the numbers are from and to.
  emit(from, to) {
    for (let n = from; n <= to; n++) {
      io.to("lobby").emit("said", { id: `server:${n}`, from: "server", room: "lobby", text: "hi", node: "official" });
    }
  },
  // drop ends the connections of all clients, as when the network fails.
  drop() {
    for (const socket of io.of("/").sockets.values()) socket.conn.close(true);
  },
});
