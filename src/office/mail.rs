//! Mail: whether it works, and what could not be mailed. How it leaves is set by who runs the server.

use engine::{Engine, Principal, people::MailState, post::Mailed};
use protocol::{
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Sheet, Table, Tone},
};

use super::{Done, letters, settings, words};

pub(super) const HERE: &str = "/settings/mail";

/// How it stands.
pub(super) fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let sheet = Sheet::new(words::MAIL, words::MAIL_LEAD);
    let mut sheet = match engine.mail_state(me)? {
        None => sheet.with(Block::Notice(Tone::Plain, words::MAIL_OFF.into())),
        Some(state) => with_state(sheet, state),
    };
    sheet.tabs = settings::tabs(me, HERE);
    Ok(sheet)
}

fn with_state(sheet: Sheet, state: MailState) -> Sheet {
    let test = Form::new(HERE, words::MAIL_TRY, vec![Field::hidden("test", "on")]);
    let rows = state.returned.into_iter();
    let returned = Table {
        heads: [words::AUDIT_WHEN, words::MAIL_TO, words::MAIL_WHY].map(str::to_owned).to_vec(),
        rows: rows.map(|one| vec![Cell::Time(one.at), one.to.into(), letters::why_not(one.why).into()]).collect(),
        empty: words::MAIL_RETURNED_NONE.into(),
        more: None,
    };
    sheet
        .with(Block::Facts(vec![(words::MAIL_FROM.into(), state.from.into())]))
        .with(Block::Ways(vec![Cell::Form(test)]))
        .with(Block::Heading(words::MAIL_RETURNED.into()))
        .with(Block::Table(returned))
}

/// Mails a test to who asks, and says what became of it.
pub(super) async fn submit(engine: &Engine, me: &Principal) -> Result<Done, Refusal> {
    let (tone, told) = match engine.test_mail(me).await? {
        Mailed::Off => return Err(Refusal::NotFound),
        Mailed::Sent => (Tone::Good, words::MAIL_TEST_SENT.to_owned()),
        Mailed::OnItsWay => (Tone::Plain, words::MAIL_TEST_WAITS.to_owned()),
        Mailed::Failed(why) => (Tone::Trouble, [words::MAIL_TEST_FAILED, " ", &letters::why_not(why)].concat()),
    };
    let mut sheet = show(engine, me)?;
    sheet.blocks.insert(0, Block::Notice(tone, told));
    Ok(Done::Again(sheet))
}
