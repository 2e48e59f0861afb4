//! The concierges: a list, and each with everything that can be set of it.

use engine::{
    Engine, Principal,
    concierges::TypedConcierge,
    opening,
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
        let sites =
            if one.settings.sites.is_empty() { words::every_site().into() } else { one.settings.sites.join(" ") };
        let team = one.settings.team.map(|team| team.to_string()).unwrap_or_default();
        let team = teams.iter().find(|(id, _)| *id == team).map_or("", |(_, name)| name);
        let state = if one.paused { (Tone::FormError, words::paused()) } else { (Tone::Good, words::in_use()) };
        vec![
            Cell::Link(Link::new(&address(one.id), &one.settings.name)),
            one.key.0.into(),
            sites.into(),
            team.into(),
            Cell::Badge(state.0, state.1.into()),
        ]
    };
    let table = Table {
        heads: [words::name(), words::key(), words::sites(), words::team(), words::state()].map(str::to_owned).to_vec(),
        rows: engine.concierges(me).await?.into_iter().map(row).collect(),
        empty: words::no_concierges().into(),
        more: None,
    };
    let new = Cell::Link(Link::new(&format!("{HERE}/new"), words::new_concierge()));
    Ok(with_tabs(
        me,
        Sheet::new(words::concierges(), words::concierges_lead())
            .with(Block::Table(table))
            .with(Block::Ways(vec![new])),
    ))
}

/// One of them, or a new one.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Sheet, Refusal> {
    let Some(id) = id(which)? else {
        // That one may is asked by the list.
        engine.concierges(me).await?;
        let settings = ConciergeSettings::named(words::website(), Language::En);
        let form = form(engine, me, &format!("{HERE}/new"), &TypedConcierge::of(&settings, me.language)).await?;
        return Ok(with_tabs(me, Sheet::new(words::new_concierge(), "").with(preview(which)).with(Block::Form(form))));
    };
    let one = engine.concierge(me, id).await?;
    let line = format!(
        "<script async src=\"{}/loader.js\" data-concierge=\"{}\"></script>",
        engine.settings().public_url,
        one.key.0
    );
    let to = address(id);
    let word = if one.paused { words::resume() } else { words::pause() };
    let pause =
        Form::new(&format!("{to}/pause"), word, vec![Field::hidden("paused", if one.paused { "" } else { "on" })]);
    let sheet = Sheet::new(&one.settings.name, &words::fill(words::key_is(), &one.key.0))
        .with(Block::Text(words::embed().into()))
        .with(Block::Code(line))
        .with(preview(which))
        .with(Block::Form(form(engine, me, &to, &TypedConcierge::of(&one.settings, me.language)).await?))
        .with(Block::Ways(vec![Cell::Form(pause)]));
    Ok(with_tabs(me, sheet))
}

/// How it looks, as the form beside it is filled in.
fn preview(which: &str) -> Block {
    Block::Frame(format!("/concierge/v1/preview?concierge={which}"), words::preview().into())
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
        excluded_paths: text("excluded_paths"),
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
    let mut served_by = vec![(String::new(), words::no_team().to_owned())];
    served_by.extend(teams(engine, me).await?);
    let line = |name: &str, label: &str, value: &str| Field::new(name, label, Kind::Line).value(value).required();
    let lines = |name: &str, label: &str, value: &str| Field::new(name, label, Kind::Lines(3)).value(value);
    let number = |name: &str, label: &str, value: &str| {
        Field::new(name, label, Kind::Number(1, 43_200)).value(value).hint(words::quiet_hint())
    };
    let privacy = [("essential", words::essential()), ("ask", words::ask()), ("full", words::full())];
    let fields = vec![
        line("name", words::name(), &typed.name),
        lines("sites", words::sites(), &typed.sites).hint(words::sites_hint()),
        Field::new("team", words::team(), Kind::Choice(served_by)).value(&typed.team),
        line("title", words::title(), &typed.title).hint(words::title_hint()),
        line("greeting", words::greeting(), &typed.greeting).hint(words::greeting_hint()),
        Field::new("colour", words::colour(), Kind::Colour).value(&typed.colour).hint(words::colour_hint()).required(),
        Field::new("side", words::side(), choice(&[("right", words::right()), ("left", words::left())]))
            .value(&typed.side),
        Field::new("language", words::language(), languages()).value(&typed.language),
        Field::new("privacy", words::privacy_mode(), choice(&privacy)).value(&typed.privacy),
        lines("invitation", words::invitation(), &typed.invitation).hint(words::invitation_hint()).required(),
        lines("templates", words::templates(), &typed.templates).hint(words::templates_hint()),
        Field::new("zone", words::zone(), Kind::Suggested(opening::zones())).value(&typed.zone).required(),
        lines("hours", words::hours(), &typed.hours).hint(words::hours_hint()),
        number("quiet_after_deny", words::quiet_deny(), &typed.quiet_after_deny),
        number("quiet_after_unanswered", words::quiet_unanswered(), &typed.quiet_after_unanswered),
        lines("excluded_paths", words::excluded_paths(), &typed.excluded_paths).hint(words::excluded_paths_hint()),
    ];
    Ok(Form::new(to, words::save(), fields).shown(&["title", "greeting", "colour", "side", "language"]))
}

/// The languages that there are.
pub(super) fn languages() -> Kind {
    Kind::Choice(vec![("en".into(), words::english().into()), ("de".into(), words::german().into())])
}
