// The main flow, in which a visitor appears, is invited, answers, and chats with an agent.
import { Agent, Visitor, expect, screenshot, test } from "../test_server";

test("a visitor moves through the site → a single row on the board follows page loads and route changes", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  await expect(ann.page.getByText("loader.js").first()).toBeVisible();
  await screenshot(ann.page, "board-empty");
  const visitor = await Visitor.visit(browser, `${server.shop}/`);
  await expect(ann.rows()).toHaveCount(1);
  const row = ann.rows().first();
  await expect(row).toContainText("Online");
  await expect(row).toContainText("Concierge Visitor");
  await expect(row).toContainText(/0:0[3-9]/);
  await visitor.goTo(`${server.shop}/contact`);
  await expect(row).toContainText("/contact");
  await visitor.goTo(`${server.shop}/catalog`);
  await visitor.page.locator("#catalog").getByRole("link", { name: "Packs", exact: true }).click();
  await expect(row).toContainText("/catalog/packs");
  await visitor.page.locator("#catalog").getByRole("link", { name: /Eddy 18/ }).click();
  await expect(row).toContainText("/catalog/packs/eddy-18");
  await visitor.page.goBack();
  await expect(row).toContainText(/\/catalog\/packs(?!\/)/);
  await expect(ann.rows()).toHaveCount(1);
  await screenshot(ann.page, "board");
});

test("a visitor with a closed panel is invited and accepts → the agent claims the chat with one click, and it survives a reload", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/`);
  await ann.invite();
  const card = await visitor.concierge("#jumpin-card");
  await expect(card).toContainText("Ann");
  await screenshot(visitor.page, "invited-collapsed");
  const row = ann.rows().first();
  await expect(row).toContainText("Agent Requested");
  await expect(row).toContainText(/Seen · 1:\d\d/);
  await expect(row.getByRole("button", { name: "Withdraw" })).toBeVisible();
  await visitor.answerInvitation("accept");
  await visitor.expectText("Connecting you to Ann");
  await expect(ann.notice()).toContainText("accepted your invitation");
  await screenshot(ann.page, "accepted");
  await ann.claimChat();
  await ann.sendMessage("Hello, which boots were you looking for?");
  await visitor.expectText("which boots");
  await (await visitor.concierge("#jumpin-composer")).pressSequentially("The brow");
  await expect(ann.page.locator(".typing")).toContainText("typing");
  await visitor.sendMessage("The brown ones");
  await ann.expectText("The brown ones");
  await visitor.page.reload();
  await visitor.becomePresent();
  await visitor.expectText("The brown ones");
  await visitor.expectText("which boots");
  await screenshot(visitor.page, "chat-visitor");
  await screenshot(ann.page, "chat-agent");
  await ann.page.goto(`${server.url}/visitors`);
  await expect(ann.rows()).toHaveCount(1);
  await expect(ann.rows().first()).toContainText("In Progress");
});

test("a visitor with an open panel is invited → the prompt appears in the conversation", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/boots`);
  await visitor.openConcierge();
  await ann.invite();
  const prompt = await visitor.concierge("#jumpin-prompt");
  await expect(prompt).toContainText("Live chat request");
  await expect(await visitor.concierge("#jumpin-card")).toBeHidden();
  await screenshot(visitor.page, "invited-expanded");
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await visitor.expectText("Ann");
  await visitor.sendMessage("I am here");
  await ann.expectText("I am here");
});

test("an invited visitor changes pages → the prompt stays visible across page loads and route changes", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/catalog`);
  await ann.invite();
  await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
  await visitor.page.locator("#catalog").getByRole("link", { name: "Tents", exact: true }).click();
  await expect(ann.rows().first()).toContainText("/catalog/tents");
  await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
  await visitor.goTo(`${server.shop}/tents/heron-2`);
  await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
  await expect(ann.rows().first()).toContainText("Agent Requested");
  await ann.rows().first().getByRole("button", { name: "Withdraw" }).click();
  await expect(await visitor.concierge("#jumpin-card")).toBeHidden();
  await expect(ann.rows().first()).toContainText("Online");
});

test("a visitor denies an invitation → the row shows when the quiet time ends, and no page prompts again", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/`);
  await ann.invite();
  await expect(await visitor.concierge("#jumpin-card")).toBeVisible();
  await visitor.answerInvitation("deny");
  const row = ann.rows().first();
  await expect(row).toContainText("User Denied");
  await expect(row).toContainText(/No prompts until \d/);
  await expect(row.getByRole("button", { name: "Invite to Chat" })).toHaveCount(0);
  await expect(await visitor.concierge("#jumpin-card")).toBeHidden();
  await screenshot(ann.page, "denied");
  await visitor.goTo(`${server.shop}/boots`);
  await expect(row).toContainText("/boots");
  await expect(row).toContainText("User Denied");
  await expect(await visitor.concierge("#jumpin-card")).toBeHidden();
});
