//! Screens for joining by invitation link, resetting a password, and entering the second factor.

use engine::{Engine, validation::FormError};
use protocol::{
    limits::NAME_CHARS,
    refusal::Refusal,
    screen::{Block, Cell, Field, FieldKind, Form, Link, Screen, Tone},
};

use super::{FormOutcome, RequestContext, form_fields::Fields, i18n, screen_address::Address, with_errors};

const SECOND_STEP: &str = "/sign-in/code";
const FORGOT_PASSWORD: &str = "/sign-in/forgotten";

/// Shows an invited person which organization they are joining and asks for their name and a password.
pub(super) async fn show_join(engine: &Engine, token: &str) -> Result<Screen, Refusal> {
    let (link, organization) = engine.find_join_link(token).await?;
    let name = i18n::fill(i18n::join(), &organization.chars().take(NAME_CHARS).collect::<String>());
    let fields = vec![Field::new("name", i18n::your_name(), FieldKind::Line).required(), new_password()];
    let form = Form::new(&format!("/join/{token}"), i18n::join_now(), fields);
    Ok(Screen::new(&name, &i18n::fill(i18n::join_lead(), link.email.as_str())).with(Block::Form(form)))
}

/// Creates the agent and signs them in.
pub(super) async fn join(
    engine: &Engine,
    context: &RequestContext,
    token: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let (name, password) = (fields.text("name"), fields.raw("password").to_owned());
    match engine.join(token, name, password, context.language(), context.ip, &context.user_agent).await {
        Ok(session) => Ok(FormOutcome::SignedIn(session, "/visitors".into())),
        Err(FormError::Refused(refusal)) => Err(refusal),
        Err(error) => with_errors(fields, show_join(engine, token).await?, &format!("/join/{token}"), error),
    }
}

/// Asks for a new password.
pub(super) async fn show_reset(engine: &Engine, token: &str) -> Result<Screen, Refusal> {
    let email = engine.find_reset_email(token).await?;
    let form = Form::new(&format!("/reset/{token}"), i18n::set_password(), vec![new_password()]);
    Ok(Screen::new(i18n::new_password(), &i18n::fill(i18n::new_password_of(), &email)).with(Block::Form(form)))
}

/// Sets the new password and redirects to the sign-in page.
pub(super) async fn reset(
    engine: &Engine,
    context: &RequestContext,
    token: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    match engine.reset_password(token, fields.raw("password").to_owned(), context.ip).await {
        Ok(()) => Ok(FormOutcome::Redirect("/sign-in".into())),
        Err(FormError::Refused(refusal)) => Err(refusal),
        Err(error) => with_errors(fields, show_reset(engine, token).await?, &format!("/reset/{token}"), error),
    }
}

/// Asks for the second factor's code after the password has been accepted.
pub(super) fn show_second_step() -> Screen {
    let code = Field::new("code", i18n::code(), FieldKind::OneTimeCode).hint(i18n::code_hint()).required();
    let form = Form::new(SECOND_STEP, i18n::sign_in(), vec![code]);
    Screen::new(i18n::second_step(), i18n::second_step_lead()).with(Block::Form(form))
}

/// Checks the second factor's code and signs the agent in.
pub(super) async fn second_step(
    engine: &Engine,
    context: &RequestContext,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let pending = context.pending.as_deref().ok_or(Refusal::NotSignedIn)?;
    let code = fields.text("code");
    match engine.sessions().complete_second_factor(pending, code, context.ip, engine.now(), &context.user_agent).await {
        Ok((token, _)) => Ok(FormOutcome::SignedIn(token, "/visitors".into())),
        Err(Refusal::WrongCredentials) => {
            Ok(FormOutcome::Render(fields.redisplay(show_second_step(), SECOND_STEP, &[("code", i18n::wrong_code())])))
        }
        // The sign-in took too long, or too many wrong codes were entered.
        Err(Refusal::NotSignedIn) => {
            let again = Cell::Link(Link::new("/sign-in", i18n::sign_in()));
            let screen = Screen::new(i18n::second_step(), "")
                .with(Block::Notice(Tone::Danger, i18n::sign_in_again().into()))
                .with(Block::Links(vec![again]));
            Ok(FormOutcome::Render(screen))
        }
        Err(refusal) => Err(refusal),
    }
}

/// Shows how to reset a forgotten password: by requesting a link if email is set up, or by asking an admin otherwise.
pub(super) fn show_forgot_password(engine: &Engine, address: &Address) -> Screen {
    if engine.settings().mail_queue.is_none() {
        return Screen::new(i18n::forgotten(), i18n::forgotten_lead());
    }
    let screen = Screen::new(i18n::forgotten(), i18n::forgotten_by_mail());
    if address.has("sent") {
        return screen.with(Block::Notice(Tone::Good, i18n::forgotten_sent().into()));
    }
    let email = Field::new("email", i18n::your_email(), FieldKind::Email).required();
    screen.with(Block::Form(Form::new(FORGOT_PASSWORD, i18n::send_link(), vec![email])))
}

/// Requests a password reset link. The response is the same whether or not an account with that address exists.
pub(super) fn request_reset(
    engine: &Engine,
    context: &RequestContext,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    engine.request_password_reset(fields.text("email"), context.ip)?;
    Ok(FormOutcome::Redirect(format!("{FORGOT_PASSWORD}?sent")))
}

fn new_password() -> Field {
    Field::new("password", i18n::your_password(), FieldKind::Password { new: true })
        .hint(i18n::password_hint())
        .required()
}
