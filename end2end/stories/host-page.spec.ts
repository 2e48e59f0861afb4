// The page that hosts the concierge. Covers strict policies, a site that is not allowed, and the absence of side
// effects on the page.
import { Agent, type TestServer, Visitor, expect, openPage, screenshot, test } from "../test_server";
import { embedSnippet, localNetworkAccess, servePage } from "../host_page";

const policed = (policy: string | undefined): Record<string, string> => (policy ? { "content-security-policy": policy } : {});

test("the host page has the strictest policy → the concierge works", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/strict`);
  const policy = (await visitor.page.request.get(`${server.shop}/strict`)).headers()["content-security-policy"];
  for (const part of ["default-src 'self'", "script-src 'nonce-", "'strict-dynamic'", `frame-src ${server.url}`, "require-trusted-types-for 'script'"])
    expect(policy).toContain(part);
  await ann.invite(ann.row("/strict"));
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await ann.sendMessage("The policy is strict, and we can talk.");
  await visitor.expectText("we can talk");
  await screenshot(visitor.page, "strict-policy");
});

test("the host page embeds the concierge → its globals, history, and handlers are unchanged", async ({ browser, server }) => {
  const [, page] = await openPage(browser);
  await page.addInitScript(() => {
    const names = () => Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name));
    Object.assign(window, { before: undefined });
    (window as any).before = { names: names(), push: history.pushState, replace: history.replaceState, onmessage: window.onmessage };
  });
  await page.goto(`${server.shop}/`);
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

test("addresses contain secrets → they never leave the visitor's browser", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const [context, page] = await openPage(browser);
  const sent: string[] = [];
  page.on("request", (request) => request.url().startsWith(server.url) && sent.push(request.url(), request.postData() ?? "", JSON.stringify(request.headers())));
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(Buffer.from(payload).toString("latin1"))));
  // Set the referrer only for this navigation because an extra header would also apply to the frame's requests.
  await page.goto(`${server.shop}/boots?utm_source=news&token=SECRET#SECRET`, { referer: "https://search.test/find?q=SECRET" });
  await new Visitor(context, page).becomePresent();
  await expect(ann.row("/boots")).toHaveCount(1);
  await page.evaluate(() => history.pushState({}, "", "/tents?token=SECRET&utm_term=SECRET#SECRET"));
  await expect(ann.row("/tents")).toHaveCount(1);
  const all = sent.join("\n");
  expect(all).toContain("https://search.test/find utm_source=news");
  expect(all).toContain("/tents");
  expect(all).not.toContain("SECRET");
});

test("a visitor has not acted → nothing is stored beyond what the privacy mode allows", async ({ browser, server }) => {
  const visitor = await Visitor.visit(browser, `${server.shop}/`);
  const kept = async () => (await visitor.concierge("body")).evaluate(() => ({ local: Object.keys(localStorage), cookies: document.cookie }));
  const ann = await Agent.signIn(browser, server, "ann");
  await expect(ann.rows()).toHaveCount(1);
  expect(await kept()).toEqual({ local: [], cookies: "" });
  await visitor.openConcierge();
  await expect.poll(async () => (await kept()).local.length).toBeGreaterThan(0);
  expect((await kept()).cookies).toBe("");
});

test("the host page's policy lists allowed origins → the concierge works", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/`, localNetworkAccess);
  await servePage(visitor.page, `${server.shop}/listed`, embedSnippet(server), policed(`script-src 'self' ${server.url}; style-src 'self'; frame-src ${server.url}`));
  await visitor.goTo(`${server.shop}/listed`);
  await ann.invite(ann.row("/listed"));
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await visitor.sendMessage("It works here too");
  await ann.expectText("works here too");
});

for (const [what, policy, address] of [
  ["the host page's policy forbids the frame", (server: TestServer) => `default-src 'self'; script-src ${server.url}`, (server: TestServer) => `${server.shop}/forbidden`],
  ["the concierge does not allow the site", () => undefined, () => "http://elsewhere.localhost:4999/"],
] as const) {
  test(`${what} → one console line explains why, and nothing is left on the page`, async ({ browser, server }) => {
    // The browser logs the policy violation, so this page's console is not checked for errors.
    const page = await (await browser.newContext(localNetworkAccess)).newPage();
    const [logged, failed]: string[][] = [[], []];
    page.on("console", (message) => message.text().startsWith("Jump-In") && logged.push(message.text()));
    page.on("pageerror", (error) => failed.push(`${error}`));
    await servePage(page, address(server), embedSnippet(server), policed(policy(server)));
    await page.goto(address(server));
    await expect.poll(() => logged.length).toBe(1);
    expect(logged[0]).toContain(`frame-src ${server.url}`);
    await expect(page.locator("jumpin-concierge")).toHaveCount(0);
    await expect(page.locator("h1")).toHaveText("Theirs");
    expect(failed).toEqual([]);
    await page.context().close();
  });
}

test("the site replaces its body on navigation → the chat stays open", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const visitor = await Visitor.visit(browser, `${server.shop}/`, localNetworkAccess);
  await servePage(visitor.page, `${server.shop}/swapped`, embedSnippet(server));
  await visitor.goTo(`${server.shop}/swapped`);
  await ann.invite(ann.row("/swapped"));
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await ann.sendMessage("Look around, I'll stay with you.");
  await visitor.expectText("I'll stay with you");
  await visitor.page.evaluate(() => {
    history.pushState(null, "", "/swapped/next");
    const next = document.createElement("body");
    next.textContent = "The next page";
    document.body.replaceWith(next);
  });
  await ann.sendMessage("There you are.");
  await visitor.expectText("There you are");
  await visitor.sendMessage("Still here");
  await ann.expectText("Still here");
  await expect(ann.page.locator(".visitor-panel .page-views li").first()).toContainText("/swapped/next");
});

test("the script tag is on a page twice → there is only one concierge", async ({ browser, server }) => {
  const visitor = await Visitor.visit(browser, `${server.shop}/`, localNetworkAccess);
  await servePage(visitor.page, `${server.shop}/twice`, embedSnippet(server) + embedSnippet(server));
  await visitor.goTo(`${server.shop}/twice`);
  await expect(visitor.page.locator("jumpin-concierge")).toHaveCount(1);
});

test("the browser blocks all storage → the chat still works on this page", async ({ browser, server }) => {
  const [context, page] = await openPage(browser);
  await context.addInitScript(() => {
    for (const storage of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, storage, { get() { throw new DOMException("forbidden", "SecurityError"); } });
  });
  const visitor = new Visitor(context, page);
  await visitor.goTo(`${server.shop}/`);
  const ann = await Agent.signIn(browser, server, "ann");
  await ann.invite();
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await visitor.sendMessage("Nothing is kept here");
  await ann.expectText("Nothing is kept here");
});
