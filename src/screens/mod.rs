//! The screens: settings, history, account, setup. Each screen is a module with two functions: `show` describes the
//! screen, `submit` handles its forms. The engine carries out the operations and checks the permissions.
//!
//! This module depends on neither axum nor leptos: the dashboard draws the screens, and the server passes the submitted
//! fields in.

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

/// Who makes a request, from where, and in which language.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The signed-in agent; `None` for anyone else.
    pub principal: Option<Principal>,
    /// The client's IP address.
    pub ip: IpAddr,
    /// The browser's `User-Agent`.
    pub user_agent: String,
    /// The language that the browser prefers.
    pub reads: Language,
    /// The token of a pending sign-in: the password was correct, and the second factor is due.
    pub pending: Option<String>,
}

impl RequestContext {
    /// Returns the signed-in agent.
    ///
    /// # Errors
    /// `NotSignedIn` if nobody is signed in.
    pub fn me(&self) -> Result<&Principal, Refusal> {
        self.principal.as_ref().ok_or(Refusal::NotSignedIn)
    }

    /// Returns the agent's chosen language, or without an agent the browser's.
    pub fn language(&self) -> Language {
        self.principal.as_ref().map_or(self.reads, |me| me.language)
    }
}

/// The result of a submitted form.
#[derive(Clone, Debug)]
pub enum FormOutcome {
    /// Done; continue at this address.
    Redirect(String),
    /// Done, and the language changed; load the page at this address again.
    Reload(String),
    /// Show this screen: the form with its errors, or a result.
    Render(Screen),
    /// A session has begun: its token, and the address to continue at.
    SignedIn(String, String),
}

impl FormOutcome {
    /// Done; the screen at this address confirms it.
    pub fn saved(address: &str) -> Self {
        Self::Redirect(with_saved(address))
    }

    /// Like [`Self::saved`], for a form that changed the language.
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
            // The agent's language may differ from the browser's.
            FormOutcome::Reload(to) | FormOutcome::SignedIn(_, to) => Self::Reload(to),
            FormOutcome::Render(screen) => Self::Render(screen),
        }
    }
}

/// A submitted form and the screen that answers it, for browsers without WebAssembly.
#[derive(Clone, Debug)]
pub struct RenderedForm {
    /// The address that the form was submitted to.
    pub address: String,
    /// The screen, or why there is none.
    pub answer: Result<Screen, Refusal>,
}

/// Every screen for signed-in agents, with `*` for a variable segment. The tests request each one in every role.
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

/// Returns the screen at an address.
///
/// # Errors
/// `NotFound` for an unknown address and for data of another organization; `NotSignedIn`; `Forbidden`.
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
        ["setup"] => set_up::show_where(engine).await,
        ["setup", token] => set_up::show(engine, token).await,
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

/// Handles a form that was submitted to an address.
///
/// # Errors
/// As [`show`], and the refusals of the operation.
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
        ["setup", token] => set_up::submit(engine, context, token, fields).await,
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

/// Returns the filter in an address of the history.
///
/// # Errors
/// `Forbidden`, and errors of the store.
pub async fn history_filter(engine: &Engine, me: &Principal, address: &Address) -> Result<HistoryFilter, Refusal> {
    history::filter(engine, me, address).await
}

/// Returns the screen with each error at its field in the form that is submitted to `to`. Errors without a field there
/// are shown at the top.
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
