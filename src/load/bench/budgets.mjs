// Prints one line per budget with the measured value, the budget, and whether it was met.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { TestServer, busy, target, took } from "./servers.mjs";

const number = (value) => (value >= 1_000 ? Math.round(value).toLocaleString("en") : value.toFixed(value < 10 ? 2 : 1));
const lines = [];

/// Records and prints a measurement. Its budget is either `most` or `least`.
export function figure(what, value, unit, { most, least }, note = "") {
  const budget = most ?? least;
  const met = Number.isFinite(value) && (most === undefined ? value >= least : value <= most);
  lines.push({ what, value, unit, budget, bound: most === undefined ? "at least" : "at most", met, note, load: busy() });
  console.log(`  ${what.padEnd(58)}${`${number(value)} ${unit}`.padStart(18)}  ${(most === undefined ? "≥ " : "≤ ") + number(budget)}`.padEnd(92)
    + `${met ? "met" : "NOT MET"}${note ? `  (${note})` : ""}  load ${busy().toFixed(1)}`);
}

export const measurements = () => lines;

/// Checks the bundle sizes recorded by the build.
export function bytes() {
  const built = readdirSync(`${target}/release/build`).map((folder) => `${target}/release/build/${folder}/out/sizes.txt`);
  const newest = built.filter(existsSync).sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)[0];
  const table = readFileSync(newest, "utf8");
  for (const [, what, weight, budget] of table.matchAll(/^(.*): (\d+) of (\d+)$/gm))
    figure(`bytes: ${what}`, Number(weight), "", { most: Number(budget) });
}

export async function start(times) {
  const server = await TestServer.open(50);
  const ready = [server.readyAfter];
  for (let time = 1; time < times; time += 1) {
    await server.stop();
    ready.push(await server.start());
  }
  await server.close();
  figure("start → ready, median", ready.sort((one, other) => one - other)[Math.floor(times / 2)], "ms", { most: 1_000 });
}

export async function memory(visitors, seconds) {
  const server = await TestServer.open(1);
  const idle = await server.load("idle", { visitors, agents: 0, seconds });
  figure(`memory per idle visitor, with ${number(visitors)}`, idle.server.kib_per_visitor, "KiB", { most: 6 });
  figure("visitors welcomed", idle.connects_per_second, "per second", { least: 500 }, "including hello");
  const browse = await server.load("browse", { visitors, agents: 1, rate: visitors / 60, seconds });
  figure("CPU at one page change per visitor per minute", browse.server.cpu_percent, "% of one core", { most: 50 });
  await server.close();
}

export async function board(visitors, seconds) {
  const server = await TestServer.open(50);
  const report = await server.load("browse", { visitors, agents: 50, rate: 20_000, seconds });
  const event = took(report, "event→dashboard");
  const note = `p99 ${number(event.p99)}, max ${number(event.max)}; load generator behind schedule: p99 ${number(took(report, "behind schedule").p99)}`;
  figure("page changes to 50 dashboards", report.per_second.events, "per second", { least: 19_800 });
  figure("page changes missing", report.missing, "", { most: 0 });
  figure("page change → dashboard, p50", event.p50, "ms", { most: 15 }, note);
  await server.close();
}

export async function inviting(visitors, seconds) {
  const server = await TestServer.open(50);
  const before = await server.commits();
  const report = await server.load("invite", { visitors, agents: 50, rate: 20, background: visitors / 60, seconds });
  const after = await server.commits();
  const commit = (1_000 * (after.seconds - before.seconds)) / Math.max(1, after.commits - before.commits);
  const [invitation, notification] = [took(report, "invite→visitor"), took(report, "accept→notification")];
  figure("invite → visitor without the commit, p50", invitation.p50 - commit, "ms", { most: 1 },
    `p50 ${number(invitation.p50)}, p99 ${number(invitation.p99)}; commit ${number(commit)}`);
  figure("accept → notification, p50", notification.p50, "ms", { most: 100 }, `p99 ${number(notification.p99)}`);
  figure("acceptances without a notification", report.counts.accepted - report.counts.notified, "", { most: 0 });
  await server.close();
}

export async function messages(seconds) {
  const server = await TestServer.open(200);
  const some = await server.load("chat", { visitors: 1_000, agents: 50, chats: 250, rate: 500, seconds });
  const acknowledged = took(some, "message→acknowledged");
  figure("message → acknowledged at 500 per second, p50", acknowledged.p50, "ms", { most: 10 }, `p99 ${number(acknowledged.p99)}`);
  figure("message → other side at 500 per second, p50", took(some, "message→other side").p50, "ms", { most: 50 });
  await server.close();
  const other = await TestServer.open(200);
  const many = await other.load("chat", { visitors: 2_000, agents: 200, chats: 2_000, rate: 5_100, seconds, "no-receipts": true });
  const late = took(many, "message→acknowledged");
  figure("messages acknowledged", many.per_second["in time"], "per second", { least: 5_000 }, `p50 ${number(late.p50)}, p99 ${number(late.p99)} ms`);
  figure("messages lost", many.counts.messages - many.counts.acknowledged, "", { most: 0 });
  await other.close();
}

export async function storm(visitors, seconds) {
  const server = await TestServer.open(50);
  const report = await server.load("storm", { visitors, agents: 50, seconds });
  const back = took(report, "reconnect");
  figure(`clients reconnected, with ${number(visitors)} visitors disconnected`, back.count, "", { least: visitors + 50 }, `p50 ${number(back.p50)} ms, max ${number(back.max)}`);
  await server.close();
}
