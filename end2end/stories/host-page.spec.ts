// The page that hosts the concierge: strict policies, the wrong site, and what it must never notice.
import { Agent, Visitor, expect, opens, picture, test } from "../house";

test("a host page with the strictest policy", async ({ browser, house }) => {
  const ann = await Agent.signsIn(browser, house, "ann");
  const visitor = await Visitor.arrives(browser, `${house.shop}/strict`);
  const policy = (await visitor.page.request.get(`${house.shop}/strict`)).headers()["content-security-policy"];
  for (const part of ["default-src 'self'", "script-src 'nonce-", "'strict-dynamic'", `frame-src ${house.url}`, "require-trusted-types-for 'script'"])
    expect(policy).toContain(part);
  await ann.invites(ann.row("/strict"));
  await visitor.answers("accept");
  await ann.claims();
  await ann.says("The policy is strict, and we can talk.");
  await visitor.reads("we can talk");
  await picture(visitor.page, "strict-policy");
});

test("the host page keeps its globals, its history and its handlers", async ({ browser, house }) => {
  const [, page] = await opens(browser);
  await page.addInitScript(() => {
    const names = () => Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name));
    Object.assign(window, { before: undefined });
    (window as any).before = { names: names(), push: history.pushState, replace: history.replaceState, onmessage: window.onmessage };
  });
  await page.goto(`${house.shop}/`);
  await expect.poll(() => page.frames().length).toBe(2);
  const kept = await page.evaluate(() => {
    const { before } = window as any;
    return {
      added: Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name) && !before.names.includes(name)),
      history: history.pushState === before.push && history.replaceState === before.replace && window.onmessage === before.onmessage,
      styles: document.querySelectorAll("style, [style]:not(jumpin-concierge)").length,
    };
  });
  // The shop's own script declares its lists; the loader nothing.
  expect(kept.added.filter((name) => !["goods", "outlet", "link", "path", "form"].includes(name))).toEqual([]);
  expect(kept.history).toBe(true);
  expect(kept.styles).toBe(0);
});

test("nothing is stored in the browser before the visitor acts, beyond what the privacy mode allows", async ({ browser, house }) => {
  const visitor = await Visitor.arrives(browser, `${house.shop}/`);
  const kept = async () => (await visitor.concierge("body")).evaluate(() => ({ local: Object.keys(localStorage), cookies: document.cookie }));
  const ann = await Agent.signsIn(browser, house, "ann");
  await expect(ann.rows()).toHaveCount(1);
  expect(await kept()).toEqual({ local: [], cookies: "" });
  await visitor.opensTheConcierge();
  await expect.poll(async () => (await kept()).local.length).toBeGreaterThan(0);
  expect((await kept()).cookies).toBe("");
});
