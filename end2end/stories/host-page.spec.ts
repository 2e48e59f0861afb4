// The page that hosts the concierge: strict policies, the wrong site, and what it must never notice.
import { Agent, type House, Visitor, expect, opens, picture, test } from "../house";
import { hosts, line, reaches } from "../site";

const policed = (policy: string | undefined): Record<string, string> => (policy ? { "content-security-policy": policy } : {});

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
  expect(kept.added).toEqual([]);
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

test("a host page whose policy is a list of allowed origins", async ({ browser, house }) => {
  const ann = await Agent.signsIn(browser, house, "ann");
  const visitor = await Visitor.arrives(browser, `${house.shop}/`, reaches);
  await hosts(visitor.page, `${house.shop}/listed`, line(house), policed(`script-src 'self' ${house.url}; style-src 'self'; frame-src ${house.url}`));
  await visitor.goesTo(`${house.shop}/listed`);
  await ann.invites(ann.row("/listed"));
  await visitor.answers("accept");
  await ann.claims();
  await visitor.says("It works here too");
  await ann.reads("works here too");
});

for (const [what, policy, address] of [
  ["a policy that forbids the frame", (house: House) => `default-src 'self'; script-src ${house.url}`, (house: House) => `${house.shop}/forbidden`],
  ["a site that is not the concierge's", () => undefined, () => "http://elsewhere.localhost:4999/"],
] as const) {
  test(`${what}: one line in the console, and nothing is left on the page`, async ({ browser, house }) => {
    // The browser complains of the policy by itself, so this page's console is not watched for complaints.
    const page = await (await browser.newContext(reaches)).newPage();
    const [told, failed]: string[][] = [[], []];
    page.on("console", (message) => message.text().startsWith("Jump-In") && told.push(message.text()));
    page.on("pageerror", (error) => failed.push(`${error}`));
    await hosts(page, address(house), line(house), policed(policy(house)));
    await page.goto(address(house));
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toContain(`frame-src ${house.url}`);
    await expect(page.locator("jumpin-concierge")).toHaveCount(0);
    await expect(page.locator("h1")).toHaveText("Theirs");
    expect(failed).toEqual([]);
    await page.context().close();
  });
}

test("a site that puts another body in the place of the last one, page by page, keeps the chat open", async ({ browser, house }) => {
  const ann = await Agent.signsIn(browser, house, "ann");
  const visitor = await Visitor.arrives(browser, `${house.shop}/`, reaches);
  await hosts(visitor.page, `${house.shop}/swapped`, line(house));
  await visitor.goesTo(`${house.shop}/swapped`);
  await ann.invites(ann.row("/swapped"));
  await visitor.answers("accept");
  await ann.claims();
  await ann.says("Look around, I stay with you.");
  await visitor.reads("I stay with you");
  await visitor.page.evaluate(() => {
    history.pushState(null, "", "/swapped/next");
    const next = document.createElement("body");
    next.textContent = "The next page";
    document.body.replaceWith(next);
  });
  await ann.says("There you are.");
  await visitor.reads("There you are");
  await visitor.says("Still here");
  await ann.reads("Still here");
  await expect(ann.page.locator(".beside .trail li").first()).toContainText("/swapped/next");
});

test("two lines on one page are one concierge", async ({ browser, house }) => {
  const visitor = await Visitor.arrives(browser, `${house.shop}/`, reaches);
  await hosts(visitor.page, `${house.shop}/twice`, line(house) + line(house));
  await visitor.goesTo(`${house.shop}/twice`);
  await expect(visitor.page.locator("jumpin-concierge")).toHaveCount(1);
});

test("a browser that forbids all storage: the chat works for this page", async ({ browser, house }) => {
  const [context, page] = await opens(browser);
  await context.addInitScript(() => {
    for (const storage of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, storage, { get() { throw new DOMException("forbidden", "SecurityError"); } });
  });
  const visitor = new Visitor(context, page);
  await visitor.goesTo(`${house.shop}/`);
  const ann = await Agent.signsIn(browser, house, "ann");
  await ann.invites();
  await visitor.answers("accept");
  await ann.claims();
  await visitor.says("Nothing is kept here");
  await ann.reads("Nothing is kept here");
});
