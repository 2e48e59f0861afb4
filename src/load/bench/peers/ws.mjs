// A server that does the hub's part of the work, built on npm's `ws`. Visitors send their page, and dashboards receive
// the changes every 16 ms. It stores each visitor's last page as opaque bytes and has no board, database, or rules.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const every = 16;
const server = createServer();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const dashboards = new Set();
const pages = new Map();
const changed = new Set();
let timer;
let sentAt = 0;

server.on("upgrade", (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (joined) => (request.url === "/agent" ? dashboard(joined) : visitor(joined))));

function dashboard(socket) {
  dashboards.add(socket);
  socket.on("close", () => dashboards.delete(socket));
  socket.send(batchOf(pages.keys()));
}

function visitor(socket) {
  socket.on("message", (page) => {
    if (!pages.has(socket)) socket.send(Buffer.alloc(0));
    pages.set(socket, page);
    changed.add(socket);
    // The first change after a pause is sent immediately, and later ones are sent in batches.
    timer ??= setTimeout(send, Math.max(0, sentAt + every - performance.now()));
  });
  socket.on("close", () => pages.delete(socket));
}

function send() {
  timer = undefined;
  sentAt = performance.now();
  const batch = batchOf(changed);
  changed.clear();
  for (const socket of dashboards) socket.send(batch);
}

function batchOf(visitors) {
  const parts = [];
  for (const visitor of visitors) {
    const page = pages.get(visitor);
    if (!page) continue;
    const length = Buffer.alloc(2);
    length.writeUInt16LE(page.length);
    parts.push(length, page);
  }
  return Buffer.concat(parts);
}

server.listen(Number(process.argv[2]), "127.0.0.1");
