//! The office: everything that is set up or looked up, as sheets. Each place is a file with two functions, what it shows and
//! what it does with what was filled in; the permissions themselves are the engine's, which also decides who may.
//!
//! It knows neither axum nor leptos: the dashboard draws its sheets, the server brings what was filled in.

pub mod address;
pub mod cookie;
pub mod fields;
pub mod letters;
pub mod words;

pub mod day;
pub mod taking_out;

mod audit;
mod beside;
mod history;
mod mail;
mod privacy;
mod replies;
mod routing;
mod settings;
mod visitors;

mod account;
mod agents;
mod concierges;
mod entering;
mod set_up;
mod teams;

use std::net::IpAddr;

use engine::{Engine, Principal, store::HistoryFilter, validation::FormError};
use protocol::{
    refusal::Refusal,
    sheet::{Block, Sheet, Submitted, Tone},
    words::Language,
};

use address::Address;
use fields::Fields;

/// Who stands in the office.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The agent; none: nobody who has signed in.
    pub principal: Option<Principal>,
    /// His address.
    pub ip: IpAddr,
    /// His browser, as it calls itself.
    pub user_agent: String,
    /// What his browser would rather read.
    pub reads: Language,
    /// The token of who has shown his password and is asked for a code.
    pub pending: Option<String>,
}

impl Asker {
    /// The agent.
    ///
    /// # Errors
    /// `NotSignedIn`.
    pub fn me(&self) -> Result<&Principal, Refusal> {
        self.principal.as_ref().ok_or(Refusal::NotSignedIn)
    }

    /// What he reads: an agent what he has chosen, anybody else what his browser would rather.
    pub fn language(&self) -> Language {
        self.principal.as_ref().map_or(self.reads, |me| me.language)
    }
}

/// What became of what was filled in.
#[derive(Clone, Debug)]
pub enum Done {
    /// It is done; here it goes on.
    Go(String),
    /// It is done, and the page speaks another language: here it is loaded anew.
    Load(String),
    /// Something in it cannot be, and the sheet says what.
    Again(Sheet),
    /// A session has begun: its token, and where it goes on.
    Enter(String, String),
}

impl Done {
    /// It is done, and the sheet at this address says so.
    pub fn saved(address: &str) -> Self {
        Self::Go(with_saved(address))
    }

    /// The same, in another language than the page that asked for it.
    pub fn saved_anew(address: &str) -> Self {
        Self::Load(with_saved(address))
    }
}

fn with_saved(address: &str) -> String {
    format!("{address}{}saved", if address.contains('?') { '&' } else { '?' })
}

impl From<Done> for Submitted {
    fn from(done: Done) -> Self {
        match done {
            Done::Go(to) => Self::Go(to),
            // Who has come in may read another language than his browser.
            Done::Load(to) | Done::Enter(_, to) => Self::Load(to),
            Done::Again(sheet) => Self::Again(sheet),
        }
    }
}

/// What was filled in and is now drawn as the answer to it, where the browser's half is not there to do so.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The address that it was sent to.
    pub address: String,
    /// The sheet, or kind there is none.
    pub answer: Result<Sheet, Refusal>,
}

/// Every place, `*` for what stands in the middle of an address; for the tests, which try each as everybody.
pub const PLACES: &[&str] = &[
    "/settings",
    "/settings/audit",
    "/settings/replies",
    "/settings/replies/*",
    "/settings/routing",
    "/settings/privacy",
    "/settings/mail",
    "/history",
    "/history/*",
    "/history/visitors",
    "/history/visitors/*",
    "/history/visits/*",
    "/settings/concierges",
    "/settings/concierges/*",
    "/settings/teams",
    "/settings/teams/*",
    "/settings/agents",
    "/settings/agents/invite",
    "/settings/agents/*",
    "/account",
];

/// The sheet at an address.
///
/// # Errors
/// `NotFound` for no place, and for what is another organization's; `NotSignedIn`; `Forbidden`.
pub async fn show(engine: &Engine, asker: &Asker, address: &str) -> Result<Sheet, Refusal> {
    words::speaking(asker.language(), shown(engine, asker, address)).await
}

async fn shown(engine: &Engine, asker: &Asker, address: &str) -> Result<Sheet, Refusal> {
    let address = Address::parse(address);
    let mut sheet = match address.segments().as_slice() {
        ["settings"] => settings::show(engine, asker.me()?).await,
        ["settings", "replies"] => replies::show(engine, asker.me()?).await,
        ["settings", "replies", reply] => replies::show_one(engine, asker.me()?, reply).await,
        ["settings", "routing"] => routing::show(engine, asker.me()?).await,
        ["settings", "audit"] => audit::show(engine, asker.me()?, &address).await,
        ["settings", "privacy"] => privacy::show(engine, asker.me()?).await,
        ["settings", "mail"] => mail::show(engine, asker.me()?),
        ["history"] => history::show(engine, asker.me()?, &address).await,
        ["history", "visitors"] => visitors::show(engine, asker.me()?, &address).await,
        ["history", "visitors", visitor] => visitors::show_one(engine, asker.me()?, visitor).await,
        ["history", "visits", visit] => beside::show(engine, asker.me()?, visit).await,
        ["history", chat] => history::transcript(engine, asker.me()?, chat, &address).await,
        ["settings", "concierges"] => concierges::show(engine, asker.me()?).await,
        ["settings", "concierges", which] => concierges::show_one(engine, asker.me()?, which).await,
        ["settings", "teams"] => teams::show(engine, asker.me()?).await,
        ["settings", "teams", which] => teams::show_one(engine, asker.me()?, which).await,
        ["settings", "agents"] => agents::show(engine, asker.me()?).await,
        ["settings", "agents", "invite"] => agents::show_invite(engine, asker.me()?).await,
        ["settings", "agents", which] => agents::show_one(engine, asker.me()?, which).await,
        ["account"] => account::show(engine, asker.me()?).await,
        ["setup"] => set_up::show(engine).await,
        ["join", token] => entering::show_join(engine, token).await,
        ["reset", token] => entering::show_reset(engine, token).await,
        ["sign-in", "code"] => Ok(entering::show_second_step()),
        ["sign-in", "forgotten"] => Ok(entering::show_forgotten(engine, &address)),
        _ => Err(Refusal::NotFound),
    }?;
    if address.has("saved") {
        sheet.blocks.insert(0, Block::Notice(Tone::Good, words::saved().to_owned()));
    }
    Ok(sheet)
}

/// Does what was filled in at an address.
///
/// # Errors
/// As [`show`], and what the permission itself is refused with.
pub async fn submit(engine: &Engine, asker: &Asker, address: &str, fields: &Fields) -> Result<Done, Refusal> {
    words::speaking(asker.language(), done(engine, asker, address, fields)).await
}

async fn done(engine: &Engine, asker: &Asker, address: &str, fields: &Fields) -> Result<Done, Refusal> {
    let address = Address::parse(address);
    match address.segments().as_slice() {
        ["settings"] => settings::submit(engine, asker.me()?, fields).await,
        ["settings", "privacy"] => privacy::submit(engine, asker.me()?, fields).await,
        ["settings", "mail"] => mail::submit(engine, asker.me()?).await,
        ["history", "visitors", visitor] => visitors::submit(engine, asker.me()?, visitor, None, fields).await,
        ["history", "visitors", visitor, what] => {
            visitors::submit(engine, asker.me()?, visitor, Some(what), fields).await
        }
        ["history", "visits", visit] => beside::submit(engine, asker.me()?, visit, None, fields).await,
        ["history", "visits", visit, what] => beside::submit(engine, asker.me()?, visit, Some(what), fields).await,
        ["settings", "concierges", which] => concierges::submit(engine, asker.me()?, which, fields).await,
        ["settings", "concierges", which, "pause"] => concierges::pause(engine, asker.me()?, which, fields).await,
        ["settings", "teams", which] => teams::submit(engine, asker.me()?, which, fields).await,
        ["settings", "teams", which, "up"] => teams::raise(engine, asker.me()?, which).await,
        ["settings", "agents", "invite"] => agents::invite(engine, asker.me()?, fields).await,
        ["settings", "agents", "withdraw"] => agents::withdraw(engine, asker.me()?, fields).await,
        ["settings", "agents", which] => agents::submit(engine, asker.me()?, which, fields).await,
        ["settings", "agents", which, "active"] => agents::activate(engine, asker.me()?, which, fields).await,
        ["settings", "agents", which, "reset"] => agents::reset(engine, asker.me()?, which).await,
        ["account", what @ ..] => account::submit(engine, asker.me()?, what, fields).await,
        ["setup"] => set_up::submit(engine, asker, fields).await,
        ["join", token] => entering::join(engine, asker, token, fields).await,
        ["reset", token] => entering::reset(engine, asker, token, fields).await,
        ["sign-in", "code"] => entering::second_step(engine, asker, fields).await,
        ["sign-in", "forgotten"] => entering::forgotten(engine, asker, fields),
        ["settings", "replies"] => replies::add(engine, asker.me()?, fields).await,
        ["settings", "replies", reply] => replies::submit_one(engine, asker.me()?, reply, fields).await,
        ["settings", "routing"] => routing::submit(engine, asker.me()?, fields).await,
        _ => Err(Refusal::NotFound),
    }
}

/// The chats that an address of the history asks for.
///
/// # Errors
/// `Forbidden`, and when the store fails.
pub async fn history_filter(engine: &Engine, me: &Principal, address: &Address) -> Result<HistoryFilter, Refusal> {
    history::filter(engine, me, address).await
}

/// The sheet with what cannot be, each at its field in the form that is sent to `to`; what has no field there, above everything.
fn told(fields: &Fields, sheet: Sheet, to: &str, trouble: FormError) -> Result<Done, Refusal> {
    let errors = match trouble {
        FormError::Refused(refusal) => return Err(refusal),
        FormError::FieldErrors(errors) => errors,
    };
    let said: Vec<(&str, String)> =
        errors.iter().map(|field_error| (field_error.field, words::field_error(&field_error.kind))).collect();
    let troubles: Vec<(&str, &str)> = said.iter().map(|(field, words)| (*field, words.as_str())).collect();
    let mut sheet = fields.again(sheet, to, &troubles);
    let forms = sheet.blocks.iter().filter_map(|block| if let Block::Form(form) = block { Some(form) } else { None });
    let known: Vec<String> =
        forms.filter(|form| form.to == to).flat_map(|form| &form.fields).map(|field| field.name.clone()).collect();
    for (_, words) in said.iter().filter(|(field, _)| !known.iter().any(|name| name == field)) {
        sheet.blocks.insert(0, Block::Notice(Tone::FormError, words.clone()));
    }
    Ok(Done::Again(sheet))
}
