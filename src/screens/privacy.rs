//! How long what is kept.

use engine::{Engine, Principal, store::Retention};
use protocol::{
    refusal::Refusal,
    screen::{Block, Field, Form, Kind, Screen},
};

use super::{FormOutcome, fields::Fields, i18n, settings};

pub(super) const HERE: &str = "/settings/privacy";
const MOST: u32 = 3_650;

/// The days.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let keep = engine.retention(me).await?;
    let days = |name: &str, label: &str, days: u32| {
        let kind = Kind::Number(0, i64::from(MOST));
        Field::new(name, label, kind).value(&days.to_string()).hint(i18n::keep_hint()).required()
    };
    let fields = vec![
        days("chats", i18n::keep_chats(), keep.chats),
        days("visits", i18n::keep_visits(), keep.visits),
        days("audit", i18n::keep_audit(), keep.audit),
    ];
    let form = Form::new(HERE, i18n::save(), fields);
    let mut screen = Screen::new(i18n::privacy(), i18n::privacy_lead()).with(Block::Form(form));
    screen.tabs = settings::tabs(me, HERE);
    Ok(screen)
}

/// Says otherwise.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<FormOutcome, Refusal> {
    let days = |name: &str| fields.text(name).parse::<u32>().ok().filter(|days| *days <= MOST);
    if let (Some(chats), Some(visits), Some(audit)) = (days("chats"), days("visits"), days("audit")) {
        engine.set_retention(me, Retention { chats, visits, audit }).await?;
        return Ok(FormOutcome::saved(HERE));
    }
    let wrong = ["chats", "visits", "audit"].into_iter().filter(|name| days(name).is_none());
    let troubles: Vec<_> = wrong.map(|name| (name, i18n::keep_wrong())).collect();
    Ok(FormOutcome::Again(fields.again(show(engine, me).await?, HERE, &troubles)))
}
