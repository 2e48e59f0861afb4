// The visitor panel on the board and next to a chat. It shows where the visitor came from, their browser and device,
// and their pages and history.
import type { Locator } from "@playwright/test";
import { Agent, type TestServer, Visitor, expect, openPage, screenshot, test } from "../test_server";

const austrian = { locale: "de-AT", timezoneId: "Europe/Vienna" };

/// Simulates a returning visitor who has had a chat before, arrives from a campaign, and views two pages.
async function comesBack(ann: Agent, visitor: Visitor, server: TestServer) {
  await visitor.goTo(`${server.shop}/boots`);
  await visitor.openConcierge();
  await ann.invite(ann.row("/boots"));
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await ann.sendMessage("Which boots were you looking for?");
  await visitor.sendMessage("The Ridgeline, in 44");
  await ann.expectText("The Ridgeline, in 44");
  await ann.page.getByRole("button", { name: "End chat" }).click();
  await ann.page.getByRole("button", { name: "End now" }).click();
  await visitor.expectText("The chat has ended");
  await visitor.page.goto("about:blank");
  await server.restartWith("new-visit-after", 0);
  await ann.page.goto(`${server.url}/visitors`);
  // Set the referrer only for this navigation because an extra header would also apply to the frame's requests.
  await visitor.page.goto(`${server.shop}/boots?utm_source=news&utm_campaign=Spring+boots&token=secret`, { referer: "https://search.test/find?q=secret" });
  await visitor.becomePresent();
  await expect(ann.row("/boots")).toHaveCount(1);
  await visitor.goTo(`${server.shop}/tents/heron-2`);
  await expect(ann.row("/tents/heron-2")).toHaveCount(1);
}

/// Returns the value below a term.
const fact = (card: Locator, word: string) => card.locator("dt", { hasText: new RegExp(`^${word}$`) }).locator("xpath=following-sibling::dd[1]");

async function tells(card: Locator) {
  await expect(fact(card, "Came from")).toHaveText("https://search.test/find");
  await expect(fact(card, "Campaign")).toHaveText("source: news, campaign: Spring boots");
  await expect(fact(card, "Browser").first()).toHaveText(/Chrome \d+/);
  await expect(fact(card, "Device")).toHaveText("Desktop");
  await expect(fact(card, "Language")).toHaveText(/German\s*de-AT/);
  await expect(fact(card, "Local time")).toHaveText(/\d\d:\d\d\s*Europe\/Vienna/);
  await expect(fact(card, "Visits")).toHaveText("2");
  await expect(card.locator(".page-views li")).toHaveCount(2);
  await expect(card.locator(".page-views li").first()).toContainText("/tents/heron-2");
  // The lists are not only present but also tall enough to be readable.
  for (const list of [".page-views", ".rows"]) expect(await card.locator(list).first().evaluate((one) => one.clientHeight)).toBeGreaterThan(24);
  await expect(card.locator(".page-views li").last()).toContainText("/boots");
  await expect(card).toContainText("Ended by the agent");
  await expect(card).not.toContainText("secret");
}

test("the visitor panel is opened on the board → it shows origin, pages, and history, and edits reach the board immediately", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const ben = await Agent.signIn(browser, server, "ben");
  const [context, page] = await openPage(browser, austrian);
  await comesBack(ann, new Visitor(context, page), server);
  const row = ann.row("/tents/heron-2");
  await row.locator(".name").click();
  const panel = ann.page.locator(".panel");
  await tells(panel);
  await expect(panel.locator(".rows").filter({ hasText: "accepted" })).toContainText("Ann Archer");

  await panel.getByLabel("Note").fill("Climbs in winter. Wants the Ridgeline in 44.");
  await panel.getByRole("button", { name: "Add note" }).click();
  await expect(panel.locator(".rows").filter({ hasText: "Climbs in winter" })).toContainText("Ann Archer");
  await expect(panel.getByLabel("Note")).toHaveValue("");
  await panel.getByLabel("Name").fill("Vera Lind");
  await panel.getByLabel("Email").fill("vera@home");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.locator(".field.wrong")).toContainText("Please enter a valid email address.");
  await panel.getByLabel("Email").fill("vera@home.test");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByRole("heading", { level: 2 }).first()).toHaveText("Vera Lind");
  await expect(row.locator(".name")).toHaveText("Vera Lind");
  await expect(fact(panel, "Email")).toContainText("unverified");
  await screenshot(ann.page, "visitor-panel");

  // Another agent's board shows the name, and the panel shows the note.
  await ben.page.goto(`${server.url}/visitors`);
  await ben.row("/tents/heron-2").getByRole("button", { name: "Vera Lind" }).click();
  await tells(ben.page.locator(".panel"));
  await expect(ben.page.locator(".panel")).toContainText("Climbs in winter");
  // An open panel shows new invitations and pages without a reload.
  await ann.page.keyboard.press("Escape");
  await ann.invite(row);
  await expect(ben.page.locator(".panel .rows").filter({ hasText: "open" })).toContainText("Ann Archer");
  await page.goto(`${server.shop}/contact`);
  await expect(ben.page.locator(".panel .page-views li").first()).toContainText("/contact");
});

for (const [name, options] of [
  ["desk", { viewport: { width: 1440, height: 900 } }],
  ["tablet", { viewport: { width: 900, height: 1000 } }],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true }],
] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the visitor panel is opened (${name}, ${colorScheme}) → it fits on the board and next to a chat`, async ({ browser, server }) => {
      const ann = await Agent.signIn(browser, server, "ann", { ...options, colorScheme });
      const [context, page] = await openPage(browser, austrian);
      const visitor = new Visitor(context, page);
      await comesBack(ann, visitor, server);
      const isNoWider = async (what: string) => expect(await ann.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${what} is wider than the window`).toBeLessThanOrEqual(0);
      await ann.row("/tents/heron-2").locator(".name").click();
      const panel = ann.page.locator(".panel");
      await tells(panel);
      const widest = (element: HTMLElement | SVGElement) => element.scrollWidth - element.clientWidth;
      expect(await panel.evaluate(widest), "the panel's content is wider than the panel").toBeLessThanOrEqual(0);
      await isNoWider("the board");
      await screenshot(ann.page, `visitor-panel-${name}-${colorScheme}`);
      await panel.locator(".visitor-card").evaluate((whole) => whole.scrollTo(0, whole.scrollHeight));
      await screenshot(ann.page, `visitor-panel-below-${name}-${colorScheme}`);
      await ann.page.keyboard.press("Escape");

      await ann.invite(ann.row("/tents/heron-2"));
      await visitor.answerInvitation("accept");
      await ann.claimChat();
      await isNoWider("the chat");
      const card = ann.page.locator(".visitor-panel");
      const wanted = ann.page.getByRole("button", { name: "Visitor", exact: true });
      // If there is no room next to the chat, a button opens the card on top of it.
      if (name === "desk") await expect(wanted).toBeHidden();
      else {
        await expect(card).toBeHidden();
        await wanted.click();
      }
      await tells(card);
      expect(await card.evaluate(widest), "the card's content is wider than the card").toBeLessThanOrEqual(0);
      await isNoWider("the chat with the card");
      await card.getByLabel("Note").fill("Asked for the Ridgeline in 44");
      await card.getByRole("button", { name: "Add note" }).click();
      await expect(card.locator(".rows").filter({ hasText: "Asked for the Ridgeline" })).toContainText("Ann Archer");
      await card.locator("h2").first().scrollIntoViewIfNeeded();
      await screenshot(ann.page, `chat-visitor-panel-${name}-${colorScheme}`);
      if (name === "desk") return;
      await card.getByRole("button", { name: "Close" }).click();
      await expect(card).toBeHidden();
      await ann.sendMessage("One moment, I'll look it up.");
    });
  }
}
