// Avatars and the preview of a concierge before it is saved.
import type { Locator } from "@playwright/test";
import { Agent, Visitor, expect, openPage, screenshot, test } from "../test_server";

/// Waits until an avatar has loaded, at which point it is 192 px wide.
const isPainted = (avatar: Locator) => expect.poll(() => avatar.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(192);

test("an agent uploads an avatar → the dashboard shows it", async ({ browser, server }) => {
  const cara = await Agent.signIn(browser, server, "cara");
  await cara.page.goto(`${server.url}/account`);
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  await cara.page.locator("[name=avatar]").setInputFiles({ name: "cara.png", mimeType: "image/png", buffer: png });
  await cara.page.getByRole("button", { name: "Upload" }).click();
  await expect(cara.page.locator(".rail .account-link img")).toBeVisible();
  await isPainted(cara.page.locator(".rail .account-link img"));
  await screenshot(cara.page, "account-with-avatar");
  await cara.page.goto(`${server.url}/settings/agents`);
  await expect(cara.page.locator(".rows img.avatar"), "Ann and Ben already have avatars in the demo").toHaveCount(3);
});

test("a visitor is invited and chats → the concierge shows the agent's avatar or initials", async ({ browser, server }) => {
  const [ann, cara] = [await Agent.signIn(browser, server, "ann"), await Agent.signIn(browser, server, "cara")];
  const [context, page] = await openPage(browser);
  const visitor = new Visitor(context, page);
  await visitor.goTo(`${server.shop}/boots`);
  await ann.invite(ann.row("/boots"));
  await isPainted(await visitor.concierge("#jumpin-initials img"));
  await screenshot(page, "invitation-with-an-avatar");
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  const head = await visitor.concierge("#jumpin-avatar");
  await isPainted(head.locator("img"));
  await screenshot(page, "chat-with-an-avatar");
  // If an agent has no avatar, the initials of the name that visitors see are shown instead.
  await ann.page.getByRole("button", { name: "Transfer" }).click();
  await ann.page.getByLabel("Transfer to", { exact: true }).selectOption({ label: "Cara Cruz · 0 chats" });
  await ann.page.locator(".small-dialog").getByRole("button", { name: "Transfer" }).click();
  await expect(head).toHaveText("C");
  await expect(head.locator("img")).toHaveCount(0);
  await expect(cara.page.locator(".notice").first()).toBeVisible();
});

test("an admin edits a concierge → the preview reflects the changes", async ({ browser, server }) => {
  const cara = await Agent.signIn(browser, server, "cara");
  await cara.page.goto(`${server.url}/settings/concierges`);
  await cara.page.locator(".rows a").first().click();
  const preview = cara.page.frameLocator(".preview");
  await expect(preview.locator("#jumpin-title")).toBeVisible();
  await cara.page.getByLabel("Title").fill("Ask the kettle people");
  await cara.page.getByLabel("Title").blur();
  await expect(preview.locator("#jumpin-title")).toHaveText("Ask the kettle people");
  await cara.page.locator("[name=color]").fill("#aa0055");
  await expect.poll(() => preview.locator("html").evaluate((html) => getComputedStyle(html).getPropertyValue("--color"))).toBe("#aa0055");
  await screenshot(cara.page, "preview-of-a-form");
});
