//! A sheet on the screen: its head, its tabs and its blocks. What it says is the server's.

mod cell;
mod field;
mod form;

use leptos::prelude::*;
use leptos_meta::Title;
use protocol::{
    Millis,
    sheet::{Block, Link, Said, Sheet, Tone},
};

use crate::dashboard::{app_state::AppState, words};
use cell::{cell, moment, table};
use form::form;

/// What the parts of a sheet share.
#[derive(Clone, Copy)]
pub struct Paper {
    /// What came back from a form.
    pub answer: RwSignal<Option<Sheet>>,
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

/// The whole sheet.
pub fn draw(paper: Paper, sheet: Sheet) -> AnyView {
    let title = format!("{} · {}", sheet.title, words::product());
    let tabs = (!sheet.tabs.is_empty()).then(|| {
        view! { <nav class="tabs" aria-label=words::pages_beside()>{sheet.tabs.into_iter().map(way).collect_view()}</nav> }
    });
    let lead = (!sheet.lead.is_empty()).then(|| view! { <p class="lead">{sheet.lead}</p> });
    view! {
        <Title text=as_title(title) />
        {tabs}
        <div class="paper">
            <h1>{sheet.title}</h1>
            {lead}
            <p class="trouble" role="alert">{move || paper.trouble.get()}</p>
            {draw_blocks(paper, sheet.blocks)}
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
pub fn draw_blocks(paper: Paper, blocks: Vec<Block>) -> AnyView {
    blocks.into_iter().map(|one| block(paper, one)).collect_view().into_any()
}

fn block(paper: Paper, block: Block) -> AnyView {
    match block {
        Block::Heading(words) => view! { <h2>{words}</h2> }.into_any(),
        Block::Text(words) => view! { <p>{words}</p> }.into_any(),
        Block::Notice(tone, words) => {
            view! { <p class=format!("word {}", slug(tone)) role="status">{words}</p> }.into_any()
        }
        Block::Code(words) => view! { <pre class="copy" tabindex="0"><code>{words}</code></pre> }.into_any(),
        Block::Facts(facts) => {
            let fact = |(label, value)| view! { <dt>{label}</dt> <dd>{cell(paper, value)}</dd> };
            view! { <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl> }.into_any()
        }
        Block::Form(one) => form(paper, one),
        Block::Table(one) => table(paper, one),
        Block::Talk(lines) => {
            let lines = lines.into_iter().map(|line| said(paper, line)).collect_view();
            view! { <div class="talk">{lines}</div> }.into_any()
        }
        Block::Picture(address, words) => view! { <img class="picture" src=address alt=words /> }.into_any(),
        // Another frame each time: the way back leads to the page before, not to the preview before.
        Block::Frame(address, words) => (move || {
            let src = [address.as_str(), &paper.preview.get()].concat();
            view! { <iframe class="preview" src=src title=words.clone()></iframe> }
        })
        .into_any(),
        Block::Ways(cells) => {
            let cells = cells.into_iter().map(|one| cell(paper, one)).collect_view();
            // No paragraph: a form would end it, and the browser would find another page than the server drew.
            view! { <div class="ways">{cells}</div> }.into_any()
        }
    }
}

fn slug(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "calm",
        Tone::Good => "good",
        Tone::FormError => "bad",
    }
}

// A file is not a page: the browser, not the router, must fetch it.
fn way(link: Link) -> AnyView {
    let path = link.to.split('?').next().unwrap_or_default();
    let outside = !path.starts_with('/') || path.contains('.');
    let current = link.here.then_some("page");
    view! { <a href=link.to aria-current=current rel=outside.then_some("external noreferrer")>{link.words}</a> }
        .into_any()
}

fn said(paper: Paper, said: Said) -> AnyView {
    let Said { who, by_visitor, internal, at, text, file } = said;
    let when = moment(paper, at);
    if who.is_empty() {
        return view! { <p class="entry happened">{text} " " {when}</p> }.into_any();
    }
    let side = if by_visitor { "visitor" } else { "agent" };
    view! {
        <div class=format!("entry said {side}") class:internal=internal>
            <span class="who">{who} " " {when}</span>
            {match file {
                Some(card) => super::file::file(&card),
                None => view! { <p class="text" dir="auto">{text}</p> }.into_any(),
            }}
        </div>
    }
    .into_any()
}
