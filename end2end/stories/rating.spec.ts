// Once a chat has ended, its visitor is asked how it was; the history finds it by his answer.
import { Agent, expect, startChat, screenshot, test } from "../test_server";

test("a visitor says how the chat was, and is not asked in the next one", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann);
  const question = await visitor.concierge(".jumpin-rating");
  await expect(question).toHaveCount(0);

  await (await visitor.concierge("#jumpin-end")).click();
  await expect(question).toContainText("How was this chat?");
  await screenshot(visitor.page, "rating-asked");
  await question.getByRole("button", { name: "Good", exact: true }).click();
  await expect(question).toContainText("Thank you for telling us.");
  await expect(question.getByRole("button")).toHaveCount(0);

  await ann.page.goto(`${server.url}/history?rating=good`);
  await expect(ann.page.locator("tbody tr").first()).toContainText("Good");
  await screenshot(ann.page, "rating-history");

  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("You asked for a person");
  await expect(question).toHaveCount(0);
});
