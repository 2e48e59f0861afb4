// Collaboration between agents: availability, canned replies, whispers, and transfers. The visitor sees none of this
// except the new agent.
import { Agent, Visitor, expect, startChat, screenshot, test } from "../test_server";

test("agents use a canned reply, a whisper, and a transfer with a note → the visitor sees only the messages and the new agent", async ({ browser, server }) => {
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
  await expect(ben.page.locator("#composer")).toHaveValue("One moment, please. I'm checking that for you.");
  await ben.page.locator("#composer").press("Enter");
  await visitor.expectText("One moment, please");

  await ann.page.locator("tr[data-visit] a.agent").click();
  await expect(ann.page.getByText("You can view it but not reply.")).toBeVisible();
  await expect(ben.page.locator(".readers")).toContainText("Ann Archer is viewing this chat");
  await ann.page.locator(".note-form textarea").fill("canary: offer ten percent");
  await ann.page.getByRole("button", { name: "Whisper" }).click();
  await expect(ben.page.locator(".entry.note")).toContainText("canary: offer ten percent");
  await expect(ben.notice().filter({ hasText: "Whisper from" })).toBeVisible();
  await screenshot(ben.page, "whisper");
  await screenshot(ann.page, "reading-along");
  await ben.notice().getByRole("button", { name: "Dismiss" }).first().click();

  await ben.page.getByLabel("Add tag").fill("Refund");
  await ben.page.getByLabel("Add tag").press("Enter");
  await expect(ben.page.locator(".tags li")).toHaveText(/refund/);

  await ben.page.getByRole("button", { name: "Transfer" }).click();
  await ben.page.getByLabel("Transfer to", { exact: true }).selectOption({ label: "Cara Cruz · 0 chats" });
  await ben.page.getByLabel("Internal note (agents only)").fill("canary: she is in a hurry");
  await screenshot(ben.page, "hand-over");
  await ben.page.locator(".small-dialog").getByRole("button", { name: "Transfer" }).click();
  const handed = cara.notice().filter({ hasText: "transferred a chat to you" });
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

test("an agent is away → colleagues see it, the status survives a reload, and waiting chats do not notify the agent", async ({ browser, server }) => {
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
  await expect(ann.notice()).toContainText("is waiting for an agent");
  await expect(ann.page.locator(".waits-longest")).toContainText("Waiting longest");
  await screenshot(ann.page, "waits-longest");
  await expect(ben.page.locator(".waits-longest")).toBeVisible();
  await expect(ben.notice()).toHaveCount(0);
});
