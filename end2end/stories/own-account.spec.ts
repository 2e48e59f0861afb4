// What an agent sets of himself, and what an admin sees before it is kept.
import { Agent, expect, picture, test } from "../house";

test("a picture is uploaded and seen", async ({ browser, house }) => {
  const cara = await Agent.signsIn(browser, house, "cara");
  await cara.page.goto(`${house.url}/account`);
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  await cara.page.locator("[name=picture]").setInputFiles({ name: "cara.png", mimeType: "image/png", buffer: png });
  await cara.page.getByRole("button", { name: "Upload" }).click();
  await expect(cara.page.locator(".rail .avatar img")).toBeVisible();
  await expect.poll(() => cara.page.locator(".rail .avatar img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(192);
  await picture(cara.page, "account-with-picture");
  await cara.page.goto(`${house.url}/settings/agents`);
  await expect(cara.page.locator(".rows img.face")).toHaveCount(1);
});

test("the preview of a concierge follows its form", async ({ browser, house }) => {
  const cara = await Agent.signsIn(browser, house, "cara");
  await cara.page.goto(`${house.url}/settings/concierges`);
  await cara.page.locator(".rows a").first().click();
  const preview = cara.page.frameLocator(".preview");
  await expect(preview.locator("#jumpin-title")).toBeVisible();
  await cara.page.getByLabel("Title").fill("Ask the kettle people");
  await cara.page.getByLabel("Title").blur();
  await expect(preview.locator("#jumpin-title")).toHaveText("Ask the kettle people");
  await cara.page.locator("[name=colour]").fill("#aa0055");
  await expect.poll(() => preview.locator("html").evaluate((html) => getComputedStyle(html).getPropertyValue("--colour"))).toBe("#aa0055");
  await picture(cara.page, "preview-of-a-form");
});
