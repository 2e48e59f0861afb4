// The ways in which sites embed the loader: with tag managers, as a module, twice, and incorrectly.
import type { Browser } from "@playwright/test";
import { Agent, type TestServer, Visitor, expect, openPage, test } from "../test_server";
import { embedSnippet, localNetworkAccess, serveHtml } from "../host_page";

async function openSite(browser: Browser, server: TestServer, html: string) {
  const [context, page] = await openPage(browser, localNetworkAccess);
  const [lines, errors]: string[][] = [[], []];
  page.on("console", (message) => message.text().startsWith("Jump-In") && lines.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await serveHtml(context, `${server.shop}/embedded`, html);
  await page.goto(`${server.shop}/embedded`);
  return { visitor: new Visitor(context, page), page, lines, errors };
}

const works: [string, (server: TestServer) => string][] = [
  ["the tag manager strips data-concierge, and the key is in the URL", ({ url }) => `<!doctype html><head><title>T</title><script async src="${url}/loader.js?concierge=riverside-shop"></script></head><body>Site</body>`],
  ["the script is a module", ({ url }) => `<!doctype html><head><title>T</title><script type="module" src="${url}/loader.js" data-concierge="riverside-shop"></script></head><body>Site</body>`],
  ["a tag manager adds the script", ({ url }) => `<!doctype html><head><title>T</title></head><body>Site<script>const s = document.createElement("script"); s.src = "${url}/loader.js?concierge=riverside-shop"; document.head.append(s);</script></body>`],
  ["the script is before the head", (server) => `<!doctype html>${embedSnippet(server).replace("async ", "")}<html><head><title>T</title></head><body>Site</body></html>`],
];
for (const [what, html] of works) {
  test(`${what} → the concierge works`, async ({ browser, server }) => {
    const { visitor, page, lines, errors } = await openSite(browser, server, html(server));
    await visitor.becomePresent();
    const ann = await Agent.signIn(browser, server, "ann");
    await expect(ann.row("/embedded")).toHaveCount(1);
    await expect(page.locator("jumpin-concierge")).toHaveCount(1);
    expect({ lines, errors }).toEqual({ lines: [], errors: [] });
  });
}

const explained: [string, (server: TestServer, loader: string) => string, RegExp, number][] = [
  ["the key is missing", ({ url }) => `<!doctype html><title>T</title><script async src="${url}/loader.js"></script>Site`, /loader\.js\?concierge=KEY/, 0],
  ["the loader is inlined", (_, loader) => `<!doctype html><title>T</title><script>${loader}</script>Site`, /loader\.js\?concierge=KEY/, 0],
  ["two different concierges are on a page", (server) => `<!doctype html><title>T</title>${embedSnippet(server)}${embedSnippet(server).replace("riverside-shop", "riverside-help")}Site`, /"riverside-(help|shop)" is ignored/, 1],
];
for (const [what, html, line, concierges] of explained) {
  test(`${what} → one console line says so, and nothing throws`, async ({ browser, server }) => {
    const loader = await (await fetch(`${server.url}/loader.js`)).text();
    const { page, lines, errors } = await openSite(browser, server, html(server, loader));
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]).toMatch(line);
    await expect(page.locator("jumpin-concierge")).toHaveCount(concierges);
    expect(errors).toEqual([]);
  });
}
