// Bad input that can only be tested in a browser: pasted rich text, very long lines, and names in titles and
// notifications.
import { Agent, Visitor, expect, startChat, openPage, screenshot, test } from "../test_server";
import { Canary, HOSTILE } from "../canary";

test("B14: rich text is pasted → both composers insert only plain text", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann", { permissions: ["clipboard-read", "clipboard-write"] });
  const visitor = await startChat(browser, server, ann, "/boots");
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  // Simulate copying from another page.
  await visitor.page.bringToFront();
  await visitor.page.evaluate(async () => {
    const as = (kind: string, what: string) => ({ [kind]: new Blob([what], { type: kind }) });
    await navigator.clipboard.write([new ClipboardItem({ ...as("text/html", "<b>bold</b><h1>, and</h1><a href=//canary.test/p>nothing else</a>"), ...as("text/plain", "bold, and nothing else") })]);
  });
  for (const [page, composer] of [[visitor.page, await visitor.concierge("#jumpin-composer")], [ann.page, ann.page.locator("#composer")]] as const) {
    await page.bringToFront();
    await composer.focus();
    await page.keyboard.press("Control+V");
    await expect(composer).toHaveValue("bold, and nothing else");
    await page.keyboard.press("Enter");
  }
  await visitor.expectText("bold, and nothing else");
  await expect(ann.entries().filter({ hasText: "bold, and nothing else" })).toHaveCount(2);
  for (const where of [ann.page.locator(".log"), await visitor.concierge("#jumpin-log")]) await expect(where.locator("b, h1, a")).toHaveCount(0);
});

test("B7: a very long line has no spaces → it wraps, and the dashboard stays responsive", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/boots");
  const long = "```" + "x".repeat(3_990) + "end";
  await ann.page.evaluate(() => {
    const slow: number[] = [];
    Object.assign(window, { slow });
    new PerformanceObserver((list) => slow.push(...list.getEntries().map((task) => task.duration))).observe({ type: "longtask" });
  });
  await visitor.sendMessage(long);
  await ann.expectText(long);
  await ann.sendMessage(long);
  await visitor.expectText(long);
  const over = (element: HTMLElement | SVGElement) => element.scrollWidth - element.clientWidth;
  expect(await ann.page.locator("html").evaluate(over)).toBeLessThanOrEqual(0);
  expect(await ann.page.locator(".conversation").evaluate(over)).toBeLessThanOrEqual(0);
  expect(await (await visitor.concierge("#jumpin-log")).evaluate(over)).toBeLessThanOrEqual(0);
  expect(Math.max(0, ...await ann.page.evaluate(() => (window as unknown as { slow: number[] }).slow))).toBeLessThan(200);
  await screenshot(ann.page, "longest-line-agent");
  await screenshot(visitor.page, "longest-line-visitor");
});

test("A11 A20: a visitor has a hostile name → notifications show it as text without bidi controls", async ({ browser, server }) => {
  const [context, page] = await openPage(browser, { permissions: ["notifications"] });
  const canary = await Canary.watch(context, server.url);
  await context.addInitScript(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) { super(title, options); told.push(`${title}: ${options?.body}`); }
    };
  });
  const ann = await Agent.signInAt(page, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  const row = ann.rows().first();
  await ann.invite(row);
  await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
  await row.locator(".name").click();
  const panel = page.locator(".panel");
  await panel.getByLabel("Name").fill(`\u202e${HOSTILE}\u2066\u200b`);
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(row.locator(".name")).toHaveText(HOSTILE);
  await page.keyboard.press("Escape");
  // Simulate switching to another tab.
  await page.evaluate(() => Object.defineProperty(document, "hidden", { configurable: true, value: true }));
  await visitor.answerInvitation("accept");
  const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told);
  await expect.poll(told).toEqual([`Jump-In: ${HOSTILE} accepted your invitation`]);
  await expect(page).toHaveTitle(/^\(1\) Visitors/);
  await expect(ann.notice()).toContainText(HOSTILE);
  await canary.expectQuiet();
});
