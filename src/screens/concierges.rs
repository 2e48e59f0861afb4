//! The concierge screens: a list of all concierges, and a settings page for each.

use engine::{
    Engine, Principal,
    concierges::ConciergeForm,
    opening_hours,
    store::{ConciergeRecord, ConciergeSettings},
};
use protocol::{
    id::ConciergeId,
    language::Language,
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table, Tone},
};

use super::{FormOutcome, form_fields::Fields, i18n, settings, with_errors};

const PATH: &str = "/settings/concierges";

/// Lists all concierges.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let teams = teams(engine, me).await?;
    let row = |one: ConciergeRecord| {
        let sites = match one.settings.sites.is_empty() {
            true => Cell::Badge(Tone::Danger, i18n::every_site().into()),
            false => one.settings.sites.join(" ").into(),
        };
        let team = one.settings.team.map(|team| team.to_string()).unwrap_or_default();
        let team = teams.iter().find(|(id, _)| *id == team).map_or("", |(_, name)| name);
        let state = if one.paused { (Tone::Danger, i18n::paused()) } else { (Tone::Good, i18n::in_use()) };
        vec![
            Cell::Link(Link::new(&address(one.id), &one.settings.name)),
            one.key.0.into(),
            sites,
            team.into(),
            Cell::Badge(state.0, state.1.into()),
        ]
    };
    let table = Table {
        heads: [i18n::name(), i18n::key(), i18n::sites(), i18n::team(), i18n::state()].map(str::to_owned).to_vec(),
        rows: engine.concierges(me).await?.into_iter().map(row).collect(),
        empty: i18n::no_concierges().into(),
        more: None,
    };
    let new = Cell::Link(Link::new(&format!("{PATH}/new"), i18n::new_concierge()));
    Ok(with_tabs(
        me,
        Screen::new(i18n::concierges(), i18n::concierges_lead())
            .with(Block::Table(table))
            .with(Block::Links(vec![new])),
    ))
}

/// Shows one concierge, or the form for a new one.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Screen, Refusal> {
    let Some(id) = id(which)? else {
        // Called only for its permission check.
        engine.concierges(me).await?;
        let settings = ConciergeSettings::named(i18n::website(), Language::En);
        let form = form(engine, me, &format!("{PATH}/new"), &ConciergeForm::of(&settings, me.language)).await?;
        return Ok(with_tabs(me, Screen::new(i18n::new_concierge(), "").with(preview(which)).with(Block::Form(form))));
    };
    let one = engine.concierge(me, id).await?;
    let line = format!(
        "<script async src=\"{}/loader.js\" data-concierge=\"{}\"></script>",
        engine.settings().public_url,
        one.key.0
    );
    let to = address(id);
    let word = if one.paused { i18n::resume() } else { i18n::pause() };
    let pause =
        Form::new(&format!("{to}/pause"), word, vec![Field::hidden("paused", if one.paused { "" } else { "on" })]);
    let mut screen = Screen::new(&one.settings.name, &i18n::fill(i18n::key_is(), &one.key.0));
    if one.settings.sites.is_empty() {
        screen = screen.with(Block::Notice(Tone::Danger, i18n::any_site().into()));
    }
    let screen = screen
        .with(Block::Text(i18n::embed().into()))
        .with(Block::Code(line))
        .with(preview(which))
        .with(Block::Form(form(engine, me, &to, &ConciergeForm::of(&one.settings, me.language)).await?))
        .with(Block::Links(vec![Cell::Form(pause)]));
    Ok(with_tabs(me, screen))
}

/// Returns a live preview of the widget, shown next to the form.
fn preview(which: &str) -> Block {
    Block::Frame(format!("/concierge/v1/preview?concierge={which}"), i18n::preview().into())
}

/// Adds or changes a concierge.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    which: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let text = |name: &str| fields.text(name).to_owned();
    let typed = ConciergeForm {
        name: text("name"),
        sites: text("sites"),
        team: text("team"),
        title: text("title"),
        greeting: text("greeting"),
        color: text("color"),
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
        Ok(id) => Ok(FormOutcome::saved(&address(id))),
        Err(error) => with_errors(fields, show_one(engine, me, which).await?, &format!("{PATH}/{which}"), error),
    }
}

/// Pauses or resumes a concierge.
pub(super) async fn pause(
    engine: &Engine,
    me: &Principal,
    which: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let id = id(which)?.ok_or(Refusal::NotFound)?;
    engine.pause_concierge(me, id, fields.on("paused")).await?;
    Ok(FormOutcome::saved(&address(id)))
}

fn address(concierge: ConciergeId) -> String {
    format!("{PATH}/{concierge}")
}

fn id(which: &str) -> Result<Option<ConciergeId>, Refusal> {
    if which == "new" { Ok(None) } else { which.parse().map(Some).map_err(|_| Refusal::NotFound) }
}

fn with_tabs(me: &Principal, mut screen: Screen) -> Screen {
    screen.tabs = settings::tabs(me, PATH);
    screen
}

async fn teams(engine: &Engine, me: &Principal) -> Result<Vec<(String, String)>, Refusal> {
    Ok(engine.teams(me).await?.into_iter().map(|team| (team.id.to_string(), team.name)).collect())
}

async fn form(engine: &Engine, me: &Principal, to: &str, typed: &ConciergeForm) -> Result<Form, Refusal> {
    let choice = |all: &[(&str, &str)]| {
        FieldKind::Choice(all.iter().map(|(value, words)| ((*value).into(), (*words).into())).collect())
    };
    let mut served_by = vec![(String::new(), i18n::no_team().to_owned())];
    served_by.extend(teams(engine, me).await?);
    let line = |name: &str, label: &str, value: &str| Field::new(name, label, FieldKind::Line).value(value).required();
    let lines = |name: &str, label: &str, value: &str| Field::new(name, label, FieldKind::Lines(3)).value(value);
    let number = |name: &str, label: &str, value: &str| {
        Field::new(name, label, FieldKind::Number(1, 43_200)).value(value).hint(i18n::quiet_hint())
    };
    let privacy = [("essential", i18n::essential()), ("ask", i18n::ask()), ("full", i18n::full())];
    let fields = vec![
        line("name", i18n::name(), &typed.name),
        lines("sites", i18n::sites(), &typed.sites).hint(i18n::sites_hint()),
        Field::new("team", i18n::team(), FieldKind::Choice(served_by)).value(&typed.team),
        line("title", i18n::title(), &typed.title).hint(i18n::title_hint()),
        line("greeting", i18n::greeting(), &typed.greeting).hint(i18n::greeting_hint()),
        Field::new("color", i18n::color(), FieldKind::Color).value(&typed.color).hint(i18n::color_hint()).required(),
        Field::new("side", i18n::side(), choice(&[("right", i18n::right()), ("left", i18n::left())]))
            .value(&typed.side),
        Field::new("language", i18n::language(), languages()).value(&typed.language),
        Field::new("privacy", i18n::privacy_mode(), choice(&privacy)).value(&typed.privacy),
        lines("invitation", i18n::invitation(), &typed.invitation).hint(i18n::invitation_hint()).required(),
        lines("templates", i18n::templates(), &typed.templates).hint(i18n::templates_hint()),
        Field::new("zone", i18n::zone(), FieldKind::Suggested(opening_hours::zones())).value(&typed.zone).required(),
        lines("hours", i18n::hours(), &typed.hours).hint(i18n::hours_hint()),
        number("quiet_after_deny", i18n::quiet_deny(), &typed.quiet_after_deny),
        number("quiet_after_unanswered", i18n::quiet_unanswered(), &typed.quiet_after_unanswered),
        lines("excluded_paths", i18n::excluded_paths(), &typed.excluded_paths).hint(i18n::excluded_paths_hint()),
    ];
    Ok(Form::new(to, i18n::save(), fields).shown(&["title", "greeting", "color", "side", "language"]))
}

/// Returns a choice field with the supported languages.
pub(super) fn languages() -> FieldKind {
    FieldKind::Choice(vec![("en".into(), i18n::english().into()), ("de".into(), i18n::german().into())])
}
