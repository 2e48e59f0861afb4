//! Ways in besides the password: the link of an invitation, the link to a new password, and the second step.

use engine::Engine;
use protocol::{
    limits::NAME_CHARS,
    refusal::Refusal,
    sheet::{Block, Field, Form, Kind, Sheet, Tone},
};

use super::{Asker, Done, address::Address, fields::Fields, told, words};

const SECOND_STEP: &str = "/sign-in/code";
const FORGOTTEN: &str = "/sign-in/forgotten";

/// Who is invited reads into what, and says who he is.
pub(super) async fn show_join(engine: &Engine, token: &str) -> Result<Sheet, Refusal> {
    let (link, organization) = engine.joining(token).await?;
    let name = words::fill(words::join(), &organization.chars().take(NAME_CHARS).collect::<String>());
    let fields = vec![Field::new("name", words::your_name(), Kind::Line).required(), new_password()];
    let form = Form::new(&format!("/join/{token}"), words::join_now(), fields);
    Ok(Sheet::new(&name, &words::fill(words::join_lead(), &link.email)).with(Block::Form(form)))
}

/// He joins, and is signed in.
pub(super) async fn join(engine: &Engine, asker: &Asker, token: &str, fields: &Fields) -> Result<Done, Refusal> {
    let (name, password) = (fields.text("name"), fields.raw("password").to_owned());
    match engine.join(token, name, password, asker.language(), asker.ip, &asker.user_agent).await {
        Ok(session) => Ok(Done::Enter(session, "/visitors".into())),
        Err(trouble) => told(fields, show_join(engine, token).await?, &format!("/join/{token}"), trouble),
    }
}

/// Who has lost his password chooses another.
pub(super) async fn show_reset(engine: &Engine, token: &str) -> Result<Sheet, Refusal> {
    let email = engine.resetting(token).await?;
    let form = Form::new(&format!("/reset/{token}"), words::set_password(), vec![new_password()]);
    Ok(Sheet::new(words::new_password(), &words::fill(words::new_password_of(), &email)).with(Block::Form(form)))
}

/// He has another, and signs in with it.
pub(super) async fn reset(engine: &Engine, asker: &Asker, token: &str, fields: &Fields) -> Result<Done, Refusal> {
    match engine.reset_password(token, fields.raw("password").to_owned(), asker.ip).await {
        Ok(()) => Ok(Done::Go("/sign-in".into())),
        Err(trouble) => told(fields, show_reset(engine, token).await?, &format!("/reset/{token}"), trouble),
    }
}

/// What is asked after the password, of who has a second factor.
pub(super) fn show_second_step() -> Sheet {
    let code = Field::new("code", words::code(), Kind::OneTimeCode).hint(words::code_hint()).required();
    let form = Form::new(SECOND_STEP, words::sign_in(), vec![code]);
    Sheet::new(words::second_step(), words::second_step_lead()).with(Block::Form(form))
}

/// The second step.
pub(super) async fn second_step(engine: &Engine, asker: &Asker, fields: &Fields) -> Result<Done, Refusal> {
    let pending = asker.pending.as_deref().ok_or(Refusal::NotSignedIn)?;
    let code = fields.text("code");
    match engine.sessions().second_step(pending, code, engine.now(), &asker.user_agent).await {
        Ok((token, _)) => Ok(Done::Enter(token, "/visitors".into())),
        Err(Refusal::WrongCredentials) => {
            Ok(Done::Again(fields.again(show_second_step(), SECOND_STEP, &[("code", words::wrong_code())])))
        }
        Err(refusal) => Err(refusal),
    }
}

/// What who has forgotten his password can do: ask for a link, where mail is set up, or else an admin.
pub(super) fn show_forgotten(engine: &Engine, address: &Address) -> Sheet {
    if engine.settings().mail_queue.is_none() {
        return Sheet::new(words::forgotten(), words::forgotten_lead());
    }
    let sheet = Sheet::new(words::forgotten(), words::forgotten_by_mail());
    if address.has("sent") {
        return sheet.with(Block::Notice(Tone::Good, words::forgotten_sent().into()));
    }
    let email = Field::new("email", words::your_email(), Kind::Email).required();
    sheet.with(Block::Form(Form::new(FORGOTTEN, words::send_link(), vec![email])))
}

/// He asks for a link. The answer is the same whoever he says he is.
pub(super) fn forgotten(engine: &Engine, asker: &Asker, fields: &Fields) -> Result<Done, Refusal> {
    engine.forgot_password(fields.text("email"), asker.ip)?;
    Ok(Done::Go(format!("{FORGOTTEN}?sent")))
}

fn new_password() -> Field {
    Field::new("password", words::your_password(), Kind::Password { new: true }).hint(words::password_hint()).required()
}
