//! The canned reply screens: the agent's own replies and, for agents with permission, shared replies.

use engine::{Engine, Permission, Principal, store::NewReply};
use protocol::{
    agent::TeamCard,
    canned_reply::{Reply, Scope},
    id::ReplyId,
    limits::{MESSAGE_CHARS, REPLY_NAME_CHARS},
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Table},
};
use uuid::Uuid;

use super::{FormOutcome, form_fields::Fields, i18n, settings};

const PATH: &str = "/settings/replies";
const MINE: &str = "mine";
const EVERYONE: &str = "everyone";

/// Lists the replies available to the agent, with a form for adding a new one.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let teams = engine.directory(me).await?.teams;
    let rows = engine.replies(me).await?.into_iter().map(|reply| row(me, &teams, reply)).collect();
    let table = Table {
        heads: [i18n::name(), i18n::reply_text(), i18n::reply_for(), ""].map(str::to_owned).to_vec(),
        rows,
        empty: i18n::replies_empty().to_owned(),
        more: None,
    };
    let mut screen = Screen::new(i18n::replies(), i18n::replies_lead())
        .with(Block::Table(table))
        .with(Block::Heading(i18n::reply_new().to_owned()))
        .with(Block::Form(Form::new(PATH, i18n::save(), reply_fields(me, &teams, None))));
    screen.tabs = settings::tabs(me, PATH);
    Ok(screen)
}

/// Shows one reply for editing.
pub(super) async fn show_one(engine: &Engine, me: &Principal, reply: &str) -> Result<Screen, Refusal> {
    let reply = engine.reply(me, reply.parse().map_err(|_| Refusal::NotFound)?).await?;
    let teams = engine.directory(me).await?.teams;
    let to = format!("{PATH}/{}", reply.id);
    let mut screen = Screen::new(i18n::replies(), i18n::replies_lead())
        .with(Block::Form(Form::new(&to, i18n::save(), reply_fields(me, &teams, Some(&reply)))))
        .with(Block::Links(vec![Cell::Link(Link::new(PATH, i18n::replies_all()))]));
    screen.tabs = settings::tabs(me, PATH);
    Ok(screen)
}

/// Adds a reply.
pub(super) async fn add(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    save_reply(engine, me, fields, ReplyId(Uuid::now_v7()), true).await
}

/// Changes or deletes a reply.
pub(super) async fn submit_one(
    engine: &Engine,
    me: &Principal,
    reply: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let reply: ReplyId = reply.parse().map_err(|_| Refusal::NotFound)?;
    if fields.on("delete") {
        engine.delete_reply(me, reply).await?;
        return Ok(FormOutcome::saved(PATH));
    }
    save_reply(engine, me, fields, reply, false).await
}

async fn save_reply(
    engine: &Engine,
    me: &Principal,
    fields: &Fields,
    id: ReplyId,
    is_new: bool,
) -> Result<FormOutcome, Refusal> {
    let errors = errors(fields);
    if !errors.is_empty() {
        let (screen, to) = match is_new {
            true => (show(engine, me).await?, PATH.to_owned()),
            false => (show_one(engine, me, &id.to_string()).await?, format!("{PATH}/{id}")),
        };
        let errors: Vec<_> = errors.iter().map(|(name, error)| (*name, error.as_str())).collect();
        return Ok(FormOutcome::Render(fields.redisplay(screen, &to, &errors)));
    }
    let scope = match fields.text("scope") {
        EVERYONE => Scope::Everyone,
        MINE | "" => Scope::Mine,
        team => Scope::Team(team.parse().map_err(|_| Refusal::NotFound)?),
    };
    let (name, text) = (fields.text("name").to_owned(), fields.text("text").to_owned());
    engine.put_reply(me, NewReply { id, scope, name, text, is_new }).await?;
    Ok(FormOutcome::saved(PATH))
}

fn errors(fields: &Fields) -> Vec<(&'static str, String)> {
    let error = |name: &'static str, limit: usize| match fields.text(name).chars().count() {
        0 => Some((name, i18n::missing().to_owned())),
        length if length > limit => Some((name, i18n::fill(i18n::too_long(), &limit.to_string()))),
        _ => None,
    };
    [error("name", REPLY_NAME_CHARS), error("text", MESSAGE_CHARS)].into_iter().flatten().collect()
}

fn row(me: &Principal, teams: &[TeamCard], reply: Reply) -> Vec<Cell> {
    let to = format!("{PATH}/{}", reply.id);
    let may = reply.scope == Scope::Mine || me.may(Permission::ManageSharedReplies).is_ok();
    let scope = match reply.scope {
        Scope::Mine => i18n::reply_mine(),
        Scope::Everyone => i18n::everybody(),
        Scope::Team(team) => teams.iter().find(|one| one.id == team).map_or("", |team| team.name.as_str()),
    };
    let (name, delete) = match may {
        true => {
            let delete = Form::new(&to, i18n::reply_delete(), vec![Field::hidden("delete", "on")]).irrevocable();
            (Cell::Link(Link::new(&to, &reply.name)), Cell::Form(delete))
        }
        false => (reply.name.into(), "".into()),
    };
    vec![name, reply.text.into(), scope.into(), delete]
}

fn reply_fields(me: &Principal, teams: &[TeamCard], reply: Option<&Reply>) -> Vec<Field> {
    let mut scopes = vec![(MINE.to_owned(), i18n::reply_mine().to_owned())];
    if me.may(Permission::ManageSharedReplies).is_ok() {
        scopes.extend(teams.iter().map(|team| (team.id.to_string(), team.name.clone())));
        scopes.push((EVERYONE.to_owned(), i18n::everybody().to_owned()));
    }
    let scope = match reply.map(|reply| reply.scope) {
        Some(Scope::Team(team)) => team.to_string(),
        Some(Scope::Everyone) => EVERYONE.to_owned(),
        Some(Scope::Mine) | None => MINE.to_owned(),
    };
    let (name, text) = reply.map_or(("", ""), |reply| (reply.name.as_str(), reply.text.as_str()));
    vec![
        Field::new("name", i18n::name(), FieldKind::Line).hint(i18n::reply_name_hint()).value(name).required(),
        Field::new("text", i18n::reply_text(), FieldKind::Lines(5))
            .hint(i18n::reply_text_hint())
            .value(text)
            .required(),
        Field::new("scope", i18n::reply_for(), FieldKind::Choice(scopes)).value(&scope),
    ]
}
