// Browsers and networks in which the widget cannot run or reach the server. Within ten seconds, visitors see a short
// explanation and can leave a message over plain HTTP.
import type { BrowserContext } from "@playwright/test";
import { Agent, Visitor, expect, openPage, screenshot, test } from "../test_server";

const obstacles: [string, (context: BrowserContext) => Promise<void>][] = [
  ["the browser has no WebAssembly", (context) => context.addInitScript(() => { delete (window as any).WebAssembly; })],
  ["a proxy closes every WebSocket", (context) => context.routeWebSocket(/socket\/visitor/, (socket) => socket.close())],
  ["a proxy never answers a WebSocket", (context) => context.routeWebSocket(/socket\/visitor/, () => {})],
  ["the browser has no WebSocket", (context) => context.addInitScript(() => { delete (window as any).WebSocket; })],
];
for (const [what, block] of obstacles) {
  test(`${what} → the visitor leaves a message, and agents see it`, async ({ browser, server }) => {
    const ann = await Agent.signIn(browser, server, "ann");
    const [context, page] = await openPage(browser);
    await block(context);
    await page.goto(`${server.shop}/help`);
    const visitor = new Visitor(context, page);
    const launcher = await visitor.concierge("#jumpin-launcher");
    await launcher.click();
    const form = await visitor.concierge(".jumpin-form");
    await expect(form).toContainText("Leave a message and your email address", { timeout: 10_000 });
    await screenshot(page, `no-way-through-${obstacles.findIndex(([name]) => name === what)}`);
    await form.locator("textarea").fill("Do you repair tents?");
    await form.locator("button").click();
    await expect(form.locator("p")).toContainText("email");
    await form.locator("input[type=email]").fill("vera@example.test");
    await form.locator("button").click();
    await expect(form).toContainText("We have received your message");
    await ann.claimChat();
    await ann.expectText("Do you repair tents?");
    await expect(ann.page.locator(".conversation")).toContainText("vera@example.test");
    await expect(ann.page.locator(".visitor-panel .page-views li").first()).toContainText("/help");
  });
}

test("the browser has no WebAssembly on a phone → the form fills the width of the screen", async ({ browser, server }) => {
  const [context, page] = await openPage(browser, { viewport: { width: 390, height: 800 }, colorScheme: "dark" });
  await context.addInitScript(() => { delete (window as any).WebAssembly; });
  await page.goto(`${server.shop}/help`);
  const visitor = new Visitor(context, page);
  await (await visitor.concierge("#jumpin-launcher")).click();
  await expect(await visitor.concierge(".jumpin-form")).toBeVisible();
  await expect.poll(async () => (await page.locator("jumpin-concierge").boundingBox())?.width).toBe(390);
  await screenshot(page, "no-way-through-phone");
});
