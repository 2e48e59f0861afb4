// The dashboard uses the agent's language everywhere, including in the server-rendered HTML.
import { Agent, Visitor, expect, openPage, screenshot, test } from "../test_server";

test("an agent chooses German → every page and notice is in German", async ({ browser, server }) => {
  const [context, page] = await openPage(browser, { locale: "en-GB" });
  const ann = await Agent.signInAt(page, server, "ann");
  const other = await context.newPage();
  await other.goto(`${server.url}/visitors`);
  await expect(other.locator("html")).toHaveAttribute("lang", "en");
  await page.goto(`${server.url}/account`);
  await page.getByLabel("Language").selectOption({ label: "German" });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByText("Gespeichert.")).toBeVisible();
  await screenshot(page, "account-in-german");
  await expect(other.locator("html"), "the other tab switches, too").toHaveAttribute("lang", "de");
  await other.close();

  await page.getByRole("link", { name: "Besucher" }).click();
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await expect(ann.row("/boots").locator(".status")).toHaveText("Online");
  await screenshot(page, "board-in-german");
  await ann.row("/boots").getByRole("button", { name: "Zum Chat einladen" }).click();
  await expect(page.locator("#invitation")).toBeVisible();
  await screenshot(page, "inviting-in-german");
  await page.getByRole("button", { name: "Einladung senden" }).click();
  await expect(ann.row("/boots").locator(".status")).toHaveText("Eingeladen");
  await visitor.answerInvitation("accept");
  await expect(ann.notice().first()).toContainText("hat Ihre Einladung angenommen");
  await ann.notice().getByRole("button", { name: "Chat annehmen" }).first().click();
  await page.waitForURL("**/chats/*");
  await ann.sendMessage("Guten Tag");
  await ann.expectText("Guten Tag");
  await expect(ann.entries().filter({ hasText: "Ann Archer ist dem Chat beigetreten" })).toHaveCount(1);
  await screenshot(page, "chat-in-german");
  await page.keyboard.press("Control+k");
  await expect(page.getByPlaceholder("Seiten, Besucher, Chats")).toBeVisible();
  await screenshot(page, "palette-in-german");
  await page.keyboard.press("Escape");

  for (const [path, heading] of [["/history", "Verlauf"], ["/settings/replies", "Textbausteine"]]) {
    await page.goto(server.url + path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  }
  await screenshot(page, "settings-in-german");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/visitors`);
  await screenshot(page, "phone-in-german");
  expect(await page.evaluate(() => document.documentElement.scrollWidth), "the page is not wider than the screen").toBeLessThanOrEqual(390);

  // Without the cookie, the sign-in page uses the browser's language, and the dashboard uses the agent's.
  await context.clearCookies();
  await Agent.signInAt(page, server, "ann");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("link", { name: "Besucher" })).toBeVisible();
});

test("the browser prefers German → the sign-in page is in German", async ({ browser, server }) => {
  const [, page] = await openPage(browser, { locale: "de-AT" });
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-Mail").fill("ben@demo.test");
  await page.getByLabel("Passwort", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Anmelden" }).click();
  await expect(page.getByRole("alert")).toHaveText("E-Mail-Adresse oder Passwort ist falsch.");
  await screenshot(page, "sign-in-in-german");
});
