//! Renders a screen, whose header, tabs, and blocks are provided by the server.

mod cell;
mod field;
mod form;

use leptos::prelude::*;
use leptos_meta::Title;
use protocol::{
    Millis,
    screen::{Block, Link, Screen, Tone, TranscriptLine},
};

use crate::dashboard::{app_state::AppState, i18n};
use cell::{cell, moment, table};
use form::form;

/// The state shared by the parts of a screen.
#[derive(Clone, Copy)]
pub struct ScreenContext {
    /// The screen that was returned when a form was submitted, if any.
    pub answer: RwSignal<Option<Screen>>,
    /// Navigates to an address.
    pub go: Callback<String>,
    /// Why the last submission was refused, if it was.
    pub trouble: RwSignal<Option<String>>,
    /// The client state, if an agent is signed in.
    pub app: Option<AppState>,
    /// The query parameters for the preview frame, taken from the form's current values.
    pub preview: RwSignal<String>,
    /// The server's time, updated every second.
    pub now: RwSignal<Millis>,
}

/// Renders an entire screen.
pub fn draw(context: ScreenContext, screen: Screen) -> AnyView {
    let title = format!("{} · {}", screen.title, i18n::product());
    let tabs = (!screen.tabs.is_empty()).then(|| {
        view! { <nav class="tabs" aria-label=i18n::sibling_pages()>{screen.tabs.into_iter().map(link_view).collect_view()}</nav> }
    });
    let lead = (!screen.lead.is_empty()).then(|| view! { <p class="lead">{screen.lead}</p> });
    view! {
        <Title text=as_title(title) />
        {tabs}
        <div class="surface">
            <h1>{screen.title}</h1>
            {lead}
            <p class="trouble" role="alert">{move || context.trouble.get()}</p>
            {draw_blocks(context, screen.blocks)}
        </div>
    }
    .into_any()
}

/// Escapes a page title, which may contain user input. On the server, Leptos writes titles into the page unescaped. In
/// the browser, it sets them as text, so they must not be escaped there.
fn as_title(words: String) -> String {
    if cfg!(feature = "hydrate") {
        return words;
    }
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Renders only some of a screen's blocks, inside another component.
pub fn draw_blocks(context: ScreenContext, blocks: Vec<Block>) -> AnyView {
    blocks.into_iter().map(|one| block(context, one)).collect_view().into_any()
}

fn block(context: ScreenContext, block: Block) -> AnyView {
    match block {
        Block::Heading(words) => view! { <h2>{words}</h2> }.into_any(),
        Block::Text(words) => view! { <p>{words}</p> }.into_any(),
        Block::Notice(tone, words) => {
            view! { <p class=format!("word {}", slug(tone)) role="status">{words}</p> }.into_any()
        }
        Block::Code(words) => view! { <pre class="copy" tabindex="0"><code>{words}</code></pre> }.into_any(),
        Block::Facts(facts) => {
            let fact = |(label, value)| view! { <dt>{label}</dt> <dd>{cell(context, value)}</dd> };
            view! { <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl> }.into_any()
        }
        Block::Form(one) => form(context, one),
        Block::Table(one) => table(context, one),
        Block::Transcript(lines) => {
            let lines = lines.into_iter().map(|line| entry_view(context, line)).collect_view();
            view! { <div class="talk">{lines}</div> }.into_any()
        }
        Block::Image(address, words) => view! { <img class="image" src=address alt=words /> }.into_any(),
        // Every change creates a new frame, so that the browser's back button returns to the previous page rather than
        // the previous preview.
        Block::Frame(address, words) => (move || {
            let src = [address.as_str(), &context.preview.get()].concat();
            view! { <iframe class="preview" src=src title=words.clone()></iframe> }
        })
        .into_any(),
        Block::Links(cells) => {
            let cells = cells.into_iter().map(|one| cell(context, one)).collect_view();
            // This can't be a paragraph, because the HTML parser would close it before a form, and hydration would find
            // a different document.
            view! { <div class="links">{cells}</div> }.into_any()
        }
    }
}

fn slug(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "calm",
        Tone::Good => "good",
        Tone::Danger => "bad",
    }
}

// Files are not pages, so they must be loaded by the browser rather than the router.
fn link_view(link: Link) -> AnyView {
    let path = link.to.split('?').next().unwrap_or_default();
    let outside = !path.starts_with('/') || path.contains('.');
    let current = link.here.then_some("page");
    view! { <a href=link.to aria-current=current rel=outside.then_some("external noreferrer")>{link.words}</a> }
        .into_any()
}

fn entry_view(context: ScreenContext, said: TranscriptLine) -> AnyView {
    let TranscriptLine { who, by_visitor, internal, at, text, file } = said;
    let when = moment(context, at);
    if who.is_empty() {
        return view! { <p class="entry happened">{text} " " {when}</p> }.into_any();
    }
    let side = if by_visitor { "visitor" } else { "agent" };
    view! {
        <div class=format!("entry said {side}") class:internal=internal>
            <span class="who">{who} " " {when}</span>
            {match file {
                Some(card) => super::file_attachment::file(&card),
                None => view! { <p class="text" dir="auto">{text}</p> }.into_any(),
            }}
        </div>
    }
    .into_any()
}
