//! Tests authorization on every entry point. The tables below *are* the permission matrix: they list server functions,
//! screens, routes, and frames, each with the lowest role that may use it. Every entry is tried with every role, and an
//! entry point that is missing from its table fails the tests.

use std::collections::BTreeSet;

use engine::Permission;
use jumpin::{dashboard::api::HandOverTarget, screens};
use leptos::server_fn::axum::server_fn_paths;
use protocol::{
    agent::{FromAgent, Role, ToAgent},
    availability::AwayReason,
    chat::Receipt,
    codec,
    id::{AgentId, ChatId, ClientId, InvitationId, VisitId},
    preferences::Preference,
    refusal::Refusal,
};
use reqwest::{Client, header, multipart::Form, redirect::Policy};
use uuid::Uuid;

use crate::{
    client_ext::with_deadline,
    test_server::{SignedIn, TestServer},
};

/// The lowest role that may use an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum MinimumRole {
    Anybody,
    Agent,
    Supervisor,
    Admin,
}

use MinimumRole::{Admin, Agent, Anybody, Supervisor};

/// A server function, with encoded arguments whose ids do not exist.
struct ServerFunctionCase {
    path: &'static str,
    least: MinimumRole,
    asked: Vec<u8>,
}

fn server_function_case(path: &'static str, least: MinimumRole, asked: &impl serde::Serialize) -> ServerFunctionCase {
    ServerFunctionCase { path, least, asked: codec::encode(asked) }
}

fn server_function_cases() -> Vec<ServerFunctionCase> {
    let (chat, visit) = (ChatId(Uuid::now_v7()), VisitId(Uuid::now_v7()));
    let (invitation, agent) = (InvitationId(Uuid::now_v7()), AgentId(Uuid::now_v7()));
    vec![
        server_function_case("/api/sign-in", Anybody, &()),
        server_function_case("/sign-out", Anybody, &()),
        server_function_case("/api/here", Agent, &None::<ChatId>),
        server_function_case("/api/who-am-i", Agent, &()),
        server_function_case("/api/entries", Agent, &(chat, 0_u32)),
        server_function_case("/api/page_views", Agent, &visit),
        server_function_case("/api/invite", Agent, &(visit, "Hello")),
        server_function_case("/api/withdraw", Agent, &invitation),
        server_function_case("/api/claim", Agent, &chat),
        server_function_case("/api/take-over", Agent, &(chat, agent, 1_u32)),
        server_function_case("/api/end-chat", Agent, &chat),
        server_function_case("/api/set-availability", Agent, &None::<AwayReason>),
        server_function_case("/api/preference", Agent, &Preference::default()),
        server_function_case("/api/decline", Agent, &chat),
        // This is another agent's chat. Agents may transfer their own.
        server_function_case("/api/hand-over", Supervisor, &(chat, agent, HandOverTarget::Agent(agent), "")),
        server_function_case("/api/add-note", Agent, &(chat, "A note", false)),
        server_function_case("/api/notes", Agent, &chat),
        server_function_case("/api/tag", Agent, &(chat, "urgent", true)),
        server_function_case("/api/tags", Agent, &()),
        server_function_case("/api/replies", Agent, &()),
        // The role for each screen is listed in `SCREENS` below.
        server_function_case("/api/screen", Anybody, &"/settings"),
    ]
}

/// Every screen, with the lowest role that may view it and the lowest role that may submit it. When agents open the
/// settings, they see only the settings that apply to them.
const SCREENS: &[(&str, MinimumRole, MinimumRole)] = &[
    ("/settings", Agent, Admin),
    ("/settings/audit", Admin, Admin),
    ("/settings/replies", Agent, Agent),
    ("/settings/replies/*", Agent, Agent),
    ("/settings/routing", Admin, Admin),
    ("/settings/privacy", Admin, Admin),
    ("/settings/mail", Admin, Admin),
    ("/settings/concierges", Admin, Admin),
    ("/settings/concierges/*", Admin, Admin),
    ("/settings/teams", Admin, Admin),
    ("/settings/teams/*", Admin, Admin),
    ("/settings/agents", Admin, Admin),
    ("/settings/agents/invite", Admin, Admin),
    ("/settings/agents/*", Admin, Admin),
    // This form is submitted before an export.
    ("/history", Agent, Supervisor),
    ("/history/*", Agent, Agent),
    ("/history/visitors", Agent, Agent),
    ("/history/visitors/*", Agent, Agent),
    ("/history/visits/*", Agent, Agent),
    ("/account", Agent, Agent),
];

/// All other routes, each with the status of a GET request without a session.
pub(crate) const ROUTES: &[(&str, u16)] = &[
    ("/", 303),
    // These accept only POST. See `EXPORTS`.
    ("/history/export.csv", 405),
    ("/history/export.jsonl", 405),
    ("/history/visitors/{visitor}/known.json", 405),
    ("/account/totp.svg", 401),
    ("/avatars/{avatar}", 401),
    ("/concierge/v1/avatars/{avatar}", 404),
    ("/pkg/{file}", 404),
    ("/favicon.svg", 200),
    ("/robots.txt", 200),
    ("/files.js", 404),
    // Accepts only POST. A file the caller may not read looks the same as a missing one.
    ("/files", 405),
    ("/files/{file}", 404),
    ("/concierge/v1/files", 200),
    ("/concierge/v1/files/{file}", 404),
    ("/concierge/v1/messages", 200),
    ("/concierge/v1/rating", 401),
    ("/socket/agent/v1", 400),
    ("/socket/visitor/v1", 400),
    ("/loader.js", 200),
    ("/concierge/v1/frame", 404),
    ("/concierge/v1/preview", 401),
    ("/concierge/v1/{file}", 404),
    ("/healthz", 200),
    ("/readyz", 200),
];

/// Every export, with the lowest role that may download it.
const EXPORTS: &[(&str, MinimumRole)] = &[
    ("/history/export.csv", Supervisor),
    ("/history/export.jsonl", Supervisor),
    ("/history/visitors/{visitor}/known.json", Admin),
];

/// Returns the expected refusal for a frame that refers to a missing chat or visit. That the dashboard requires a
/// session in the first place is tested in `stories/origins_and_sessions.rs`. When a new kind of frame is added, this
/// does not compile until the frame is listed here.
fn refused_for_what_is_not_there(frame: &FromAgent) -> Option<Refusal> {
    match frame {
        FromAgent::Open { .. }
        | FromAgent::SendMessage { .. }
        | FromAgent::Receipt { .. }
        | FromAgent::Change { .. } => Some(Refusal::NotFound),
        // These affect only the agent's own state, or change nothing and may be dropped.
        FromAgent::Hello { .. }
        | FromAgent::Resync
        | FromAgent::Close(_)
        | FromAgent::Typing(_)
        | FromAgent::Composing(_)
        | FromAgent::Heartbeat
        | FromAgent::Input => None,
    }
}

/// Signs in one agent per role, starting with the lowest role.
async fn sign_in_each_role(server: &TestServer) -> [(MinimumRole, Option<SignedIn>); 4] {
    [
        (Anybody, None),
        (Agent, Some(server.sign_in("ben").await)),
        (Supervisor, Some(server.sign_in("ann").await)),
        (Admin, Some(server.sign_in("dora").await)),
    ]
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn cookie(who: Option<&SignedIn>) -> String {
    who.map_or(String::new(), |who| who.cookie.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_is_called_by_allowed_roles_only() {
    let server = TestServer::start().await;
    let server_function_cases = server_function_cases();
    let known: BTreeSet<&str> =
        server_function_cases.iter().map(|server_function_case| server_function_case.path).collect();
    assert_eq!(server_fn_paths().map(|(path, _)| path).collect::<BTreeSet<_>>(), known);
    for (role, who) in sign_in_each_role(&server).await {
        for ServerFunctionCase { path, least, asked } in
            server_function_cases.iter().filter(|server_function_case| server_function_case.least > Anybody)
        {
            let sent = browser().post(server.http(path)).header(header::COOKIE, cookie(who.as_ref()));
            let sent = sent.header(header::CONTENT_TYPE, "application/octet-stream").body(asked.clone());
            let status = sent.send().await.unwrap().status().as_u16();
            match (role >= *least, who.is_some()) {
                (true, _) => assert!(![401, 403, 500].contains(&status), "{path} as {role:?}: {status}"),
                (false, true) => assert_eq!(status, 403, "{path} as {role:?}"),
                // Page loads are redirected to the sign-in page instead.
                (false, false) => assert!([401, 302].contains(&status), "{path}: {status}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_read_and_submitted_by_allowed_roles_only() {
    let server = TestServer::start().await;
    let known: BTreeSet<&str> = SCREENS.iter().map(|(place, ..)| *place).collect();
    assert_eq!(known, screens::SCREEN_PATHS.iter().copied().collect());
    for (role, who) in sign_in_each_role(&server).await {
        for (place, reads, submit_form) in SCREENS {
            let address = server.http(&place.replace('*', &Uuid::now_v7().to_string()));
            let asked = browser().get(&address).header(header::COOKIE, cookie(who.as_ref()));
            let read = asked.header(header::ACCEPT, "text/html").send().await.unwrap().status().as_u16();
            match (role >= *reads, who.is_some()) {
                // An item that belongs to another tenant looks the same as a missing one.
                (true, _) => assert!([200, 404].contains(&read), "{place} as {role:?}: {read}"),
                (false, true) => assert_eq!(read, 403, "{place} as {role:?}"),
                (false, false) => assert_eq!(read, 302, "{place}"),
            }
            let sent = browser().post(&address).header(header::COOKIE, cookie(who.as_ref()));
            let sent = sent.header(header::ACCEPT, "application/octet-stream").multipart(Form::new().text("a", "b"));
            let filled_in = sent.send().await.unwrap().status().as_u16();
            match (role >= *submit_form, who.is_some()) {
                (true, _) => assert!(![401, 403, 500].contains(&filled_in), "{place} as {role:?}: {filled_in}"),
                // Screens without a form do not accept POST.
                (false, true) => assert!([403, 404].contains(&filled_in), "{place} as {role:?}: {filled_in}"),
                (false, false) => assert!([401, 404].contains(&filled_in), "{place}: {filled_in}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_strangers_as_the_table_says() {
    let router = include_str!("../server/router.rs");
    let written: BTreeSet<&str> = router.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(written, ROUTES.iter().map(|(route, _)| *route).collect());
    let server = TestServer::start().await;
    for (route, expected) in ROUTES {
        let path = route.replace("{file}", "no-such-file").replace("{visitor}", &Uuid::now_v7().to_string());
        let path = path.replace("{avatar}", &"0".repeat(32));
        let status = browser().get(server.http(&path)).send().await.unwrap().status();
        assert_eq!(status, *expected, "{route}");
        // No route accepts DELETE.
        let deleted = browser().delete(server.http(&path)).send().await.unwrap().status();
        assert_eq!(deleted, 405, "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_export_is_downloaded_by_allowed_roles_only() {
    let server = TestServer::start().await;
    for (role, who) in sign_in_each_role(&server).await {
        for (route, least) in EXPORTS {
            let address = server.http(&route.replace("{visitor}", &Uuid::now_v7().to_string()));
            let ask = |asked: reqwest::RequestBuilder| asked.header(header::COOKIE, cookie(who.as_ref())).send();
            let status = ask(browser().post(&address)).await.unwrap().status().as_u16();
            match (role >= *least, who.is_some()) {
                (true, _) => assert!([200, 404].contains(&status), "{route} as {role:?}: {status}"),
                (false, true) => assert_eq!(status, 403, "{route} as {role:?}"),
                (false, false) => assert_eq!(status, 401, "{route}"),
            }
            assert_eq!(ask(browser().get(&address)).await.unwrap().status(), 405, "a link to {route} as {role:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_about_a_missing_chat_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let mut dashboard = server.dashboard(&server.sign_in("ben").await).await;
    let (chat, client_id) = (ChatId(Uuid::now_v7()), ClientId(Uuid::now_v7()));
    let frames = [
        FromAgent::Open { chat, head: 0 },
        FromAgent::SendMessage { chat, client_id, text: "Hello".into() },
        FromAgent::Receipt { chat, receipt: Receipt { delivered: 1, read: 1 } },
        FromAgent::Typing(chat),
        FromAgent::Close(chat),
        FromAgent::Composing(Some(VisitId(Uuid::now_v7()))),
        FromAgent::Resync,
        FromAgent::Input,
    ];
    let expected: Vec<Refusal> = frames.iter().filter_map(refused_for_what_is_not_there).collect();
    for frame in frames.iter().chain([&FromAgent::Heartbeat]) {
        dashboard.send_frame(frame).await.unwrap();
    }
    with_deadline("the heartbeat reply", async {
        while !matches!(dashboard.next().await.unwrap(), ToAgent::Heartbeat { .. }) {}
    })
    .await;
    assert_eq!(dashboard.refused, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_is_granted_from_its_least_role_upward() {
    let server = TestServer::start().await;
    for (who, role) in [("ben", Role::Agent), ("ann", Role::Supervisor), ("dora", Role::Admin)] {
        let me = server.sign_in(who).await.me;
        for permission in Permission::ALL {
            let expected = if role < permission.min_role() { Err(Refusal::Forbidden) } else { Ok(()) };
            assert_eq!(me.may(*permission), expected, "{permission:?} as {role:?}");
        }
    }
    let kept_for_admins = Permission::ALL.iter().filter(|permission| permission.min_role() == Role::Admin).count();
    assert!(kept_for_admins > 0 && kept_for_admins < Permission::ALL.len());
}
