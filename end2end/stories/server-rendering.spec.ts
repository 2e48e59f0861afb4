// Server-rendered pages and screenshots of every page.
import { Agent, Visitor, expect, openPage, screenshot, test } from "../test_server";

test("JavaScript is disabled → the board is still readable", async ({ browser, server }) => {
  const visitor = await Visitor.visit(browser, `${server.shop}/packs/meander-38`);
  const ben = await Agent.signIn(browser, server, "ben");
  await expect(ben.rows()).toHaveCount(1);
  const plain = await Agent.signIn(browser, server, "ann", { javaScriptEnabled: false });
  await expect(plain.rows()).toHaveCount(1);
  await expect(plain.rows().first()).toContainText("/packs/meander-38");
  await expect(plain.rows().first()).toContainText("Online");
  await screenshot(plain.page, "without-javascript");
});

test("the password is wrong → an error appears; an agent signs out → every page requires signing in again", async ({ browser, server }) => {
  const [, page] = await openPage(browser);
  await page.goto(`${server.url}/visitors`);
  await page.waitForURL("**/sign-in");
  await page.getByLabel("Email").fill("ann@demo.test");
  await page.getByLabel("Password").fill("not it");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("is incorrect");
  await screenshot(page, "sign-in-refused");
  const ann = await Agent.signIn(browser, server, "ann");
  await ann.page.getByRole("button", { name: "Sign out" }).click();
  await ann.page.waitForURL("**/sign-in");
  await ann.page.goto(`${server.url}/chats`);
  await ann.page.waitForURL("**/sign-in");
});

const desk = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
for (const colorScheme of ["light", "dark"] as const) {
  for (const [name, size] of [["desk", desk], ["phone", phone]] as const) {
    test(`a page is opened (${name}, ${colorScheme}) → nothing is wider than the window`, async ({ browser, server }) => {
      const looks = { ...size, colorScheme };
      const shot = async (page: Agent["page"], what: string) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${what} is wider than the window`).toBeLessThanOrEqual(0);
        await screenshot(page, `${what}-${name}-${colorScheme}`);
      };
      const ann = await Agent.signIn(browser, server, "ann", looks);
      await Visitor.visit(browser, `${server.shop}/help`);
      const visitor = await Visitor.visit(browser, `${server.shop}/boots/ridgeline`, looks);
      await expect(ann.rows()).toHaveCount(2);
      await shot(ann.page, "visitors");
      await ann.openInvitation(ann.row("/boots/ridgeline"));
      await shot(ann.page, "invite");
      await ann.sendInvitation();
      await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
      await shot(visitor.page, "card");
      await visitor.answerInvitation("accept");
      await expect(ann.notice()).toBeVisible();
      await shot(ann.page, "notice");
      await ann.claimChat();
      await ann.sendMessage("Hello! The Ridgeline runs true to size. Do you wear thick socks?");
      await visitor.expectText("thick socks");
      await visitor.sendMessage("Always, in the mountains.");
      await ann.expectText("in the mountains");
      await shot(ann.page, "chat");
      await shot(visitor.page, "panel");
    });
  }
}
