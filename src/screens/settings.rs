//! The settings tabs, and the first tab's screen: the organization.

use engine::{Engine, Permission, Principal};
use protocol::{
    limits::NAME_CHARS,
    refusal::Refusal,
    screen::{Block, Field, FieldKind, Form, Link, Screen},
};

use super::{FormOutcome, form_fields::Fields, i18n};

const PATH: &str = "/settings";

/// The settings tabs, each with its path, its label, and the permission required to see it.
const TABS: &[(&str, i18n::StringFn, Permission)] = &[
    (PATH, i18n::organization, Permission::ManageTeams),
    (super::privacy_settings::PATH, i18n::privacy, Permission::ManagePrivacy),
    ("/settings/concierges", i18n::concierges, Permission::ManageConcierges),
    ("/settings/teams", i18n::teams, Permission::ManageTeams),
    ("/settings/agents", i18n::agents, Permission::ManageAgents),
    ("/settings/routing", i18n::routing, Permission::ManageTeams),
    (super::mail_status::PATH, i18n::mail, Permission::ManageMail),
    ("/settings/replies", i18n::replies, Permission::ManageOwnReplies),
    ("/settings/audit", i18n::audit, Permission::ReadAudit),
];

/// Returns the tabs that the agent may see. `here` is the path of the current tab.
pub(super) fn tabs(me: &Principal, here: &str) -> Vec<Link> {
    let allowed = TABS.iter().filter(|(.., permission)| me.may(*permission).is_ok());
    allowed.map(|(to, words, _)| Link { here: *to == here, ..Link::new(to, words()) }).collect()
}

/// Shows the organization, or the canned replies if the agent may not change the organization.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    if me.may(Permission::ManageTeams).is_err() {
        return super::canned_replies::show(engine, me).await;
    }
    let directory = engine.directory(me).await?;
    let name = Field::new("name", i18n::name(), FieldKind::Line).hint(i18n::organization_name_hint()).required();
    let form = Form::new(PATH, i18n::save(), vec![name.value(&directory.organization)]);
    let mut screen = Screen::new(i18n::organization(), i18n::organization_lead()).with(Block::Form(form));
    screen.tabs = tabs(me, PATH);
    Ok(screen)
}

/// Renames the organization.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    me.may(Permission::ManageTeams)?;
    let name = fields.text("name");
    let error = match name.chars().count() {
        0 => i18n::missing().to_owned(),
        length if length > NAME_CHARS => i18n::fill(i18n::too_long(), &NAME_CHARS.to_string()),
        _ => {
            engine.rename_organization(me, name).await?;
            return Ok(FormOutcome::saved(PATH));
        }
    };
    Ok(FormOutcome::Render(fields.redisplay(show(engine, me).await?, PATH, &[("name", &error)])))
}
