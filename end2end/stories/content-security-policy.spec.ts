// The Content Security Policies of the dashboard and the concierge's frame. Checks the headers and what the browser
// blocks.
import { Agent, Visitor, expect, test } from "../test_server";
import { localNetworkAccess, servePage } from "../host_page";

/// Parses a policy into its directives. Nonces and hashes are replaced by their type.
function directives(policy: string | undefined): Record<string, string[]> {
  const parts = (policy ?? "").split(";").map((part) => part.trim().split(/\s+/));
  return Object.fromEntries(parts.map(([name, ...values]) => [name, values.map((value) => value.replace(/^'(nonce|sha256)-.+'$/, "'$1'"))]));
}

/// Tries to run foreign code and to leak data, and returns what the browser allowed. Runs in the page.
async function attemptViolations() {
  const failed = async (attempt: () => unknown) => { try { await attempt(); return false; } catch { return true; } };
  const loads = (element: HTMLScriptElement | HTMLImageElement, src: string) => new Promise<boolean>((done) => {
    element.onload = () => done(true);
    element.onerror = () => done(false);
    element.src = src;
    document.head.append(element);
  });
  // Code that Playwright evaluates is exempt from the policy while it runs synchronously, but anything it starts later
  // is not.
  await new Promise((later) => setTimeout(later));
  const inline = document.createElement("script");
  inline.append("window.__hit = 'inline'");
  try { document.head.append(inline); } catch { /* If this is blocked, the script does not run. */ }
  try { document.body.setAttribute("onclick", "window.__hit = 'handler'"); } catch { /* If this is blocked, the handler does not run. */ }
  document.body.dispatchEvent(new MouseEvent("click"));
  return {
    hit: (window as { __hit?: string }).__hit,
    evalFails: await failed(() => (0, eval)("1")),
    functionFails: await failed(() => new Function("return 1")),
    foreignAnswer: !(await failed(() => fetch("http://canary.test/"))),
    foreignImage: await loads(new Image(), "http://canary.test/p.png"),
    foreignScript: await loads(document.createElement("script"), "http://canary.test/s.js").catch(() => false),
  };
}
/// Tries every API that turns text into markup or code. For each one, returns "taken" or the name of the error. Runs in
/// the page.
function writeMarkup() {
  const markup = '<img src="x" onerror="window.__hit = 1">';
  const inside = () => document.body.appendChild(document.createElement("p"));
  const ways: Record<string, () => unknown> = {
    innerHTML: () => { inside().innerHTML = markup; },
    outerHTML: () => { inside().outerHTML = markup; },
    insertAdjacentHTML: () => inside().insertAdjacentHTML("beforeend", markup),
    write: () => document.write(markup),
    fragment: () => document.createRange().createContextualFragment(markup),
    parse: () => new DOMParser().parseFromString(markup, "text/html"),
    srcdoc: () => { document.createElement("iframe").srcdoc = markup; },
    script: () => { document.createElement("script").text = "window.__hit = 1"; },
    source: () => { document.createElement("script").src = "/pkg/jumpin.js"; },
    policy: () => (window as unknown as { trustedTypes: { createPolicy: (name: string, rules: object) => object } }).trustedTypes.createPolicy("mine", {}),
  };
  const tried = ([way, attempt]: [string, () => unknown]) => { try { attempt(); return [way, "taken"]; } catch (error) { return [way, (error as Error).name]; } };
  return Object.fromEntries(Object.entries(ways).map(tried));
}
const refused = Object.fromEntries(["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "fragment", "parse", "srcdoc", "script", "source", "policy"].map((way) => [way, "TypeError"]));
const nothing = { hit: undefined, evalFails: true, functionFails: true, foreignAnswer: false, foreignImage: false, foreignScript: false };

test("K5 K6: a dashboard page is opened → it has the strict policy, and violations are blocked", async ({ browser, server }) => {
  // The browser logs each violation, so this console is not checked for errors.
  const context = await browser.newContext(localNetworkAccess);
  const foreign: string[] = [];
  await context.route("http://canary.test/**", (route) => { foreign.push(route.request().url()); return route.abort(); });
  const page = await context.newPage();
  const nonces = new Set<string>();
  const opens = async (address: string) => {
    const answer = (await page.goto(server.url + address))!;
    const policy = answer.headers()["content-security-policy"];
    nonces.add(/'nonce-([^']{16,})'/.exec(policy)![1]);
    expect(directives(policy), address).toEqual({
      "default-src": ["'none'"], "script-src": ["'self'", "'nonce'", "'wasm-unsafe-eval'"], "style-src": ["'self'"], "style-src-attr": ["'unsafe-inline'"],
      "connect-src": ["'self'"], "img-src": ["'self'", "data:"], "base-uri": ["'none'"], "form-action": ["'self'"], "frame-src": ["'self'"], "frame-ancestors": ["'none'"],
      "require-trusted-types-for": ["'script'"], "trusted-types": ["default"],
    });
    expect(answer.headers()["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers()["referrer-policy"]).toBe("same-origin");
  };
  await opens("/sign-in");
  expect(await page.evaluate(attemptViolations)).toEqual(nothing);
  expect(await page.evaluate(writeMarkup)).toEqual(refused);
  await Agent.signInAt(page, server, "cara");
  const addresses = ["/visitors", "/chats", "/history", "/history/visitors", "/settings", "/settings/concierges", "/account"];
  for (const address of addresses) await opens(address);
  expect(nonces.size).toBe(addresses.length + 1);
  expect(await page.evaluate(attemptViolations)).toEqual(nothing);
  expect(await page.evaluate(writeMarkup)).toEqual(refused);
  expect(await page.evaluate(() => typeof (window as { __hit?: unknown }).__hit)).toBe("undefined");
  expect(foreign).toEqual([]);

  // No site can embed the dashboard in a frame, not even one that the concierge allows.
  await servePage(page, `${server.shop}/around`, `<iframe src="${server.url}/visitors"></iframe>`);
  const forbidden = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
  await page.goto(`${server.shop}/around`);
  await forbidden;
  expect(page.frames().filter((frame) => frame.url().startsWith(server.url))).toEqual([]);
  await context.close();
});

test("B2: the concierge frame loads → its policy lists the allowed sites, and violations are blocked", async ({ browser, server }) => {
  const context = await browser.newContext(localNetworkAccess);
  const foreign: string[] = [];
  await context.route("http://canary.test/**", (route) => { foreign.push(route.request().url()); return route.abort(); });
  const visitor = new Visitor(context, await context.newPage());
  const answer = visitor.page.waitForResponse((one) => one.url().includes("/concierge/v1/frame"));
  await visitor.goTo(`${server.shop}/boots`);
  expect(directives((await answer).headers()["content-security-policy"])).toEqual({
    "default-src": ["'none'"], "script-src": ["'self'", "'sha256'", "'wasm-unsafe-eval'"], "connect-src": ["'self'", server.url.replace("http", "ws")],
    "style-src": ["'self'", "'sha256'"], "img-src": ["'self'", "blob:", "data:"], "base-uri": ["'none'"], "form-action": ["'none'"],
    "frame-ancestors": [server.shop, server.shop.replace("127.0.0.1", "localhost")], "require-trusted-types-for": ["'script'"],
  });
  const inside = await visitor.concierge("body");
  expect(await inside.evaluate(() => { try { document.body.innerHTML = "<img src=x onerror=__hit=1>"; return "taken"; } catch (error) { return (error as Error).name; } })).toBe("TypeError");
  expect(await inside.evaluate(attemptViolations)).toEqual(nothing);
  expect(await inside.evaluate(() => typeof (window as { __hit?: unknown }).__hit)).toBe("undefined");
  expect(foreign).toEqual([]);
  await visitor.openConcierge();
  await context.close();
});
