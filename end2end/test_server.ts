// A running server, along with its visitors and agents. The server is the real program in demo mode, on free ports and
// with its own data directory.
import { test as base, expect, type Browser, type BrowserContext, type BrowserContextOptions, type Frame, type Locator, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const program = resolve(process.env.JUMPIN_BIN ?? "../target/release/jumpin");

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

export class TestServer {
  private child!: ChildProcess;
  private log = "";
  private constructor(readonly url: string, readonly shop: string, private data: string, private isDemo = true) {}
  private settings?: string;

  static async open(visitors = 0): Promise<TestServer> {
    const [listen, shop] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const server = new TestServer(`http://${listen}`, `http://${shop}`, mkdtempSync(join(tmpdir(), "jumpin-")));
    await server.start(visitors);
    return server;
  }

  /// Starts the program as if it was just installed, with an empty data directory and no accounts.
  static async empty(): Promise<TestServer> {
    const server = new TestServer(`http://127.0.0.1:${await freePort()}`, "", mkdtempSync(join(tmpdir(), "jumpin-")), false);
    await server.start();
    return server;
  }

  /// Restarts the server with a changed duration in Leptos.toml.
  async restartWith(timer: string, milliseconds: number) {
    await this.kill("SIGTERM");
    const settings = readFileSync(this.settings ?? "../Leptos.toml", "utf8").replace(new RegExp(`(^\\[timers\\]$[^]*?^${timer} = ).*$`, "m"), `$1"${milliseconds}ms"`);
    this.settings = join(this.data, "Leptos.toml");
    writeFileSync(this.settings, settings);
    await this.start();
  }

  /// The link to the initial setup, from the log.
  get setup(): string {
    return /http\S+\/setup\/[\w-]+/.exec(this.log)?.[0] ?? "no link in the log";
  }

  async start(visitors = 0) {
    const settings = this.settings ? ["--config", this.settings] : [];
    const place = ["--listen", new URL(this.url).host, "--data", this.data];
    const said = this.isDemo
      ? [...settings, "demo", ...place, "--shop", new URL(this.shop).host, "--visitors", `${visitors}`]
      : [...settings, "serve", ...place];
    // The working directory contains only the data: the program needs nothing else.
    this.child = spawn(program, said, { cwd: this.data, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, RUST_LOG: "warn" } });
    this.child.stderr?.on("data", (bytes: Buffer) => {
      this.log += bytes;
      process.stderr.write(bytes);
    });
    try {
      await expect.poll(async () => (await fetch(`${this.url}/readyz`).catch(() => null))?.status, { timeout: 20_000 }).toBe(200);
    } catch (error) {
      // The caller never receives this server, so it has to be closed here.
      await this.kill("SIGKILL");
      throw error;
    }
  }

  async kill(signal: "SIGKILL" | "SIGTERM") {
    const gone = new Promise((done) => this.child.once("exit", done));
    this.child.kill(signal);
    await gone;
  }

  async close() {
    await this.kill("SIGTERM");
    rmSync(this.data, { recursive: true, force: true });
  }
}

// Errors and warnings from all consoles. The browser itself logs messages about a server that the test has killed and
// about responses with status 401 (not signed in), 409 (conflict), and 415 (rejected file). A page cannot suppress
// them, so they are ignored.
const complaints: string[] = [];
const browserMessages = /WebSocket connection|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|status of 4(?:0[19]|15|22)/;
function listen(page: Page) {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !browserMessages.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
}

const contexts: BrowserContext[] = [];
export async function openPage(browser: Browser, options?: BrowserContextOptions): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext(options);
  contexts.push(context);
  context.on("page", listen);
  return [context, await context.newPage()];
}

export class Visitor {
  private known?: Frame;

  constructor(readonly context: BrowserContext, readonly page: Page) {}

  static async visit(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Visitor> {
    const [context, page] = await openPage(browser, options);
    const visitor = new Visitor(context, page);
    await visitor.goTo(url);
    return visitor;
  }

  async goTo(url: string) {
    await this.page.goto(url);
    await this.becomePresent();
  }

  // An automated browser does not appear on the board until there is input. The loader starts listening for input after
  // it has sent the width to the frame.
  async becomePresent() {
    await expect(await this.concierge("html")).toHaveAttribute("style", /--host/);
    await this.page.mouse.move(200, 200);
    await this.page.mouse.move(220, 240);
    this.known = this.frame();
  }

  // The frame is in a closed shadow root that selectors in the page cannot reach.
  private frame(): Frame | undefined {
    return this.page.frames().find((frame) => frame.url().includes("/concierge/v1/frame") && !frame.isDetached());
  }

  async concierge(selector: string): Promise<Locator> {
    await expect.poll(() => this.frame() !== undefined, { message: "the concierge's frame" }).toBe(true);
    return this.frame()!.locator(selector);
  }

  /// Waits until the frame that existed when the visitor became present has been replaced by another one.
  async waitForNewFrame() {
    await expect.poll(() => this.known?.isDetached() && this.frame() !== undefined, { message: "another frame" }).toBe(true);
    this.known = this.frame();
  }

  async openConcierge() {
    await (await this.concierge("#jumpin-launcher")).click();
    await expect(await this.concierge("#jumpin-panel")).toBeVisible();
  }

  async answerInvitation(answer: "accept" | "deny") {
    await (await this.concierge(`.jumpin-${answer}:visible`)).click();
  }

  async sendMessage(text: string) {
    await (await this.concierge("#jumpin-composer")).fill(text);
    await (await this.concierge("#jumpin-send")).click();
  }

  async expectText(text: string) {
    await expect(await this.concierge("#jumpin-panel")).toContainText(text);
  }
}

export class Agent {
  private constructor(readonly context: BrowserContext, readonly page: Page) {}

  static async signIn(browser: Browser, server: TestServer, name: "ann" | "ben" | "cara", options?: BrowserContextOptions): Promise<Agent> {
    const [, page] = await openPage(browser, options);
    return Agent.signInAt(page, server, name);
  }

  static async signInAt(page: Page, server: TestServer, name: "ann" | "ben" | "cara"): Promise<Agent> {
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel("Email").fill(`${name}@demo.test`);
    await page.getByLabel("Password").fill("jump-in-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/visitors");
    return new Agent(page.context(), page);
  }

  rows() { return this.page.locator("tr[data-visit]"); }
  row(path: string) { return this.rows().filter({ has: this.page.locator(".path", { hasText: path }) }); }
  notice() { return this.page.locator(".notice"); }
  entries() { return this.page.locator(".conversation .entry"); }

  async openInvitation(row: Locator) {
    await row.getByRole("button", { name: "Invite to Chat" }).click();
    await expect(this.page.locator("#invitation")).toBeVisible();
  }
  async sendInvitation() { await this.page.getByRole("button", { name: "Send invitation" }).click(); }
  async invite(row = this.rows().first()) {
    await this.openInvitation(row);
    await this.sendInvitation();
  }
  async claimChat() {
    await this.notice().getByRole("button", { name: "Claim this Chat" }).first().click();
    await this.page.waitForURL("**/chats/*");
  }
  async sendMessage(text: string) {
    await this.page.locator("#composer").fill(text);
    await this.page.keyboard.press("Enter");
  }
  async expectText(text: string) { await expect(this.entries().filter({ hasText: text })).toHaveCount(1); }
}

/// Starts a chat between a new visitor and an agent. The agent invites the visitor, the visitor accepts, and the agent
/// claims the chat.
export async function startChat(browser: Browser, server: TestServer, agent: Agent, path = "/"): Promise<Visitor> {
  const visitor = await Visitor.visit(browser, `${server.shop}${path}`);
  await agent.invite(agent.row(path));
  await visitor.answerInvitation("accept");
  await agent.claimChat();
  return visitor;
}

async function runWithServer(server: TestServer, use: (server: TestServer) => Promise<void>) {
  complaints.length = 0;
  await use(server);
  // If a page were left open, it would keep sending requests to the stopped server.
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await server.close();
  expect(complaints, "no console contains errors or warnings").toEqual([]);
}

export const test = base.extend<{ server: TestServer; empty: TestServer }>({
  server: async ({}, use) => runWithServer(await TestServer.open(), use),
  empty: async ({}, use) => runWithServer(await TestServer.empty(), use),
});
export { expect };

export async function screenshot(page: Page, name: string) {
  await page.screenshot({ path: `screenshots/${name}.png` });
}
