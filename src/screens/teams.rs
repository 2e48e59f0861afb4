//! The team screens: an ordered list of teams, and each team with its members.

use engine::{Engine, Principal, people::TeamForm, store::TeamRecord};
use protocol::{
    id::TeamId,
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table},
};

use super::{FormOutcome, form_fields::Fields, i18n, settings, with_errors};

const PATH: &str = "/settings/teams";

/// Lists all teams.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let people = engine.people(me).await?;
    let row = |team: TeamRecord| {
        let named = people.iter().filter(|person| team.members.contains(&person.id));
        let names: Vec<&str> = named.map(|person| person.name.as_str()).collect();
        let up = Form::new(&format!("{}/up", address(team.id)), i18n::up(), vec![Field::hidden("up", "on")]);
        vec![Cell::Link(Link::new(&address(team.id), &team.name)), names.join(", ").into(), Cell::Form(up)]
    };
    let table = Table {
        heads: [i18n::name(), i18n::members(), ""].map(str::to_owned).to_vec(),
        rows: engine.teams(me).await?.into_iter().map(row).collect(),
        empty: i18n::no_teams().into(),
        more: None,
    };
    let new = Cell::Link(Link::new(&format!("{PATH}/new"), i18n::new_team()));
    let screen = Screen::new(i18n::teams(), i18n::teams_lead()).with(Block::Table(table)).with(Block::Links(vec![new]));
    Ok(with_tabs(me, screen))
}

/// Shows one team, or the form for a new one.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Screen, Refusal> {
    let teams = engine.teams(me).await?;
    let team = match id(which)? {
        Some(id) => Some(teams.into_iter().find(|team| team.id == id).ok_or(Refusal::NotFound)?),
        None => None,
    };
    let people = engine.people(me).await?.into_iter().filter(|person| person.active);
    let people = people.map(|person| (person.id.to_string(), person.name)).collect();
    let (name, members) = team.map_or((String::new(), Vec::new()), |team| (team.name, team.members));
    let members: Vec<String> = members.iter().map(ToString::to_string).collect();
    let fields = vec![
        Field::new("name", i18n::name(), FieldKind::Line).value(&name).required(),
        Field::new("members", i18n::members(), FieldKind::MultiChoice(people)).value(&members.join("\n")),
    ];
    let form = Form::new(&format!("{PATH}/{which}"), i18n::save(), fields);
    let title = if name.is_empty() { i18n::new_team() } else { &name };
    Ok(with_tabs(me, Screen::new(title, "").with(Block::Form(form))))
}

/// Adds or changes a team.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    which: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let members = fields.values("members").into_iter().map(str::to_owned).collect();
    let typed = TeamForm { name: fields.text("name").into(), members };
    match engine.save_team(me, id(which)?, &typed).await {
        Ok(team) => Ok(FormOutcome::saved(&address(team))),
        Err(error) => with_errors(fields, show_one(engine, me, which).await?, &format!("{PATH}/{which}"), error),
    }
}

/// Moves a team up in the list.
pub(super) async fn raise(engine: &Engine, me: &Principal, which: &str) -> Result<FormOutcome, Refusal> {
    engine.move_team_up(me, id(which)?.ok_or(Refusal::NotFound)?).await?;
    Ok(FormOutcome::saved(PATH))
}

fn address(team: TeamId) -> String {
    format!("{PATH}/{team}")
}

fn id(which: &str) -> Result<Option<TeamId>, Refusal> {
    if which == "new" { Ok(None) } else { which.parse().map(Some).map_err(|_| Refusal::NotFound) }
}

fn with_tabs(me: &Principal, mut screen: Screen) -> Screen {
    screen.tabs = settings::tabs(me, PATH);
    screen
}
