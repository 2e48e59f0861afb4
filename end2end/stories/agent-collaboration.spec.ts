// Agents work together: away and back, a canned reply, a whisper, and a chat that is handed on. The visitor reads who comes and nothing else.
import { Agent, Visitor, expect, startChat, screenshot, test } from "../test_server";

test("a canned reply, a whisper of who reads along, and the chat handed to a colleague with a note", async ({ browser, server }) => {
  const ben = await Agent.signIn(browser, server, "ben");
  const ann = await Agent.signIn(browser, server, "ann");
  const cara = await Agent.signIn(browser, server, "cara");
  await expect(ben.page.locator(".availability .mine")).toContainText("3");
  const visitor = await startChat(browser, server, ben, "/boots");

  await ben.page.locator("#composer").fill("/mom");
  const replies = ben.page.getByRole("listbox", { name: "Canned replies" });
  await expect(replies.getByRole("option")).toHaveCount(1);
  await screenshot(ben.page, "canned-replies");
  await ben.page.locator("#composer").press("Enter");
  await expect(ben.page.locator("#composer")).toHaveValue("One moment please, I am looking it up for you.");
  await ben.page.locator("#composer").press("Enter");
  await visitor.expectText("One moment please");

  await ann.page.locator("tr[data-visit] a.agent").click();
  await expect(ann.page.getByText("You are reading along.")).toBeVisible();
  await expect(ben.page.locator(".readers")).toContainText("Ann Archer reads along");
  await ann.page.locator(".note-form textarea").fill("canary: offer ten percent");
  await ann.page.getByRole("button", { name: "Whisper" }).click();
  await expect(ben.page.locator(".entry.note")).toContainText("canary: offer ten percent");
  await expect(ben.notice().filter({ hasText: "whispers" })).toBeVisible();
  await screenshot(ben.page, "whisper");
  await screenshot(ann.page, "reading-along");
  await ben.notice().getByRole("button", { name: "Dismiss" }).first().click();

  await ben.page.getByLabel("Add a tag").fill("Refund");
  await ben.page.getByLabel("Add a tag").press("Enter");
  await expect(ben.page.locator(".tags li")).toHaveText(/refund/);

  await ben.page.getByRole("button", { name: "Hand over" }).click();
  await ben.page.getByLabel("To", { exact: true }).selectOption({ label: "Cara Cruz · 0 chats" });
  await ben.page.getByLabel("Note, for agents only").fill("canary: she is in a hurry");
  await screenshot(ben.page, "hand-over");
  await ben.page.locator(".small-dialog").getByRole("button", { name: "Hand over" }).click();
  const handed = cara.notice().filter({ hasText: "has handed a chat over to you" });
  await expect(handed).toContainText("canary: she is in a hurry");
  await handed.getByRole("link", { name: "Open" }).click();
  await expect(cara.page.locator(".entry.note")).toHaveCount(2);
  await visitor.expectText("Cara will be with you");
  await cara.sendMessage("Hello, Cara here");
  await visitor.expectText("Hello, Cara here");
  await screenshot(cara.page, "handed-over");
  await visitor.page.reload();
  await visitor.becomePresent();
  await visitor.expectText("Hello, Cara here");
  await expect(await visitor.concierge("body")).not.toContainText("canary");
});

test("away is seen by all, kept over a reload, and calls nobody to a chat that waits", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const ben = await Agent.signIn(browser, server, "ben");
  await ben.page.locator(".availability .mine").click();
  await ben.page.getByRole("button", { name: "Lunch" }).click();
  await expect(ben.page.locator(".availability .mine")).toContainText("Lunch");
  await screenshot(ben.page, "availability");
  await ben.page.keyboard.press("Escape");
  await ben.page.reload();
  await expect(ben.page.locator(".availability .mine")).toContainText("Lunch");
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await visitor.openConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await expect(ann.notice()).toContainText("waits for an agent");
  await expect(ann.page.locator(".waits-longest")).toContainText("Waiting longest");
  await screenshot(ann.page, "waits-longest");
  await expect(ben.page.locator(".waits-longest")).toBeVisible();
  await expect(ben.notice()).toHaveCount(0);
});
