//! How long what is kept.

use engine::{Engine, Principal, store::Retention};
use protocol::{
    refusal::Refusal,
    sheet::{Block, Field, Form, Kind, Sheet},
};

use super::{Done, fields::Fields, settings, words};

pub(super) const HERE: &str = "/settings/privacy";
const MOST: u32 = 3_650;

/// The days.
pub(super) async fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let keep = engine.retention(me).await?;
    let days = |name: &str, label: &str, days: u32| {
        let kind = Kind::Number(0, i64::from(MOST));
        Field::new(name, label, kind).value(&days.to_string()).hint(words::keep_hint()).required()
    };
    let fields = vec![
        days("chats", words::keep_chats(), keep.chats),
        days("visits", words::keep_visits(), keep.visits),
        days("audit", words::keep_audit(), keep.audit),
    ];
    let form = Form::new(HERE, words::save(), fields);
    let mut sheet = Sheet::new(words::privacy(), words::privacy_lead()).with(Block::Form(form));
    sheet.tabs = settings::tabs(me, HERE);
    Ok(sheet)
}

/// Says otherwise.
pub(super) async fn submit(engine: &Engine, me: &Principal, fields: &Fields) -> Result<Done, Refusal> {
    let days = |name: &str| fields.text(name).parse::<u32>().ok().filter(|days| *days <= MOST);
    if let (Some(chats), Some(visits), Some(audit)) = (days("chats"), days("visits"), days("audit")) {
        engine.set_retention(me, Retention { chats, visits, audit }).await?;
        return Ok(Done::saved(HERE));
    }
    let wrong = ["chats", "visits", "audit"].into_iter().filter(|name| days(name).is_none());
    let troubles: Vec<_> = wrong.map(|name| (name, words::keep_wrong())).collect();
    Ok(Done::Again(fields.again(show(engine, me).await?, HERE, &troubles)))
}
