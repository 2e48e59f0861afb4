// Browser benchmarks that measure the dashboard with a full board and the cost of the concierge for the page that
// embeds it. They use the browser and packages of end2end.
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { figure } from "./budgets.mjs";
import { TestServer, root } from "./servers.mjs";

const { chromium } = createRequire(join(root, "end2end/package.json"))("@playwright/test");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const launched = () => chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-precise-memory-info"] });
const number = (value) => value.toFixed(1);

async function signedIn(browser, server) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" })).newPage();
  const [email, password] = readFileSync(server.agents, "utf8").split("\n")[0].split(" ");
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/visitors");
  return page;
}

/// Measures the dashboard while many visitors are on the board and their rows are changing.
export async function dashboard(visitors, changes, seconds) {
  const server = await TestServer.open(1);
  const browser = await launched();
  try {
    const page = await signedIn(browser, server);
    const roaming = server.load("browse", { visitors, agents: 0, rate: changes, seconds: seconds + 40 });
    const rows = async () => Number((await (await fetch(`http://${server.metrics}/metrics`)).text()).match(/^jumpin_visitors (\d+)$/m)?.[1] ?? 0);
    while ((await rows()) < visitors) await new Promise((done) => setTimeout(done, 200));
    await new Promise((done) => setTimeout(done, 3_000));
    const began = Date.now();
    await page.goto(`${server.url}/visitors`);
    // The dashboard is usable once clicking on a row works.
    await page.getByRole("button", { name: "Invite to Chat" }).first().click();
    await page.locator("#invitation").waitFor();
    figure(`dashboard with ${visitors} rows: time until a click works`, Date.now() - began, "ms", { most: 3_000 });
    const seen = await page.evaluate(async (for_ms) => {
      const frames = [];
      const tasks = [];
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
      const until = performance.now() + for_ms;
      let before = await new Promise(requestAnimationFrame);
      while (before < until) {
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
      }
      frames.sort((one, other) => one - other);
      const heap = performance.memory?.usedJSHeapSize ?? NaN;
      return { longest: frames.at(-1), p99: frames[Math.floor(frames.length * 0.99)], task: Math.max(0, ...tasks), tasks: tasks.length, heap };
    }, seconds * 1_000);
    figure(`longest task, ${changes} row changes per second`, seen.task, "ms", { most: 50 }, `${seen.tasks} over 50 ms; longest frame ${number(seen.longest)}, p99 ${number(seen.p99)}`);
    figure("dashboard: JavaScript heap", seen.heap / 2 ** 20, "MiB", { most: 64 });
    await browser.close();
    await roaming;
  } finally {
    await browser.close().catch(() => {});
    await server.close();
  }
}

/// Compares a plain page with and without the script tag that embeds the concierge.
export async function hostPage(times) {
  const server = await TestServer.open(1);
  const words = "<p>Boots for any weather, for everyone who wears them.</p>".repeat(60);
  const site = createServer((request, answer) => {
    answer.setHeader("content-type", "text/html");
    const line = request.url === "/with" ? `<script async src="${server.url}/loader.js" data-concierge="load"></script>` : "";
    answer.end(`<!doctype html><title>A shop</title><h1>A shop</h1>${words}${line}`);
  });
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  // Use a different site than the server's, as in production. The frame then runs in its own process and puts no load
  // on the page's process.
  const at = `http://localhost:${site.address().port}`;
  const seen = { "/": [], "/with": [] };
  try {
    // The first run is for warming up and is not measured.
    for (let time = 0; time <= times; time += 1)
      for (const path of ["/", "/with"]) {
        const browser = await launched();
        const page = await browser.newPage();
        await page.addInitScript(() => {
          if (window !== top) return;
          window.measured = { lcp: 0, shift: 0, task: 0 };
          const watch = (type, see) => new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, buffered: true });
          watch("largest-contentful-paint", (entry) => (window.measured.lcp = entry.startTime));
          watch("layout-shift", (entry) => (window.measured.shift += entry.value));
          watch("longtask", (entry) => (window.measured.task = Math.max(window.measured.task, entry.duration)));
        });
        const protocol = await page.context().newCDPSession(page);
        await protocol.send("Performance.enable");
        await page.goto(at + path, { waitUntil: "load" });
        // Evaluate this on both pages because the evaluation itself has a cost.
        const began = await page.evaluate(() => performance.timeOrigin);
        let shown = NaN;
        if (path === "/with") {
          while (!page.frames().some((frame) => frame.url().includes("/concierge/v1/frame"))) await page.waitForTimeout(5);
          const frame = page.frames().find((one) => one.url().includes("/concierge/v1/frame"));
          await frame.locator("#jumpin-launcher").waitFor();
          const painted = await frame.evaluate(async () => {
            const paint = () => performance.getEntriesByName("first-contentful-paint")[0];
            while (!paint()) await new Promise((done) => setTimeout(done, 5));
            return performance.timeOrigin + paint().startTime;
          });
          shown = painted - began;
        }
        await page.waitForTimeout(1_500);
        const { metrics } = await protocol.send("Performance.getMetrics");
        const metric = (name) => metrics.find((one) => one.name === name)?.value ?? NaN;
        const measured = await page.evaluate(() => window.measured);
        if (time > 0) seen[path].push({ ...measured, shown, script: 1_000 * metric("ScriptDuration"), heap: metric("JSHeapUsedSize") / 2 ** 20 });
        await browser.close();
      }
    const median = (path, what) => seen[path].map((one) => one[what]).sort((one, other) => one - other)[Math.floor(times / 2)];
    const more = (what) => median("/with", what) - median("/", what);
    figure("navigation → launcher painted", median("/with", "shown"), "ms", { most: 250 });
    figure("host page: longest task with the concierge", median("/with", "task"), "ms", { most: 50 });
    figure("host page: additional script time", more("script"), "ms", { most: 20 });
    figure("host page: additional heap", more("heap"), "MiB", { most: 0.2 });
    figure("host page: layout shift with the concierge", median("/with", "shift"), "", { most: 0 });
    figure("host page: delay of the largest contentful paint", more("lcp"), "ms", { most: 50 }, `${number(median("/", "lcp"))} without, ${number(median("/with", "lcp"))} with`);
  } finally {
    site.close();
    await server.close();
  }
}
