// The settings and history screens. Each one is hydrated, forms respond without a page load, and old chats can be
// found.
import { Page } from "@playwright/test";
import { Agent, expect, screenshot, test } from "../test_server";

const SCREENS = [
  "/settings", "/settings/concierges", "/settings/teams", "/settings/agents", "/settings/agents/invite", "/settings/routing",
  "/settings/replies", "/settings/privacy", "/settings/mail", "/settings/audit", "/history", "/history/visitors", "/account",
];

// The palette opens only after the page is hydrated.
async function isAwake(page: Page) {
  const palette = page.getByRole("dialog", { name: /^Search pages/ });
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(palette).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
}

for (const [name, options] of [
  ["desk-light", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
] as const) {
  test(`a screen is opened (${name}) → it hydrates without console errors`, async ({ browser, server }) => {
    test.setTimeout(120_000);
    const cara = await Agent.signIn(browser, server, "cara", options);
    for (const screen of SCREENS) {
      await cara.page.goto(server.url + screen);
      await expect(cara.page.locator(".surface h1")).toBeVisible();
      await isAwake(cara.page);
      await screenshot(cara.page, `screen${screen.replaceAll("/", "-")}-${name}`);
    }
    await cara.page.goto(`${server.url}/settings/concierges`);
    await cara.page.locator(".rows a").first().click();
    await expect(cara.page.locator(".preview")).toBeVisible();
    await isAwake(cara.page);
    await screenshot(cara.page, `screen-concierge-${name}`);
  });
}

test("a form is submitted → errors and confirmations appear without a page load", async ({ browser, server }) => {
  const cara = await Agent.signIn(browser, server, "cara");
  await cara.page.goto(`${server.url}/settings`);
  await isAwake(cara.page);
  await cara.page.evaluate(() => { (window as { same?: boolean }).same = true; });
  await cara.page.getByLabel("Name").fill(" ");
  await cara.page.getByRole("button", { name: "Save" }).click();
  await expect(cara.page.locator(".field.wrong")).toContainText("This field is required.");
  await cara.page.getByLabel("Name").fill("Riverside & Sons");
  await cara.page.getByRole("button", { name: "Save" }).click();
  await expect(cara.page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await expect(cara.page.getByLabel("Name")).toHaveValue("Riverside & Sons");
  expect(await cara.page.evaluate(() => (window as { same?: boolean }).same)).toBe(true);
  await cara.page.getByRole("link", { name: "Audit log" }).click();
  await expect(cara.page.locator(".rows")).toContainText("Riverside Outfitters → Riverside & Sons");
});

test("the history is searched → an old chat is found, exported, and read", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  await ann.page.getByRole("link", { name: "History" }).click();
  await isAwake(ann.page);
  await ann.page.getByLabel("Text").fill("lighter");
  await ann.page.getByRole("button", { name: "Show" }).click();
  await expect(ann.page).toHaveURL(/text=lighter|words=lighter/);
  const rows = ann.page.locator(".rows tbody tr");
  await expect(rows.first()).toContainText(/lighter/i);
  const found = await rows.count();
  const [file] = await Promise.all([ann.page.waitForEvent("download"), ann.page.getByRole("button", { name: "Export as CSV" }).click()]);
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  await rows.first().getByRole("link").click();
  await expect(ann.page.locator(".talk")).toContainText(/lighter/i);
  await screenshot(ann.page, "transcript");
  expect(found).toBeGreaterThan(0);
});
