// The product is a single file. It serves all dashboard and widget assets compressed, and the browser caches them.
import { Agent, expect, startChat, test } from "../test_server";

test("pages load their assets → all of them come from the program, compressed and cached for a year", async ({ browser, server }) => {
  const ann = await Agent.signIn(browser, server, "ann");
  const loaded = new Map<string, Record<string, string>>();
  const note = async (url: string, status: number, headers: Record<string, string>) => {
    const { origin, pathname } = new URL(url);
    if (origin !== server.url || !/\.(?:js|wasm|css|svg)$/.test(pathname)) return;
    // The icon may have been revalidated and found unchanged (304).
    expect([200, 304], pathname).toContain(status);
    loaded.set(pathname, headers);
  };
  ann.context.on("response", (response) => void note(response.url(), response.status(), response.headers()));
  await ann.page.reload();
  const visitor = await startChat(browser, server, ann);
  await visitor.sendMessage("Hello");
  await ann.expectText("Hello");

  const kinds = (ending: string) => [...loaded.keys()].filter((path) => path.startsWith("/pkg/") && path.endsWith(ending));
  // The JavaScript glue, the script for files in a chat, the WebAssembly, and the styles.
  expect([kinds(".js").length, kinds(".wasm").length, kinds(".css").length], [...loaded.keys()].join()).toEqual([2, 1, 1]);
  for (const [path, headers] of loaded) {
    if (!path.startsWith("/pkg/")) continue;
    expect(path).toMatch(/^\/pkg\/[a-z]+\.[0-9a-f]{16}\.[a-z]+$/);
    expect(headers, path).toMatchObject({ "cache-control": "public, max-age=31536000, immutable", "content-encoding": "br" });
  }
  expect(loaded.get("/favicon.svg")).toMatchObject({ "cache-control": "no-cache" });
});
