//! The initial setup screen, available only until the first account exists. After that, it returns `NotFound`.

use engine::{Engine, people::SetupForm, validation::FormError};
use protocol::{
    refusal::Refusal,
    screen::{Block, Field, FieldKind, Form, Screen, Tone},
};

use super::{FormOutcome, RequestContext, form_fields::Fields, i18n, with_errors};

/// The next page, which waits for the first visitor.
const FIRST_VISITOR_PATH: &str = "/visitors?first";

/// Shows where the link to the setup form is.
pub(super) async fn show_where(engine: &Engine) -> Result<Screen, Refusal> {
    if !engine.needs_set_up().await? {
        return Err(Refusal::NotFound);
    }
    let lead = Block::Notice(Tone::Plain, i18n::set_up_where().to_owned());
    Ok(Screen::new(i18n::set_up(), "").with(lead))
}

/// Shows the setup form.
pub(super) async fn show(engine: &Engine, token: &str) -> Result<Screen, Refusal> {
    engine.check_setup_token(token).await?;
    let fields = vec![
        Field::new("organization", i18n::organization(), FieldKind::Line).required(),
        Field::new("name", i18n::your_name(), FieldKind::Line).required(),
        Field::new("email", i18n::your_email(), FieldKind::Email).required(),
        Field::new("password", i18n::your_password(), FieldKind::Password { new: true })
            .hint(i18n::password_hint())
            .required(),
        Field::new("concierge", i18n::first_concierge(), FieldKind::Line)
            .value(i18n::website())
            .hint(i18n::first_concierge_hint())
            .required(),
        Field::new("site", i18n::first_site(), FieldKind::Line).hint(i18n::first_site_hint()).required(),
    ];
    Ok(Screen::new(i18n::set_up(), i18n::set_up_lead()).with(Block::Form(Form::new(
        &path(token),
        i18n::set_up_now(),
        fields,
    ))))
}

/// Creates organization, admin and concierge, and signs the admin in.
pub(super) async fn submit(
    engine: &Engine,
    context: &RequestContext,
    token: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let typed = SetupForm {
        token: token.into(),
        organization: fields.text("organization").into(),
        name: fields.text("name").into(),
        email: fields.text("email").into(),
        password: fields.raw("password").into(),
        concierge: fields.text("concierge").into(),
        site: fields.text("site").into(),
        language: context.language(),
    };
    match engine.set_up(typed, context.ip, &context.user_agent).await {
        Ok(token) => Ok(FormOutcome::SignedIn(token, FIRST_VISITOR_PATH.into())),
        Err(FormError::Refused(refusal)) => Err(refusal),
        Err(error) => with_errors(fields, show(engine, token).await?, &path(token), error),
    }
}

fn path(token: &str) -> String {
    ["/setup/", token].concat()
}
