//! The email screen: whether email is set up, and which emails failed. The operator configures the mail server itself.

use engine::{Engine, Principal, mail_queue::MailStatus, people::MailState};
use protocol::{
    refusal::Refusal,
    screen::{Block, Cell, Field, Form, Screen, Table, Tone},
};

use super::{FormOutcome, email_texts, i18n, settings};

pub(super) const PATH: &str = "/settings/mail";

/// Shows the sender, a test button, and the emails that failed.
pub(super) fn show(engine: &Engine, me: &Principal) -> Result<Screen, Refusal> {
    let screen = Screen::new(i18n::mail(), i18n::mail_lead());
    let mut screen = match engine.mail_state(me)? {
        None => screen.with(Block::Notice(Tone::Plain, i18n::mail_off().into())),
        Some(state) => with_state(screen, state),
    };
    screen.tabs = settings::tabs(me, PATH);
    Ok(screen)
}

fn with_state(screen: Screen, state: MailState) -> Screen {
    let test = Form::new(PATH, i18n::mail_try(), vec![Field::hidden("test", "on")]);
    let rows = state.failed.into_iter();
    let returned = Table {
        heads: [i18n::audit_when(), i18n::mail_to(), i18n::mail_why()].map(str::to_owned).to_vec(),
        rows: rows
            .map(|one| vec![Cell::Time(one.at), one.to.into(), email_texts::failure_text(one.why).into()])
            .collect(),
        empty: i18n::mail_returned_none().into(),
        more: None,
    };
    screen
        .with(Block::Facts(vec![(i18n::mail_from().into(), state.from.into())]))
        .with(Block::Links(vec![Cell::Form(test)]))
        .with(Block::Heading(i18n::mail_returned().into()))
        .with(Block::Table(returned))
}

/// Sends a test email to the current admin and shows the result.
pub(super) async fn submit(engine: &Engine, me: &Principal) -> Result<FormOutcome, Refusal> {
    let (tone, message) = match engine.test_mail(me).await? {
        MailStatus::Disabled => return Err(Refusal::NotFound),
        MailStatus::Sent => (Tone::Good, i18n::mail_test_sent().to_owned()),
        MailStatus::Pending => (Tone::Plain, i18n::mail_test_waits().to_owned()),
        MailStatus::Failed(why) => {
            (Tone::Danger, [i18n::mail_test_failed(), " ", &email_texts::failure_text(why)].concat())
        }
    };
    let mut screen = show(engine, me)?;
    screen.blocks.insert(0, Block::Notice(tone, message));
    Ok(FormOutcome::Render(screen))
}
