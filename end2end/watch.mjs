// `make test-watch`: runs `cargo leptos watch` in a copy of the sources and checks that it serves the board and
// rebuilds the server, dashboard, and widget when one of their files is edited. The copy stays in the cache directory
// to make later runs faster.
import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const copy = join(cache, "jumpin/watch/source");
// Reuse the dependencies that `cargo test` has already compiled.
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const data = mkdtempSync(join(tmpdir(), "jumpin-watch-"));
// The first build compiles the server and browser code from scratch; later builds only compile an edit.
const [firstBuild, laterBuild] = [25 * 60_000, 8 * 60_000];
const began = performance.now();
const say = (text) => console.log(`  ${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${text}`);

async function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/// Polls until `holds` returns true. Fails if it times out or the watcher exits.
async function until(what, milliseconds, holds) {
  const end = performance.now() + milliseconds;
  while (!(await holds().catch(() => false))) {
    if (watcher.exitCode !== null) throw new Error(`cargo leptos watch exited unexpectedly: ${said.slice(-4_000)}`);
    if (performance.now() > end) throw new Error(`timed out after ${milliseconds / 1_000} s: ${what}\n${said.slice(-4_000)}`);
    await new Promise((done) => setTimeout(done, 250));
  }
  say(what);
}

/// Replaces a text that must occur exactly once in a file of the copy.
function edit(file, before, after) {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(before).length !== 2) throw new Error(`${file} does not contain ${JSON.stringify(before)} exactly once; update this test`);
  writeFileSync(path, text.replace(before, after));
}

const fetched = async (path) => {
  const answer = await fetch(url + path);
  return answer.ok ? Buffer.from(await answer.arrayBuffer()).toString("latin1") : "";
};

rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
const leftOut = new Set([".git", "target", "node_modules", "data", "demo-data", "test-results", "screenshots"]);
cpSync(root, copy, { recursive: true, filter: (path) => path === root || !leftOut.has(basename(path)) });

const [listen, reload, shop] = [await freePort(), await freePort(), await freePort()];
const url = `http://127.0.0.1:${listen}`;
const words = ["leptos", "watch", "--", "demo", "--visitors", "0", "--listen", `127.0.0.1:${listen}`, "--shop", `127.0.0.1:${shop}`, "--data", data];
const env = {
  ...process.env, CARGO_TARGET_DIR: target, LEPTOS_SITE_ADDR: `127.0.0.1:${listen}`, LEPTOS_RELOAD_PORT: `${reload}`,
  CARGO_TERM_COLOR: "never", RUST_LOG: "warn",
};
let said = "";
const heard = [];
const watcher = spawn("cargo", words, { cwd: copy, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
for (const stream of [watcher.stdout, watcher.stderr]) stream.on("data", (text) => (said = `${said}${text}`.slice(-20_000)));

for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    process.kill(-watcher.pid, "SIGINT");
    process.exit(1);
  });

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
let browser;
try {
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"] });
  await until("the server is ready", firstBuild, async () => (await fetch(`${url}/readyz`)).ok);
  const agent = await (await browser.newContext()).newPage();
  agent.on("console", (message) => heard.push(message.text()));
  agent.on("pageerror", (error) => heard.push(`${error}`));
  agent.on("load", () => heard.push(`loaded ${agent.url()}`));
  await agent.goto(`${url}/sign-in`);
  await agent.getByLabel("Email").fill("ann@demo.test");
  await agent.getByLabel("Password").fill("jump-in-demo");
  await agent.getByRole("button", { name: "Sign in" }).click();
  await agent.waitForURL("**/visitors");
  // A new row arrives over the socket, which the dashboard opens only after it is hydrated.
  const visitor = await browser.newPage();
  await visitor.goto(`http://127.0.0.1:${shop}/`);
  const rows = agent.locator("tr[data-visit]");
  await until("the board shows a visitor", 60_000, async () => {
    await visitor.mouse.move(200 + Math.random() * 100, 200);
    return (await rows.count()) === 1;
  });
  await visitor.close();

  const edited = "Edited while being watched";
  edit("src/server/dashboard_files.rs", "User-agent: *", `# ${edited}\\nUser-agent: *`);
  await until("an edit to the server takes effect", laterBuild, async () => (await fetched("/robots.txt")).includes(edited));

  edit("src/dashboard/i18n/visitors.rs", '"Search visitors, pages, agents, and browsers"', `"${edited}"`);
  await until("an edit to the dashboard is in the served WebAssembly", laterBuild, async () => (await fetched("/pkg/jumpin.wasm")).includes(edited));
  // Only the watcher can reload this page.
  await until("the open page reloaded with the edit", laterBuild, async () => (await agent.content()).includes(edited));

  edit("src/widget/view/entries.rs", 'const DAY: &str = "jumpin-day";', `const DAY: &str = "${edited}";`);
  await until("an edit to the widget is in the served WebAssembly", laterBuild, async () => (await fetched("/concierge/v1/widget_bg.wasm")).includes(edited));

  edit("style/tokens.css", "color-scheme: light dark;", `color-scheme: light dark; --edited: "${edited}";`);
  await until("an edit to the styles is served", laterBuild, async () => (await fetched("/pkg/jumpin.css")).includes(edited));
} catch (error) {
  console.error(`make test-watch: ${error.message}`);
  console.error(`console of the agent's page: ${heard.slice(-20).join("\n")}`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  const gone = new Promise((done) => watcher.once("exit", done));
  // Signal the whole process group, which includes cargo, cargo-leptos, and the server.
  if (watcher.exitCode === null) {
    process.kill(-watcher.pid, "SIGINT");
    const late = setTimeout(() => process.kill(-watcher.pid, "SIGKILL"), 15_000);
    await gone;
    clearTimeout(late);
  }
  rmSync(data, { recursive: true, force: true });
}
