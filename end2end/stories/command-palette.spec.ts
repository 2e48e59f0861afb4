// The command palette, as well as saved views and column settings, which follow the agent to other devices.
import { Agent, Visitor, expect, screenshot, test } from "../test_server";

const palette = (ann: Agent) => ann.page.getByRole("dialog", { name: /^Search pages/ });
async function searchPalette(ann: Agent, letters: string) {
  await ann.page.keyboard.press("Control+k");
  await expect(palette(ann).getByRole("combobox")).toBeFocused();
  await ann.page.keyboard.type(letters);
}

test("an agent searches the palette → it finds pages, visitors, and actions, and restores focus when closed", async ({ browser, server }) => {
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
  // The palette finds a visitor from any page and then offers actions for that visitor.
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
  // The board may update before the response closes the composer. Until then, keystrokes would go into the composer.
  await expect(ann.page.locator("#invitation")).toBeHidden();

  // The arrow keys wrap around, and the listed shortcuts work.
  await ann.page.keyboard.press("?");
  await expect(ann.page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText("Open the command palette");
  await ann.page.keyboard.press("Escape");
  await ann.page.keyboard.press("Control+k");
  const last = palette(ann).getByRole("option").last();
  await ann.page.keyboard.press("ArrowUp");
  await expect(last).toHaveAttribute("aria-selected", "true");
  await ann.page.keyboard.press("ArrowDown");
  await expect(palette(ann).getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await ann.page.keyboard.type("sign out");
  await ann.page.keyboard.press("Enter");
  // Both the form and the socket's close reason navigate there, and the later one cancels the other.
  await expect(ann.page).toHaveURL(/\/sign-in$/);
});

test("an agent saves a view → it follows the agent to other devices, with its columns and compact rows, but colleagues do not have it", async ({ browser, server }) => {
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

  // Filter by one concierge, sort by time, and save the result as a view.
  await chooses("help center", "Help Center");
  await expect(ann.rows()).toHaveCount(1);
  await ann.page.getByRole("button", { name: "TIME" }).click();
  await ann.page.getByRole("button", { name: "Views…" }).click();
  const views = ann.page.getByRole("dialog", { name: /^Choose a view/ });
  await ann.page.keyboard.type("Help by time");
  let answered = kept();
  await views.getByRole("option", { name: /^Save this view/ }).click();
  await answered;
  const chip = (agent: Agent) => agent.page.getByRole("button", { name: "Help by time" });
  await expect(chip(ann)).toHaveAttribute("aria-pressed", "true");

  for (const [letters, line] of [["hidebrowser", "Hide column BROWSER"], ["hideteam", "Hide column TEAM"], ["compactrows", "Compact rows"]]) {
    answered = kept();
    await chooses(letters, line);
    await answered;
  }
  await expect(head(ann, "BROWSER")).toBeHidden();
  expect(await height(ann)).toBeLessThan(40);
  await screenshot(ann.page, "view-saved");
  // The columns that identify a visitor or contain the actions cannot be hidden.
  for (const column of ["STATUS", "VISITOR", "AGENT"]) {
    await searchPalette(ann, `hide column ${column}`);
    await expect(palette(ann).getByRole("option", { name: `Hide column ${column}`, exact: true })).toHaveCount(0);
    await ann.page.keyboard.press("Escape");
    await expect(palette(ann)).toBeHidden();
  }

  const elsewhere = await Agent.signIn(browser, server, "ann");
  await expect(elsewhere.rows()).toHaveCount(2);
  await expect(head(elsewhere, "BROWSER")).toBeHidden();
  await expect(head(elsewhere, "CURRENT PAGE")).toBeVisible();
  expect(await height(elsewhere)).toBeLessThan(40);
  // The server renders the chip before the page is hydrated.
  await expect(async () => {
    await chip(elsewhere).click();
    await expect(elsewhere.rows()).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
  // The header and rows are aligned because they are in the same table.
  const right = (part: string) => elsewhere.page.locator(`${part} .agent-column`).first().evaluate((cell) => cell.getBoundingClientRect().right);
  expect(await right("thead")).toBe(await right("tbody"));
  await expect(head(elsewhere, "TIME")).toHaveAttribute("aria-sort", "ascending");
  await elsewhere.page.getByRole("button", { name: "Help Center", exact: true }).click();
  await expect(elsewhere.rows()).toHaveCount(2);
  await expect(chip(elsewhere)).toHaveAttribute("aria-pressed", "false");

  // Other agents do not have the view.
  const ben = await Agent.signIn(browser, server, "ben");
  await expect(head(ben, "BROWSER")).toBeVisible();
  await expect(chip(ben)).toHaveCount(0);
});
