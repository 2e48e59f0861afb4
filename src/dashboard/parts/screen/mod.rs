//! Draws a screen: its head, its tabs and its blocks. What it says is the server's.

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

/// What the parts of a screen share.
#[derive(Clone, Copy)]
pub struct ScreenContext {
    /// What came back from a form.
    pub answer: RwSignal<Option<Screen>>,
    /// Goes on at an address.
    pub go: Callback<String>,
    /// Why what was sent last was refused.
    pub trouble: RwSignal<Option<String>>,
    /// The dashboard of who has signed in.
    pub app: Option<AppState>,
    /// What the page in a frame is asked for besides: what stands in the form.
    pub preview: RwSignal<String>,
    /// The server's time, once a second.
    pub now: RwSignal<Millis>,
}

/// The whole screen.
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

/// The words as the title of a page. They are people's own, and the server's half of the framework writes a title into the page as
/// it is; the browser's half sets it as text.
fn as_title(words: String) -> String {
    if cfg!(feature = "hydrate") {
        return words;
    }
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Some of its blocks, within another part.
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
        // Another frame each time: the way back leads to the page before, not to the preview before.
        Block::Frame(address, words) => (move || {
            let src = [address.as_str(), &context.preview.get()].concat();
            view! { <iframe class="preview" src=src title=words.clone()></iframe> }
        })
        .into_any(),
        Block::Links(cells) => {
            let cells = cells.into_iter().map(|one| cell(context, one)).collect_view();
            // No paragraph: a form would end it, and the browser would find another page than the server drew.
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

// A file is not a page: the browser, not the router, must fetch it.
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
