// Concurrency: an agent with two chats, two agents with one visitor, and a chat that is taken over.
import { Agent, Visitor, expect, startChat, screenshot, test } from "../test_server";

test("an agent switches between two chats → drafts and messages stay in their own chats", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const one = await startChat(browser, server, ann, "/boots");
  await one.sendMessage("Do the boots run small?");
  await ann.expectText("run small");
  const boots = ann.page.url();
  await ann.page.locator("#composer").fill("Half a thought");
  await ann.page.getByRole("link", { name: "Visitors" }).click();
  const two = await startChat(browser, server, ann, "/tents/heron-2");
  await two.sendMessage("Is the tent heavy?");
  await ann.expectText("tent heavy");
  await one.sendMessage("Hello?");
  const waiting = ann.page.locator(".chat-line").filter({ hasText: "Hello?" });
  await expect(waiting.locator(".unread")).toContainText("1");
  await screenshot(ann.page, "two-chats");
  await waiting.click();
  await ann.page.waitForURL(boots);
  await expect(ann.page.locator("#composer")).toHaveValue("Half a thought");
  await expect(waiting.locator(".unread")).toHaveCount(0);
  await ann.sendMessage("A full size up, please.");
  await one.expectText("full size up");
  await expect(await two.concierge("#jumpin-panel")).not.toContainText("full size up");
});

test("two agents invite the same visitor → there is only one invitation, and the second agent sees who was first", async ({ browser, server }) => {
  const [ann, ben] = [await Agent.signIn(browser, server, "ann"), await Agent.signIn(browser, server, "ben")];
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await ann.openInvitation(ann.rows().first());
  await expect(ben.rows().first()).toContainText("Ann Archer is typing…");
  await screenshot(ann.page, "writing");
  await ben.openInvitation(ben.rows().first());
  await Promise.all([ann.sendInvitation(), ben.sendInvitation()]);
  await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
  const first = (await (await visitor.concierge("#jumpin-card")).textContent())!.includes("Ann") ? "Ann Archer" : "Ben Brooks";
  const loser = first === "Ann Archer" ? ben : ann;
  await expect(loser.page.getByText(`${first} already invited this visitor`)).toBeVisible();
  await expect(loser.rows().first()).toContainText(first);
});

test("two agents claim the same chat → one gets it, and the other sees who did", async ({ browser, server }) => {
  const [ann, ben] = [await Agent.signIn(browser, server, "ann"), await Agent.signIn(browser, server, "ben")];
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await visitor.openConcierge();
  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("Connecting you");
  const claim = (agent: Agent) => agent.notice().getByRole("button", { name: "Claim this Chat" });
  await expect(claim(ann)).toBeVisible();
  await expect(claim(ben)).toBeVisible();
  await expect(ann.rows().first()).toContainText("Unclaimed");
  // Click both buttons at the same time. A real mouse would be too late for the second button because its notice
  // disappears immediately.
  const buttons = await Promise.all([ann, ben].map((agent) => claim(agent).elementHandle()));
  await Promise.all(buttons.map((button) => button!.evaluate((one) => (one as HTMLElement).click())));
  await expect.poll(() => [ann, ben].filter((agent) => agent.page.url().includes("/chats/")).length).toBe(1);
  const [owner, other] = ann.page.url().includes("/chats/") ? ["Ann", ben] as const : ["Ben", ann] as const;
  await visitor.expectText(owner);
  await expect(other.rows().first()).toContainText("In Progress");
  await expect(other.rows().first()).toContainText(owner);
  await expect(claim(other)).toHaveCount(0);
});

test("a supervisor takes over a chat → the visitor is notified, and the previous agent can only read", async ({ browser, server }) => {
  const [ann, ben] = [await Agent.signIn(browser, server, "ann"), await Agent.signIn(browser, server, "ben")];
  const visitor = await startChat(browser, server, ben, "/boots");
  await ben.sendMessage("One moment, I will ask.");
  await visitor.expectText("I will ask");
  const row = ann.rows().first();
  await expect(row).toContainText("Ben Brooks");
  await row.getByRole("button", { name: "Take Over the Chat" }).click();
  await ann.page.waitForURL("**/chats/*");
  await ann.expectText("I will ask");
  await visitor.expectText("Ann took over the chat");
  await expect(ben.notice()).toContainText("Ann Archer took over your chat");
  await expect(ben.page.locator("#composer")).toHaveCount(0);
  await screenshot(ben.page, "taken-over");
  await ann.sendMessage("Hello, Ann here.");
  await visitor.expectText("Ann here");
  await ben.expectText("Ann here");
  await ann.page.getByRole("button", { name: "End chat" }).click();
  await ann.page.getByRole("button", { name: "End now" }).click();
  await visitor.expectText("The chat has ended");
});
