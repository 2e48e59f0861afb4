// The same server as ws.mjs, but built on npm's `socket.io` in its usual style. It uses events with URLs and titles,
// and the dashboards are in a namespace.
import { createServer } from "node:http";
import { Server } from "socket.io";

const every = 16;
const server = createServer();
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
const dashboards = io.of("/agents");
const pages = new Map();
const changed = new Set();
let timer;
let sentAt = 0;

dashboards.on("connection", (socket) => socket.emit("batch", [...pages.values()]));

io.on("connection", (socket) => {
  socket.on("page", (url, title) => {
    if (!pages.has(socket.id)) socket.emit("welcome");
    pages.set(socket.id, [url, title]);
    changed.add(socket.id);
    // The first change after a pause is sent immediately, and later ones are sent in batches.
    timer ??= setTimeout(send, Math.max(0, sentAt + every - performance.now()));
  });
  socket.on("disconnect", () => pages.delete(socket.id));
});

function send() {
  timer = undefined;
  sentAt = performance.now();
  dashboards.emit("batch", [...changed].map((id) => pages.get(id)).filter(Boolean));
  changed.clear();
}

server.listen(Number(process.argv[2]), "127.0.0.1");
