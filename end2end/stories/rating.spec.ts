// After a chat ends, the visitor can rate it. The history can be filtered by rating.
import { Agent, expect, startChat, screenshot, test } from "../test_server";

test("a chat ends → the visitor can rate it, and the next chat starts without the rating form", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann);
  const question = await visitor.concierge(".jumpin-rating");
  await expect(question).toHaveCount(0);

  await (await visitor.concierge("#jumpin-end")).click();
  await expect(question).toContainText("How was this chat?");
  await screenshot(visitor.page, "rating-asked");
  await question.getByRole("button", { name: "Good", exact: true }).click();
  await expect(question).toContainText("Thank you for your feedback.");
  await expect(question.getByRole("button")).toHaveCount(0);

  await ann.page.goto(`${server.url}/history?rating=good`);
  await expect(ann.page.locator("tbody tr").first()).toContainText("Good");
  await screenshot(ann.page, "rating-history");

  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.expectText("You asked to talk to a person");
  await expect(question).toHaveCount(0);
});
