// Hostile input that would run code or change the page if it were treated as anything but text, and a canary that
// detects this.
import { expect, type BrowserContext, type Locator, type Page } from "@playwright/test";

/// Cases A1 to A3 and B1 to B3 (docs/testing.md) in one string, short enough for a name.
export const HOSTILE = '</title><script>__hit=1</script>"><img src=//canary.test/p onerror=__hit=1>{{7*7}}${7*7}<%=7*7%>';
/// The same kind of input, short enough for a tag.
export const HOSTILE_TAG = "<img src=x onerror=__hit=1>";

/// Records everything that hostile input must not cause, in all pages and frames of a browser context.
export class Canary {
  private readonly seen: string[] = [];
  private constructor(private readonly context: BrowserContext, private readonly hosts: string[]) {}

  /// Starts watching. Must be called before the first page is opened. `addresses` are the origins to which requests are
  /// allowed.
  static async watch(context: BrowserContext, ...addresses: string[]): Promise<Canary> {
    const canary = new Canary(context, addresses.map((address) => new URL(address).host));
    await context.addInitScript(() => {
      const broken: string[] = [];
      Object.assign(window, { __broken: broken });
      addEventListener("securitypolicyviolation", (event) => broken.push(`${event.effectiveDirective}: ${event.blockedURI}`));
    });
    context.on("dialog", (dialog) => {
      canary.seen.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (["http:", "https:", "ws:", "wss:"].includes(protocol) && !canary.hosts.includes(host)) canary.seen.push(`a request: ${request.url()}`);
    });
    return canary;
  }

  /// Checks that no script ran, no other origin was requested, no policy was violated, and every link is safe.
  async expectQuiet() {
    for (const page of this.context.pages()) {
      for (const frame of page.frames().filter((frame) => !frame.isDetached())) {
        const found = await frame.evaluate(inside);
        expect({ ...found, links: found.links.map(wrongLink).filter(Boolean) }, frame.url()).toEqual({ hit: "undefined", broken: [], put: [], links: [] });
      }
    }
    expect(this.seen).toEqual([]);
  }
}

interface Link { href: string; target: string; rel: string; here: string }

/// Collects traces of injected content in a document. Runs in the page.
function inside() {
  const { __hit, __broken } = window as { __hit?: unknown; __broken?: string[] };
  const handlers = [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes].filter(({ name }) => name.startsWith("on")).map(({ name }) => `${one.tagName} ${name}`));
  const foreign = [...document.querySelectorAll<HTMLElement>("[src*='canary'], [href*='canary.test/p'], [src=x], base, object, embed, meta[http-equiv]")].map((one) => one.outerHTML);
  const scripts = [...document.scripts].filter((one) => one.text.includes("__hit")).map((one) => one.text);
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].map(({ href, target, rel }) => ({ href, target, rel, here: location.origin }));
  return { hit: typeof __hit, broken: __broken ?? [], put: [...handlers, ...foreign, ...scripts], links };
}

/// Returns a description of a link if it is unsafe. Links to our own pages are safe, as are http(s) links that open
/// without an opener or referrer.
function wrongLink({ href, target, rel, here }: Link): string | undefined {
  const { protocol, origin } = new URL(href);
  if (protocol === "mailto:" || origin === here) return undefined;
  const alone = target === "_blank" && ["noopener", "noreferrer", "nofollow"].every((word) => rel.split(" ").includes(word));
  return ["http:", "https:"].includes(protocol) && alone ? undefined : `${href} target=${target} rel=${rel}`;
}

/// Checks that a text is shown exactly as it was typed.
export async function expectShownAsText(where: Page | Locator, text: string) {
  const whole = "locator" in where && "goto" in where ? where.locator("body") : where;
  await expect(whole).toContainText(text);
}
