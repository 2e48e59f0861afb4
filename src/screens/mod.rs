//! The screens: everything that is set up or looked up. Each place is a file with two functions, what it shows and
//! what it does with what was filled in; the permissions themselves are the engine's, which also decides who may.
//!
//! It knows neither axum nor leptos: the dashboard draws them, the server brings what was filled in.

pub mod email_texts;
pub mod form_fields;
pub mod i18n;
pub mod screen_address;
pub mod session_cookie;

pub mod date_input;
pub mod export;

mod audit_log;
mod canned_replies;
mod history;
mod mail_status;
mod privacy_settings;
mod routing_settings;
mod settings;
mod visitor_panel;
mod visitors;

mod access_links;
mod account;
mod agents;
mod concierges;
mod set_up;
mod teams;

use std::net::IpAddr;

use engine::{Engine, Principal, store::HistoryFilter, validation::FormError};
use protocol::{
    language::Language,
    refusal::Refusal,
    screen::{Block, Screen, SubmitResult, Tone},
};

use form_fields::Fields;
use screen_address::Address;

/// Who asks, from where, and in which language.
#[derive(Clone, Debug)]
pub struct RequestContext {
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

impl RequestContext {
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
pub enum FormOutcome {
    /// It is done; here it goes on.
    Redirect(String),
    /// It is done, and the page speaks another language: here it is loaded anew.
    Reload(String),
    /// Something in it cannot be, and the screen says what.
    Render(Screen),
    /// A session has begun: its token, and where it goes on.
    SignedIn(String, String),
}

impl FormOutcome {
    /// It is done, and the screen at this address says so.
    pub fn saved(address: &str) -> Self {
        Self::Redirect(with_saved(address))
    }

    /// The same, in another language than the page that asked for it.
    pub fn saved_and_reload(address: &str) -> Self {
        Self::Reload(with_saved(address))
    }
}

fn with_saved(address: &str) -> String {
    format!("{address}{}saved", if address.contains('?') { '&' } else { '?' })
}

impl From<FormOutcome> for SubmitResult {
    fn from(outcome: FormOutcome) -> Self {
        match outcome {
            FormOutcome::Redirect(to) => Self::Redirect(to),
            // Who has come in may read another language than his browser.
            FormOutcome::Reload(to) | FormOutcome::SignedIn(_, to) => Self::Reload(to),
            FormOutcome::Render(screen) => Self::Render(screen),
        }
    }
}

/// What was filled in and is now drawn as the answer to it, where the browser's half is not there to do so.
#[derive(Clone, Debug)]
pub struct RenderedForm {
    /// The address that it was sent to.
    pub address: String,
    /// The screen, or kind there is none.
    pub answer: Result<Screen, Refusal>,
}

/// Every place, `*` for what stands in the middle of an address; for the tests, which try each as everybody.
pub const SCREEN_PATHS: &[&str] = &[
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

/// The screen at an address.
///
/// # Errors
/// `NotFound` for no place, and for what is another organization's; `NotSignedIn`; `Forbidden`.
pub async fn show(engine: &Engine, context: &RequestContext, address: &str) -> Result<Screen, Refusal> {
    i18n::with_language(context.language(), dispatch_show(engine, context, address)).await
}

async fn dispatch_show(engine: &Engine, context: &RequestContext, address: &str) -> Result<Screen, Refusal> {
    let address = Address::parse(address);
    let mut screen = match address.segments().as_slice() {
        ["settings"] => settings::show(engine, context.me()?).await,
        ["settings", "replies"] => canned_replies::show(engine, context.me()?).await,
        ["settings", "replies", reply] => canned_replies::show_one(engine, context.me()?, reply).await,
        ["settings", "routing"] => routing_settings::show(engine, context.me()?).await,
        ["settings", "audit"] => audit_log::show(engine, context.me()?, &address).await,
        ["settings", "privacy"] => privacy_settings::show(engine, context.me()?).await,
        ["settings", "mail"] => mail_status::show(engine, context.me()?),
        ["history"] => history::show(engine, context.me()?, &address).await,
        ["history", "visitors"] => visitors::show(engine, context.me()?, &address).await,
        ["history", "visitors", visitor] => visitors::show_one(engine, context.me()?, visitor).await,
        ["history", "visits", visit] => visitor_panel::show(engine, context.me()?, visit).await,
        ["history", chat] => history::transcript(engine, context.me()?, chat, &address).await,
        ["settings", "concierges"] => concierges::show(engine, context.me()?).await,
        ["settings", "concierges", which] => concierges::show_one(engine, context.me()?, which).await,
        ["settings", "teams"] => teams::show(engine, context.me()?).await,
        ["settings", "teams", which] => teams::show_one(engine, context.me()?, which).await,
        ["settings", "agents"] => agents::show(engine, context.me()?).await,
        ["settings", "agents", "invite"] => agents::show_invite(engine, context.me()?).await,
        ["settings", "agents", which] => agents::show_one(engine, context.me()?, which).await,
        ["account"] => account::show(engine, context.me()?).await,
        ["setup"] => set_up::show(engine).await,
        ["join", token] => access_links::show_join(engine, token).await,
        ["reset", token] => access_links::show_reset(engine, token).await,
        ["sign-in", "code"] => Ok(access_links::show_second_step()),
        ["sign-in", "forgotten"] => Ok(access_links::show_forgot_password(engine, &address)),
        _ => Err(Refusal::NotFound),
    }?;
    if address.has("saved") {
        screen.blocks.insert(0, Block::Notice(Tone::Good, i18n::saved().to_owned()));
    }
    Ok(screen)
}

/// Does what was filled in at an address.
///
/// # Errors
/// As [`show`], and what the permission itself is refused with.
pub async fn submit(
    engine: &Engine,
    context: &RequestContext,
    address: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    i18n::with_language(context.language(), dispatch_submit(engine, context, address, fields)).await
}

async fn dispatch_submit(
    engine: &Engine,
    context: &RequestContext,
    address: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let address = Address::parse(address);
    match address.segments().as_slice() {
        ["settings"] => settings::submit(engine, context.me()?, fields).await,
        ["settings", "privacy"] => privacy_settings::submit(engine, context.me()?, fields).await,
        ["settings", "mail"] => mail_status::submit(engine, context.me()?).await,
        ["history", "visitors", visitor] => visitors::submit(engine, context.me()?, visitor, None, fields).await,
        ["history", "visitors", visitor, what] => {
            visitors::submit(engine, context.me()?, visitor, Some(what), fields).await
        }
        ["history", "visits", visit] => visitor_panel::submit(engine, context.me()?, visit, None, fields).await,
        ["history", "visits", visit, what] => {
            visitor_panel::submit(engine, context.me()?, visit, Some(what), fields).await
        }
        ["settings", "concierges", which] => concierges::submit(engine, context.me()?, which, fields).await,
        ["settings", "concierges", which, "pause"] => concierges::pause(engine, context.me()?, which, fields).await,
        ["settings", "teams", which] => teams::submit(engine, context.me()?, which, fields).await,
        ["settings", "teams", which, "up"] => teams::raise(engine, context.me()?, which).await,
        ["settings", "agents", "invite"] => agents::invite(engine, context.me()?, fields).await,
        ["settings", "agents", "withdraw"] => agents::withdraw(engine, context.me()?, fields).await,
        ["settings", "agents", which] => agents::submit(engine, context.me()?, which, fields).await,
        ["settings", "agents", which, "active"] => agents::activate(engine, context.me()?, which, fields).await,
        ["settings", "agents", which, "reset"] => agents::reset(engine, context.me()?, which).await,
        ["account", what @ ..] => account::submit(engine, context.me()?, what, fields).await,
        ["setup"] => set_up::submit(engine, context, fields).await,
        ["join", token] => access_links::join(engine, context, token, fields).await,
        ["reset", token] => access_links::reset(engine, context, token, fields).await,
        ["sign-in", "code"] => access_links::second_step(engine, context, fields).await,
        ["sign-in", "forgotten"] => access_links::request_reset(engine, context, fields),
        ["settings", "replies"] => canned_replies::add(engine, context.me()?, fields).await,
        ["settings", "replies", reply] => canned_replies::submit_one(engine, context.me()?, reply, fields).await,
        ["settings", "routing"] => routing_settings::submit(engine, context.me()?, fields).await,
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

/// The screen with what cannot be, each at its field in the form that is sent to `to`; what has no field there, above everything.
fn with_errors(fields: &Fields, screen: Screen, to: &str, error: FormError) -> Result<FormOutcome, Refusal> {
    let errors = match error {
        FormError::Refused(refusal) => return Err(refusal),
        FormError::FieldErrors(errors) => errors,
    };
    let said: Vec<(&str, String)> =
        errors.iter().map(|field_error| (field_error.field, i18n::field_error(&field_error.kind))).collect();
    let errors: Vec<(&str, &str)> = said.iter().map(|(field, words)| (*field, words.as_str())).collect();
    let mut screen = fields.redisplay(screen, to, &errors);
    let forms = screen.blocks.iter().filter_map(|block| if let Block::Form(form) = block { Some(form) } else { None });
    let known: Vec<String> =
        forms.filter(|form| form.to == to).flat_map(|form| &form.fields).map(|field| field.name.clone()).collect();
    for (_, words) in said.iter().filter(|(field, _)| !known.iter().any(|name| name == field)) {
        screen.blocks.insert(0, Block::Notice(Tone::Danger, words.clone()));
    }
    Ok(FormOutcome::Render(screen))
}
