// Hostile input from visitors, their browsers, and admins. Wherever it is shown, it appears exactly as typed, and
// nothing in it runs. See docs/testing.md for the case numbers.
import { Agent, type TestServer, Visitor, expect, openPage, screenshot, test } from "../test_server";
import { Canary, HOSTILE, HOSTILE_TAG, expectShownAsText } from "../canary";
import { embedSnippet, localNetworkAccess, servePage } from "../host_page";

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/// Visits a page with a hostile title and URL, using a browser with a hostile referrer and time zone.
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

/// Leaves a message under a hostile name while no agent is available.
async function leaveMessage(visitor: Visitor) {
  await visitor.openConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("No one is available right now");
  await (await visitor.concierge("#jumpin-email")).fill("vera@home.test");
  await (await visitor.concierge("#jumpin-called")).fill(HOSTILE);
  await (await visitor.concierge("#jumpin-composer")).fill(`one ${HOSTILE}`);
  await (await visitor.concierge("#jumpin-leave")).click();
  await visitor.expectText("Your email address was added to your message");
}

test("A1 A2 A3 A8 A9 A17 B2 B3 H3: visitor data contains markup → every dashboard page shows it as text", async ({ browser, server }) => {
  test.setTimeout(120_000);
  await server.restartWith("unclaimed-form", 1_000);
  const [[visitorContext, visitorPage], [annsContext, anns]] = [await openPage(browser, { ...localNetworkAccess, userAgent: "<svg onload=__hit=1>" }), await openPage(browser)];
  const canaries = [await Canary.watch(visitorContext, server.url, server.shop), await Canary.watch(annsContext, server.url)];
  const expectAllQuiet = async () => { for (const canary of canaries) await canary.expectQuiet(); };
  const visitor = new Visitor(visitorContext, visitorPage);
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
  await panel.getByRole("button", { name: "Add note" }).click();
  await expectShownAsText(panel, `note ${HOSTILE}`);
  await screenshot(anns, "hostile-panel");
  await expectAllQuiet();
  await anns.keyboard.press("Escape");
  await anns.keyboard.press("Control+k");
  await anns.keyboard.type("title");
  await expectShownAsText(anns.getByRole("dialog", { name: /^Search pages/ }), HOSTILE);
  await expectAllQuiet();
  await anns.keyboard.press("Escape");

  await ann.claimChat();
  await ann.expectText(`one ${HOSTILE}`);
  await ann.sendMessage(`two ${HOSTILE}`);
  await visitor.expectText(`two ${HOSTILE}`);
  const chooser = visitorPage.waitForEvent("filechooser");
  await (await visitor.concierge("#jumpin-attach")).click();
  await (await chooser).setFiles({ name: `${HOSTILE_TAG}.png`, mimeType: "image/png", buffer: png });
  await ann.expectText(`${HOSTILE_TAG}.png`);
  await visitor.expectText(`${HOSTILE_TAG}.png`);
  await anns.locator(".attach input").setInputFiles({ name: `two${HOSTILE_TAG}.txt`, mimeType: "text/plain", buffer: Buffer.from("Plain words.") });
  await visitor.expectText(`two${HOSTILE_TAG}.txt`);
  await anns.getByLabel("Add tag").fill(HOSTILE_TAG);
  await anns.getByLabel("Add tag").press("Enter");
  await expect(anns.locator(".tags li bdi")).toHaveText(HOSTILE_TAG);
  await anns.locator(".chat-note summary").click();
  await anns.locator(".note-form textarea").fill(`three ${HOSTILE}`);
  await anns.locator(".note-form").getByRole("button", { name: "Add note" }).click();
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

test("A3 B11: an admin enters markup → the dashboard, composer, and concierge show it as text", async ({ browser, server }) => {
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
  await page.getByLabel("Text").fill(`{visitor} ${HOSTILE}`);
  await page.getByRole("button", { name: "Save" }).click();
  await expectShownAsText(page, HOSTILE_TAG);
  for (const address of ["/settings/audit", "/settings/teams", "/settings/concierges", "/settings/agents", "/settings/replies"]) {
    await page.goto(server.url + address);
    await expect(page.locator(".surface h1")).toBeVisible();
    await canary.expectQuiet();
  }
  await page.goto(`${server.url}/settings/audit`);
  await expectShownAsText(page, HOSTILE);

  const [visitorContext, visitorPage] = await openPage(browser);
  const visitorCanary = await Canary.watch(visitorContext, server.url, server.shop);
  const visitor = new Visitor(visitorContext, visitorPage);
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
  await visitorCanary.expectQuiet();
});

test("A4 B1 B4 B5: messages contain URLs → only http and https URLs become links, without opener or referrer", async ({ browser, server }) => {
  const [[visitorContext, visitorPage], [annsContext, anns]] = [await openPage(browser), await openPage(browser)];
  const canaries = [await Canary.watch(visitorContext, server.url, server.shop), await Canary.watch(annsContext, server.url)];
  const ann = await Agent.signInAt(anns, server, "ann");
  const visitor = new Visitor(visitorContext, visitorPage);
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
  // The concierge does not link host names that imitate other ones.
  expect(await written(await visitor.concierge(".jumpin-mine a"))).toEqual(theirs.slice(0, 2));
  expect(await written(await visitor.concierge(".jumpin-theirs a"))).toEqual(mine);
  for (const canary of canaries) await canary.expectQuiet();
  // A link opens without an opener or referrer.
  await annsContext.route("http://shop.test:8080/e", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>There</title>" }));
  const [there] = await Promise.all([annsContext.waitForEvent("page"), anns.locator(".entry.agent a").click()]);
  await expect(there).toHaveTitle("There");
  expect(await there.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
});
