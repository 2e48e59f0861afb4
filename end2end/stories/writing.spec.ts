// Writing on both sides: pasted and dropped files, input methods, right-to-left text, and readers who have scrolled up.
import type { Locator } from "@playwright/test";
import { Agent, Visitor, expect, openPage, screenshot, startChat, test } from "../test_server";

/// Pastes into an element the way a browser does. Returns whether the page has handled the paste itself.
const paste = (into: Locator, text: string, withImage: boolean) => into.evaluate((element, [text, withImage]) => {
  const data = new DataTransfer();
  if (text) data.setData("text/plain", text as string);
  if (withImage) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2, height: 2 });
    canvas.getContext("2d")!.fillRect(0, 0, 1, 1);
    const bytes = Uint8Array.from(atob(canvas.toDataURL("image/png").split(",")[1]), (sign) => sign.charCodeAt(0));
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
  }
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
  return event.defaultPrevented;
}, [text, withImage] as const);

test("the visitor's first file is pasted → it is sent", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  expect(await paste(await visitor.concierge("#jumpin-composer"), "", true)).toBe(true);
  await expect(ann.page.locator(".conversation")).toContainText("image.png");
});

test("cells of a spreadsheet are pasted → both sides get text, not a picture", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  let uploads = 0;
  for (const { page } of [ann, visitor]) page.on("request", (request) => { if (request.method() === "POST" && request.url().includes("/files")) uploads += 1; });
  expect(await paste(await visitor.concierge("#jumpin-composer"), "A\tB", true)).toBe(false);
  expect(await paste(ann.page.locator("#composer"), "A\tB", true)).toBe(false);
  await ann.sendMessage("The text has arrived");
  await visitor.expectText("The text has arrived");
  expect(uploads).toBe(0);
});

test("an agent pastes a picture → it is sent only after they confirm it", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  await paste(ann.page.locator("#composer"), "", true);
  const asked = ann.page.locator(".uploads .pasted");
  await expect(asked).toContainText("Send this picture to the visitor?");
  await expect(asked.locator("img")).toBeVisible();
  await screenshot(ann.page, "pasted-picture");
  await asked.getByRole("button", { name: "Cancel" }).click();
  await expect(asked).toHaveCount(0);
  await paste(ann.page.locator("#composer"), "", true);
  await asked.getByRole("button", { name: "Send" }).click();
  await expect(await visitor.concierge("#jumpin-log .jumpin-file")).toHaveCount(1);
});

test("text is dragged over the composer → the browser keeps it, and files are taken from the first one on", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  const drag = async (what: "text" | "file") => (await visitor.concierge("#jumpin-composer")).evaluate((element, what) => {
    const data = new DataTransfer();
    if (what === "text") data.setData("text/plain", "dragged");
    else data.items.add(new File(["x"], "notes.txt", { type: "text/plain" }));
    return ["dragover", "drop"].map((name) => {
      const event = new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    });
  }, what);
  expect(await drag("text")).toEqual([false, false]);
  expect(await drag("file")).toEqual([true, true]);
  await expect(ann.page.locator(".conversation")).toContainText("notes.txt");
  expect(await drag("text")).toEqual([false, false]);
});

test("the browser forbids broadcast channels and storage → files work", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const [context, page] = await openPage(browser);
  await context.addInitScript(() => {
    (window as any).BroadcastChannel = class { constructor() { throw new DOMException("forbidden", "SecurityError"); } };
    for (const storage of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, storage, { get() { throw new DOMException("forbidden", "SecurityError"); } });
  });
  const visitor = new Visitor(context, page);
  await visitor.goTo(`${server.shop}/help`);
  await ann.invite(ann.row("/help"));
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await paste(await visitor.concierge("#jumpin-composer"), "", true);
  await expect(ann.page.locator(".conversation")).toContainText("image.png");
  await expect(await visitor.concierge("#jumpin-log .jumpin-file")).toHaveCount(1);
});

test("Enter confirms a word of an input method → nothing is sent or run", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  const confirm = (field: Locator) => field.evaluate((element) => {
    // Chrome and Firefox mark the key as composing. Safari ends the composition first, so only the code remains.
    element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }));
    const safari = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    Object.defineProperty(safari, "keyCode", { value: 229 });
    element.dispatchEvent(safari);
  });
  const composer = await visitor.concierge("#jumpin-composer");
  await composer.fill("half a wor");
  await confirm(composer);
  await expect(composer).toHaveValue("half a wor");
  await ann.page.locator("#composer").fill("half a wor");
  await confirm(ann.page.locator("#composer"));
  await expect(ann.page.locator("#composer")).toHaveValue("half a wor");
  await ann.page.keyboard.press("Control+k");
  const palette = ann.page.getByRole("combobox").last();
  await palette.fill("history");
  await confirm(palette);
  await expect(palette).toBeVisible();
  expect(ann.page.url()).toContain("/chats/");
  await palette.press("Enter");
  await expect(palette).toBeHidden();
});

test("text is written from right to left → it is shown that way on both sides", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  const text = "مرحبا، كم السعر؟ (size 42)";
  await visitor.sendMessage(text);
  await ann.expectText(text);
  for (const shown of [(await visitor.concierge("#jumpin-log p")).filter({ hasText: text }), ann.page.locator(".entry .text").filter({ hasText: text })])
    expect(await shown.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
  const composer = await visitor.concierge("#jumpin-composer");
  for (const field of [composer, ann.page.locator("#composer")]) {
    await field.fill(text);
    expect(await field.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
  }
});

test("a reader has scrolled up → a new message does not move them, and a button leads to it", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann, "/help");
  for (let line = 0; line < 16; line += 1) await (line % 2 ? ann : visitor).sendMessage(`Line ${line} of a long talk that fills the panel and needs a scroll bar`);
  await visitor.expectText("Line 15");
  await ann.expectText("Line 14");
  const sides: [Locator, Locator, Agent | Visitor, string][] = [
    [await visitor.concierge("#jumpin-log"), await visitor.concierge("#jumpin-newer"), ann, "News from Ann"],
    [ann.page.locator(".conversation .log"), ann.page.locator(".newer"), visitor, "News from the visitor"],
  ];
  for (const [log, button, writer, text] of sides) {
    const top = () => log.evaluate((element) => element.scrollTop);
    await expect.poll(top).toBeGreaterThan(100);
    await log.evaluate((element) => { element.scrollTop = 0; });
    await expect(button).toBeHidden();
    await writer.sendMessage(text);
    await expect(button).toBeVisible();
    expect(await top()).toBe(0);
    if (writer === ann) await screenshot(visitor.page, "new-messages");
    await button.click();
    await expect(button).toBeHidden();
    await expect(log).toContainText(text);
    expect(await top()).toBeGreaterThan(100);
  }
});
