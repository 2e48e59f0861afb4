// The message form. When no agent is available, a visitor leaves a message with an email address, and an agent finds it
// later.
import { Agent, Visitor, expect, screenshot, test } from "../test_server";

test("no agent is available → the visitor leaves a message, and an agent finds it after the visitor has left", async ({ browser, server }) => {
  await server.restartWith("unclaimed-form", 1_000);
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await visitor.openConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("No one is available right now");
  const [email, leave] = [await visitor.concierge("#jumpin-email"), await visitor.concierge("#jumpin-leave")];
  await email.fill("vera");
  await leave.click();
  await visitor.expectText("Please enter a valid email address");
  await email.fill("vera@home.test");
  await leave.click();
  await visitor.expectText("Please enter a message");
  await (await visitor.concierge("#jumpin-called")).fill("Vera Lind");
  await (await visitor.concierge("#jumpin-composer")).fill("Do you ship to Norway?");
  await screenshot(visitor.page, "message-form");
  await leave.click();
  await visitor.expectText("Your email address was added to your message");
  await expect(email).toBeHidden();
  await screenshot(visitor.page, "message-left");
  await visitor.context.close();

  const ann = await Agent.signIn(browser, server, "ann");
  const row = ann.rows().first();
  await expect(row).toContainText("Unclaimed");
  await expect(row).toContainText("Vera Lind");
  await expect(row).toContainText("Left a message");
  await screenshot(ann.page, "message-on-the-board");
  await row.getByRole("button", { name: "Claim this Chat" }).click();
  await ann.page.waitForURL("**/chats/*");
  await ann.expectText("Do you ship to Norway?");
  await expect(ann.page.locator(".conversation-head").getByRole("link", { name: "vera@home.test" })).toHaveAttribute("href", "mailto:vera@home.test");
  await screenshot(ann.page, "message-to-answer");
});
