// How an agent is notified that a visitor accepted: by a sound (once a click has unlocked it), in the tab's title, and
// by a system notification if the page is hidden.
import { Agent, Visitor, expect, openPage, test } from "../test_server";

test("a visitor accepts → there is a sound, a count in the title, and a system notification if the page is hidden", async ({ browser, server }) => {
  const [context, page] = await openPage(browser, { permissions: ["notifications"] });
  await context.addInitScript(() => {
    const heard = { tones: 0, notified: [] as string[] };
    Object.assign(window, { heard });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { heard.tones += 1; return start.apply(this, when); };
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) { super(title, options); heard.notified.push(`${title}: ${options?.body}`); }
    };
  });
  const ann = await Agent.signInAt(page, server, "ann");
  const heard = () => page.evaluate(() => (window as any).heard as { tones: number; notified: string[] });
  const accepts = async (path: string) => {
    const visitor = await Visitor.visit(browser, `${server.shop}${path}`);
    await ann.invite(ann.row(path));
    const before = (await heard()).tones;
    // Simulate switching to another tab.
    if (path === "/boots") await page.evaluate(() => Object.defineProperty(document, "hidden", { configurable: true, value: true }));
    await visitor.answerInvitation("accept");
    await expect.poll(async () => (await heard()).tones).toBe(before + 2);
  };
  await accepts("/help");
  expect((await heard()).notified).toEqual([]);
  await expect(page).toHaveTitle(/^\(1\) Visitors/);
  await accepts("/boots");
  await expect.poll(async () => (await heard()).notified).toEqual(["Jump-In: Concierge Visitor accepted your invitation"]);
  await expect(page).toHaveTitle(/^\(2\) Visitors/);
});
