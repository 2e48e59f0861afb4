//! The first start: nobody can sign in yet. Once somebody can, this place is not there.

use engine::{Engine, people::TypedSetUp};
use protocol::{
    refusal::Refusal,
    sheet::{Block, Field, Form, Kind, Sheet},
};

use super::{Asker, Done, fields::Fields, told, words};

const HERE: &str = "/setup";
/// Where it goes on: the page waits there for the first visitor.
const WAITING: &str = "/visitors?first";

/// What is asked for.
pub(super) async fn show(engine: &Engine) -> Result<Sheet, Refusal> {
    if !engine.needs_set_up().await? {
        return Err(Refusal::NotFound);
    }
    let fields = vec![
        Field::new("organization", words::organization(), Kind::Line).required(),
        Field::new("name", words::your_name(), Kind::Line).required(),
        Field::new("email", words::your_email(), Kind::Email).required(),
        Field::new("password", words::your_password(), Kind::Password { new: true })
            .hint(words::password_hint())
            .required(),
        Field::new("concierge", words::first_concierge(), Kind::Line)
            .value(words::website())
            .hint(words::first_concierge_hint())
            .required(),
        Field::new("site", words::first_site(), Kind::Line).hint(words::first_site_hint()).required(),
    ];
    Ok(Sheet::new(words::set_up(), words::set_up_lead()).with(Block::Form(Form::new(
        HERE,
        words::set_up_now(),
        fields,
    ))))
}

/// Sets up, and signs the first admin in.
pub(super) async fn submit(engine: &Engine, asker: &Asker, fields: &Fields) -> Result<Done, Refusal> {
    let typed = TypedSetUp {
        organization: fields.text("organization").into(),
        name: fields.text("name").into(),
        email: fields.text("email").into(),
        password: fields.raw("password").into(),
        concierge: fields.text("concierge").into(),
        site: fields.text("site").into(),
        language: asker.language(),
    };
    match engine.set_up(typed, asker.ip, &asker.user_agent).await {
        Ok(token) => Ok(Done::Enter(token, WAITING.into())),
        Err(trouble) => told(fields, show(engine).await?, HERE, trouble),
    }
}
