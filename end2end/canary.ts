// What would run, or be put in, where a stranger's words are taken for more than text; and what notices when that happens.
import { expect, type BrowserContext, type Locator, type Page } from "@playwright/test";

/// A1 to A3 and B1 to B3 in one line: short enough for a name.
export const HOSTILE = '</title><script>__hit=1</script>"><img src=//canary.test/p onerror=__hit=1>{{7*7}}${7*7}<%=7*7%>';
/// The same for a tag.
export const HOSTILE_TAG = "<img src=x onerror=__hit=1>";

/// Everything that a story must not cause, in each page and frame of one browser.
export class Canary {
  private readonly seen: string[] = [];
  private constructor(private readonly context: BrowserContext, private readonly hosts: string[]) {}

  /// Before the first page is opened. `addresses` are those that may be asked for anything.
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

  /// Nothing ran, nothing asked, no policy was broken, and every link is one.
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

/// What stands in a document, read in it.
function inside() {
  const { __hit, __broken } = window as { __hit?: unknown; __broken?: string[] };
  const handlers = [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes].filter(({ name }) => name.startsWith("on")).map(({ name }) => `${one.tagName} ${name}`));
  const foreign = [...document.querySelectorAll<HTMLElement>("[src*='canary'], [href*='canary.test/p'], [src=x], base, object, embed, meta[http-equiv]")].map((one) => one.outerHTML);
  const scripts = [...document.scripts].filter((one) => one.text.includes("__hit")).map((one) => one.text);
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].map(({ href, target, rel }) => ({ href, target, rel, here: location.origin }));
  return { hit: typeof __hit, broken: __broken ?? [], put: [...handlers, ...foreign, ...scripts], links };
}

/// What is wrong with a link; nothing, when it leads to a page of ours, or to another's by http and without our window.
function wrongLink({ href, target, rel, here }: Link): string | undefined {
  const { protocol, origin } = new URL(href);
  if (protocol === "mailto:" || origin === here) return undefined;
  const alone = target === "_blank" && ["noopener", "noreferrer", "nofollow"].every((word) => rel.split(" ").includes(word));
  return ["http:", "https:"].includes(protocol) && alone ? undefined : `${href} target=${target} rel=${rel}`;
}

/// That it stands there as it was typed, letter by letter.
export async function expectShownAsText(where: Page | Locator, text: string) {
  const whole = "locator" in where && "goto" in where ? where.locator("body") : where;
  await expect(whole).toContainText(text);
}
