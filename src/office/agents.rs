//! The agents: who can sign in, who is invited, and each with what an admin sets of him.

use engine::{
    Engine, Principal,
    people::{LinkMade, TypedAgent, TypedInvitation},
    store::{JoinLink, PersonRecord},
};
use protocol::{
    agent::Role,
    id::AgentId,
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Kind, Link, Sheet, Table, Tone},
};

use super::{Done, account, fields::Fields, letters, settings, told, words};

const HERE: &str = "/settings/agents";

/// All of them, and who is invited.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let teams = teams(engine, me).await?;
    let row = |person: PersonRecord| {
        let team_name = |team| teams.iter().find(|(id, _)| *id == team).map(|(_, name)| name.as_str());
        let his: Vec<&str> = person.teams.iter().filter_map(|team| team_name(team.to_string())).collect();
        let face = account::picture_address(&person).map(Cell::Face);
        let named = [Cell::Link(Link::new(&address(person.id), &person.name)), person.email.into()];
        let named = face.into_iter().chain(named).collect();
        let state = if person.active { (Tone::Good, words::active()) } else { (Tone::Plain, words::deactivated()) };
        vec![
            Cell::Several(named),
            role(person.role).into(),
            his.join(", ").into(),
            Cell::Badge(state.0, state.1.into()),
        ]
    };
    let people = Table {
        heads: [words::name(), words::role(), words::teams(), words::state()].map(str::to_owned).to_vec(),
        rows: engine.people(me).await?.into_iter().map(row).collect(),
        empty: String::new(),
        more: None,
    };
    let back =
        |email: &str| Form::new(&format!("{HERE}/withdraw"), words::take_back(), vec![Field::hidden("email", email)]);
    let row = |link: JoinLink| {
        let back = Cell::Form(back(&link.email));
        vec![link.email.into(), role(link.role).into(), Cell::Time(link.expires_at), back]
    };
    let invited = Table {
        heads: [words::email(), words::role(), words::until(), ""].map(str::to_owned).to_vec(),
        rows: engine.invited_agents(me).await?.into_iter().map(row).collect(),
        empty: words::invited_none().into(),
        more: None,
    };
    let invite = Cell::Link(Link::new(&format!("{HERE}/invite"), words::invite_agent()));
    let sheet = Sheet::new(words::agents(), words::agents_lead())
        .with(Block::Table(people))
        .with(Block::Ways(vec![invite]))
        .with(Block::Heading(words::invited().into()))
        .with(Block::Table(invited));
    Ok(with_tabs(me, sheet))
}

/// What is asked for to invite one.
pub(super) async fn show_invite(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    engine.invited_agents(me).await?;
    let mut fields = vec![Field::new("email", words::email(), Kind::Email).required()];
    fields.extend(work(engine, me, Role::Agent, 5, "").await?);
    let form = Form::new(&format!("{HERE}/invite"), words::make_link(), fields);
    Ok(with_tabs(me, Sheet::new(words::invite_agent(), words::invite_agent_lead()).with(Block::Form(form))))
}

/// Invites one: the sheet shows the link this once.
pub(super) async fn invite(engine: &Engine, me: &Principal, fields: &Fields) -> Result<Done, Refusal> {
    let typed = TypedInvitation {
        email: fields.text("email").into(),
        role: fields.text("role").into(),
        max_chats: fields.text("max_chats").into(),
        teams: owned(fields.many("teams")),
    };
    match engine.invite_agent(me, &typed).await {
        Ok(made) => Ok(with_link(me, words::invite_agent(), words::link_made(), fields.text("email"), made)),
        Err(trouble) => told(fields, show_invite(engine, me).await?, &format!("{HERE}/invite"), trouble),
    }
}

/// Takes an invitation back.
pub(super) async fn withdraw(engine: &Engine, me: &Principal, fields: &Fields) -> Result<Done, Refusal> {
    engine.withdraw_agent(me, fields.text("email")).await?;
    Ok(Done::saved(HERE))
}

/// One of them.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Sheet, Refusal> {
    let person = engine.person(me, id(which)?).await?;
    let to = address(person.id);
    let his = person.teams.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut fields = vec![Field::new("name", words::name(), Kind::Line).value(&person.name).required()];
    fields.extend(work(engine, me, person.role, person.max_chats, &his).await?);
    let active = if person.active { words::deactivate() } else { words::reactivate() };
    let active = Form::new(
        &format!("{to}/active"),
        active,
        vec![Field::hidden("active", if person.active { "" } else { "on" })],
    );
    let active = if person.active { active.irrevocable() } else { active };
    let reset = Form::new(&format!("{to}/reset"), words::reset(), vec![Field::hidden("reset", "on")]);
    let mut ways = vec![Cell::Form(reset)];
    if person.id != me.agent {
        ways.push(Cell::Form(active));
    }
    let sheet = Sheet::new(&person.name, &person.email)
        .with(Block::Form(Form::new(&to, words::save(), fields)))
        .with(Block::Text(words::deactivate_hint().into()))
        .with(Block::Ways(ways));
    Ok(with_tabs(me, sheet))
}

/// Changes one.
pub(super) async fn submit(engine: &Engine, me: &Principal, which: &str, fields: &Fields) -> Result<Done, Refusal> {
    let typed = TypedAgent {
        name: fields.text("name").into(),
        role: fields.text("role").into(),
        max_chats: fields.text("max_chats").into(),
        teams: owned(fields.many("teams")),
    };
    let id = id(which)?;
    match engine.change_agent(me, id, &typed).await {
        Ok(()) => Ok(Done::saved(&address(id))),
        Err(trouble) => told(fields, show_one(engine, me, which).await?, &address(id), trouble),
    }
}

/// Deactivates one, or lets him sign in again.
pub(super) async fn activate(engine: &Engine, me: &Principal, which: &str, fields: &Fields) -> Result<Done, Refusal> {
    let id = id(which)?;
    match engine.set_agent_active(me, id, fields.on("active")).await {
        Ok(()) => Ok(Done::saved(&address(id))),
        Err(trouble) => told(fields, show_one(engine, me, which).await?, "", trouble),
    }
}

/// Makes a link to a new password: the sheet shows it this once.
pub(super) async fn reset(engine: &Engine, me: &Principal, which: &str) -> Result<Done, Refusal> {
    let person = engine.person(me, id(which)?).await?;
    let made = engine.link_to_new_password(me, person.id).await?;
    Ok(with_link(me, &person.name, words::reset_made(), &person.email, made))
}

/// The link, this once, for whom it is, and whether it was mailed.
fn with_link(me: &Principal, title: &str, sentence: &str, to: &str, made: LinkMade) -> Done {
    let mailed =
        letters::told(made.mailed, to).map(|(well, told)| (if well { Tone::Good } else { Tone::FormError }, told));
    let (tone, told) = mailed.unwrap_or_else(|| (Tone::Good, words::fill(words::send_it(), to)));
    let sheet = Sheet::new(title, "")
        .with(Block::Notice(tone, told))
        .with(Block::Text(sentence.into()))
        .with(Block::Code(made.address))
        .with(Block::Ways(vec![Cell::Link(Link::new(HERE, words::agents()))]));
    Done::Again(with_tabs(me, sheet))
}

async fn work(engine: &Engine, me: &Principal, role: Role, chats: u32, his: &str) -> Result<[Field; 3], Refusal> {
    let roles = Role::ALL.map(|role| (role.as_str().to_owned(), self::role(role).to_owned())).to_vec();
    Ok([
        Field::new("role", words::role(), Kind::Choice(roles)).value(role.as_str()).hint(words::role_hint()),
        Field::new("max_chats", words::max_chats(), Kind::Number(1, 50)).value(&chats.to_string()).required(),
        Field::new("teams", words::teams(), Kind::Many(teams(engine, me).await?)).value(his),
    ])
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Agent => words::agent(),
        Role::Supervisor => words::supervisor(),
        Role::Admin => words::admin(),
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn address(agent: AgentId) -> String {
    format!("{HERE}/{agent}")
}

fn id(which: &str) -> Result<AgentId, Refusal> {
    which.parse().map_err(|_| Refusal::NotFound)
}

fn with_tabs(me: &Principal, mut sheet: Sheet) -> Sheet {
    sheet.tabs = settings::tabs(me, HERE);
    sheet
}

async fn teams(engine: &Engine, me: &Principal) -> Result<Vec<(String, String)>, Refusal> {
    Ok(engine.teams(me).await?.into_iter().map(|team| (team.id.to_string(), team.name)).collect())
}
