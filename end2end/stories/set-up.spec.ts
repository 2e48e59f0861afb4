// Initial setup with an empty data directory: the first admin, an agent who joins by link, and the first visitor.
import { createServer } from "node:http";
import { AddressInfo } from "node:net";
import { Visitor, expect, openPage, screenshot, test } from "../test_server";

/// Serves the customer's website. Call `embeds` later to add the script tag.
async function website() {
  let line = "";
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end(`<!doctype html><html lang="en"><title>Kettles</title><link rel="icon" href="data:,"><h1>Kettles</h1>${line}</html>`);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, embeds: (one: string) => { line = one; }, close: () => server.close() };
}

test("the server is empty → an admin sets it up, an agent joins by link, and both see the first visitor", async ({ browser, empty }) => {
  const site = await website();
  const [, ann] = await openPage(browser);
  await ann.goto(empty.url);
  await expect(ann).toHaveURL(`${empty.url}/setup`);
  await expect(ann.getByText("finds a link in its terminal or log")).toBeVisible();
  await ann.goto(empty.setup);
  await ann.getByLabel("Organization").fill("Kettles & Sons");
  await ann.getByLabel("Your first and last name").fill("Ann Archer");
  await ann.locator("[name=email]").fill("ann@kettles.test");
  await ann.locator("[name=password]").fill("correct horse battery");
  await ann.locator("[name=site]").fill(site.url);
  await screenshot(ann, "set-up");
  await ann.locator("form button[type=submit]").click();
  await ann.waitForURL("**/visitors?first");
  const code = ann.locator("code", { hasText: "data-concierge=" });
  await expect(code).toBeVisible();
  site.embeds(await code.innerText());
  await screenshot(ann, "first-visitor-awaited");

  await ann.goto(`${empty.url}/settings/agents/invite`);
  await ann.locator("[name=email]").fill("ben@kettles.test");
  await ann.getByRole("button", { name: "Create link" }).click();
  const link = await ann.locator("code", { hasText: "/join/" }).innerText();
  await screenshot(ann, "agent-invited");

  const [, ben] = await openPage(browser);
  await ben.goto(link);
  await expect(ben.getByRole("heading", { level: 1 })).toHaveText("Join Kettles & Sons");
  await ben.locator("[name=name]").fill("Ben Brooks");
  await ben.locator("[name=password]").fill("another horse battery");
  await ben.getByRole("button", { name: "Join" }).click();
  await ben.waitForURL("**/visitors");

  await ann.goto(`${empty.url}/visitors`);
  await Visitor.visit(browser, site.url);
  for (const [name, page] of [["ann", ann], ["ben", ben]] as const) {
    await expect(page.locator("tr[data-visit]")).toHaveCount(1);
    await expect(page.locator("tr[data-visit]")).toContainText("Kettles");
    await screenshot(page, `first-visitor-${name}`);
  }
  site.close();
});
