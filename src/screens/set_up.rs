//! The first start: nobody can sign in yet. Once somebody can, this place is not there.

use engine::{Engine, people::TypedSetUp};
use protocol::{
    refusal::Refusal,
    screen::{Block, Field, Form, Kind, Screen},
};

use super::{FormOutcome, RequestContext, fields::Fields, i18n, with_errors};

const HERE: &str = "/setup";
/// Where it goes on: the page waits there for the first visitor.
const WAITING: &str = "/visitors?first";

/// What is asked for.
pub(super) async fn show(engine: &Engine) -> Result<Screen, Refusal> {
    if !engine.needs_set_up().await? {
        return Err(Refusal::NotFound);
    }
    let fields = vec![
        Field::new("organization", i18n::organization(), Kind::Line).required(),
        Field::new("name", i18n::your_name(), Kind::Line).required(),
        Field::new("email", i18n::your_email(), Kind::Email).required(),
        Field::new("password", i18n::your_password(), Kind::Password { new: true })
            .hint(i18n::password_hint())
            .required(),
        Field::new("concierge", i18n::first_concierge(), Kind::Line)
            .value(i18n::website())
            .hint(i18n::first_concierge_hint())
            .required(),
        Field::new("site", i18n::first_site(), Kind::Line).hint(i18n::first_site_hint()).required(),
    ];
    Ok(Screen::new(i18n::set_up(), i18n::set_up_lead()).with(Block::Form(Form::new(HERE, i18n::set_up_now(), fields))))
}

/// Sets up, and signs the first admin in.
pub(super) async fn submit(engine: &Engine, context: &RequestContext, fields: &Fields) -> Result<FormOutcome, Refusal> {
    let typed = TypedSetUp {
        organization: fields.text("organization").into(),
        name: fields.text("name").into(),
        email: fields.text("email").into(),
        password: fields.raw("password").into(),
        concierge: fields.text("concierge").into(),
        site: fields.text("site").into(),
        language: context.language(),
    };
    match engine.set_up(typed, context.ip, &context.user_agent).await {
        Ok(token) => Ok(FormOutcome::Enter(token, WAITING.into())),
        Err(trouble) => with_errors(fields, show(engine).await?, HERE, trouble),
    }
}
