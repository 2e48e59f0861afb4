// Runs loader.js in a simulated page and prints everything that it passes to the frame, as JSON.
// usage: node loader.mjs LOADER-FILE PAGE-URL REFERRER [NEXT-PAGE-URL]
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [file, address, referrer, next] = process.argv.slice(2);
const told = [];
const listeners = {};
const element = (tag) => ({
  tag, style: {}, dataset: {}, isConnected: false, append: (child) => (child.isConnected = true), remove() {}, setAttribute() {},
  attachShadow: () => element("root"), getBoundingClientRect: () => ({ left: 0, top: 0, width: 0, height: 0 }), contains: () => true,
  contentWindow: { postMessage() {} }, addEventListener: (name, listener) => tag === "iframe" && (listeners[name] = listener),
});
const made = [];
const document = {
  title: "Boots", referrer, readyState: "complete", body: element("body"), head: {}, documentElement: element("html"),
  currentScript: { dataset: { concierge: "shop" }, src: "https://chat.test/loader.js" },
  createElement: (tag) => (made.push(element(tag)), made.at(-1)),
  querySelector: () => null, querySelectorAll: () => [], elementFromPoint: () => null, addEventListener() {},
};
let port;
const page = {
  document, location: new URL(address), URL, URLSearchParams, performance, navigation: { addEventListener: (_, changed) => (listeners.navigated = changed) },
  MessageChannel: class { port1 = (port = { postMessage: (message) => told.push(message) }); port2 = {}; },
  MutationObserver: class { observe() {} },
  addEventListener() {}, setTimeout: (due, wait) => { if (wait < 1000) due(); }, setInterval() {}, console, innerWidth: 1000, frames: [],
};
page.window = page.self = page.top = page;
vm.runInNewContext(readFileSync(file, "utf8"), page);
listeners.load();
port.onmessage({ data: { style: "" } });
if (next) {
  page.location.href = next;
  listeners.navigated();
}
const frame = made.find((one) => one.tag === "iframe");
console.log(JSON.stringify({ name: frame.name, src: frame.src, pages: told.filter((message) => "url" in message).map((message) => message.url) }));
