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
        Field::new("organization", words::ORGANIZATION, Kind::Line).required(),
        Field::new("name", words::YOUR_NAME, Kind::Line).required(),
        Field::new("email", words::YOUR_EMAIL, Kind::Email).required(),
        Field::new("password", words::YOUR_PASSWORD, Kind::Password { new: true })
            .hint(words::PASSWORD_HINT)
            .required(),
        Field::new("concierge", words::FIRST_CONCIERGE, Kind::Line)
            .value(words::WEBSITE)
            .hint(words::FIRST_CONCIERGE_HINT)
            .required(),
        Field::new("site", words::FIRST_SITE, Kind::Line).hint(words::FIRST_SITE_HINT).required(),
    ];
    Ok(Sheet::new(words::SET_UP, words::SET_UP_LEAD).with(Block::Form(Form::new(HERE, words::SET_UP_NOW, fields))))
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
    };
    match engine.set_up(typed, asker.ip, &asker.user_agent).await {
        Ok(token) => Ok(Done::Enter(token, WAITING.into())),
        Err(trouble) => told(fields, show(engine).await?, HERE, trouble),
    }
}
