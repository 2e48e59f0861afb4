// Pages of a stranger's site, which the test answers for.
import type { BrowserContext, Page } from "@playwright/test";
import type { TestServer } from "./test_server";

/// Such a page comes from nowhere, as the browser sees it; so it must be allowed to reach this machine.
export const localNetworkAccess = { permissions: ["local-network-access"] };

/// The line to embed.
export const embedSnippet = (server: TestServer) => `<script async src="${server.url}/loader.js" data-concierge="riverside-shop"></script>`;

/// What stands at an address, with which headers.
export async function servePage(where: Page | BrowserContext, address: string | ((url: URL) => boolean), body: string, headers: Record<string, string> = {}) {
  const answer = { headers: { "content-type": "text/html; charset=utf-8", ...headers }, body: `<!doctype html><title>Theirs</title><h1>Theirs</h1>${body}` };
  await where.route(address, (route) => route.fulfill(answer));
}
