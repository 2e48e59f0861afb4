// The server is killed during a chat. No acknowledged message is lost, and no message is shown twice.
import { Agent, expect, startChat, screenshot, test } from "../test_server";

test("the server is killed during a chat → nothing is lost or duplicated after the restart", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/boots");
  const said = (await visitor.concierge(".jumpin-entry")).filter({ hasText: /^\D*line \d+/ });
  await ann.sendMessage("line 0 from Ann");
  await visitor.expectText("line 0 from Ann");
  for (let n = 1; n <= 10; n++) await visitor.sendMessage(`line ${n} from the visitor`);
  await server.kill("SIGKILL");
  // Both keep writing. Their messages are queued and not shown as sent.
  await visitor.sendMessage("line 11 from the visitor");
  await visitor.expectText("Connection lost");
  await expect(ann.page.locator(".link-bar")).toBeVisible();
  await ann.sendMessage("line 12 from Ann");
  await expect(ann.page.locator(".on-its-way")).toContainText("line 12");
  await screenshot(ann.page, "connection-lost-agent");
  await screenshot(visitor.page, "connection-lost-visitor");

  await server.start();
  await expect(ann.page.locator(".link-bar")).toBeHidden({ timeout: 40_000 });
  await expect(ann.page.locator(".on-its-way")).toHaveCount(0, { timeout: 40_000 });
  const lines = [...Array(13).keys()];
  for (const n of lines) await expect(ann.entries().filter({ hasText: new RegExp(`line ${n} from`) })).toHaveCount(1, { timeout: 40_000 });
  await expect(said).toHaveCount(13);
  // Both sides show the same messages in the same order.
  const numbers = (texts: string[]) => texts.flatMap((text) => text.match(/line (\d+) from/)?.[1] ?? []);
  expect(numbers(await said.allTextContents())).toEqual(numbers(await ann.entries().allTextContents()));
  await ann.sendMessage("And we are back");
  await visitor.expectText("And we are back");
});
