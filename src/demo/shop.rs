//! The demo's customer website: a shop whose pages each include a single line of Jump-In HTML.

use std::sync::Arc;

use anyhow::Context;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use load::behavior::Site;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::seed::{HELP, SHOP};

const LAYOUT: &str = include_str!("../../public/shop/layout.html");
const STYLE: &str = include_str!("../../public/shop/shop.css");
const ICON: &str = include_str!("../../public/shop/icon.svg");
const SCRIPT: &str = include_str!("../../public/shop/shop.js");

/// A page in the shop.
struct Page {
    path: &'static str,
    title: &'static str,
    concierge: &'static str,
    body: &'static str,
}

macro_rules! page {
    ($path:literal, $title:literal, $concierge:ident, $file:literal) => {
        Page {
            path: $path,
            title: $title,
            concierge: $concierge,
            body: include_str!(concat!("../../public/shop/", $file)),
        }
    };
}

const PAGES: [Page; 9] = [
    page!("/", "Gear for the long way around", SHOP, "index.html"),
    page!("/boots", "Boots", SHOP, "boots.html"),
    page!("/boots/ridgeline", "Ridgeline Mid boots", SHOP, "ridgeline.html"),
    page!("/packs/meander-38", "Meander 38 pack", SHOP, "meander.html"),
    page!("/tents/heron-2", "Heron 2 tent", SHOP, "heron.html"),
    page!("/catalog", "Catalog", SHOP, "catalog.html"),
    page!("/contact", "Contact", SHOP, "contact.html"),
    page!("/help", "Help Center", HELP, "help.html"),
    page!("/strict", "A page with a strict policy", SHOP, "strict.html"),
];

/// Returns the sites that simulated visitors browse.
pub(super) fn sites(host: &str) -> Vec<Site> {
    let site = |key: &str| Site {
        key: key.into(),
        host: host.into(),
        pages: PAGES
            .iter()
            .filter(|page| page.concierge == key && page.path != "/strict")
            .map(|page| (page.path.into(), titled(page)))
            .collect(),
    };
    // Most visitors browse the shop.
    vec![site(SHOP), site(SHOP), site(SHOP), site(HELP)]
}

/// Serves the shop until `stop` is cancelled.
pub(super) async fn serve(listener: TcpListener, dashboard: String, stop: CancellationToken) -> anyhow::Result<()> {
    let shop = Router::new()
        .route("/", get(|State(dashboard): State<Arc<str>>| async move { answer("/", &dashboard) }))
        .route("/icon.svg", get(|| async { ([(header::CONTENT_TYPE, "image/svg+xml")], ICON) }))
        .route("/shop.css", get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }))
        .route("/shop.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT) }))
        .route("/{*path}", get(page))
        .with_state(Arc::from(dashboard));
    axum::serve(listener, shop)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("the shop's listener failed")
}

async fn page(State(dashboard): State<Arc<str>>, Path(path): Path<String>) -> Response {
    // The catalog does its routing in the browser, so reloading one of its pages requests that page's path from the
    // server.
    let path = if path.starts_with("catalog/") { "/catalog".to_owned() } else { format!("/{path}") };
    answer(&path, &dashboard)
}

fn answer(path: &str, dashboard: &str) -> Response {
    let Some(page) = PAGES.iter().find(|page| page.path == path) else {
        return (
            StatusCode::NOT_FOUND,
            Html("<!doctype html><title>Not found</title><p>Page not found. <a href=\"/\">Back to the shop</a>"),
        )
            .into_response();
    };
    let nonce = nonce();
    let html = LAYOUT
        .replace("{{BODY}}", page.body)
        .replace("{{TITLE}}", &titled(page))
        .replace("{{KEY}}", page.concierge)
        .replace("{{NONCE}}", &nonce)
        .replace("{{JUMPIN}}", dashboard);
    let mut response = Html(html).into_response();
    if page.path == "/strict"
        && let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce, dashboard))
    {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Returns a policy as strict as a bank's, which requires trusted types and allows no WebAssembly or inline code. It
/// only makes an exception for our script (with a nonce) and our frame.
fn content_security_policy(nonce: &str, dashboard: &str) -> String {
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; frame-src {dashboard}; base-uri 'none'; \
         require-trusted-types-for 'script'"
    )
}

fn titled(page: &Page) -> String {
    format!("{} · Riverside Outfitters", page.title)
}

fn nonce() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shop_page_has_its_placeholders_and_no_inline_style() {
        for page in &PAGES {
            assert!(!page.body.contains("style="), "{}: a strict policy would block it", page.path);
            let html = LAYOUT.replace("{{BODY}}", page.body);
            for hole in ["{{TITLE}}", "{{KEY}}", "{{NONCE}}", "{{JUMPIN}}"] {
                assert!(html.contains(hole), "{}: {hole}", page.path);
            }
        }
    }
}
