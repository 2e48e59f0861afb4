// Starts the load generator and the servers to measure: ours, with production settings and a new data directory, and the
// peers.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../../..");
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
export const results = join(target, "bench");
const program = join(target, "release/jumpin");
const loader = join(target, "release/jumpin-load");
mkdirSync(results, { recursive: true });

async function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function answers(url, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server at ${url} exited unexpectedly`);
    const answer = await fetch(url).catch(() => null);
    if (answer) return answer.status;
    await new Promise((done) => setTimeout(done, 2));
  }
}

/// Waits until a peer accepts TCP connections, because peers have no health check.
async function listens(port, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error("the peer exited unexpectedly");
    const taken = await new Promise((done) => {
      const socket = connect(port, "127.0.0.1", () => done(true)).on("error", () => done(false));
      socket.on("connect", () => socket.destroy());
    });
    if (taken) return;
    await new Promise((done) => setTimeout(done, 5));
  }
}

export class TestServer {
  static async open(agents = 200) {
    const server = new TestServer();
    server.data = mkdtempSync(join(tmpdir(), "jumpin-bench-"));
    server.agents = join(server.data, "agents.txt");
    server.port = await freePort();
    server.metrics = `127.0.0.1:${await freePort()}`;
    server.url = `http://127.0.0.1:${server.port}`;
    const seed = ["load-seed", "--agents", `${agents}`, "--data", server.data];
    writeFileSync(server.agents, execFileSync(program, seed, { cwd: server.data }), { mode: 0o600 });
    server.readyAfter = await server.start();
    return server;
  }

  /// Starts the server and returns the time it took to become ready, in milliseconds.
  async start() {
    const env = { ...process.env, JUMPIN_LISTEN: `127.0.0.1:${this.port}`, JUMPIN_DATA: this.data, JUMPIN_METRICS: this.metrics, RUST_LOG: "warn" };
    const began = performance.now();
    this.child = spawn(program, ["serve"], { cwd: this.data, stdio: ["ignore", "ignore", "inherit"], env });
    const status = await answers(`${this.url}/readyz`, this.child);
    if (status !== 200) throw new Error(`the server is not ready: HTTP status ${status}`);
    return performance.now() - began;
  }

  get pid() { return this.child.pid; }

  async stop() {
    const gone = new Promise((done) => this.child.once("exit", done));
    this.child.kill("SIGTERM");
    await gone;
  }

  async close() {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  /// Returns the total duration of all commits, in seconds, and the number of commits.
  async commits() {
    const text = await (await fetch(`http://${this.metrics}/metrics`)).text();
    const value = (name) => Number(text.match(new RegExp(`^${name} (.*)$`, "m"))?.[1] ?? 0);
    return { seconds: value("jumpin_commit_seconds_sum"), commits: value("jumpin_commit_seconds_count") };
  }

  load(scenario, options) {
    return load(scenario, { url: this.url, "agents-file": this.agents, pid: this.pid, ...options });
  }
}

/// Starts a peer's server and runs a measurement against it.
export async function withPeer(peer, measure) {
  const port = await freePort();
  const file = peer === "ws" ? "ws.mjs" : "socket-io.mjs";
  const child = spawn("node", [join(here, "peers", file), `${port}`], { stdio: ["ignore", "ignore", "inherit"] });
  try {
    await listens(port, child);
    return await measure((scenario, options) => load(scenario, { url: `http://127.0.0.1:${port}`, peer, pid: child.pid, ...options }));
  } finally {
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }
}

/// Runs the load generator, saves its report, and returns it.
let runs = 0;
export async function load(scenario, options) {
  const words = Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, `${value}`]));
  const child = spawn(loader, [scenario, "--json", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let [said, complained] = ["", ""];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (complained = `${complained}${text}`.slice(-2_000)));
  const code = await new Promise((done) => child.once("close", done));
  if (code !== 0) throw new Error(`jumpin-load ${scenario} ${words.join(" ")}: ${complained.trim().split("\n").at(-1)}`);
  const report = JSON.parse(said);
  runs += 1;
  writeFileSync(join(results, `${String(runs).padStart(2, "0")}-${report.peer}-${scenario}.json`), said);
  return report;
}

export const took = (report, what) => report.times.find((times) => times.what === what) ?? { count: 0, p50: NaN, p99: NaN, p999: NaN, max: NaN };
export const busy = () => loadavg()[0];
