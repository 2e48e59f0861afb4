//! The teams: a list in their order, and each with its members.

use engine::{Engine, Principal, people::TypedTeam, store::TeamRecord};
use protocol::{
    id::TeamId,
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Kind, Link, Sheet, Table},
};

use super::{Done, fields::Fields, settings, told, words};

const HERE: &str = "/settings/teams";

/// All of them.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let people = engine.people(me).await?;
    let row = |team: TeamRecord| {
        let named = people.iter().filter(|person| team.members.contains(&person.id));
        let names: Vec<&str> = named.map(|person| person.name.as_str()).collect();
        let up = Form::new(&format!("{}/up", address(team.id)), words::up(), vec![Field::hidden("up", "on")]);
        vec![Cell::Link(Link::new(&address(team.id), &team.name)), names.join(", ").into(), Cell::Form(up)]
    };
    let table = Table {
        heads: [words::name(), words::members(), ""].map(str::to_owned).to_vec(),
        rows: engine.teams(me).await?.into_iter().map(row).collect(),
        empty: words::no_teams().into(),
        more: None,
    };
    let new = Cell::Link(Link::new(&format!("{HERE}/new"), words::new_team()));
    let sheet = Sheet::new(words::teams(), words::teams_lead()).with(Block::Table(table)).with(Block::Ways(vec![new]));
    Ok(with_tabs(me, sheet))
}

/// One of them, or a new one.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Sheet, Refusal> {
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
        Field::new("name", words::name(), Kind::Line).value(&name).required(),
        Field::new("members", words::members(), Kind::Many(people)).value(&members.join("\n")),
    ];
    let form = Form::new(&format!("{HERE}/{which}"), words::save(), fields);
    let title = if name.is_empty() { words::new_team() } else { &name };
    Ok(with_tabs(me, Sheet::new(title, "").with(Block::Form(form))))
}

/// Adds or changes one.
pub(super) async fn submit(engine: &Engine, me: &Principal, which: &str, fields: &Fields) -> Result<Done, Refusal> {
    let members = fields.many("members").into_iter().map(str::to_owned).collect();
    let typed = TypedTeam { name: fields.text("name").into(), members };
    match engine.save_team(me, id(which)?, &typed).await {
        Ok(team) => Ok(Done::saved(&address(team))),
        Err(trouble) => told(fields, show_one(engine, me, which).await?, &format!("{HERE}/{which}"), trouble),
    }
}

/// Moves one up.
pub(super) async fn raise(engine: &Engine, me: &Principal, which: &str) -> Result<Done, Refusal> {
    engine.raise_team(me, id(which)?.ok_or(Refusal::NotFound)?).await?;
    Ok(Done::saved(HERE))
}

fn address(team: TeamId) -> String {
    format!("{HERE}/{team}")
}

fn id(which: &str) -> Result<Option<TeamId>, Refusal> {
    if which == "new" { Ok(None) } else { which.parse().map(Some).map_err(|_| Refusal::NotFound) }
}

fn with_tabs(me: &Principal, mut sheet: Sheet) -> Sheet {
    sheet.tabs = settings::tabs(me, HERE);
    sheet
}
