// Run by `make bench`. Measures every budget on this machine, compares the results with the peers in the same run, and
// measures how the numbers scale. Set QUICK=1 for a shorter version.
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { board, bytes, measurements, inviting, memory, messages, start, storm } from "./budgets.mjs";
import { dashboard, hostPage } from "./browser.mjs";
import { TestServer, busy, results, took, withPeer } from "./servers.mjs";

const quick = process.env.QUICK === "1";
const [full, seconds] = quick ? [5_000, 5] : [19_000, 20];
const text = (value) => (Number.isFinite(value) ? value.toLocaleString("en", { maximumFractionDigits: 1 }) : "–");
const failed = [];

/// Runs one measurement. If it fails, the failure is recorded and the others still run.
async function attempt(what, measure) {
  try {
    await measure();
  } catch (error) {
    failed.push({ what, error: `${error.message}` });
    console.log(`  ${what}: FAILED, ${error.message}`);
  }
}

async function besidePeers() {
  const rows = [];
  const rates = quick ? [1_700, 5_000] : [1_700, 5_000, 20_000];
  const seen = (peer, rate, report) => {
    const event = took(report, "event→dashboard");
    const came = 1 - report.missing / (report.counts.events * report.agents);
    rows.push({ peer, rate, p50: event.p50, p99: event.p99, delivered: 100 * came, cpu: report.server.cpu_percent, load: busy() });
    console.log(`  ${peer.padEnd(12)}${text(rate).padStart(10)}${text(event.p50).padStart(12)}${text(event.p99).padStart(12)}`
      + `${text(100 * came).padStart(12)} %${text(report.server.cpu_percent).padStart(10)} %`);
  };
  console.log(`\nComparison with peers: page changes from ${text(5_000)} visitors to 50 dashboards, in ms\n`
    + `  ${"".padEnd(12)}${"per second".padStart(10)}${"p50".padStart(12)}${"p99".padStart(12)}${"delivered".padStart(14)}${"CPU".padStart(12)}`);
  for (const rate of rates) {
    const options = { visitors: 5_000, agents: 50, rate, seconds: quick ? 5 : 10 };
    await attempt(`ours at ${rate}`, async () => {
      const server = await TestServer.open(50);
      await server.load("browse", options).then((report) => seen("Jump-In", rate, report)).finally(() => server.close());
    });
    for (const peer of ["ws", "socket.io"])
      await attempt(`${peer} at ${rate}`, () => withPeer(peer, async (load) => seen(peer, rate, await load("browse", options))));
  }
  console.log("\nMemory per idle visitor, in KiB");
  const idle = { visitors: full, agents: 0, seconds: 5 };
  for (const peer of ["ws", "socket.io"])
    await attempt(`${peer} idle`, () => withPeer(peer, async (load) => {
      const report = await load("idle", idle);
      rows.push({ peer, idle: report.server.kib_per_visitor });
      console.log(`  ${peer.padEnd(12)}${text(report.server.kib_per_visitor).padStart(10)}`);
    }));
  return rows;
}

async function growth() {
  const rows = [];
  console.log(`\nScaling: each visitor changes pages every 5 s; p50 and p99 to the dashboards, and the server's CPU usage\n`
    + `  ${"visitors".padEnd(12)}${["1 dashboard", "10 dashboards", "50 dashboards"].map((head) => head.padStart(30)).join("")}`);
  for (const visitors of quick ? [1_000, 5_000] : [1_000, 5_000, 19_000]) {
    const cells = [];
    for (const agents of [1, 10, 50])
      await attempt(`${visitors} visitors, ${agents} dashboards`, async () => {
        const server = await TestServer.open(agents);
        const report = await server.load("browse", { visitors, agents, rate: visitors / 5, seconds: 5 }).finally(() => server.close());
        const event = took(report, "event→dashboard");
        rows.push({ visitors, agents, p50: event.p50, p99: event.p99, missing: report.missing, cpu: report.server.cpu_percent });
        cells.push(`${text(event.p50)} / ${text(event.p99)} ms, ${text(report.server.cpu_percent)} %`);
      });
    console.log(`  ${text(visitors).padEnd(12)}${cells.map((cell) => cell.padStart(30)).join("")}`);
  }
  return rows;
}

console.log(`Jump-In's budgets on ${cpus().length} × ${cpus()[0].model}, ${text(totalmem() / 2 ** 30)} GiB, load average ${busy().toFixed(1)}${quick ? "; QUICK: fewer visitors, shorter runs" : ""}\n`);
await attempt("bytes", bytes);
await attempt("start", () => start(quick ? 3 : 7));
await attempt("memory", () => memory(full, quick ? 5 : 25));
await attempt("board", () => board(full, seconds));
await attempt("inviting", () => inviting(full, seconds));
await attempt("messages", () => messages(seconds));
await attempt("storm", () => storm(quick ? 2_000 : 10_000, quick ? 10 : 30));
await attempt("the dashboard in a browser", () => dashboard(10_000, 500, quick ? 5 : 15));
await attempt("the host page in a browser", () => hostPage(quick ? 3 : 7));
const peers = await besidePeers();
const growing = await growth();
const all = { at: new Date().toISOString(), quick, machine: { cpus: cpus().length, model: cpus()[0].model }, measurements: measurements(), peers, growing, failed };
writeFileSync(join(results, "results.json"), JSON.stringify(all, null, 2));
const missed = measurements().filter((figure) => !figure.met).length + failed.length;
console.log(`\n${measurements().length} measurements, ${missed} missed or failed; results are in ${results}`);
process.exitCode = missed ? 1 : 0;
