// What strangers type, and what their browsers say of them, wherever it is shown: it is read as it was typed, and nothing of it runs. The
// numbers are those of the list of bad input.
import { Agent, type TestServer, Visitor, expect, opens, screenshot, test } from "../test_server";
import { Canary, HOSTILE, HOSTILE_TAG, isRead } from "../canary";
import { hosts, line, reaches } from "../host_page";

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/// A browser that lies about all it is asked for, on a page that is named and addressed as badly.
async function arrivesHostile(visitor: Visitor, server: TestServer) {
  await visitor.context.addInitScript((hostile) => {
    Object.defineProperty(Document.prototype, "referrer", { get: () => `https://search.test/${hostile}` });
    Intl.DateTimeFormat.prototype.resolvedOptions = () => ({ timeZone: "../../etc/<script>__hit=1</script>" }) as Intl.ResolvedDateTimeFormatOptions;
    if (window === top) addEventListener("DOMContentLoaded", () => (document.title = hostile));
  }, HOSTILE);
  const path = `/">${HOSTILE_TAG}`;
  await hosts(visitor.page, (url) => url.origin === server.shop && url.pathname.startsWith("/%22"), line(server));
  await visitor.goesTo(`${server.shop}${path}?utm_source=${encodeURIComponent(HOSTILE.slice(0, 60))}&token=${encodeURIComponent(HOSTILE)}`);
}

/// As somebody whom nobody serves: he gives his name, and his message.
async function leavesAMessage(visitor: Visitor) {
  await visitor.opensTheConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.reads("Nobody is free just now");
  await (await visitor.concierge("#jumpin-email")).fill("vera@home.test");
  await (await visitor.concierge("#jumpin-called")).fill(HOSTILE);
  await (await visitor.concierge("#jumpin-composer")).fill(`one ${HOSTILE}`);
  await (await visitor.concierge("#jumpin-leave")).click();
  await visitor.reads("Your e-mail is kept with your message");
}

test("A1 A2 A3 A8 A9 A17 B2 B3 H3: a visitor who is all markup is read as he typed, on every page of the dashboard", async ({ browser, server }) => {
  test.setTimeout(120_000);
  await server.restartsWith("unclaimed-form", 1_000);
  const [[hisContext, his], [annsContext, anns]] = [await opens(browser, { ...reaches, userAgent: "<svg onload=__hit=1>" }), await opens(browser)];
  const canaries = [await Canary.watches(hisContext, server.url, server.shop), await Canary.watches(annsContext, server.url)];
  const areQuiet = async () => { for (const canary of canaries) await canary.isQuiet(); };
  const visitor = new Visitor(hisContext, his);
  const ann = await Agent.signsInAt(anns, server, "ann");
  await arrivesHostile(visitor, server);
  await leavesAMessage(visitor);

  const row = ann.rows().first();
  await expect(row.locator(".name")).toHaveText(HOSTILE);
  await expect(row.locator(".title")).toHaveText(HOSTILE);
  await expect(row.locator(".path")).toContainText("/%22%3E%3Cimg");
  await expect(row.locator(".browser-column")).toHaveText("Unknown browser");
  await expect(ann.notice()).toContainText("/%22%3E%3Cimg");
  await row.locator(".name").click();
  const panel = anns.locator(".panel");
  for (const words of [HOSTILE, `source: ${HOSTILE.slice(0, 60)}`, "https://search.test", "UTC", "vera@home.test"]) await isRead(panel, words);
  await expect(panel).not.toContainText("token");
  await panel.getByLabel("Note").fill(`note ${HOSTILE}`);
  await panel.getByRole("button", { name: "Add the note" }).click();
  await isRead(panel, `note ${HOSTILE}`);
  await screenshot(anns, "hostile-panel");
  await areQuiet();
  await anns.keyboard.press("Escape");
  await anns.keyboard.press("Control+k");
  await anns.keyboard.type("title");
  await isRead(anns.getByRole("dialog", { name: /^Find a page/ }), HOSTILE);
  await areQuiet();
  await anns.keyboard.press("Escape");

  await ann.claims();
  await ann.reads(`one ${HOSTILE}`);
  await ann.says(`two ${HOSTILE}`);
  await visitor.reads(`two ${HOSTILE}`);
  const chooser = his.waitForEvent("filechooser");
  await (await visitor.concierge("#jumpin-attach")).click();
  await (await chooser).setFiles({ name: `${HOSTILE_TAG}.png`, mimeType: "image/png", buffer: png });
  await ann.reads(`${HOSTILE_TAG}.png`);
  await visitor.reads(`${HOSTILE_TAG}.png`);
  await anns.locator(".attach input").setInputFiles({ name: `two${HOSTILE_TAG}.txt`, mimeType: "text/plain", buffer: Buffer.from("Plain words.") });
  await visitor.reads(`two${HOSTILE_TAG}.txt`);
  await anns.getByLabel("Add a tag").fill(HOSTILE_TAG);
  await anns.getByLabel("Add a tag").press("Enter");
  await expect(anns.locator(".tags li bdi")).toHaveText(HOSTILE_TAG);
  await anns.locator(".chat-note summary").click();
  await anns.locator(".note-form textarea").fill(`three ${HOSTILE}`);
  await anns.locator(".note-form").getByRole("button", { name: "Note" }).click();
  await isRead(anns.locator(".entry.note"), `three ${HOSTILE}`);
  await isRead(anns.locator(".conversation-head"), HOSTILE);
  await isRead(anns.locator(".chat-line"), HOSTILE);
  await isRead(anns.locator(".visitor-panel"), HOSTILE);
  await screenshot(anns, "hostile-chat");
  await areQuiet();
  await anns.getByRole("button", { name: "End chat" }).click();
  await anns.getByRole("button", { name: "End now" }).click();
  await visitor.reads("The chat has ended");

  const chat = anns.url().split("/").pop();
  for (const [address, words] of [
    ["/history", HOSTILE], [`/history?words=${encodeURIComponent(HOSTILE)}`, HOSTILE], [`/history/${chat}`, `two ${HOSTILE}`],
    ["/history/visitors", HOSTILE], ["/visitors", HOSTILE],
  ]) {
    await anns.goto(server.url + address);
    await isRead(anns, words);
    await areQuiet();
  }
  await anns.goto(`${server.url}/history/${chat}`);
  await anns.getByRole("link", { name: "About this visitor" }).click();
  await anns.waitForURL("**/history/visitors/*");
  for (const words of [`note ${HOSTILE}`, "https://search.test"]) await isRead(anns, words);
  await expect(anns).toHaveTitle(`${HOSTILE} · Jump-In`);
  await areQuiet();
});

test("A3 B11: what an admin has typed is text in his dashboard, in the composer and in the concierge", async ({ browser, server }) => {
  const [context, page] = await opens(browser);
  const canary = await Canary.watches(context, server.url);
  const cara = await Agent.signsInAt(page, server, "cara");
  const saves = async (address: string, name: string, words: string, button = "Save") => {
    await page.goto(server.url + address);
    await page.locator(`[name=${name}]`).fill(words);
    await page.getByRole("button", { name: button }).first().click();
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  };
  await saves("/settings", "name", HOSTILE);
  await page.goto(`${server.url}/settings/teams`);
  await saves(new URL((await page.locator(".rows a").first().getAttribute("href"))!, server.url).pathname, "name", HOSTILE_TAG);
  await page.goto(`${server.url}/settings/concierges`);
  const shop = (await page.locator(".rows a", { hasText: "Shop" }).getAttribute("href"))!;
  for (const [name, words] of [["title", HOSTILE_TAG], ["greeting", HOSTILE], ["invitation", `{agent} ${HOSTILE}`]]) await saves(shop, name, words);
  await isRead(page.frameLocator(".preview").locator("body"), HOSTILE);
  await page.goto(`${server.url}/settings/replies`);
  await page.getByLabel("Name").fill(HOSTILE_TAG);
  await page.getByLabel("Words").fill(`{visitor} ${HOSTILE}`);
  await page.getByRole("button", { name: "Save" }).click();
  await isRead(page, HOSTILE_TAG);
  for (const address of ["/settings/audit", "/settings/teams", "/settings/concierges", "/settings/agents", "/settings/replies"]) {
    await page.goto(server.url + address);
    await expect(page.locator(".surface h1")).toBeVisible();
    await canary.isQuiet();
  }
  await page.goto(`${server.url}/settings/audit`);
  await isRead(page, HOSTILE);

  const [hisContext, his] = await opens(browser);
  const hisCanary = await Canary.watches(hisContext, server.url, server.shop);
  const visitor = new Visitor(hisContext, his);
  await page.goto(`${server.url}/visitors`);
  await visitor.goesTo(`${server.shop}/boots`);
  await cara.writesTo(cara.row("/boots"));
  await expect(page.locator("#invitation")).toHaveValue(`Cara ${HOSTILE}`);
  await cara.sends();
  await isRead(await visitor.concierge("#jumpin-card"), HOSTILE);
  await visitor.answers("accept");
  await isRead(await visitor.concierge("#jumpin-title"), HOSTILE_TAG);
  await isRead(await visitor.concierge("#jumpin-log"), HOSTILE);
  await cara.claims();
  await page.locator("#composer").fill("/<img");
  await isRead(page.getByRole("listbox", { name: "Canned replies" }), HOSTILE_TAG);
  await page.locator("#composer").press("Enter");
  await expect(page.locator("#composer")).toHaveValue(`there ${HOSTILE}`);
  await page.locator("#composer").press("Enter");
  await visitor.reads(`there ${HOSTILE}`);
  await canary.isQuiet();
  await hisCanary.isQuiet();
});

test("A4 B1 B4 B5: only http, https and an e-mail become links, and they open with nothing of ours", async ({ browser, server }) => {
  const [[hisContext, his], [annsContext, anns]] = [await opens(browser), await opens(browser)];
  const canaries = [await Canary.watches(hisContext, server.url, server.shop), await Canary.watches(annsContext, server.url)];
  const ann = await Agent.signsInAt(anns, server, "ann");
  const visitor = new Visitor(hisContext, his);
  await visitor.goesTo(`${server.shop}/boots`);
  await ann.invites();
  await visitor.answers("accept");
  await ann.claims();
  const none = "javascript:__hit=1 JaVaScRiPt:__hit=1 data:text/html,<script>__hit=1</script> vbscript:x file:///etc/passwd blob:x //canary.test/p [x](javascript:__hit=1) <a href=//canary.test/p target=_blank>x</a>";
  await visitor.says(none);
  await ann.reads(none);
  await visitor.says("(https://shop.test/a?b=1&c='d'). [bank](https://evil.test) https://аpple.com");
  await ann.says("http://shop.test:8080/e mail@shop.test https://user:pass@shop.test");
  const written = async (links: { evaluateAll: (read: (all: Element[]) => string[]) => Promise<string[]> }) => links.evaluateAll((all) => all.map((one) => `${one.textContent} -> ${one.getAttribute("href")}`));
  const theirs = ["https://shop.test/a?b=1&c='d", "https://evil.test", "https://xn--pple-43d.com"].map((one) => `${one} -> ${one}`);
  const mine = ["http://shop.test:8080/e -> http://shop.test:8080/e"];
  await visitor.reads("http://shop.test:8080/e");
  expect(await written(anns.locator(".entry.visitor a"))).toEqual(theirs);
  expect(await written(anns.locator(".entry.agent a"))).toEqual(mine);
  // The concierge leaves an address that could be another one as the text that it is.
  expect(await written(await visitor.concierge(".jumpin-mine a"))).toEqual(theirs.slice(0, 2));
  expect(await written(await visitor.concierge(".jumpin-theirs a"))).toEqual(mine);
  for (const canary of canaries) await canary.isQuiet();
  // Who follows one stands there alone: without us as his opener, and without our address.
  await annsContext.route("http://shop.test:8080/e", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>There</title>" }));
  const [there] = await Promise.all([annsContext.waitForEvent("page"), anns.locator(".entry.agent a").click()]);
  await expect(there).toHaveTitle("There");
  expect(await there.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
});
