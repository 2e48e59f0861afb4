// Files in a chat: the visitor sends an image, the agent sends a document, and another file is rejected.
import { readFileSync } from "node:fs";
import { deflateSync, crc32 } from "node:zlib";
import { Agent, expect, startChat, screenshot, test } from "../test_server";

// Returns a square PNG of one color.
function png(side: number): Buffer {
  const chunk = (kind: string, data: Buffer) => {
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    const body = Buffer.concat([Buffer.from(kind), data]);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3, 0x4f)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}
const pdf = Buffer.from("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n");

test("a visitor and an agent send files → both see them, and a rejected file shows the reason and keeps the draft", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await startChat(browser, server, ann);

  const chooser = visitor.page.waitForEvent("filechooser");
  await (await visitor.concierge("#jumpin-attach")).click();
  await (await chooser).setFiles({ name: "my boots.png", mimeType: "image/png", buffer: png(120) });
  const shown = ann.page.locator(".entry.visitor .file img");
  await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth).catch(() => 0)).toBe(120);
  await ann.expectText("my boots.png");
  await expect.poll(async () => (await visitor.concierge(".jumpin-mine .jumpin-file img")).evaluate((img: HTMLImageElement) => img.naturalWidth).catch(() => 0)).toBe(120);

  await ann.page.locator("#composer").fill("Here is the form:");
  await ann.page.locator(".attach input").setInputFiles({ name: "Returns.pdf", mimeType: "application/pdf", buffer: pdf });
  const line = await visitor.concierge(".jumpin-theirs .jumpin-file");
  await expect(line).toContainText("Returns.pdf");
  await expect(line).toHaveAccessibleName("Save Returns.pdf");
  const download = visitor.page.waitForEvent("download");
  await line.press("Enter");
  const kept = await download;
  expect(kept.suggestedFilename()).toBe("Returns.pdf");
  expect(readFileSync(await kept.path())).toEqual(pdf);
  await screenshot(visitor.page, "files-visitor");

  await ann.page.locator(".attach input").setInputFiles({ name: "run.exe", mimeType: "image/png", buffer: Buffer.from("MZ\x90\x00", "latin1") });
  await expect(ann.page.locator(".uploads .trouble")).toContainText("run.exe could not be sent. This file type is not supported. Supported types: PNG");
  await expect(ann.page.locator("#composer")).toHaveValue("Here is the form:");
  await screenshot(ann.page, "files-agent");
  await ann.page.locator(".uploads button", { hasText: "Close" }).click();
  await expect(ann.page.locator(".uploads .trouble")).toHaveCount(0);
});
