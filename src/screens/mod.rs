//! The screens for settings, history, the agent's account, and the initial setup. Each screen is a module with two
//! functions: `show` describes the screen, and `submit` handles its forms. The engine performs the operations and
//! checks permissions.
//!
//! This module depends on neither axum nor leptos: the server passes in the submitted fields, and the dashboard renders
//! the screens.

pub mod email_texts;
pub mod form_access;
pub mod form_fields;
pub mod i18n;
pub mod screen_address;
pub mod session_cookie;

pub mod csv;
pub mod date_input;
pub mod export;

mod audit_log;
mod canned_replies;
mod history;
mod mail_status;
mod privacy_settings;
mod reauthentication;
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

/// Who is making a request, from where, and in which language.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The signed-in agent, or `None` if the client is not signed in.
    pub principal: Option<Principal>,
    /// The client's IP address.
    pub ip: IpAddr,
    /// The browser's `User-Agent` header.
    pub user_agent: String,
    /// The browser's preferred language.
    pub reads: Language,
    /// The token for a pending sign-in, where the password was correct but the second factor is still required.
    pub pending: Option<String>,
}

impl RequestContext {
    /// Returns the signed-in agent.
    ///
    /// # Errors
    /// Returns [`Refusal::NotSignedIn`] if no agent is signed in.
    pub fn me(&self) -> Result<&Principal, Refusal> {
        self.principal.as_ref().ok_or(Refusal::NotSignedIn)
    }

    /// Returns the signed-in agent's language, or the browser's preferred language if no agent is signed in.
    pub fn language(&self) -> Language {
        self.principal.as_ref().map_or(self.reads, |me| me.language)
    }
}

/// The result of submitting a form.
#[derive(Clone, Debug)]
pub enum FormOutcome {
    /// The form succeeded. Continue at this address.
    Redirect(String),
    /// The form succeeded and changed the language. Load the page at this address from scratch.
    Reload(String),
    /// Show this screen, which contains either the form with its errors or a result.
    Render(Screen),
    /// A session was started. Contains its token and the address to continue at.
    SignedIn(String, String),
}

impl FormOutcome {
    /// Redirects to this address, where the screen confirms that the changes were saved.
    pub fn saved(address: &str) -> Self {
        Self::Redirect(with_saved(address))
    }

    /// Like [`Self::saved`], but for a form that changed the language.
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
            // After signing in, the agent's language may differ from the browser's.
            FormOutcome::Reload(to) | FormOutcome::SignedIn(_, to) => Self::Reload(to),
            FormOutcome::Render(screen) => Self::Render(screen),
        }
    }
}

/// A submitted form and the resulting screen, for browsers without WebAssembly.
#[derive(Clone, Debug)]
pub struct RenderedForm {
    /// The address that the form was submitted to.
    pub address: String,
    /// The resulting screen, or the reason there is none.
    pub answer: Result<Screen, Refusal>,
}

/// The paths of all screens for signed-in agents, where `*` is a variable segment. Tests request each path in every
/// role.
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
/// Returns [`Refusal::NotFound`] if the address is unknown or refers to another organization's data,
/// [`Refusal::NotSignedIn`] if the screen requires a signed-in agent, and [`Refusal::Forbidden`] if the agent does not
/// have the required permission.
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

/// Handles a form submitted to an address.
///
/// # Errors
/// Returns the same errors as [`show`], and any error from the operation itself.
pub async fn submit(
    engine: &Engine,
    context: &RequestContext,
    address: &str,
    fields: &Fields,
) -> Result<FormOutcome, Refusal> {
    let submitted = async {
        if let Some(again) = reauthentication::check(engine, context, address, fields).await? {
            return Ok(again);
        }
        match dispatch_submit(engine, context, address, fields).await {
            Err(Refusal::PasswordNeeded) => {
                Ok(reauthentication::ask(engine, context, address, fields, i18n::password_needed()).await)
            }
            other => other,
        }
    };
    i18n::with_language(context.language(), submitted).await
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
        ["history"] => history::submit(context.me()?, &address),
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

/// Returns the history filter described by an address's query parameters.
///
/// # Errors
/// Returns the same errors as [`Engine::history_filter`].
pub async fn history_filter(engine: &Engine, me: &Principal, address: &Address) -> Result<HistoryFilter, Refusal> {
    history::filter(engine, me, address).await
}

/// Returns the address of the history screen with the filter from a submitted form.
pub fn filtered_history_address(form: &Address) -> String {
    history::filtered_address(form)
}

/// Returns the screen with each error shown next to its field in the form submitted to `to`. Errors that do not belong
/// to any of the form's fields are shown at the top.
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
