//! The HTTP side of server functions: who made the request, and the response's status, headers, and cookies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
};
use engine::{Engine, SignIn, sessions::Principal, store::TransferTarget};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use protocol::{language::Language, refusal::Refusal, screen::Screen};

use super::{ApiError, HandOverTarget};
use crate::screens::{self, RenderedForm, RequestContext, session_cookie};

/// The maximum number of board rows rendered on the server. No screen can fit more.
pub(super) const ROWS_IN_THE_PAGE: usize = 200;

pub(super) fn engine() -> Engine {
    use_context().expect("the server provides the engine to every page and server function")
}

fn header(name: impl header::AsHeaderName) -> Option<String> {
    let parts: Parts = use_context()?;
    parts.headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Returns whether the request is a plain form submission from a page that was not hydrated.
pub(super) fn is_form() -> bool {
    let is_post = use_context::<Parts>().is_some_and(|parts| parts.method == Method::POST);
    is_post && header(header::ACCEPT).is_some_and(|types| types.contains("text/html"))
}

/// Turns a refusal into an error response with the appropriate HTTP status and the request ID.
pub(super) fn refused(refusal: Refusal) -> ApiError {
    // A plain form submission is redirected back to the form's page, which shows the reason. An error status would
    // prevent that redirect.
    if let Some(response) = use_context::<ResponseOptions>().filter(|_| !is_form()) {
        response.set_status(StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::CONFLICT));
        if let Refusal::TooMany { retry_after } | Refusal::Busy { retry_after } = refusal {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(retry_after));
        }
    }
    ApiError { refusal, request_id: header("x-request-id").unwrap_or_else(|| "unknown".into()) }
}

/// Responds with 400 or 413 to a request that could not be decoded, since the error is the client's. Returns the
/// request ID.
pub(super) fn unreadable(why: &str) -> String {
    let is_long = why.contains("length limit");
    let status = if is_long { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
    header("x-request-id").unwrap_or_else(|| "unknown".into())
}

/// Returns the session token from the request's cookie.
pub(super) fn token(engine: &Engine) -> Option<String> {
    let parts: Parts = use_context()?;
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    session_cookie::token(cookies, &engine.settings().public_url)
}

/// Sets the session cookie, or removes it if there is no token.
pub(super) fn set_cookie(engine: &Engine, token: Option<&str>) {
    let cookie = HeaderValue::from_str(&session_cookie::set(token, &engine.settings().public_url));
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

pub(super) fn hand_to(to: HandOverTarget) -> TransferTarget {
    match to {
        HandOverTarget::Agent(agent) => TransferTarget::Agent { agent, insist: false },
        HandOverTarget::Insisting(agent) => TransferTarget::Agent { agent, insist: true },
        HandOverTarget::Team(team) => TransferTarget::Team(team),
    }
}

/// Sets the session cookie, or a pending one if a second factor is still required. Returns the path of the next page.
pub(super) fn set_sign_in_cookie(engine: &Engine, entrance: SignIn) -> &'static str {
    match entrance {
        SignIn::Complete(token, _) => {
            set_cookie(engine, Some(&token));
            "/visitors"
        }
        SignIn::SecondFactorRequired(token) => {
            let cookie = HeaderValue::from_str(&session_cookie::set_pending(&token, &engine.settings().public_url));
            if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), cookie) {
                response.append_header(header::SET_COOKIE, cookie);
            }
            "/sign-in/code"
        }
    }
}

pub(super) fn address() -> IpAddr {
    let parts: Option<Parts> = use_context();
    let from = parts.and_then(|parts| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()));
    from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

pub(super) fn user_agent() -> String {
    header(header::USER_AGENT).unwrap_or_default().chars().take(300).collect()
}

/// Returns the language that the server chose for the request. It is read from the request's parts because server
/// functions run in their own task.
fn request_language() -> Language {
    use_context::<Parts>().and_then(|parts| parts.extensions.get().copied()).unwrap_or_default()
}

/// Returns the language of the page that is being rendered.
pub(in crate::dashboard) fn language() -> Language {
    screens::i18n::current_language()
}

async fn principal(engine: &Engine) -> Result<Option<Principal>, Refusal> {
    // A middleware may have looked up the session already.
    if let Some(found) = use_context::<Parts>().and_then(|parts| parts.extensions.get().cloned()) {
        return found;
    }
    match token(engine) {
        Some(token) => engine.sessions().principal(&token, engine.now()).await,
        None => Ok(None),
    }
}

/// Returns the engine and the signed-in agent. Every server function authenticates its caller this way.
pub(super) async fn authenticate() -> Result<(Engine, Principal), ApiError> {
    let engine = engine();
    match principal(&engine).await {
        Ok(Some(principal)) => Ok((engine, principal)),
        Ok(None) => Err(refused(Refusal::NotSignedIn)),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// Returns the screen at an address. If a form was just submitted to this address, returns the screen it produced.
pub(super) async fn screen(address: &str) -> Result<Screen, ApiError> {
    let engine = engine();
    let rendered = use_context::<RenderedForm>().filter(|rendered| rendered.address == address);
    let shown = match rendered {
        Some(rendered) => rendered.answer,
        None => {
            let (ip, user_agent) = (self::address(), user_agent());
            let principal = principal(&engine).await.map_err(refused)?;
            let context = RequestContext { principal, ip, user_agent, reads: request_language(), pending: None };
            screens::show(&engine, &context, address).await
        }
    };
    if shown == Err(Refusal::NotSignedIn) {
        leptos_axum::redirect("/sign-in");
    }
    shown.map_err(refused)
}
