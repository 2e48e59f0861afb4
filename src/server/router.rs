//! Every route on one screen.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
    middleware::{from_fn, from_fn_with_state, map_request},
    response::{IntoResponse, Redirect},
    routing::get,
};
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list_with_exclusions_and_ssg_and_context};
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
    Parts, concierge,
    error::{self, Failure, REQUEST_ID},
    headers, peer, site, socket_agent, socket_visitor,
};
use crate::dashboard::{App, shell};

/// The largest body of a request: two messages of the largest size.
const BODY_BYTES: usize = 64 * 1024;
/// The longest time until an answer begins.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

/// The whole web of the product.
pub(super) fn router(parts: Parts) -> Router {
    let engine = parts.engine.clone();
    // Pages and server functions find the engine in their context, and the request's parts by Leptos itself.
    let context = move || {
        provide_context(engine.clone());
        headers::dashboard();
    };
    // One line a request.
    let answered = DefaultOnResponse::new().level(tracing::Level::INFO);
    let leptos = parts.leptos.clone();
    let (pages, _) =
        generate_route_list_with_exclusions_and_ssg_and_context(App, Some(vec!["/".to_owned()]), context.clone());

    Router::new()
        // the dashboard: /sign-in, /visitors, /chats, /chats/{chat}, and its server functions /api/*
        .route("/", get(|| async { Redirect::to("/visitors") }))
        .leptos_routes_with_context(&parts, pages, context, move || shell(leptos.clone()))
        .route("/pkg/{file}", get(site::package))
        .route("/favicon.svg", get(site::favicon))
        .route("/robots.txt", get(site::robots))
        // the sockets
        .route("/socket/agent/v1", get(socket_agent::open))
        .route("/socket/visitor/v1", get(socket_visitor::open))
        // the concierge
        .route("/loader.js", get(concierge::loader))
        .route("/concierge/v1/frame", get(concierge::frame))
        .route("/concierge/v1/{file}", get(concierge::file))
        // for whoever watches over the server
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .fallback(|| async { Failure::NOT_FOUND })
        .method_not_allowed_fallback(|| async { Failure::METHOD })
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWERED_WITHIN))
        .layer(
            // The first is the outermost of these.
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(answered))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(from_fn(error::name_failures))
                .layer(from_fn_with_state(parts.clone(), headers::on_every_answer))
                .layer(CatchPanicLayer::custom(error::on_panic))
                .layer(from_fn_with_state(parts.clone(), peer::resolve))
                .layer(
                    CsrfLayer::new()
                        .with_rejection_response(|_| -> Response<Body> { Failure::WRONG_ORIGIN.into_response() }),
                ),
        )
        .layer(map_request(without_foreign_id))
        .with_state(parts)
}

/// `GET /readyz`: the database answers.
async fn ready(State(parts): State<Parts>) -> Result<&'static str, Failure> {
    parts.engine.store().is_empty().await.map(|_| "ready\n").map_err(|error| {
        tracing::error!(%error, "not ready");
        Failure::UNAVAILABLE
    })
}

/// Ids are ours: a client's could be anything, and stands in the log.
async fn without_foreign_id(mut request: Request) -> Request {
    request.headers_mut().remove(REQUEST_ID);
    request
}

/// The path without the query, which may hold what nobody should read in a log.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}
