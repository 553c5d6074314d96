// Rooms on Bun (uWebSockets inside), the quickest server of its kind that people use: it keeps nothing, and passes every
// {"type":"pub","room":…} on to whoever has joined the room, byte for byte.
//   bun rooms.js PORT
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("rooms", { status: 426 })),
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 900,
    message(socket, text) {
      const { type, room } = JSON.parse(text);
      if (type === "join") {
        socket.subscribe(room);
        socket.send('{"type":"joined"}');
      } else if (type === "pub") {
        server.publish(room, text);
      }
    },
  },
});
console.log(`rooms on ${server.port}`);
