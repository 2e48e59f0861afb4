//! What the visitor's browser loads: the loader, the frame, and the files in it, all embedded in the binary.

use std::{fmt::Write as _, io::Write as _, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{opening, places::TypedLook};
use protocol::{
    concierge::Look,
    hours::{WallClock, clock_words},
    id::ConciergeKey,
    spoken,
    words::{self, Language},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Parts, error::Failure, headers::frame_policy, peer, peer::header_text};

// `FILES: &[(name, bytes, brotli)]`, `VERSION`, `FRAME` and the hashes `STYLE` and `SCRIPT` of what stands inside it, written
// by build.rs; the compiled files are empty under a plain `cargo check`.
include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// Whether the binary holds the widget.
pub(super) fn is_built() -> bool {
    FILES.iter().any(|(name, bytes, _)| *name == "widget_bg.wasm" && !bytes.is_empty())
}

/// `GET /loader.js`
pub(super) async fn loader(query: Query<Version>, headers: HeaderMap) -> Response {
    serve("loader.js", &query, &headers)
}

/// `GET /concierge/v1/{file}`
pub(super) async fn file(Path(name): Path<String>, query: Query<Version>, headers: HeaderMap) -> Response {
    serve(&name, &query, &headers)
}

/// `?v=VERSION`: the address of exactly these bytes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Version {
    v: Option<String>,
}

fn serve(name: &str, Query(version): &Query<Version>, headers: &HeaderMap) -> Response {
    let Some((_, plain, brotli)) = FILES.iter().find(|(file, bytes, _)| *file == name && !bytes.is_empty()) else {
        return Failure::NOT_FOUND.into_response();
    };
    let etag = format!("\"{VERSION}\"");
    let caching =
        if version.v.as_deref() == Some(VERSION) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if header_text(headers, &header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(&etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if accepts_brotli(headers) && !brotli.is_empty() {
        ([(header::CONTENT_ENCODING, "br")], *brotli).into_response()
    } else {
        (*plain).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, etag);
    }
    // The loader stands in other origins' pages, also in such that demand integrity or isolation.
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    response
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    header_text(headers, &header::ACCEPT_ENCODING)
        .is_some_and(|codings| codings.split(',').any(|coding| coding.trim().split(';').next() == Some("br")))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `?key=KEY`
#[derive(Debug, Deserialize)]
pub(super) struct Key {
    key: String,
}

/// `GET /concierge/v1/frame?key=KEY`: the document of the iframe. Browsers keep it from sites that are not the concierge's.
pub(super) async fn frame(
    State(parts): State<Parts>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    asked: HeaderMap,
    key: Result<Query<Key>, QueryRejection>,
) -> Result<Response, Failure> {
    parts.limits.frame(client.ip())?;
    let Ok(Query(Key { key })) = key else { return Err(Failure::NOT_FOUND) };
    let key = ConciergeKey(key);
    if !key.is_well_formed() {
        return Err(Failure::NOT_FOUND);
    }
    let concierge = parts
        .engine
        .store()
        .concierge_by_key(&key)
        .await
        .map_err(|error| {
            tracing::error!(%error, "the concierge could not be read");
            Failure::UNEXPECTED
        })?
        .filter(|concierge| !concierge.paused)
        .ok_or(Failure::NOT_FOUND)?;
    let policy = frame_policy(parts.public_url(), &concierge.settings.sites, SCRIPT, STYLE);
    let policy = HeaderValue::from_str(&policy).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none")),
    ];
    let mut look = concierge.settings.look;
    if let Some(opens) = opening::next_opening_there(&concierge.settings.hours, parts.engine.now()) {
        look.greeting = [look.greeting.as_str(), "\n", &back_at(look.language, opens)].concat();
    }
    Ok((headers, page(&document(&look), &asked)).into_response())
}

/// `?concierge=ID`, and what stands in the form beside it.
#[derive(Debug, Deserialize)]
pub(super) struct Previewed {
    concierge: String,
    title: Option<String>,
    greeting: Option<String>,
    colour: Option<String>,
    side: Option<String>,
    language: Option<String>,
}

/// `GET /concierge/v1/preview?concierge=ID`, or `new`: the same document for an admin beside the settings, with its panel open
/// and without its script: nobody visits, and no socket is opened. Only the dashboard may hold it. What is typed is looked at
/// as when it is kept, and nothing is kept.
pub(super) async fn preview(
    State(parts): State<Parts>,
    headers: HeaderMap,
    which: Result<Query<Previewed>, QueryRejection>,
) -> Result<Response, Failure> {
    let me = peer::principal(&parts, &headers).await.ok_or(Failure::NOT_SIGNED_IN)?;
    let Ok(Query(asked)) = which else { return Err(Failure::NOT_FOUND) };
    let concierge = match asked.concierge.as_str() {
        "new" => None,
        id => Some(id.parse().map_err(|_| Failure::NOT_FOUND)?),
    };
    let Previewed { title, greeting, colour, side, language, .. } = asked;
    let typed = TypedLook { title, greeting, colour, side, language };
    let look = parts.engine.previewed(&me, concierge, typed).await?;
    let style = preview_style(&look.colour);
    let policy = format!(
        "default-src 'none'; style-src 'self' {STYLE} 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'self'",
        STANDARD.encode(Sha256::digest(&style))
    );
    let policy = HeaderValue::from_str(&policy).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, previewed(&document(&look), &style)).into_response())
}

/// The document without its script, with its style, and its panel open.
fn previewed(document: &str, style: &str) -> String {
    let without_script = document.split_once("<script").map_or(document, |(before, _)| before);
    let dressed = format!("<link rel=\"stylesheet\" href=\"widget.css\"><style>{style}</style>\n</head>");
    let open = without_script.replacen("</head>", &dressed, 1);
    let panel = "<section id=\"jumpin-panel\" role=\"dialog\" aria-labelledby=\"jumpin-title\"";
    open.replacen(&format!("{panel} hidden"), panel, 1) + "</body>\n</html>\n"
}

/// The colour, and black or white on it, by the rule of boot.js.
fn preview_style(colour: &str) -> String {
    let part = |at: usize| colour.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or_default();
    let light = |at: usize| (f64::from(part(at)) / 255.0).powf(2.2);
    let on = if 0.2126 * light(1) + 0.7152 * light(3) + 0.0722 * light(5) > 0.18 { "#000" } else { "#fff" };
    format!(":root{{--colour:#{:02x}{:02x}{:02x};--on-colour:{on}}}", part(1), part(3), part(5))
}

/// The page, unless the browser has it; it comes with every page of the customer's, so it is compressed.
fn page(document: &str, asked: &HeaderMap) -> Response {
    let mut etag = String::from("\"");
    for byte in Sha256::digest(document).iter().take(8) {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    let tag = [(header::ETAG, etag.clone())];
    if header_text(asked, &header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(&etag)) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    if !accepts_brotli(asked) {
        return (tag, document.to_owned()).into_response();
    }
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 18);
    match writer.write_all(document.as_bytes()) {
        Ok(()) => drop(writer),
        Err(_) => return (tag, document.to_owned()).into_response(),
    }
    (tag, [(header::CONTENT_ENCODING, "br")], compressed).into_response()
}

/// The widget's page with what the concierge looks like and says put in, as text.
fn document(look: &Look) -> String {
    let language = look.language;
    let spoken = spoken::spoken(language);
    let words = [
        ("words", spoken.as_str()),
        ("lang", language.tag()),
        ("side", look.side.as_str()),
        ("colour", &look.colour),
        ("title", &look.title),
        ("greeting", &look.greeting),
        ("open_chat", words::open_chat(language)),
        ("close_chat", words::close_chat(language)),
        ("whole_screen", words::whole_screen(language)),
        ("request_to_live_chat", words::request_to_live_chat(language)),
        ("accept", words::accept(language)),
        ("deny", words::deny(language)),
        ("talk_to_a_person", words::talk_to_a_person(language)),
        ("end_the_chat", words::end_the_chat(language)),
        ("messages", words::messages(language)),
        ("write_a_message", words::write_a_message(language)),
        ("attach", words::attach_a_file(language)),
        ("send", words::send(language)),
        ("your_email", words::your_email(language)),
        ("your_name", words::your_name(language)),
        ("leave_a_message", words::leave_a_message(language)),
    ];
    // In one pass: braces in what an admin typed stay braces.
    let mut document = String::with_capacity(FRAME.len() + 1_000);
    let mut rest = FRAME;
    while let Some((before, after)) = rest.split_once("{{") {
        document.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        match words.iter().find(|(known, _)| *known == name) {
            Some((_, word)) => document.push_str(&escape(word)),
            None => document.extend(["{{", name, "}}"]),
        }
        rest = after;
    }
    document.push_str(rest);
    document
}

/// When somebody is there again: the day and the hour, by the clock there; nothing is promised besides.
fn back_at(language: Language, opens: WallClock) -> String {
    let at = [words::day(language, opens.day), " ", &clock_words(opens.minute)].concat();
    words::fill(words::back_at(language), &at)
}

/// Text as an attribute or element holds it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use protocol::{concierge::Side, hours::Day};

    use super::*;

    #[test]
    fn what_an_admin_typed_stays_text() {
        let look = Look {
            title: "\"><script>alert(1)</script>".into(),
            greeting: "{{title}} </p><script>alert(2)</script>".into(),
            colour: "#fff\" onload=\"x".into(),
            side: Side::Left,
            language: Language::De,
        };
        let html = document(&look);
        assert!(!html.contains("<script>alert") && !html.contains("\" onload=\""), "{html}");
        assert!(html.contains("lang=\"de\"") && html.contains("Ablehnen"), "{html}");
        // What an admin typed is no placeholder, and every other is known.
        assert_eq!(html.matches("{{").count(), 1, "{html}");
    }

    #[test]
    fn outside_the_opening_hours_the_greeting_says_when_somebody_is_back() {
        let monday = WallClock { day: Day::Monday, minute: 9 * 60 };
        assert_eq!(back_at(Language::En, monday), "We are back on Monday 9:00.");
        assert_eq!(back_at(Language::De, monday), "Wir sind wieder da: Montag 9:00.");
    }

    #[test]
    fn the_words_weigh_what_the_budget_says() {
        let weight = |text: &str| {
            let mut compressed = Vec::new();
            let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
            writer.write_all(text.as_bytes()).unwrap();
            drop(writer);
            compressed.len()
        };
        for language in [Language::En, Language::De] {
            let (title, greeting) = ("Ridgeline".into(), "Hello! Ask us anything about boots and tents.".into());
            let look = Look { title, greeting, colour: "#2f6f4e".into(), side: Side::Right, language };
            let words = weight(&document(&look)) - weight(FRAME);
            assert!(words <= 612, "{language:?}: {words}, and server/build/weight.rs counts 612");
        }
    }

    #[test]
    fn a_preview_has_the_look_and_no_script() {
        let look = Look {
            title: "</style><script>alert(1)</script>".into(),
            greeting: "Hello".into(),
            colour: "#ffee00".into(),
            side: Side::Left,
            language: Language::En,
        };
        let html = previewed(&document(&look), &preview_style(&look.colour));
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("--colour:#ffee00;--on-colour:#000") && html.contains("widget.css"), "{html}");
        assert!(html.contains("aria-labelledby=\"jumpin-title\">"), "the panel is open: {html}");
        assert!(!preview_style("red;}body{background:url(//canary)}").contains("canary"));
    }

    #[test]
    fn the_frame_comes_compressed_and_once() {
        let mut asked = HeaderMap::new();
        asked.insert(header::ACCEPT_ENCODING, "br".parse().unwrap());
        let first = page("<!doctype html>", &asked);
        assert_eq!(first.headers()[header::CONTENT_ENCODING], "br");
        asked.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(page("<!doctype html>", &asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(page("<!doctype html> ", &asked).status(), StatusCode::OK);
    }

    #[test]
    fn brotli_goes_to_those_who_ask() {
        let asks = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts_brotli(&headers)
        };
        assert!(asks("gzip, br") && asks("br;q=1.0"));
        assert!(!asks("gzip, brx") && !asks("gzip"));
    }
}
