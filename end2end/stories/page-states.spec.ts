// States of the host page: dialogs, full screen, other sites' frames, the site's own frames, and printing.
import { Agent, Visitor, expect, openPage, test } from "../test_server";
import { embedSnippet, localNetworkAccess, serveHtml, servePage } from "../host_page";

for (const [what, block, free] of [
  ["a modal dialog is open", "d.showModal()", "d.close()"],
  ["the body is inert", "document.body.inert = true", "document.body.inert = false"],
  ["a dialog with a focus trap is open", "trap.hidden = false", "trap.hidden = true"],
  ["an element is full-screen", "video.requestFullscreen()", "document.exitFullscreen()"],
  ["a curtain covers everything", "curtain.hidden = false", "curtain.hidden = true"],
] as const) {
  test(`${what} → an invitation is held back, not counted as seen, and shown afterwards`, async ({ browser, server }) => {
    const ann = await Agent.signIn(browser, server, "ann");
    const [context, page] = await openPage(browser, localNetworkAccess);
    await servePage(context, `${server.shop}/state`, `${embedSnippet(server)}<dialog id="d">Cookies? <button>OK</button></dialog>
      <div id="trap" role="dialog" aria-modal="true" hidden style="position:fixed;inset:20% 30%;background:#fff">Sign up <input></div>
      <div id="video" style="width:200px;height:100px">Video</div>
      <div id="curtain" hidden style="position:fixed;inset:0;z-index:2147483647;background:#000a"></div>`);
    const visitor = new Visitor(context, page);
    await visitor.goTo(`${server.shop}/state`);
    await page.evaluate((script) => (0, eval)(script), block);
    await ann.invite(ann.row("/state"));
    await expect(await visitor.concierge("#jumpin-badge")).toBeVisible();
    await expect(await visitor.concierge("#jumpin-card")).toBeHidden();
    await expect(ann.row("/state")).not.toContainText("Seen");
    await page.evaluate((script) => (0, eval)(script), free);
    await visitor.answerInvitation("accept");
    await ann.claimChat();
  });
}

test("the visitor types in another site's frame → they count as typing and as present", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const [context, page] = await openPage(browser, localNetworkAccess);
  await serveHtml(context, "http://payment.localhost:4998/card", "<!doctype html><input id=card>");
  await servePage(context, `${server.shop}/pay`, `${embedSnippet(server)}<iframe src="http://payment.localhost:4998/card" width="400" height="120"></iframe>`);
  const visitor = new Visitor(context, page);
  await visitor.goTo(`${server.shop}/pay`);
  const card = page.frameLocator('iframe[src*="payment"]').locator("#card");
  await card.pressSequentially("4242");
  await ann.invite(ann.row("/pay"));
  await expect(await visitor.concierge("#jumpin-badge")).toBeVisible();
  await expect(await visitor.concierge("#jumpin-card")).toBeHidden();
  await card.press("5");
  await page.locator("h1").click();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await visitor.answerInvitation("accept");
  await ann.claimChat();
});

test("the site embeds its own pages in frames → there is one launcher and one visitor", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const [context, page] = await openPage(browser, localNetworkAccess);
  await servePage(context, `${server.shop}/framed`, `${embedSnippet(server)}<div style="height: 400px"></div><iframe src="/help" width="900" height="600"></iframe><iframe src="/outer" width="400" height="300"></iframe>`);
  await servePage(context, `${server.shop}/outer`, '<iframe src="/contact"></iframe>');
  const visitor = new Visitor(context, page);
  await visitor.goTo(`${server.shop}/framed`);
  await expect(ann.row("/framed")).toHaveCount(1);
  const concierges = () => page.frames().filter((frame) => frame.url().includes("/concierge/v1/frame")).length;
  await expect.poll(concierges).toBe(1);
  await expect(ann.rows()).toHaveCount(1);
});

test("the page is printed → nothing of the concierge is on the paper", async ({ browser, server }) => {
  const visitor = await Visitor.visit(browser, `${server.shop}/`);
  const display = () => visitor.page.evaluate(() => getComputedStyle(document.querySelector("jumpin-concierge")!).display);
  expect(await display()).not.toBe("none");
  await visitor.page.emulateMedia({ media: "print" });
  expect(await display()).toBe("none");
});
