// Everything from the keyboard: the palette, saved views, and columns that another device has as well.
import { Agent, Visitor, expect, screenshot, test } from "../test_server";

const palette = (ann: Agent) => ann.page.getByRole("dialog", { name: /^Find a page/ });
async function searchPalette(ann: Agent, letters: string) {
  await ann.page.keyboard.press("Control+k");
  await expect(palette(ann).getByRole("combobox")).toBeFocused();
  await ann.page.keyboard.type(letters);
}

test("the palette finds pages, visitors and actions, and gives the focus back", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  await Visitor.visit(browser, `${server.shop}/catalog`);
  await Visitor.visit(browser, `${server.shop}/help`);
  await expect(ann.rows()).toHaveCount(2);

  await ann.page.locator("#search").focus();
  await searchPalette(ann, "mych");
  await expect(palette(ann).getByRole("option", { selected: true })).toContainText("My Chats");
  await screenshot(ann.page, "palette");
  await ann.page.keyboard.press("Escape");
  await expect(palette(ann)).toBeHidden();
  await expect(ann.page.locator("#search")).toBeFocused();

  await searchPalette(ann, "mych");
  await ann.page.keyboard.press("Enter");
  await ann.page.waitForURL("**/chats");
  // A visitor is found from any page, and then what may be done with him.
  await searchPalette(ann, "/help");
  await expect(palette(ann).getByRole("option", { selected: true })).toContainText("/help");
  await ann.page.keyboard.press("Enter");
  await ann.page.waitForURL("**/visitors");
  await expect(ann.page.locator(".panel")).toContainText("/help");
  await ann.page.keyboard.press("Escape");
  await searchPalette(ann, "inv");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.locator("#invitation")).toBeFocused();
  await ann.page.keyboard.press("Control+Enter");
  await expect(ann.row("/help")).toContainText("Agent Requested");
  // The board may know it before the answer closes the composer, and until then a key is a letter.
  await expect(ann.page.locator("#invitation")).toBeHidden();

  // Arrows go round, and the keys of the list are true.
  await ann.page.keyboard.press("?");
  await expect(ann.page.getByRole("dialog", { name: "Keyboard" })).toContainText("Everything, by a few letters");
  await ann.page.keyboard.press("Escape");
  await ann.page.keyboard.press("Control+k");
  const last = palette(ann).getByRole("option").last();
  await ann.page.keyboard.press("ArrowUp");
  await expect(last).toHaveAttribute("aria-selected", "true");
  await ann.page.keyboard.press("ArrowDown");
  await expect(palette(ann).getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await ann.page.keyboard.type("sign out");
  await ann.page.keyboard.press("Enter");
  // The form and the close reason of the socket both lead there; the later of them breaks the other off.
  await expect(ann.page).toHaveURL(/\/sign-in$/);
});

test("a view is saved under a name, and is there on another device with its columns and low rows", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  await Visitor.visit(browser, `${server.shop}/catalog`);
  await Visitor.visit(browser, `${server.shop}/help`);
  await expect(ann.rows()).toHaveCount(2);
  const head = (agent: Agent, name: string) => agent.page.getByRole("columnheader", { name });
  const height = (agent: Agent) => agent.rows().first().evaluate((row) => row.getBoundingClientRect().height);
  const kept = () => ann.page.waitForResponse((answer) => answer.url().endsWith("/api/preference") && answer.ok());
  const chooses = async (letters: string, line: string) => {
    await searchPalette(ann, letters);
    await expect(palette(ann).getByRole("option", { selected: true })).toHaveText(new RegExp(line));
    await ann.page.keyboard.press("Enter");
    await expect(palette(ann)).toBeHidden();
  };

  // One concierge, by time: then what is seen gets a name.
  await chooses("help center", "Help Center");
  await expect(ann.rows()).toHaveCount(1);
  await ann.page.getByRole("button", { name: "TIME" }).click();
  await ann.page.getByRole("button", { name: "Views…" }).click();
  const views = ann.page.getByRole("dialog", { name: /^Choose, or name/ });
  await ann.page.keyboard.type("Help by time");
  let answered = kept();
  await views.getByRole("option", { name: /^Save this view/ }).click();
  await answered;
  const chip = (agent: Agent) => agent.page.getByRole("button", { name: "Help by time" });
  await expect(chip(ann)).toHaveAttribute("aria-pressed", "true");

  for (const [letters, line] of [["hidebrowser", "Hide the column BROWSER"], ["hideteam", "Hide the column TEAM"], ["lowrows", "Low rows"]]) {
    answered = kept();
    await chooses(letters, line);
    await answered;
  }
  await expect(head(ann, "BROWSER")).toBeHidden();
  expect(await height(ann)).toBeLessThan(40);
  await screenshot(ann.page, "view-saved");
  // What says who it is and what can be done is not offered.
  for (const column of ["STATUS", "VISITOR", "AGENT"]) {
    await searchPalette(ann, `hide the column ${column}`);
    await expect(palette(ann).getByRole("option", { name: `Hide the column ${column}`, exact: true })).toHaveCount(0);
    await ann.page.keyboard.press("Escape");
    await expect(palette(ann)).toBeHidden();
  }

  const elsewhere = await Agent.signIn(browser, server, "ann");
  await expect(elsewhere.rows()).toHaveCount(2);
  await expect(head(elsewhere, "BROWSER")).toBeHidden();
  await expect(head(elsewhere, "CURRENT PAGE")).toBeVisible();
  expect(await height(elsewhere)).toBeLessThan(40);
  // The server has drawn the chip before the browser's half is awake.
  await expect(async () => {
    await chip(elsewhere).click();
    await expect(elsewhere.rows()).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
  // Head and rows stand in one table.
  const right = (part: string) => elsewhere.page.locator(`${part} .agent-column`).first().evaluate((cell) => cell.getBoundingClientRect().right);
  expect(await right("thead")).toBe(await right("tbody"));
  await expect(head(elsewhere, "TIME")).toHaveAttribute("aria-sort", "ascending");
  await elsewhere.page.getByRole("button", { name: "Help Center", exact: true }).click();
  await expect(elsewhere.rows()).toHaveCount(2);
  await expect(chip(elsewhere)).toHaveAttribute("aria-pressed", "false");

  // And it is nobody else's.
  const ben = await Agent.signIn(browser, server, "ben");
  await expect(head(ben, "BROWSER")).toBeVisible();
  await expect(chip(ben)).toHaveCount(0);
});
