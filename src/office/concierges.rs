//! The concierges: a list, and each with everything that can be set of it.

use engine::{
    Engine, Principal, opening,
    places::TypedConcierge,
    store::{ConciergeRecord, ConciergeSettings},
};
use protocol::{
    id::ConciergeId,
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Kind, Link, Sheet, Table, Tone},
    words::Language,
};

use super::{Done, fields::Fields, settings, told, words};

const HERE: &str = "/settings/concierges";

/// All of them.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let teams = teams(engine, me).await?;
    let row = |one: ConciergeRecord| {
        let sites = if one.settings.sites.is_empty() { words::EVERY_SITE.into() } else { one.settings.sites.join(" ") };
        let team = one.settings.team.map(|team| team.to_string()).unwrap_or_default();
        let team = teams.iter().find(|(id, _)| *id == team).map_or("", |(_, name)| name);
        let state = if one.paused { (Tone::Trouble, words::PAUSED) } else { (Tone::Good, words::IN_USE) };
        vec![
            Cell::Link(Link::new(&address(one.id), &one.settings.name)),
            one.key.0.into(),
            sites.into(),
            team.into(),
            Cell::Badge(state.0, state.1.into()),
        ]
    };
    let table = Table {
        heads: [words::NAME, words::KEY, words::SITES, words::TEAM, words::STATE].map(str::to_owned).to_vec(),
        rows: engine.concierges(me).await?.into_iter().map(row).collect(),
        empty: words::NO_CONCIERGES.into(),
        more: None,
    };
    let new = Cell::Link(Link::new(&format!("{HERE}/new"), words::NEW_CONCIERGE));
    Ok(with_tabs(
        me,
        Sheet::new(words::CONCIERGES, words::CONCIERGES_LEAD).with(Block::Table(table)).with(Block::Ways(vec![new])),
    ))
}

/// One of them, or a new one.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Sheet, Refusal> {
    let Some(id) = id(which)? else {
        // That one may is asked by the list.
        engine.concierges(me).await?;
        let settings = ConciergeSettings::named(words::WEBSITE, Language::En);
        let form = form(engine, me, &format!("{HERE}/new"), &TypedConcierge::of(&settings)).await?;
        return Ok(with_tabs(me, Sheet::new(words::NEW_CONCIERGE, "").with(preview(which)).with(Block::Form(form))));
    };
    let one = engine.concierge(me, id).await?;
    let line = format!(
        "<script async src=\"{}/loader.js\" data-concierge=\"{}\"></script>",
        engine.settings().public_url,
        one.key.0
    );
    let to = address(id);
    let word = if one.paused { words::RESUME } else { words::PAUSE };
    let pause =
        Form::new(&format!("{to}/pause"), word, vec![Field::hidden("paused", if one.paused { "" } else { "on" })]);
    let sheet = Sheet::new(&one.settings.name, &words::fill(words::KEY_IS, &one.key.0))
        .with(Block::Text(words::EMBED.into()))
        .with(Block::Code(line))
        .with(preview(which))
        .with(Block::Form(form(engine, me, &to, &TypedConcierge::of(&one.settings)).await?))
        .with(Block::Ways(vec![Cell::Form(pause)]));
    Ok(with_tabs(me, sheet))
}

/// How it looks, as the form beside it is filled in.
fn preview(which: &str) -> Block {
    Block::Frame(format!("/concierge/v1/preview?concierge={which}"), words::PREVIEW.into())
}

/// Adds or changes one.
pub(super) async fn submit(engine: &Engine, me: &Principal, which: &str, fields: &Fields) -> Result<Done, Refusal> {
    let text = |name: &str| fields.text(name).to_owned();
    let typed = TypedConcierge {
        name: text("name"),
        sites: text("sites"),
        team: text("team"),
        title: text("title"),
        greeting: text("greeting"),
        colour: text("colour"),
        side: text("side"),
        language: text("language"),
        privacy: text("privacy"),
        invitation: text("invitation"),
        templates: text("templates"),
        zone: text("zone"),
        hours: text("hours"),
        quiet_after_deny: text("quiet_after_deny"),
        quiet_after_unanswered: text("quiet_after_unanswered"),
        kept_free: text("kept_free"),
    };
    match engine.save_concierge(me, id(which)?, &typed).await {
        Ok(id) => Ok(Done::saved(&address(id))),
        Err(trouble) => told(fields, show_one(engine, me, which).await?, &format!("{HERE}/{which}"), trouble),
    }
}

/// Pauses one, or lets it serve again.
pub(super) async fn pause(engine: &Engine, me: &Principal, which: &str, fields: &Fields) -> Result<Done, Refusal> {
    let id = id(which)?.ok_or(Refusal::NotFound)?;
    engine.pause_concierge(me, id, fields.on("paused")).await?;
    Ok(Done::saved(&address(id)))
}

fn address(concierge: ConciergeId) -> String {
    format!("{HERE}/{concierge}")
}

fn id(which: &str) -> Result<Option<ConciergeId>, Refusal> {
    if which == "new" { Ok(None) } else { which.parse().map(Some).map_err(|_| Refusal::NotFound) }
}

fn with_tabs(me: &Principal, mut sheet: Sheet) -> Sheet {
    sheet.tabs = settings::tabs(me, HERE);
    sheet
}

async fn teams(engine: &Engine, me: &Principal) -> Result<Vec<(String, String)>, Refusal> {
    Ok(engine.teams(me).await?.into_iter().map(|team| (team.id.to_string(), team.name)).collect())
}

async fn form(engine: &Engine, me: &Principal, to: &str, typed: &TypedConcierge) -> Result<Form, Refusal> {
    let choice = |all: &[(&str, &str)]| {
        Kind::Choice(all.iter().map(|(value, words)| ((*value).into(), (*words).into())).collect())
    };
    let mut served_by = vec![(String::new(), words::NO_TEAM.to_owned())];
    served_by.extend(teams(engine, me).await?);
    let line = |name: &str, label: &str, value: &str| Field::new(name, label, Kind::Line).value(value).required();
    let lines = |name: &str, label: &str, value: &str| Field::new(name, label, Kind::Lines(3)).value(value);
    let number = |name: &str, label: &str, value: &str| {
        Field::new(name, label, Kind::Number(1, 43_200)).value(value).hint(words::QUIET_HINT)
    };
    let privacy = [("essential", words::ESSENTIAL), ("ask", words::ASK), ("full", words::FULL)];
    let fields = vec![
        line("name", words::NAME, &typed.name),
        lines("sites", words::SITES, &typed.sites).hint(words::SITES_HINT),
        Field::new("team", words::TEAM, Kind::Choice(served_by)).value(&typed.team),
        line("title", words::TITLE, &typed.title).hint(words::TITLE_HINT),
        line("greeting", words::GREETING, &typed.greeting).hint(words::GREETING_HINT),
        Field::new("colour", words::COLOUR, Kind::Colour).value(&typed.colour).hint(words::COLOUR_HINT).required(),
        Field::new("side", words::SIDE, choice(&[("right", words::RIGHT), ("left", words::LEFT)])).value(&typed.side),
        Field::new("language", words::LANGUAGE, languages()).value(&typed.language),
        Field::new("privacy", words::PRIVACY_MODE, choice(&privacy)).value(&typed.privacy),
        lines("invitation", words::INVITATION, &typed.invitation).hint(words::INVITATION_HINT).required(),
        lines("templates", words::TEMPLATES, &typed.templates).hint(words::TEMPLATES_HINT),
        Field::new("zone", words::ZONE, Kind::Suggested(opening::zones())).value(&typed.zone).required(),
        lines("hours", words::HOURS, &typed.hours).hint(words::HOURS_HINT),
        number("quiet_after_deny", words::QUIET_DENY, &typed.quiet_after_deny),
        number("quiet_after_unanswered", words::QUIET_UNANSWERED, &typed.quiet_after_unanswered),
        lines("kept_free", words::KEPT_FREE, &typed.kept_free).hint(words::KEPT_FREE_HINT),
    ];
    Ok(Form::new(to, words::SAVE, fields).shown(&["title", "greeting", "colour", "side", "language"]))
}

/// The languages that there are.
fn languages() -> Kind {
    Kind::Choice(vec![("en".into(), words::ENGLISH.into()), ("de".into(), words::GERMAN.into())])
}
