//! Handles forms submitted on screens. Before a form's body is read, the server checks who submits it and whether they
//! are allowed to. Browsers that run the dashboard's WebAssembly expect an encoded response. Other browsers submit to
//! the same address and expect a page.

use std::net::SocketAddr;

use axum::{
    extract::{
        ConnectInfo, DefaultBodyLimit, Extension, FromRequest as _, Multipart, Request, State,
        multipart::MultipartError,
    },
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use engine::{FormPermit, Principal};
use protocol::{codec, refusal::Refusal, screen::SubmitResult};

use super::{
    ServerState, client_identity,
    error::Failure,
    request_language::{self, PrincipalResult},
    security_headers::header_text,
};
use crate::screens::{
    self, FormOutcome, RenderedForm, RequestContext,
    form_access::{FormSize, check_form_access},
    form_fields::{Fields, Upload},
    session_cookie,
};

/// The maximum size of a form without a file, in bytes.
const TEXT_FORM_BYTES: usize = 64 * 1024;
/// The maximum size of a form with a picture, in bytes.
pub(super) const MAX_FORM_BYTES: usize = 6 * 1024 * 1024;
/// The maximum number of fields in a form. No screen has that many.
const FIELDS: usize = 500;
/// The content type of encoded responses.
pub(super) const PACKED: &str = "application/octet-stream";

/// The response to a form, which is either complete or a page that still has to be rendered.
pub(super) enum FormResponse {
    Complete(Response),
    /// The page at the form's address, to be rendered with this form in its context and sent with this status.
    Page(RenderedForm, StatusCode),
}

/// `POST` to a screen's address: handles the submitted form.
pub(super) async fn submit(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Extension(found): Extension<PrincipalResult>,
    request: Request,
) -> FormResponse {
    let (uri, headers) = (request.uri(), request.headers().clone());
    let address = uri.path_and_query().map_or("/", |address| address.as_str()).to_owned();
    let wants_packed = header_text(&headers, &header::ACCEPT).is_some_and(|kinds| kinds.contains(PACKED));
    let answer = |outcome| match wants_packed {
        true => FormResponse::Complete(pack(outcome)),
        false => page(address.clone(), outcome),
    };
    let principal = match found {
        Ok(principal) => principal,
        Err(refusal) => return answer(Err(refusal)),
    };
    let may_hold = match admit(&parts, principal.as_ref(), &address, &headers) {
        Ok(may_hold) => may_hold,
        Err(refusal) => return answer(Err(refusal)),
    };
    let fields = match read(request, may_hold).await {
        Ok(fields) => fields,
        Err(failure) => return FormResponse::Complete(failure.into_response()),
    };
    let user_agent = client_identity::client_info(client.ip(), &headers).user_agent;
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let (pending, reads) = (session_cookie::pending(cookies), request_language::accepted_language(&headers));
    let context = RequestContext { principal, ip: client.ip(), user_agent, reads, pending };
    let outcome = screens::submit(&parts.engine, &context, &address, &fields).await;
    let cookie = match &outcome {
        Ok(FormOutcome::SignedIn(token, _)) => {
            HeaderValue::from_str(&session_cookie::set(Some(token), parts.public_url())).ok()
        }
        _ => None,
    };
    let mut answer = answer(outcome);
    if let (FormResponse::Complete(response), Some(cookie)) = (&mut answer, cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// How large a form may be, in bytes, and the permit that a large form needs while it is read.
type MayHold = (usize, Option<FormPermit>);

fn admit(parts: &ServerState, me: Option<&Principal>, address: &str, headers: &HeaderMap) -> Result<MayHold, Refusal> {
    match (check_form_access(me, address)?, me) {
        (FormSize::Picture, Some(me)) if content_length(headers).is_none_or(|bytes| bytes > TEXT_FORM_BYTES) => {
            Ok((MAX_FORM_BYTES, Some(parts.forms.admit(me)?)))
        }
        _ => Ok((TEXT_FORM_BYTES, None)),
    }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    header_text(headers, &header::CONTENT_LENGTH)?.parse().ok()
}

/// Encodes the response for browsers that run the dashboard's WebAssembly.
pub(super) fn pack(outcome: Result<FormOutcome, Refusal>) -> Response {
    let status = outcome.as_ref().err().map_or(200, Refusal::http_status);
    let answer: Result<SubmitResult, Refusal> = outcome.map(SubmitResult::from);
    let body = ([(header::CONTENT_TYPE, PACKED), (header::CACHE_CONTROL, "no-store")], codec::encode(&answer));
    let mut response = (StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT), body).into_response();
    if let Err(Refusal::TooMany { retry_after } | Refusal::Busy { retry_after }) = answer {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    }
    response
}

fn page(address: String, outcome: Result<FormOutcome, Refusal>) -> FormResponse {
    match outcome {
        Ok(FormOutcome::Redirect(to) | FormOutcome::Reload(to) | FormOutcome::SignedIn(_, to)) => {
            FormResponse::Complete(Redirect::to(&to).into_response())
        }
        Ok(FormOutcome::Render(screen)) => {
            FormResponse::Page(RenderedForm { address, answer: Ok(screen) }, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Refusal::NotSignedIn) => FormResponse::Complete(Redirect::to("/sign-in").into_response()),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::CONFLICT);
            FormResponse::Page(RenderedForm { address, answer: Err(refusal) }, status)
        }
    }
}

async fn read(mut request: Request, (most, _permit): MayHold) -> Result<Fields, Failure> {
    if content_length(request.headers()).is_some_and(|bytes| bytes > most) {
        return Err(Failure::TOO_LARGE);
    }
    DefaultBodyLimit::max(most).apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Failure::UNREADABLE)?;
    let mut fields = Fields::default();
    for _ in 0..FIELDS {
        let Some(field) = form.next_field().await.map_err(unreadable)? else { return Ok(fields) };
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file_name) => {
                let bytes = field.bytes().await.map_err(unreadable)?.to_vec();
                fields.push_file(name, Upload { name: file_name, bytes });
            }
            None => fields.push(name, &field.text().await.map_err(unreadable)?),
        }
    }
    Err(Failure::UNREADABLE)
}

#[expect(clippy::needless_pass_by_value, reason = "passed to map_err")]
fn unreadable(error: MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Failure::TOO_LARGE } else { Failure::UNREADABLE }
}

/// Returns a `GET` request for the form's address, which is used to render the page that answers the form.
pub(super) fn page_request(address: &str, headers: HeaderMap, found: PrincipalResult) -> Request {
    let mut request = Request::new(axum::body::Body::empty());
    *request.uri_mut() = address.parse().unwrap_or_else(|_| Uri::from_static("/settings"));
    *request.headers_mut() = headers;
    request.extensions_mut().insert(found);
    request
}
