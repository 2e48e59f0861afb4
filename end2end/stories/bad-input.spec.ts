// What strangers type, and what their browsers say of them, wherever it is shown: it is read as it was typed, and nothing of it runs. The
// numbers are those of the list of bad input.
import { Agent, type TestServer, Visitor, expect, openPage, screenshot, test } from "../test_server";
import { Canary, HOSTILE, HOSTILE_TAG, expectShownAsText } from "../canary";
import { embedSnippet, localNetworkAccess, servePage } from "../host_page";

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/// A browser that lies about all it is asked for, on a page that is named and addressed as badly.
async function arriveHostile(visitor: Visitor, server: TestServer) {
  await visitor.context.addInitScript((hostile) => {
    Object.defineProperty(Document.prototype, "referrer", { get: () => `https://search.test/${hostile}` });
    Intl.DateTimeFormat.prototype.resolvedOptions = () => ({ timeZone: "../../etc/<script>__hit=1</script>" }) as Intl.ResolvedDateTimeFormatOptions;
    if (window === top) addEventListener("DOMContentLoaded", () => (document.title = hostile));
  }, HOSTILE);
  const path = `/">${HOSTILE_TAG}`;
  await servePage(visitor.page, (url) => url.origin === server.shop && url.pathname.startsWith("/%22"), embedSnippet(server));
  await visitor.goTo(`${server.shop}${path}?utm_source=${encodeURIComponent(HOSTILE.slice(0, 60))}&token=${encodeURIComponent(HOSTILE)}`);
}

/// As somebody whom nobody serves: he gives his name, and his message.
async function leaveMessage(visitor: Visitor) {
  await visitor.openConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("Nobody is free just now");
  await (await visitor.concierge("#jumpin-email")).fill("vera@home.test");
  await (await visitor.concierge("#jumpin-called")).fill(HOSTILE);
  await (await visitor.concierge("#jumpin-composer")).fill(`one ${HOSTILE}`);
  await (await visitor.concierge("#jumpin-leave")).click();
  await visitor.expectText("Your e-mail is kept with your message");
}

test("A1 A2 A3 A8 A9 A17 B2 B3 H3: a visitor who is all markup is read as he typed, on every page of the dashboard", async ({ browser, server }) => {
  test.setTimeout(120_000);
  await server.restartWith("unclaimed-form", 1_000);
  const [[hisContext, his], [annsContext, anns]] = [await openPage(browser, { ...localNetworkAccess, userAgent: "<svg onload=__hit=1>" }), await openPage(browser)];
  const canaries = [await Canary.watch(hisContext, server.url, server.shop), await Canary.watch(annsContext, server.url)];
  const expectAllQuiet = async () => { for (const canary of canaries) await canary.expectQuiet(); };
  const visitor = new Visitor(hisContext, his);
  const ann = await Agent.signInAt(anns, server, "ann");
  await arriveHostile(visitor, server);
  await leaveMessage(visitor);

  const row = ann.rows().first();
  await expect(row.locator(".name")).toHaveText(HOSTILE);
  await expect(row.locator(".title")).toHaveText(HOSTILE);
  await expect(row.locator(".path")).toContainText("/%22%3E%3Cimg");
  await expect(row.locator(".browser-column")).toHaveText("Unknown browser");
  await expect(ann.notice()).toContainText("/%22%3E%3Cimg");
  await row.locator(".name").click();
  const panel = anns.locator(".panel");
  for (const words of [HOSTILE, `source: ${HOSTILE.slice(0, 60)}`, "https://search.test", "UTC", "vera@home.test"]) await expectShownAsText(panel, words);
  await expect(panel).not.toContainText("token");
  await panel.getByLabel("Note").fill(`note ${HOSTILE}`);
  await panel.getByRole("button", { name: "Add the note" }).click();
  await expectShownAsText(panel, `note ${HOSTILE}`);
  await screenshot(anns, "hostile-panel");
  await expectAllQuiet();
  await anns.keyboard.press("Escape");
  await anns.keyboard.press("Control+k");
  await anns.keyboard.type("title");
  await expectShownAsText(anns.getByRole("dialog", { name: /^Find a page/ }), HOSTILE);
  await expectAllQuiet();
  await anns.keyboard.press("Escape");

  await ann.claimChat();
  await ann.expectText(`one ${HOSTILE}`);
  await ann.sendMessage(`two ${HOSTILE}`);
  await visitor.expectText(`two ${HOSTILE}`);
  const chooser = his.waitForEvent("filechooser");
  await (await visitor.concierge("#jumpin-attach")).click();
  await (await chooser).setFiles({ name: `${HOSTILE_TAG}.png`, mimeType: "image/png", buffer: png });
  await ann.expectText(`${HOSTILE_TAG}.png`);
  await visitor.expectText(`${HOSTILE_TAG}.png`);
  await anns.locator(".attach input").setInputFiles({ name: `two${HOSTILE_TAG}.txt`, mimeType: "text/plain", buffer: Buffer.from("Plain words.") });
  await visitor.expectText(`two${HOSTILE_TAG}.txt`);
  await anns.getByLabel("Add a tag").fill(HOSTILE_TAG);
  await anns.getByLabel("Add a tag").press("Enter");
  await expect(anns.locator(".tags li bdi")).toHaveText(HOSTILE_TAG);
  await anns.locator(".chat-note summary").click();
  await anns.locator(".note-form textarea").fill(`three ${HOSTILE}`);
  await anns.locator(".note-form").getByRole("button", { name: "Note" }).click();
  await expectShownAsText(anns.locator(".entry.note"), `three ${HOSTILE}`);
  await expectShownAsText(anns.locator(".conversation-head"), HOSTILE);
  await expectShownAsText(anns.locator(".chat-line"), HOSTILE);
  await expectShownAsText(anns.locator(".visitor-panel"), HOSTILE);
  await screenshot(anns, "hostile-chat");
  await expectAllQuiet();
  await anns.getByRole("button", { name: "End chat" }).click();
  await anns.getByRole("button", { name: "End now" }).click();
  await visitor.expectText("The chat has ended");

  const chat = anns.url().split("/").pop();
  for (const [address, words] of [
    ["/history", HOSTILE], [`/history?words=${encodeURIComponent(HOSTILE)}`, HOSTILE], [`/history/${chat}`, `two ${HOSTILE}`],
    ["/history/visitors", HOSTILE], ["/visitors", HOSTILE],
  ]) {
    await anns.goto(server.url + address);
    await expectShownAsText(anns, words);
    await expectAllQuiet();
  }
  await anns.goto(`${server.url}/history/${chat}`);
  await anns.getByRole("link", { name: "About this visitor" }).click();
  await anns.waitForURL("**/history/visitors/*");
  for (const words of [`note ${HOSTILE}`, "https://search.test"]) await expectShownAsText(anns, words);
  await expect(anns).toHaveTitle(`${HOSTILE} · Jump-In`);
  await expectAllQuiet();
});

test("A3 B11: what an admin has typed is text in his dashboard, in the composer and in the concierge", async ({ browser, server }) => {
  const [context, page] = await openPage(browser);
  const canary = await Canary.watch(context, server.url);
  const cara = await Agent.signInAt(page, server, "cara");
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
  await expectShownAsText(page.frameLocator(".preview").locator("body"), HOSTILE);
  await page.goto(`${server.url}/settings/replies`);
  await page.getByLabel("Name").fill(HOSTILE_TAG);
  await page.getByLabel("Words").fill(`{visitor} ${HOSTILE}`);
  await page.getByRole("button", { name: "Save" }).click();
  await expectShownAsText(page, HOSTILE_TAG);
  for (const address of ["/settings/audit", "/settings/teams", "/settings/concierges", "/settings/agents", "/settings/replies"]) {
    await page.goto(server.url + address);
    await expect(page.locator(".surface h1")).toBeVisible();
    await canary.expectQuiet();
  }
  await page.goto(`${server.url}/settings/audit`);
  await expectShownAsText(page, HOSTILE);

  const [hisContext, his] = await openPage(browser);
  const hisCanary = await Canary.watch(hisContext, server.url, server.shop);
  const visitor = new Visitor(hisContext, his);
  await page.goto(`${server.url}/visitors`);
  await visitor.goTo(`${server.shop}/boots`);
  await cara.openInvitation(cara.row("/boots"));
  await expect(page.locator("#invitation")).toHaveValue(`Cara ${HOSTILE}`);
  await cara.sendInvitation();
  await expectShownAsText(await visitor.concierge("#jumpin-card"), HOSTILE);
  await visitor.answerInvitation("accept");
  await expectShownAsText(await visitor.concierge("#jumpin-title"), HOSTILE_TAG);
  await expectShownAsText(await visitor.concierge("#jumpin-log"), HOSTILE);
  await cara.claimChat();
  await page.locator("#composer").fill("/<img");
  await expectShownAsText(page.getByRole("listbox", { name: "Canned replies" }), HOSTILE_TAG);
  await page.locator("#composer").press("Enter");
  await expect(page.locator("#composer")).toHaveValue(`there ${HOSTILE}`);
  await page.locator("#composer").press("Enter");
  await visitor.expectText(`there ${HOSTILE}`);
  await canary.expectQuiet();
  await hisCanary.expectQuiet();
});

test("A4 B1 B4 B5: only http, https and an e-mail become links, and they open with nothing of ours", async ({ browser, server }) => {
  const [[hisContext, his], [annsContext, anns]] = [await openPage(browser), await openPage(browser)];
  const canaries = [await Canary.watch(hisContext, server.url, server.shop), await Canary.watch(annsContext, server.url)];
  const ann = await Agent.signInAt(anns, server, "ann");
  const visitor = new Visitor(hisContext, his);
  await visitor.goTo(`${server.shop}/boots`);
  await ann.invite();
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  const none = "javascript:__hit=1 JaVaScRiPt:__hit=1 data:text/html,<script>__hit=1</script> vbscript:x file:///etc/passwd blob:x //canary.test/p [x](javascript:__hit=1) <a href=//canary.test/p target=_blank>x</a>";
  await visitor.sendMessage(none);
  await ann.expectText(none);
  await visitor.sendMessage("(https://shop.test/a?b=1&c='d'). [bank](https://evil.test) https://аpple.com");
  await ann.sendMessage("http://shop.test:8080/e mail@shop.test https://user:pass@shop.test");
  const written = async (links: { evaluateAll: (read: (all: Element[]) => string[]) => Promise<string[]> }) => links.evaluateAll((all) => all.map((one) => `${one.textContent} -> ${one.getAttribute("href")}`));
  const theirs = ["https://shop.test/a?b=1&c='d", "https://evil.test", "https://xn--pple-43d.com"].map((one) => `${one} -> ${one}`);
  const mine = ["http://shop.test:8080/e -> http://shop.test:8080/e"];
  await visitor.expectText("http://shop.test:8080/e");
  expect(await written(anns.locator(".entry.visitor a"))).toEqual(theirs);
  expect(await written(anns.locator(".entry.agent a"))).toEqual(mine);
  // The concierge leaves an address that could be another one as the text that it is.
  expect(await written(await visitor.concierge(".jumpin-mine a"))).toEqual(theirs.slice(0, 2));
  expect(await written(await visitor.concierge(".jumpin-theirs a"))).toEqual(mine);
  for (const canary of canaries) await canary.expectQuiet();
  // Who follows one stands there alone: without us as his opener, and without our address.
  await annsContext.route("http://shop.test:8080/e", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>There</title>" }));
  const [there] = await Promise.all([annsContext.waitForEvent("page"), anns.locator(".entry.agent a").click()]);
  await expect(there).toHaveTitle("There");
  expect(await there.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
});
