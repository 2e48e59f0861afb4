// Tests for a host page that interferes with the concierge through forged messages, tampered builtins, a sandbox,
// isolation, or a removed element. The page stays unchanged, and the concierge either works or logs one line that
// explains why it does not.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, Page } from "@playwright/test";
import { Agent, Visitor, expect, startChat, openPage, test } from "../test_server";
import { embedSnippet, localNetworkAccess, servePage } from "../host_page";

/// Offers a port to our frame, as the loader does, and collects the replies in `heard`. Runs in the sending window.
function offers(where: string) {
  const { port1, port2 } = new MessageChannel();
  const heard: object[] = [];
  Object.assign(window, { heard, port: port1 });
  port1.onmessage = ({ data }) => heard.push(data);
  const holder: Window = where === "parent" ? parent : where === "opener" ? opener : window;
  holder.frames[0].postMessage("jumpin", "*", [port2]);
  port1.postMessage({ url: "https://forged.test/", title: "Forged" });
}
const heardIn = (where: Page | Frame) => where.evaluate(() => (window as unknown as { heard: object[] }).heard);

test("L1: several windows offer a port → the frame accepts only one, from its own host page", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const [context, page] = await openPage(browser, localNetworkAccess);
  const elsewhere = "http://elsewhere.localhost:4999/";
  const ours = `<iframe src="${server.url}/concierge/v1/frame?key=riverside-shop"></iframe>`;
  await servePage(context, `${server.shop}/holding`, `${ours}<iframe src="/beside"></iframe><iframe src="${elsewhere}"></iframe>`);
  await servePage(context, `${server.shop}/beside`, "");
  await servePage(context, elsewhere, "");
  await page.goto(`${server.shop}/holding`);
  const [popup] = await Promise.all([context.waitForEvent("page"), page.evaluate(() => void window.open("/beside"))]);
  await popup.waitForLoadState();
  const beside = page.frame({ url: `${server.shop}/beside` })!;
  const foreign = page.frame({ url: elsewhere })!;
  await beside.evaluate(offers, "parent");
  await foreign.evaluate(offers, "parent");
  await popup.evaluate(offers, "opener");

  await page.evaluate(offers, "self");
  await expect.poll(async () => (await heardIn(page))[0]).toMatchObject({ gone: false });
  // A second port is ignored, no matter who sends it. Messages on the first port show that the frame has handled the
  // others.
  await page.evaluate(() => {
    const { port1, port2 } = new MessageChannel();
    const second: string[] = [];
    Object.assign(window, { second });
    port1.onmessage = ({ data }) => second.push(data);
    window.frames[0].postMessage("jumpin", "*", [port2]);
    window.frames[0].postMessage({ type: "open", token: "forged" }, "*");
    const { port } = window as unknown as { port: MessagePort };
    for (const message of [{ url: `${location.origin}/true`, title: "True" }, { width: 321 }, { input: true }]) port.postMessage(message);
  });
  await expect(page.frameLocator("iframe").first().locator("html")).toHaveAttribute("style", /--host: ?321px/);
  await expect(ann.row("/true")).toHaveCount(1);
  await expect(ann.rows()).toHaveCount(1);
  expect(await page.evaluate(() => (window as unknown as { second: string[] }).second)).toEqual([]);
  for (const other of [beside, foreign, popup]) expect(await heardIn(other)).toEqual([]);
});

test("L1 L2: the host page forges messages → the loader ignores them, and the frame sends none", async ({ browser, server }) => {
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  const { page } = visitor;
  const told = await page.evaluate(async () => {
    const host = document.querySelector<HTMLElement>("jumpin-concierge")!;
    const before = host.getBoundingClientRect().toJSON();
    const told: unknown[] = [];
    const last = new Promise<void>((done) => addEventListener("message", ({ data }) => (data === "last" ? done() : told.push(data))));
    const beside = document.body.appendChild(document.createElement("iframe")).contentWindow!;
    const forge = beside.document.createElement("script");
    forge.append("for (const word of ['panel right', 'gone', 'card left600']) parent.postMessage(word, '*'); parent.postMessage('last', '*')");
    for (const word of ["panel right", "gone", "card left600"]) postMessage(word, "*");
    beside.document.body.append(forge);
    await last;
    return { told, same: JSON.stringify(before) === JSON.stringify(host.getBoundingClientRect().toJSON()), connected: host.isConnected };
  });
  expect(told).toEqual({ told: ["panel right", "gone", "card left600", "panel right", "gone", "card left600"], same: true, connected: true });
  await visitor.openConcierge();
});

test("L7 N3: the page tampers with builtins, CSS, and storage → the chat works and touches none of them", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const [context, page] = await openPage(browser);
  await context.addInitScript(() => {
    if (window !== top) return;
    // The test reads this attribute from outside because it cannot rely on any builtin in this page.
    const used = (name: string) => { document.documentElement.dataset.used = `${document.documentElement.dataset.used ?? ""} ${name}`; };
    const spied = (owner: object, name: string) => {
      const was = (owner as Record<string, (...all: unknown[]) => unknown>)[name];
      Object.defineProperty(owner, name, { configurable: true, writable: true, value(this: unknown, ...all: unknown[]) { used(name); return Reflect.apply(was, this, all); } });
    };
    for (const name of ["fetch", "WebSocket", "XMLHttpRequest", "open", "eval"]) spied(window, name);
    addEventListener("message", () => used("message"));
    for (const name of ["getItem", "setItem", "removeItem"]) spied(Storage.prototype, name);
    Object.defineProperty(Document.prototype, "cookie", { get: () => (used("cookie"), ""), set: () => used("cookie") });
    const broken = () => { throw new Error("tampered"); };
    JSON.parse = JSON.stringify = broken;
    for (const name of ["map", "filter", "forEach", "push", "join", "concat", "slice", "includes"] as const) Array.prototype[name] = broken;
    for (const name of ["toJSON", "extra", "word"]) Object.defineProperty(Object.prototype, name, { enumerable: true, value: broken });
    Object.freeze(Array.prototype);
    Object.freeze(Object.prototype);
  });
  const style = "* { position: static; z-index: 2147483647; margin: 9px; opacity: .3; pointer-events: none } div, iframe, button { display: none !important; width: 1px !important }";
  await page.route("**/shop.css", (route) => route.fulfill({ contentType: "text/css", body: style }));
  const visitor = new Visitor(context, page);
  await visitor.goTo(`${server.shop}/boots`);
  await expect(page.locator("html")).not.toHaveAttribute("data-used");
  await ann.invite();
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await visitor.sendMessage("It works here too");
  await ann.expectText("It works here too");
  await expect(page.locator("jumpin-concierge")).toHaveCount(1);
  await expect(page.locator("html")).not.toHaveAttribute("data-used");
  await expect(page.locator("h1").first()).toBeVisible();
  expect(await context.cookies()).toEqual([]);
});

for (const [title, embedder] of [
  ["L6: the host page is isolated with COEP require-corp → the concierge works", "require-corp"],
  ["L6: the host page is isolated with COEP credentialless → the concierge works", "credentialless"],
]) {
  test(title, async ({ browser, server }) => {
    const ann = await Agent.signIn(browser, server, "ann");
    const visitor = await Visitor.visit(browser, `${server.shop}/`, localNetworkAccess);
    await servePage(visitor.page, `${server.shop}/isolated`, embedSnippet(server), { "cross-origin-embedder-policy": embedder, "cross-origin-opener-policy": "same-origin" });
    await visitor.goTo(`${server.shop}/isolated`);
    expect(await visitor.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await ann.invite(ann.row("/isolated"));
    await visitor.answerInvitation("accept");
    await ann.claimChat();
    await visitor.sendMessage("We are isolated");
    await ann.expectText("We are isolated");
  });
}

test("L12: the page is sandboxed or a local file → it logs one line and is otherwise unchanged", async ({ browser, server }) => {
  const folder = mkdtempSync(join(tmpdir(), "jumpin-page-"));
  const file = join(folder, "page.html");
  writeFileSync(file, `<!doctype html><title>Theirs</title><h1>Theirs</h1>${embedSnippet(server)}`);
  for (const address of [`${server.shop}/boxing`, `file://${file}`]) {
    // The browser logs the rejected frame, so this console is not checked for errors.
    const context = await browser.newContext(localNetworkAccess);
    const page = await context.newPage();
    const [told, failed]: string[][] = [[], []];
    page.on("console", (message) => message.text().startsWith("Jump-In") && told.push(message.text()));
    page.on("pageerror", (error) => failed.push(`${error}`));
    await servePage(page, `${server.shop}/boxing`, '<iframe sandbox="allow-scripts" src="/boxed"></iframe>');
    await servePage(page, `${server.shop}/boxed`, embedSnippet(server));
    await page.goto(address);
    await expect.poll(() => told.length, { message: address }).toBe(1);
    expect(told[0]).toContain('concierge "riverside-shop" does not list pages without an origin among its sites');
    const theirs = page.frames().find((frame) => frame.url().endsWith("/boxed")) ?? page.mainFrame();
    await expect(theirs.locator("jumpin-concierge")).toHaveCount(0);
    await expect(theirs.locator("h1")).toHaveText("Theirs");
    expect(failed).toEqual([]);
    await context.close();
  }
  rmSync(folder, { recursive: true });
});

test("L10: the page removes the concierge whenever it comes back → it stays away, and the visitor counts as gone", async ({ browser, server }) => {
  await server.restartWith("grace", 500);
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/catalog");
  const { page } = visitor;
  await page.evaluate(() => {
    const remove = () => document.querySelector("jumpin-concierge")?.remove();
    new MutationObserver(remove).observe(document, { subtree: true, childList: true });
    remove();
  });
  await page.locator("#catalog").getByRole("link", { name: "Tents", exact: true }).click();
  await expect(page).toHaveURL(/catalog\/tents/);
  await page.mouse.move(300, 300);
  await page.setViewportSize({ width: 700, height: 700 });
  await page.evaluate(() => { document.title = "Another"; document.dispatchEvent(new CustomEvent("jumpin:consent", { detail: "granted" })); });
  await expect(page.locator("jumpin-concierge")).toHaveCount(0);
  await expect(ann.entries().filter({ hasText: "The visitor left the page" })).toHaveCount(1);
});
