// Nobody is free: the visitor leaves a message, goes, and an agent finds it with the address to answer to.
import { Agent, Visitor, expect, screenshot, test } from "../test_server";

test("a visitor whom nobody serves leaves a message, and the agent finds it after he has gone", async ({ browser, server }) => {
  await server.restartWith("unclaimed-form", 1_000);
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await visitor.openConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("Nobody is free just now");
  const [email, leave] = [await visitor.concierge("#jumpin-email"), await visitor.concierge("#jumpin-leave")];
  await email.fill("vera");
  await leave.click();
  await visitor.expectText("That is no e-mail address");
  await email.fill("vera@home.test");
  await leave.click();
  await visitor.expectText("Please write your message as well");
  await (await visitor.concierge("#jumpin-called")).fill("Vera Lind");
  await (await visitor.concierge("#jumpin-composer")).fill("Do you ship to Norway?");
  await screenshot(visitor.page, "message-form");
  await leave.click();
  await visitor.expectText("Your e-mail is kept with your message");
  await expect(email).toBeHidden();
  await screenshot(visitor.page, "message-left");
  await visitor.context.close();

  const ann = await Agent.signIn(browser, server, "ann");
  const row = ann.rows().first();
  await expect(row).toContainText("Unclaimed");
  await expect(row).toContainText("Vera Lind");
  await expect(row).toContainText("left a message");
  await screenshot(ann.page, "message-on-the-board");
  await row.getByRole("button", { name: "Claim this Chat" }).click();
  await ann.page.waitForURL("**/chats/*");
  await ann.expectText("Do you ship to Norway?");
  await expect(ann.page.locator(".conversation-head").getByRole("link", { name: "vera@home.test" })).toHaveAttribute("href", "mailto:vera@home.test");
  await screenshot(ann.page, "message-to-answer");
});
