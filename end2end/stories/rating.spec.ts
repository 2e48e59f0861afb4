// Once a chat has ended, its visitor is asked how it was; the history finds it by his answer.
import { Agent, expect, inAChat, picture, test } from "../house";

test("a visitor says how the chat was, and is not asked in the next one", async ({ browser, house }) => {
  const ann = await Agent.signsIn(browser, house, "ann");
  const visitor = await inAChat(browser, house, ann);
  const question = await visitor.concierge(".jumpin-rating");
  await expect(question).toHaveCount(0);

  await (await visitor.concierge("#jumpin-end")).click();
  await expect(question).toContainText("How was this chat?");
  await picture(visitor.page, "rating-asked");
  await question.getByRole("button", { name: "Good", exact: true }).click();
  await expect(question).toContainText("Thank you for telling us.");
  await expect(question.getByRole("button")).toHaveCount(0);

  await ann.page.goto(`${house.url}/history?rating=good`);
  await expect(ann.page.locator("tbody tr").first()).toContainText("Good");
  await picture(ann.page, "rating-history");

  await (await visitor.concierge("#jumpin-person")).click();
  await visitor.reads("You asked for a person");
  await expect(question).toHaveCount(0);
});
