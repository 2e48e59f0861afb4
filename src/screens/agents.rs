//! The agent screens for admins: the list of agents, pending invitations, and each agent's settings.

use engine::{
    Engine, Principal,
    people::{AgentForm, AgentInvitationForm, CreatedLink},
    store::{JoinLink, PersonRecord},
};
use protocol::{
    agent::Role,
    id::AgentId,
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table, Tone},
};

use super::{FormOutcome, account, email_texts, form_fields::Fields, i18n, settings, with_errors};

const PATH: &str = "/settings/agents";

/// Lists all agents and the pending invitations.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let teams = teams(engine, me).await?;
    let row = |person: PersonRecord| {
        let team_name = |team| teams.iter().find(|(id, _)| *id == team).map(|(_, name)| name.as_str());
        let own_teams: Vec<&str> = person.teams.iter().filter_map(|team| team_name(team.to_string())).collect();
        let avatar = account::avatar_address(&person).map(Cell::Avatar);
        let named = [Cell::Link(Link::new(&address(person.id), &person.name)), person.email.into()];
        let named = avatar.into_iter().chain(named).collect();
        let state = if person.active { (Tone::Good, i18n::active()) } else { (Tone::Plain, i18n::deactivated()) };
        vec![
            Cell::Group(named),
            role(person.role).into(),
            own_teams.join(", ").into(),
            Cell::Badge(state.0, state.1.into()),
        ]
    };
    let people = Table {
        heads: [i18n::name(), i18n::role(), i18n::teams(), i18n::state()].map(str::to_owned).to_vec(),
        rows: engine.people(me).await?.into_iter().map(row).collect(),
        empty: String::new(),
        more: None,
    };
    let back =
        |email: &str| Form::new(&format!("{PATH}/withdraw"), i18n::take_back(), vec![Field::hidden("email", email)]);
    let row = |link: JoinLink| {
        let back = Cell::Form(back(link.email.as_str()));
        vec![link.email.into_string().into(), role(link.role).into(), Cell::Time(link.expires_at), back]
    };
    let invited = Table {
        heads: [i18n::email(), i18n::role(), i18n::until(), ""].map(str::to_owned).to_vec(),
        rows: engine.invited_agents(me).await?.into_iter().map(row).collect(),
        empty: i18n::invited_none().into(),
        more: None,
    };
    let invite = Cell::Link(Link::new(&format!("{PATH}/invite"), i18n::invite_agent()));
    let screen = Screen::new(i18n::agents(), i18n::agents_lead())
        .with(Block::Table(people))
        .with(Block::Links(vec![invite]))
        .with(Block::Heading(i18n::invited().into()))
        .with(Block::Table(invited));
    Ok(with_tabs(me, screen))
}

/// Shows the form for inviting an agent.
pub(super) async fn show_invite(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    engine.invited_agents(me).await?;
    let mut fields = vec![Field::new("email", i18n::email(), FieldKind::Email).required()];
    fields.extend(role_fields(engine, me, Role::Agent, 5, "").await?);
    let form = Form::new(&format!("{PATH}/invite"), i18n::make_link(), fields);
    Ok(with_tabs(me, Screen::new(i18n::invite_agent(), i18n::invite_agent_lead()).with(Block::Form(form))))
}

/// Invites an agent. The link is shown only if it is not sent by email, and only on the resulting screen.
pub(super) async fn invite(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    let typed = AgentInvitationForm {
        email: fields.text("email").into(),
        role: fields.text("role").into(),
        max_chats: fields.text("max_chats").into(),
        teams: owned(fields.values("teams")),
    };
    match engine.invite_agent(me, &typed).await {
        Ok(made) => Ok(link_screen(me, i18n::invite_agent(), i18n::link_made(), fields.text("email"), made)),
        Err(error) => with_errors(fields, show_invite(engine, me).await?, &format!("{PATH}/invite"), error),
    }
}

/// Withdraws an invitation.
pub(super) async fn withdraw(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    engine.withdraw_agent(me, fields.text("email")).await?;
    Ok(FormOutcome::saved(PATH))
}

/// Shows one agent.
pub(super) async fn show_one(engine: &Engine, me: &Principal, which: &str) -> Result<Screen, Refusal> {
    let person = engine.person(me, id(which)?).await?;
    let to = address(person.id);
    let own_teams = person.teams.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut fields = vec![Field::new("name", i18n::name(), FieldKind::Line).value(&person.name).required()];
    fields.extend(role_fields(engine, me, person.role, person.max_chats, &own_teams).await?);
    let active = if person.active { i18n::deactivate() } else { i18n::reactivate() };
    let active = Form::new(
        &format!("{to}/active"),
        active,
        vec![Field::hidden("active", if person.active { "" } else { "on" })],
    );
    let active = if person.active { active.irrevocable() } else { active };
    let reset = Form::new(&format!("{to}/reset"), i18n::reset(), vec![Field::hidden("reset", "on")]);
    let mut ways = vec![Cell::Form(reset)];
    if person.id != me.agent {
        ways.push(Cell::Form(active));
    }
    let screen = Screen::new(&person.name, &person.email)
        .with(Block::Form(Form::new(&to, i18n::save(), fields)))
        .with(Block::Text(i18n::deactivate_hint().into()))
        .with(Block::Links(ways));
    Ok(with_tabs(me, screen))
}

/// Changes an agent.
pub(super) async fn submit(
    engine: &Engine,
    me: &Principal,
    which: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let typed = AgentForm {
        name: fields.text("name").into(),
        role: fields.text("role").into(),
        max_chats: fields.text("max_chats").into(),
        teams: owned(fields.values("teams")),
    };
    let id = id(which)?;
    match engine.change_agent(me, id, &typed).await {
        Ok(()) => Ok(FormOutcome::saved(&address(id))),
        Err(error) => with_errors(fields, show_one(engine, me, which).await?, &address(id), error),
    }
}

/// Deactivates or reactivates an agent.
pub(super) async fn activate(
    engine: &Engine,
    me: &Principal,
    which: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let id = id(which)?;
    match engine.set_agent_active(me, id, fields.on("active")).await {
        Ok(()) => Ok(FormOutcome::saved(&address(id))),
        Err(error) => with_errors(fields, show_one(engine, me, which).await?, "", error),
    }
}

/// Creates a password reset link. The link is shown only if it is not sent by email, and only on the resulting screen.
pub(super) async fn reset(engine: &Engine, me: &Principal, which: &str) -> Result<FormOutcome, Refusal> {
    let person = engine.person(me, id(which)?).await?;
    let made = engine.create_reset_link(me, person.id).await?;
    Ok(link_screen(me, &person.name, i18n::reset_made(), &person.email, made))
}

/// Shows who a new link is for and whether it was emailed. Shows the link itself only if it has to be passed on by
/// hand.
fn link_screen(me: &Principal, title: &str, sentence: &str, to: &str, made: CreatedLink) -> FormOutcome {
    let mailed = email_texts::mailed_text(made.mailed, to)
        .map(|(well, message)| (if well { Tone::Good } else { Tone::Danger }, message));
    let (tone, message) = mailed.unwrap_or_else(|| (Tone::Good, i18n::fill(i18n::send_it(), to)));
    let screen = Screen::new(title, "").with(Block::Notice(tone, message)).with(Block::Text(sentence.into()));
    let screen = match made.address {
        Some(address) => screen.with(Block::Text(i18n::shown_once().into())).with(Block::Code(address)),
        None => screen,
    };
    let screen = screen.with(Block::Links(vec![Cell::Link(Link::new(PATH, i18n::agents()))]));
    FormOutcome::Render(with_tabs(me, screen))
}

async fn role_fields(
    engine: &Engine,
    me: &Principal,
    role: Role,
    chats: u32,
    own_teams: &str,
) -> Result<[Field; 3], Refusal> {
    let roles = Role::ALL.map(|role| (role.as_str().to_owned(), self::role(role).to_owned())).to_vec();
    Ok([
        Field::new("role", i18n::role(), FieldKind::Choice(roles)).value(role.as_str()).hint(i18n::role_hint()),
        Field::new("max_chats", i18n::max_chats(), FieldKind::Number(1, 50)).value(&chats.to_string()).required(),
        Field::new("teams", i18n::teams(), FieldKind::MultiChoice(teams(engine, me).await?)).value(own_teams),
    ])
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Agent => i18n::agent(),
        Role::Supervisor => i18n::supervisor(),
        Role::Admin => i18n::admin(),
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn address(agent: AgentId) -> String {
    format!("{PATH}/{agent}")
}

fn id(which: &str) -> Result<AgentId, Refusal> {
    which.parse().map_err(|_| Refusal::NotFound)
}

fn with_tabs(me: &Principal, mut screen: Screen) -> Screen {
    screen.tabs = settings::tabs(me, PATH);
    screen
}

async fn teams(engine: &Engine, me: &Principal) -> Result<Vec<(String, String)>, Refusal> {
    Ok(engine.teams(me).await?.into_iter().map(|team| (team.id.to_string(), team.name)).collect())
}
