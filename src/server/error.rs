//! HTTP errors, which consist of a code, a sentence, and the request id. Details are only logged.

use std::borrow::Cow;

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use engine::validation::FormError;
use protocol::{i18n, language::Language, refusal::Refusal};
use serde_json::json;

use super::security_headers::header_text;
use crate::screens;

/// The header that contains the request id, which also appears in the log.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The default for `Retry-After`, in seconds. Rate limits per address are counted per minute.
const RETRY_AFTER: u32 = 60;

/// A failed request. [`render_failures`] adds the request id.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    /// The limit that was exceeded, if any.
    limit: Option<u64>,
    /// When to try again, in seconds.
    retry_after: Option<u32>,
}

impl Failure {
    pub(super) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not_found", "This could not be found.");
    pub(super) const NOT_SIGNED_IN: Self = Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Please sign in.");
    pub(super) const FORBIDDEN: Self =
        Self::new(StatusCode::FORBIDDEN, "forbidden", "You do not have permission to do this.");
    pub(super) const WRONG_ORIGIN: Self =
        Self::new(StatusCode::FORBIDDEN, "wrong_origin", "The request came from another site.");
    pub(super) const WRONG_HOST: Self = Self::new(
        StatusCode::MISDIRECTED_REQUEST,
        "wrong_host",
        "This is not the public URL of this server. Its operator sets the URL with `public-url` in the settings file, or \
         with JUMPIN_PUBLIC_URL.",
    );
    pub(super) const TOO_MANY: Self =
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "Too many requests. Please wait a minute.");
    pub(super) const METHOD_NOT_ALLOWED: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not support that HTTP method.",
    );
    pub(super) const UNEXPECTED: Self =
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "unexpected", "Something went wrong on the server.");
    pub(super) const UNAVAILABLE: Self =
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The server is not ready. Please try again.");
    const BUSY: Self =
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy. Please try again in a moment.");
    pub(super) const UNREADABLE: Self =
        Self::new(StatusCode::BAD_REQUEST, "unreadable", "The request could not be read.");
    pub(super) const INVALID_FORM: Self =
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cannot_be", "Some fields are invalid.");
    pub(super) const TOO_LARGE: Self =
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is too large.");
    pub(super) const UNSUPPORTED_MEDIA_TYPE: Self = Self::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_kind",
        "This address does not accept that content type.",
    );
    const TIMEOUT: Self = Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", "The request took too long.");

    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), limit: None, retry_after: None }
    }

    /// Returns when to try again, in seconds, if that is known.
    pub(super) fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// Returns the failure for a refusal, with a sentence in the user's language. The sentence does not name any agent.
    pub(super) fn in_language(refusal: &Refusal, language: Language) -> Self {
        let an_agent = |_| screens::i18n::in_language(language, screens::i18n::an_agent).to_owned();
        Self::with_message(refusal, i18n::refusal_text(language, refusal, an_agent, |_| String::new()))
    }

    /// Returns the failure for a refusal, with the sentence to show the user.
    pub(super) fn with_message(refusal: &Refusal, sentence: String) -> Self {
        let limit = match refusal {
            Refusal::FileTooLarge { limit } | Refusal::FilesFull { limit } => Some(*limit),
            _ => None,
        };
        let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::CONFLICT);
        let retry_after = retry_after(refusal);
        Self { status, code: refusal.code(), message: Cow::Owned(sentence), limit, retry_after }
    }
}

fn retry_after(refusal: &Refusal) -> Option<u32> {
    match refusal {
        Refusal::TooMany { retry_after } | Refusal::Busy { retry_after } => Some(*retry_after),
        _ => None,
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let retry_after = retry_after(&refusal);
        let failure = match refusal {
            Refusal::NotFound => Self::NOT_FOUND,
            Refusal::NotSignedIn => Self::NOT_SIGNED_IN,
            Refusal::Forbidden => Self::FORBIDDEN,
            Refusal::TooMany { .. } => Self::TOO_MANY,
            Refusal::Busy { .. } => Self::BUSY,
            Refusal::StorageFull | Refusal::TookTooLong => Self::UNAVAILABLE,
            _ => Self::UNEXPECTED,
        };
        Self { retry_after, ..failure }
    }
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Refused(refusal) => refusal.into(),
            FormError::FieldErrors(_) => Self::INVALID_FORM,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let retry_after = self.retry_after.or((self.status == StatusCode::TOO_MANY_REQUESTS).then_some(RETRY_AFTER));
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Renders every failure as `{"error":{"code","message","request_id"}}`, including failures that come from layers, such
/// as oversized bodies and timeouts. A client that accepts HTML gets a page with the same content.
pub(super) async fn render_failures(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let is_person = header_text(request.headers(), &header::ACCEPT).is_some_and(|kinds| kinds.contains("text/html"));
    let response = next.run(request).await;
    // Responses from server functions and screens are already complete.
    let is_packed = header_text(response.headers(), &header::CONTENT_TYPE) == Some("application/octet-stream");
    let failure = response.extensions().get::<Failure>().cloned().or(match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if !is_packed => Some(Failure::TOO_LARGE),
        StatusCode::REQUEST_TIMEOUT => Some(Failure::TIMEOUT),
        _ => None,
    });
    let Some(failure) = failure else { return response };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let mut answer = if is_person {
        (failure.status, Html(page(&failure, &id))).into_response()
    } else {
        let mut error = json!({ "code": failure.code, "message": failure.message, "request_id": id });
        if let Some(limit) = failure.limit {
            error["limit"] = limit.into();
        }
        let body = json!({ "error": error });
        (failure.status, Json(body)).into_response()
    };
    for (name, value) in &parts.headers {
        answer.headers_mut().append(name, value.clone());
    }
    answer
}

/// Returns the error page. It contains nothing from the request, since the server generates the request id itself.
fn page(failure: &Failure, id: &str) -> String {
    let Failure { code, message, .. } = failure;
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{message}</title>\n<h1>{message}</h1>\n\
         <p><a href=\"/visitors\">Go to the dashboard</a></p>\n<p><small>{code} · request {id}</small></p>\n"
    )
}

/// Turns a panic in a handler into a 500 response and logs the panic message. The process keeps running.
#[expect(clippy::needless_pass_by_value, reason = "signature required by the layer")]
pub(super) fn on_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = words, "a handler panicked");
    Failure::UNEXPECTED.into_response()
}
