//! The privacy screen: how long data is kept.

use engine::{Engine, Principal, store::Retention};
use protocol::{
    refusal::Refusal,
    screen::{Block, Field, FieldKind, Form, Screen},
};

use super::{FormOutcome, form_fields::Fields, i18n, settings};

pub(super) const PATH: &str = "/settings/privacy";
const MAX_DAYS: u32 = 3_650;
const FIELDS: [&str; 4] = ["chats", "visits", "audit", "audit_addresses"];

/// Shows the retention periods, in days.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let keep = engine.retention(me).await?;
    let days = |name: &str, label: &str, days: u32| {
        let kind = FieldKind::Number(0, i64::from(MAX_DAYS));
        Field::new(name, label, kind).value(&days.to_string()).hint(i18n::keep_hint()).required()
    };
    let fields = vec![
        days("chats", i18n::keep_chats(), keep.chats),
        days("visits", i18n::keep_visits(), keep.visits),
        days("audit", i18n::keep_audit(), keep.audit),
        days("audit_addresses", i18n::keep_audit_addresses(), keep.audit_addresses),
    ];
    let form = Form::new(PATH, i18n::save(), fields);
    let mut screen = Screen::new(i18n::privacy(), i18n::privacy_lead()).with(Block::Form(form));
    screen.tabs = settings::tabs(me, PATH);
    Ok(screen)
}

/// Saves the retention periods.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    let days = |name: &str| fields.text(name).parse::<u32>().ok().filter(|days| *days <= MAX_DAYS);
    if let [Some(chats), Some(visits), Some(audit), Some(audit_addresses)] = FIELDS.map(days) {
        engine.set_retention(me, Retention { chats, visits, audit, audit_addresses }).await?;
        return Ok(FormOutcome::saved(PATH));
    }
    let wrong = FIELDS.into_iter().filter(|name| days(name).is_none());
    let errors: Vec<_> = wrong.map(|name| (name, i18n::keep_wrong())).collect();
    Ok(FormOutcome::Render(fields.redisplay(show(engine, me).await?, PATH, &errors)))
}
