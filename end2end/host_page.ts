// Pages on third-party sites, served by the test.
import type { BrowserContext, Page } from "@playwright/test";
import type { TestServer } from "./test_server";

/// The browser does not treat such a page as part of the local network, so the page needs permission to reach this
/// machine.
export const localNetworkAccess = { permissions: ["local-network-access"] };

/// Returns the script tag that embeds the concierge.
export const embedSnippet = (server: TestServer) => `<script async src="${server.url}/loader.js" data-concierge="riverside-shop"></script>`;

/// Serves a page with the given body and headers at an address.
export async function servePage(where: Page | BrowserContext, address: string | ((url: URL) => boolean), body: string, headers: Record<string, string> = {}) {
  const answer = { headers: { "content-type": "text/html; charset=utf-8", ...headers }, body: `<!doctype html><title>Theirs</title><h1>Theirs</h1>${body}` };
  await where.route(address, (route) => route.fulfill(answer));
}

/// Serves exactly this HTML.
export async function serveHtml(where: Page | BrowserContext, address: string | ((url: URL) => boolean), html: string) {
  await where.route(address, (route) => route.fulfill({ headers: { "content-type": "text/html; charset=utf-8" }, body: html }));
}

/// Serves a script.
export async function serveScript(where: Page | BrowserContext, address: string, body: string) {
  await where.route(address, (route) => route.fulfill({ headers: { "content-type": "text/javascript; charset=utf-8" }, body }));
}
