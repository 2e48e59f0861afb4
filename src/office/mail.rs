//! Mail: whether it works, and what could not be mailed. How it leaves is set by who runs the server.

use engine::{Engine, Principal, mail_queue::Mailed, people::MailState};
use protocol::{
    refusal::Refusal,
    sheet::{Block, Cell, Field, Form, Sheet, Table, Tone},
};

use super::{Done, letters, settings, words};

pub(super) const HERE: &str = "/settings/mail";

/// How it stands.
pub(super) fn show(engine: &Engine, me: &Principal) -> Result<Sheet, Refusal> {
    let sheet = Sheet::new(words::mail(), words::mail_lead());
    let mut sheet = match engine.mail_state(me)? {
        None => sheet.with(Block::Notice(Tone::Plain, words::mail_off().into())),
        Some(state) => with_state(sheet, state),
    };
    sheet.tabs = settings::tabs(me, HERE);
    Ok(sheet)
}

fn with_state(sheet: Sheet, state: MailState) -> Sheet {
    let test = Form::new(HERE, words::mail_try(), vec![Field::hidden("test", "on")]);
    let rows = state.failed.into_iter();
    let returned = Table {
        heads: [words::audit_when(), words::mail_to(), words::mail_why()].map(str::to_owned).to_vec(),
        rows: rows.map(|one| vec![Cell::Time(one.at), one.to.into(), letters::why_not(one.why).into()]).collect(),
        empty: words::mail_returned_none().into(),
        more: None,
    };
    sheet
        .with(Block::Facts(vec![(words::mail_from().into(), state.from.into())]))
        .with(Block::Ways(vec![Cell::Form(test)]))
        .with(Block::Heading(words::mail_returned().into()))
        .with(Block::Table(returned))
}

/// Mails a test to who asks, and says what became of it.
pub(super) async fn submit(engine: &Engine, me: &Principal) -> Result<Done, Refusal> {
    let (tone, told) = match engine.test_mail(me).await? {
        Mailed::Off => return Err(Refusal::NotFound),
        Mailed::Sent => (Tone::Good, words::mail_test_sent().to_owned()),
        Mailed::OnItsWay => (Tone::Plain, words::mail_test_waits().to_owned()),
        Mailed::Failed(why) => (Tone::FormError, [words::mail_test_failed(), " ", &letters::why_not(why)].concat()),
    };
    let mut sheet = show(engine, me)?;
    sheet.blocks.insert(0, Block::Notice(tone, told));
    Ok(Done::Again(sheet))
}
