//! The settings: the tabs of all of them, and the first, the organization itself.

use engine::{Engine, Permission, Principal};
use protocol::{
    limits::NAME_CHARS,
    refusal::Refusal,
    sheet::{Block, Field, Form, Kind, Link, Sheet},
};

use super::{Done, fields::Fields, words};

const HERE: &str = "/settings";

/// The places of the settings, and what one must be allowed to see each.
const TABS: &[(&str, words::Word, Permission)] = &[
    (HERE, words::organization, Permission::ManageTeams),
    (super::privacy::HERE, words::privacy, Permission::ManagePrivacy),
    ("/settings/concierges", words::concierges, Permission::ManageConcierges),
    ("/settings/teams", words::teams, Permission::ManageTeams),
    ("/settings/agents", words::agents, Permission::ManageAgents),
    ("/settings/routing", words::routing, Permission::ManageTeams),
    (super::mail::HERE, words::mail, Permission::ManageMail),
    ("/settings/replies", words::replies, Permission::ManageOwnReplies),
    ("/settings/audit", words::audit, Permission::ReadAudit),
];

/// The tabs that somebody may see; `here` is the address of the one he is on.
pub(super) fn tabs(me: &Principal, here: &str) -> Vec<Link> {
    let allowed = TABS.iter().filter(|(.., permission)| me.may(*permission).is_ok());
    allowed.map(|(to, words, _)| Link { here: *to == here, ..Link::new(to, words()) }).collect()
}

/// The organization, or for those who may not change it, the first tab they may see.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    if me.may(Permission::ManageTeams).is_err() {
        return super::replies::show(engine, me).await;
    }
    let directory = engine.directory(me).await?;
    let name = Field::new("name", words::name(), Kind::Line).hint(words::organization_name_hint()).required();
    let form = Form::new(HERE, words::save(), vec![name.value(&directory.organization)]);
    let mut sheet = Sheet::new(words::organization(), words::organization_lead()).with(Block::Form(form));
    sheet.tabs = tabs(me, HERE);
    Ok(sheet)
}

/// Gives the organization another name.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<Done, Refusal> {
    me.may(Permission::ManageTeams)?;
    let name = fields.text("name");
    let trouble = match name.chars().count() {
        0 => words::missing().to_owned(),
        length if length > NAME_CHARS => words::fill(words::too_long(), &NAME_CHARS.to_string()),
        _ => {
            engine.rename_organization(me, name).await?;
            return Ok(Done::saved(HERE));
        }
    };
    Ok(Done::Again(fields.again(show(engine, me).await?, HERE, &[("name", &trouble)])))
}
