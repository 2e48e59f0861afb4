// Frameworks that control the whole document: they hydrate it, replace its body, or rewrite it. The concierge must stay
// or come back, and must never cause an error on the page.
import { buildSync } from "esbuild";
import { readFileSync } from "node:fs";
import type { Browser } from "@playwright/test";
import { Agent, type TestServer, Visitor, expect, openPage, test } from "../test_server";
import { embedSnippet, localNetworkAccess, serveHtml, serveScript } from "../host_page";

const read = (path: string) => readFileSync(`node_modules/${path}`, "utf8");

/// Opens a page on the shop's origin with this HTML. Returns the visitor and the errors that the page has thrown.
async function openSite(browser: Browser, server: TestServer, path: string, html: string): Promise<[Visitor, string[]]> {
  const [context, page] = await openPage(browser, localNetworkAccess);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await serveHtml(context, (url) => url.origin === server.shop && url.pathname.startsWith(path), html);
  await page.goto(`${server.shop}${path}`);
  return [new Visitor(context, page), errors];
}

/// Checks that the concierge is on the page once and that the visitor and an agent can chat.
async function expectChat(browser: Browser, server: TestServer, visitor: Visitor, path: string) {
  await visitor.becomePresent();
  const ann = await Agent.signIn(browser, server, "ann");
  await ann.invite(ann.row(path));
  await visitor.answerInvitation("accept");
  await ann.claimChat();
  await visitor.sendMessage("Are you there?");
  await ann.expectText("Are you there?");
  await expect(visitor.page.locator("jumpin-concierge")).toHaveCount(1);
}

/// A script that hydrates the whole document with React 18 when the page calls `hydrate()`.
const react18 = () => `${read("react18/umd/react.production.min.js")};${read("react-dom18/umd/react-dom.production.min.js")};
  window.mount = (tree) => ReactDOM.hydrateRoot(document, tree(React.createElement));`;

/// The same with React 19.
const react19 = () => buildSync({
  stdin: { contents: `import { createElement } from "react"; import { hydrateRoot } from "react-dom/client"; window.mount = (tree) => hydrateRoot(document, tree(createElement));`, resolveDir: "." },
  bundle: true, write: false, minify: true, define: { "process.env.NODE_ENV": '"production"' },
}).outputFiles[0].text;

for (const [version, library] of [["React 18", react18], ["React 19", react19]] as const) {
  for (const moment of ["before", "after"] as const) {
    test(`${version} hydrates the document ${moment} the concierge is on the page → no error, and both chat`, async ({ browser, server }) => {
      const [context, page] = await openPage(browser, localNetworkAccess);
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await serveScript(context, `${server.shop}/app.js`, `${library()}
        window.hydrate = () => mount((e) => e("html", null,
          e("head", null, e("title", null, "Owned"), e("script", { src: "/app.js" }), e("script", { async: true, src: "${server.url}/loader.js", "data-concierge": "riverside-shop" })),
          e("body", null, e("h1", null, "Hydrated"))));`);
      await serveHtml(context, `${server.shop}/owned`,
        `<!DOCTYPE html><html><head><title>Owned</title><script src="/app.js"></script>${embedSnippet(server).replace("async", 'async=""')}</head><body><h1>Hydrated</h1></body></html>`);
      await page.goto(`${server.shop}/owned`);
      if (moment === "after") await page.waitForSelector("jumpin-concierge", { state: "attached" });
      await page.evaluate(() => (window as any).hydrate());
      await expect(page.locator("h1")).toHaveText("Hydrated");
      await expectChat(browser, server, new Visitor(context, page), "/owned");
      expect(errors).toEqual([]);
    });
  }
}

test("Turbo replaces the body on navigation → the chat goes on, and there is one concierge", async ({ browser, server }) => {
  const [visitor, errors] = await openSite(browser, server, "/turbo", `<!doctype html><html><head><title>Turbo</title><script>${read("@hotwired/turbo/dist/turbo.es2017-umd.js")}</script></head>
    <body><a id="next" href="/turbo/next">Next</a>${embedSnippet(server)}</body></html>`);
  await expectChat(browser, server, visitor, "/turbo");
  for (const turn of [1, 2, 3]) {
    await visitor.page.locator("#next").click();
    await visitor.page.waitForURL("**/turbo/next");
    // The frame is removed along with the first body, but not with the next ones.
    if (turn === 1) await visitor.waitForNewFrame();
    await visitor.expectText("Are you there?");
    await visitor.sendMessage(`On page ${turn}`);
    await visitor.expectText(`On page ${turn}`);
    await expect(visitor.page.locator("jumpin-concierge")).toHaveCount(1);
  }
  expect(errors).toEqual([]);
});

test("htmx swaps the body's content → the chat goes on", async ({ browser, server }) => {
  const [visitor, errors] = await openSite(browser, server, "/htmx", `<!doctype html><html><head><title>htmx</title><script>${read("htmx.org/dist/htmx.min.js")}</script>${embedSnippet(server)}</head>
    <body hx-boost="true"><a id="next" href="/htmx/next">Next</a></body></html>`);
  await expectChat(browser, server, visitor, "/htmx");
  await visitor.page.locator("#next").click();
  await visitor.page.waitForURL("**/htmx/next");
  await visitor.waitForNewFrame();
  await visitor.expectText("Are you there?");
  await visitor.sendMessage("After the swap");
  await visitor.expectText("After the swap");
  expect(errors).toEqual([]);
});

for (const [what, rewrite] of [
  ["the page is rewritten by document.open", () => { document.open(); document.write("<!doctype html><title>Rewritten</title><h1>Rewritten</h1>"); document.close(); }],
  ["a framework replaces the document's element", () => { const next = document.documentElement.cloneNode(true) as Element; next.querySelector("jumpin-concierge")?.remove(); document.documentElement.replaceWith(next); }],
  ["a script removes what it does not know", () => document.querySelector("jumpin-concierge")!.remove()],
  ["a view transition replaces the body's content", () => (document as any).startViewTransition(() => { document.body.innerHTML = "<h1>Next view</h1>"; }).finished],
] as const) {
  test(`${what} → the concierge comes back`, async ({ browser, server }) => {
    const [visitor, errors] = await openSite(browser, server, "/rewritten", `<!doctype html><html><head><title>Site</title>${embedSnippet(server)}</head><body><h1>Site</h1></body></html>`);
    await visitor.becomePresent();
    await visitor.page.evaluate(rewrite);
    await visitor.waitForNewFrame();
    await expectChat(browser, server, visitor, "/rewritten");
    expect(errors).toEqual([]);
  });
}
