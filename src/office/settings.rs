//! The settings: the tabs of all of them, and the first, the organization itself.

use engine::{Deed, Engine, Principal};
use protocol::{
    limits::NAME_CHARS,
    refusal::Refusal,
    sheet::{Block, Field, Form, Kind, Link, Sheet},
};

use super::{Done, fields::Fields, words};

const HERE: &str = "/settings";

/// The places of the settings, and what one must be allowed to see each.
const TABS: &[(&str, words::Word, Deed)] = &[
    (HERE, words::organization, Deed::KeepTeams),
    (super::privacy::HERE, words::privacy, Deed::KeepPrivacy),
    ("/settings/concierges", words::concierges, Deed::KeepConcierges),
    ("/settings/teams", words::teams, Deed::KeepTeams),
    ("/settings/agents", words::agents, Deed::KeepAgents),
    ("/settings/routing", words::routing, Deed::KeepTeams),
    (super::mail::HERE, words::mail, Deed::KeepMail),
    ("/settings/replies", words::replies, Deed::KeepOwnReplies),
    ("/settings/audit", words::audit, Deed::ReadAudit),
];

/// The tabs that somebody may see; `here` is the address of the one he is on.
pub(super) fn tabs(me: &Principal, here: &str) -> Vec<Link> {
    let allowed = TABS.iter().filter(|(.., deed)| me.may(*deed).is_ok());
    allowed.map(|(to, words, _)| Link { here: *to == here, ..Link::new(to, words()) }).collect()
}

/// The organization, or for those who may not change it, the first tab they may see.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    if me.may(Deed::KeepTeams).is_err() {
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
    me.may(Deed::KeepTeams)?;
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
