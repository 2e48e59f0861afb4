//! Defines all of the server's routes.

use std::sync::OnceLock;

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Extension, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    middleware::{from_fn, from_fn_with_state, map_request_with_state},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use leptos::{
    prelude::{provide_context, use_context},
    server_fn::{error::FromServerFnError as _, redirect::REDIRECT_HEADER},
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list_with_exclusions_and_ssg_and_context,
    render_app_async_with_context,
};
use protocol::refusal::Refusal;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::CsrfLayer,
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::{DefaultOnResponse, TraceLayer},
};

use super::{
    ServerState, avatars, caller_check, chat_rating, client_identity, concierge, dashboard_files,
    error::{self, Failure, REQUEST_ID},
    export, files, host_check, left_messages, metrics, request_content_type,
    request_language::{self, PrincipalResult},
    screen, security_headers, setup_redirect, socket_agent, socket_visitor, totp_qr_code,
};
use crate::dashboard::{App, Assets, api::ApiError, shell};

/// The dashboard's pages, listed once per process. While Leptos lists them, any page being rendered elsewhere in the
/// process loads no data and never finishes (leptos#4773), and a test process runs many servers.
static PAGES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
/// The files that every dashboard page loads.
const ASSETS: Assets =
    Assets { script: dashboard_files::SCRIPT, wasm: dashboard_files::WASM, style: dashboard_files::STYLE };
/// The maximum size of a request body, in bytes. Two messages of the maximum size fit into it.
const BODY_BYTES: usize = 64 * 1024;

/// The server function that every page of the dashboard calls first. Without a session, it redirects to the sign-in
/// page.
const INITIAL_STATE: &str = "/api/here";

/// The addresses that accept forms. They match the dashboard's own routes.
const SCREENS: &[&str] = &[
    "/settings",
    "/settings/{*rest}",
    "/history",
    "/history/{*rest}",
    "/account",
    "/account/{*rest}",
    "/setup/{token}",
    "/join/{token}",
    "/reset/{token}",
    "/sign-in/{step}",
];

/// Returns the router for the public listener.
pub(super) fn router(parts: ServerState) -> Router {
    let engine = parts.engine.clone();
    // Pages and server functions get the engine from their context. Leptos provides the request parts itself.
    let context = move || {
        provide_context(engine.clone());
        security_headers::set_dashboard_headers();
    };
    // One log line per request.
    let answered = DefaultOnResponse::new().level(tracing::Level::INFO);
    let leptos = parts.leptos.clone();
    let pages = PAGES.get_or_init(|| {
        generate_route_list_with_exclusions_and_ssg_and_context(App, Some(vec!["/".to_owned()]), context.clone()).0
    });

    let form_routes = form_routes(&parts, context.clone());

    Router::new()
        // the dashboard: /sign-in, /visitors, /chats, /chats/{chat}, the screens, and the server functions at /api/*
        .route("/", get(|| async { Redirect::to("/visitors") }))
        .leptos_routes_with_context(&parts, pages.clone(), context, move || shell(&leptos, ASSETS))
        .layer(from_fn_with_state(parts.clone(), caller_check::check))
        .layer(from_fn_with_state(parts.clone(), request_language::resolve_principal))
        // exports, which a link on another site must not start
        .route("/history/export.csv", post(export::csv))
        .route("/history/export.jsonl", post(export::json_lines))
        .route("/history/visitors/{visitor}/known.json", post(export::visitor))
        .route("/pkg/{file}", get(dashboard_files::package))
        .route("/account/totp.svg", get(totp_qr_code::image))
        .route("/avatars/{avatar}", get(avatars::for_agents))
        .route("/favicon.svg", get(dashboard_files::favicon))
        .route("/robots.txt", get(dashboard_files::robots))
        .route("/files.js", get(dashboard_files::files))
        // the sockets
        .route("/socket/agent/v1", get(socket_agent::open))
        .route("/socket/visitor/v1", get(socket_visitor::open))
        // the concierge
        .route("/loader.js", get(concierge::loader))
        .route("/concierge/v1/frame", get(concierge::frame))
        .route("/concierge/v1/preview", get(concierge::preview))
        .route("/concierge/v1/{file}", get(concierge::file))
        .route("/concierge/v1/avatars/{avatar}", get(avatars::for_visitors))
        // files sent in chats
        .route("/concierge/v1/files/{file}", get(files::download_for_visitor))
        .route("/files/{file}", get(files::download_for_agent))
        // messages from browsers that cannot open a socket
        .route("/concierge/v1/messages", get(left_messages::get_form).post(left_messages::submit))
        // ratings of chats
        .route("/concierge/v1/rating", get(chat_rating::get_form).post(chat_rating::submit))
        // health checks
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .fallback(|| async { Failure::NOT_FOUND })
        .method_not_allowed_fallback(|| async { Failure::METHOD_NOT_ALLOWED })
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        // forms on screens have their own limits, since some include a picture
        .merge(form_routes)
        // covers reading the body
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, parts.request_timeout))
        // uploads have their own size and time limits
        .merge(
            Router::new()
                .route("/concierge/v1/files", get(files::terms).post(files::upload_from_visitor))
                .route("/files", post(files::upload_from_agent))
                .method_not_allowed_fallback(|| async { Failure::METHOD_NOT_ALLOWED })
                .layer(DefaultBodyLimit::disable()),
        )
        .layer(
            // Listed from the outermost layer to the innermost.
            ServiceBuilder::new()
                .layer(from_fn_with_state(parts.clone(), metrics::count))
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(answered))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(from_fn(error::render_failures))
                .layer(from_fn_with_state(parts.clone(), security_headers::set_default_headers))
                .layer(CatchPanicLayer::custom(error::on_panic))
                .layer(from_fn_with_state(parts.clone(), host_check::refuse_other_hosts))
                .layer(from_fn_with_state(parts.clone(), client_identity::resolve_client_address))
                .layer(from_fn_with_state(parts.clone(), setup_redirect::redirect_to_setup))
                .layer(
                    CsrfLayer::new()
                        .with_rejection_response(|_| -> Response<Body> { Failure::WRONG_ORIGIN.into_response() }),
                )
                .layer(from_fn(request_content_type::check_function_body)),
        )
        .layer(map_request_with_state(parts.clone(), strip_untrusted_headers))
        .with_state(parts)
}

/// Returns the routes for forms on screens. If the client accepts HTML and the form is invalid, the response is the
/// screen with its field errors.
fn form_routes(parts: &ServerState, context: impl Fn() + Clone + Send + Sync + 'static) -> Router<ServerState> {
    let leptos = parts.leptos.clone();
    let submit = move |parts, client, found: Extension<PrincipalResult>, request: Request| async move {
        let headers = request.headers().clone();
        let (rendered, status) = match screen::submit(parts, client, found.clone(), request).await {
            screen::FormResponse::Complete(response) => return response,
            screen::FormResponse::Page(rendered, status) => (rendered, status),
        };
        let asked_for = screen::page_request(&rendered.address, headers, found.0);
        let context = move || {
            context();
            provide_context(rendered.clone());
            if let Some(answer) = use_context::<ResponseOptions>() {
                answer.set_status(status);
            }
        };
        render_app_async_with_context(context, move || shell(&leptos, ASSETS))(asked_for).await
    };
    SCREENS
        .iter()
        .fold(Router::new(), |router, address| router.route(address, post(submit.clone())))
        .layer(from_fn_with_state(parts.clone(), caller_check::check))
        .layer(from_fn_with_state(parts.clone(), request_language::resolve_principal))
        .layer(from_fn(request_content_type::check_screen_body))
        .layer(RequestBodyLimitLayer::new(screen::MAX_FORM_BYTES))
}

/// Returns the response for a server function without calling it.
pub(super) fn refuse_call(refusal: Refusal, path: &str, headers: &HeaderMap) -> Response<Body> {
    let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::CONFLICT);
    let is_stranger = refusal == Refusal::NotSignedIn;
    let retry_after = Failure::from(refusal.clone()).retry_after();
    let request_id = security_headers::header_text(headers, &REQUEST_ID).unwrap_or("unknown").to_owned();
    let body = ApiError { refusal, request_id }.ser();
    let mut response = (status, [(header::CONTENT_TYPE, screen::PACKED)], body).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if is_stranger && path == INITIAL_STATE {
        // The dashboard's browser code follows this redirect, as it does one from `leptos_axum::redirect`.
        headers.insert(header::LOCATION, HeaderValue::from_static("/sign-in"));
        headers.insert(HeaderName::from_static(REDIRECT_HEADER), HeaderValue::from_static(""));
    }
    response
}

/// `GET /readyz`: checks that the database responds.
async fn ready(State(parts): State<ServerState>) -> Result<&'static str, Failure> {
    parts.engine.store().is_empty().await.map(|_| "ready\n").map_err(|error| {
        tracing::error!(%error, "the database did not respond to a readiness check");
        Failure::UNAVAILABLE
    })
}

/// Removes request ids set by clients, because request ids end up in the log, and `Referer` headers from other sites,
/// because forms redirect to the referrer.
async fn strip_untrusted_headers(State(parts): State<ServerState>, mut request: Request) -> Request {
    request.headers_mut().remove(REQUEST_ID);
    let came_from = security_headers::header_text(request.headers(), &header::REFERER).unwrap_or_default();
    if !client_identity::is_own_url(&parts, request.headers(), came_from) {
        request.headers_mut().remove(header::REFERER);
    }
    request
}

/// Creates a request's log span. It omits the query, which may contain private data.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = redact_path(request.uri().path()), id)
}

/// Returns the path without the secret token of an invitation link or a password reset link.
fn redact_path(path: &str) -> &str {
    ["/join/", "/reset/", "/setup/"].into_iter().find(|door| path.starts_with(door)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::redact_path;

    #[test]
    fn logged_path_omits_tokens() {
        assert_eq!(redact_path("/join/c2VjcmV0"), "/join/");
        assert_eq!(redact_path("/reset/c2VjcmV0"), "/reset/");
        assert_eq!(redact_path("/setup/c2VjcmV0"), "/setup/");
        assert_eq!(redact_path("/chats/7"), "/chats/7");
    }
}
