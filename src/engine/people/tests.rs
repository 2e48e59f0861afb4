//! Tests for agents and teams, using the engine with a real database and the real clock.

use std::net::IpAddr;

use protocol::{
    Millis,
    agent::{FromAgent, Role},
    close_reason::CloseReason,
    language::Language,
    refusal::Refusal,
};

use super::*;
use crate::{
    DiskSettings, FileRules, Outgoing, Settings, SignIn, SignInLimits, Store, TabLimits, Timers, VisitLimits,
    VisitorLimits,
    concierges::ConciergeForm,
    store::AuditFilter,
    test_database::TestDatabase,
    totp,
    validation::{FieldError, FieldErrorKind, FormError},
};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "correct horse battery";

struct TestEngine {
    engine: Engine,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

fn first(test: &TestEngine) -> SetupForm {
    SetupForm {
        token: test.engine.setup_path().rsplit('/').next().unwrap_or_default().into(),
        organization: "Shop".into(),
        name: "Ann Archer".into(),
        email: "Ann@Shop.Test".into(),
        password: PASSWORD.into(),
        concierge: "Website".into(),
        site: "https://shop.test".into(),
        language: Language::En,
    }
}

impl TestEngine {
    async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be created");
        let database = TestDatabase::create(folder.path()).await;
        let store = Store::open(database.address()).await.expect("the database can be opened");
        let settings = Settings {
            timers: Timers::default(),
            public_url: "http://127.0.0.1:3000".into(),
            tabs: TabLimits::default(),
            sign_in: SignInLimits::default(),
            visitors: VisitorLimits::default(),
            visits: VisitLimits::default(),
            disk: DiskSettings::default(),
            files: folder.path().join("files"),
            file_rules: FileRules::default(),
            avatars: folder.path().join("avatars"),
            mail_queue: None,
        };
        Self { engine: Engine::start(store, settings).await.expect("it starts"), _database: database, _folder: folder }
    }

    /// Creates an engine and completes its initial setup. Returns the engine and its admin, Ann.
    async fn open() -> (Self, Principal) {
        let test = Self::empty().await;
        let token = test.engine.set_up(first(&test), HOME, "Firefox").await.expect("the setup is valid");
        let ann = test.principal(&token).await.expect("the session is valid");
        (test, ann)
    }

    async fn principal(&self, token: &str) -> Option<Principal> {
        self.engine.sessions().principal(token, self.engine.now()).await.expect("the query succeeds")
    }

    async fn sign_in_with(&self, email: &str, password: &str) -> Result<SignIn, Refusal> {
        self.engine.sessions().sign_in(email, password, HOME, "Firefox", self.engine.now()).await
    }

    async fn signed_in(&self, email: &str) -> Principal {
        self.sign_in_with(email, PASSWORD).await.expect("signed in").into_session().expect("one step").1
    }

    /// Has Ann invite an agent, who then joins.
    async fn add_agent(&self, ann: &Principal, email: &str, role: Role) -> Principal {
        let invitation = AgentInvitationForm {
            email: email.into(),
            role: role.as_str().into(),
            max_chats: "3".into(),
            teams: Vec::new(),
        };
        let link = self.engine.invite_agent(ann, &invitation).await.expect("the invitation is valid").address;
        let token = link.rsplit_once('/').expect("the link ends with a token").1;
        let token = self
            .engine
            .join(token, "Ben Brooks", PASSWORD.into(), Language::De, HOME, "Firefox")
            .await
            .expect("the link is valid");
        self.principal(&token).await.expect("the session is valid")
    }

    async fn changes(&self, ann: &Principal) -> Vec<String> {
        let lines = self.engine.audit(ann, AuditFilter::default(), 100).await.expect("an admin may read the audit log");
        lines.into_iter().map(|line| line.action).collect()
    }
}

fn field_error<T: std::fmt::Debug>(done: Result<T, FormError>) -> (&'static str, FieldErrorKind) {
    match done {
        Err(FormError::FieldErrors(errors)) => {
            errors.into_iter().map(|FieldError { field, kind }| (field, kind)).next().expect("a field is invalid")
        }
        other => panic!("{other:?}"),
    }
}

/// Covers C14 in `docs/testing.md`.
#[tokio::test]
async fn concurrent_setup_creates_exactly_one_admin() {
    let test = TestEngine::empty().await;
    assert_eq!(test.engine.needs_set_up().await, Ok(true));
    let other = SetupForm { email: "ben@shop.test".into(), ..first(&test) };
    let (one, two) =
        tokio::join!(test.engine.set_up(first(&test), HOME, "Firefox"), test.engine.set_up(other, HOME, "Firefox"));
    assert_eq!([&one, &two].iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {two:?}");
    let late = [one, two].into_iter().find_map(Result::err);
    assert_eq!(late, Some(FormError::Refused(Refusal::NotFound)));
    assert_eq!(test.engine.store().report().await.expect("the database is readable").agents, 1);
    assert_eq!(test.engine.needs_set_up().await, Ok(false));
    assert_eq!(test.engine.set_up(first(&test), HOME, "Firefox").await, Err(FormError::Refused(Refusal::NotFound)));
}

#[tokio::test]
async fn invalid_setup_reports_each_field_and_stores_nothing() {
    let test = TestEngine::empty().await;
    let wrong = SetupForm { email: "ann".into(), password: "short".into(), site: "shop.test".into(), ..first(&test) };
    let Err(FormError::FieldErrors(errors)) = test.engine.set_up(wrong, HOME, "Firefox").await else {
        panic!("invalid fields were expected")
    };
    assert_eq!(errors.iter().map(|field_error| field_error.field).collect::<Vec<_>>(), ["email", "password", "site"]);
    for token in ["", "x", &"A".repeat(43)] {
        let stranger = SetupForm { token: token.into(), ..first(&test) };
        assert_eq!(test.engine.set_up(stranger, HOME, "Firefox").await, Err(FormError::Refused(Refusal::NotFound)));
    }
    assert_eq!(test.engine.needs_set_up().await, Ok(true));
    assert!(test.engine.store().is_empty().await.expect("the database is readable"));
}

#[tokio::test]
async fn setup_creates_an_admin_and_a_concierge_with_a_key() {
    let (test, ann) = TestEngine::open().await;
    assert_eq!((ann.role, ann.name.as_str()), (Role::Admin, "Ann Archer"));
    let concierges = test.engine.concierges(&ann).await.expect("an admin may list concierges");
    assert_eq!(concierges[0].settings.sites, ["https://shop.test"]);
    assert!(concierges[0].key.0.starts_with("website-"));
    assert_eq!(test.changes(&ann).await, ["organization.set_up"]);
}

#[tokio::test]
async fn an_invited_agent_joins_once() {
    let (test, ann) = TestEngine::open().await;
    let team = test.engine.teams(&ann).await.expect("an admin may list teams")[0].id;
    let invitation = AgentInvitationForm {
        email: "Ben＠shop.test".into(),
        role: "supervisor".into(),
        max_chats: "4".into(),
        teams: vec![team.to_string()],
    };
    let link = test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid").address;
    let token = link.strip_prefix("http://127.0.0.1:3000/join/").expect("the link starts with our URL");
    assert_eq!(test.engine.invited_agents(&ann).await.expect("listed")[0].email, "ben@shop.test");
    assert_eq!(test.engine.find_join_link(token).await.expect("the link is valid").1, "Shop");
    let join = || test.engine.join(token, "Ben Brooks", PASSWORD.into(), Language::De, HOME, "Firefox");
    let (one, two) = tokio::join!(join(), join());
    assert_eq!([&one, &two].iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {two:?}");
    let ben = test.signed_in("ben@shop.test").await;
    let person = test.engine.person(&ann, ben.agent).await.expect("the agent exists");
    assert_eq!((person.role, person.max_chats, person.teams), (Role::Supervisor, 4, vec![team]));
    assert_eq!(test.engine.find_join_link(token).await, Err(Refusal::NotFound));
    assert_eq!(field_error(test.engine.invite_agent(&ann, &invitation).await), ("email", FieldErrorKind::EmailTaken));
}

#[tokio::test]
async fn replaced_or_withdrawn_join_link_is_invalid() {
    let (test, ann) = TestEngine::open().await;
    let invitation = AgentInvitationForm {
        email: "ben@shop.test".into(),
        role: "agent".into(),
        max_chats: "4".into(),
        teams: Vec::new(),
    };
    let token = |link: String| link.rsplit_once('/').expect("the link ends with a token").1.to_owned();
    let first = token(test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid").address);
    let second = token(test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid").address);
    assert_eq!(test.engine.find_join_link(&first).await, Err(Refusal::NotFound));
    assert!(test.engine.find_join_link(&second).await.is_ok());
    test.engine.withdraw_agent(&ann, "ben@shop.test").await.expect("the invitation exists");
    assert_eq!(test.engine.find_join_link(&second).await, Err(Refusal::NotFound));
    for token in ["", "x", "../../etc/passwd", &"A".repeat(43)] {
        assert_eq!(test.engine.find_join_link(token).await, Err(Refusal::NotFound), "{token}");
    }
}

/// Covers D13: agents have none of an admin's permissions.
#[tokio::test]
async fn agent_role_cannot_change_settings() {
    let (test, ann) = TestEngine::open().await;
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Agent).await;
    let engine = &test.engine;
    let concierge = engine.concierges(&ann).await.expect("an admin may list concierges")[0].clone();
    let typed = ConciergeForm::of(&concierge.settings, Language::En);
    let forbidden = FormError::Refused(Refusal::Forbidden);
    assert_eq!(engine.save_concierge(&ben, Some(concierge.id), &typed).await, Err(forbidden.clone()));
    assert_eq!(engine.pause_concierge(&ben, concierge.id, true).await, Err(Refusal::Forbidden));
    assert_eq!(engine.save_team(&ben, None, &TeamForm::default()).await, Err(forbidden.clone()));
    assert_eq!(engine.set_agent_active(&ben, ann.agent, false).await, Err(forbidden.clone()));
    assert_eq!(engine.change_agent(&ben, ben.agent, &AgentForm::default()).await, Err(forbidden.clone()));
    assert_eq!(engine.invite_agent(&ben, &AgentInvitationForm::default()).await, Err(forbidden));
    assert_eq!(engine.create_reset_link(&ben, ann.agent).await, Err(Refusal::Forbidden));
    assert!(engine.people(&ben).await.is_err() && engine.concierges(&ben).await.is_err());
}

/// Covers C6: dashboards reconnect after a role change, but not after their agent is deactivated.
#[tokio::test]
async fn role_change_and_deactivation_reach_open_dashboards() {
    let (test, ann) = TestEngine::open().await;
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Agent).await;
    let end = async |mut connection: crate::AgentConnection| {
        tokio::time::timeout(std::time::Duration::from_secs(5), async move {
            loop {
                if let Outgoing::Close(close_reason) = connection.next().await {
                    return close_reason;
                }
            }
        })
        .await
        .expect("the socket closes within five seconds")
    };
    let dashboard = test.engine.connect_agent(ben.clone(), None).await.expect("the agent is active");
    let typed =
        AgentForm { name: "Ben Brooks".into(), role: "supervisor".into(), max_chats: "3".into(), teams: Vec::new() };
    test.engine.change_agent(&ann, ben.agent, &typed).await.expect("the form is valid");
    assert!(end(dashboard).await.may_reconnect());
    let dashboard = test.engine.connect_agent(ben.clone(), None).await.expect("the agent is active");
    test.engine.set_agent_active(&ann, ben.agent, false).await.expect("the agent exists");
    assert_eq!(end(dashboard).await, CloseReason::SignedOut);
    assert!(test.sign_in_with("ben@shop.test", PASSWORD).await.is_err());
    test.engine.set_agent_active(&ann, ben.agent, true).await.expect("the agent exists");
    assert!(test.sign_in_with("ben@shop.test", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn last_admin_and_oneself_cannot_be_deactivated() {
    let (test, ann) = TestEngine::open().await;
    let typed = AgentForm { name: "Ann".into(), role: "agent".into(), max_chats: "3".into(), teams: Vec::new() };
    assert_eq!(
        field_error(test.engine.change_agent(&ann, ann.agent, &typed).await),
        ("role", FieldErrorKind::LastAdmin)
    );
    assert_eq!(
        field_error(test.engine.set_agent_active(&ann, ann.agent, false).await),
        ("agent", FieldErrorKind::Oneself)
    );
    // If two admins deactivate each other at the same time, one of them remains active.
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Admin).await;
    let (one, two) = tokio::join!(
        test.engine.set_agent_active(&ann, ben.agent, false),
        test.engine.set_agent_active(&ben, ann.agent, false)
    );
    assert_eq!([&one, &two].iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {two:?}");
    assert_eq!(test.engine.person(&ann, ann.agent).await.expect("the agent exists").role, Role::Admin);
}

#[tokio::test]
async fn people_of_another_organization_are_not_found() {
    let (test, ann) = TestEngine::open().await;
    let other = test.engine.store().add_organization("Other").await.expect("the organization is valid");
    let team = test.engine.store().add_team(other, "Theirs").await.expect("the team is valid");
    let stranger = Principal { organization: other, ..ann.clone() };
    assert_eq!(test.engine.person(&stranger, ann.agent).await.err(), Some(Refusal::NotFound));
    let not_found = Err(FormError::Refused(Refusal::NotFound));
    assert_eq!(test.engine.set_agent_active(&stranger, ann.agent, true).await, not_found);
    let typed =
        AgentForm { name: "Ann".into(), role: "admin".into(), max_chats: "3".into(), teams: vec![team.to_string()] };
    assert_eq!(test.engine.change_agent(&ann, ann.agent, &typed).await, not_found);
    assert_eq!(test.engine.person(&ann, ann.agent).await.expect("the agent exists").name, "Ann Archer");
    let renamed = TeamForm { name: "Ours".into(), members: Vec::new() };
    assert!(test.engine.save_team(&ann, Some(team), &renamed).await.is_err());
}

/// Covers C5: changing the password signs out every other session.
#[tokio::test]
async fn password_change_ends_all_other_sessions() {
    let (test, ann) = TestEngine::open().await;
    let (token, elsewhere) =
        test.sign_in_with("ann@shop.test", PASSWORD).await.expect("in").into_session().expect("in");
    let mut dashboard = test.engine.connect_agent(elsewhere, None).await.expect("the agent is active");
    dashboard.handle_frame(FromAgent::Heartbeat).await.expect("the frame is allowed");
    let change = async |old: &str, new: &str| test.engine.change_password(&ann, old, new.into()).await;
    assert_eq!(field_error(change("wrong", "another long one").await), ("old", FieldErrorKind::WrongPassword));
    assert_eq!(field_error(change(PASSWORD, "short").await), ("new", FieldErrorKind::TooShort(10)));
    change(PASSWORD, "another long one").await.expect("the passwords are valid");
    let close_reason = loop {
        if let Outgoing::Close(close_reason) = dashboard.next().await {
            break close_reason;
        }
    };
    assert_eq!(close_reason, CloseReason::SignedOut);
    assert!(test.principal(&token).await.is_none());
    assert_eq!(test.engine.account(&ann).await.expect("the account exists").sign_ins.len(), 1);
    assert!(test.sign_in_with("ann@shop.test", PASSWORD).await.is_err());
    assert!(test.sign_in_with("ann@shop.test", "another long one").await.is_ok());
}

#[tokio::test]
async fn reset_link_sets_a_new_password_once() {
    let (test, ann) = TestEngine::open().await;
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Agent).await;
    let link = test.engine.create_reset_link(&ann, ben.agent).await.expect("the agent exists").address;
    let token = link.strip_prefix("http://127.0.0.1:3000/reset/").expect("the link starts with our URL").to_owned();
    assert_eq!(test.engine.find_reset_email(&token).await.as_deref(), Ok("ben@shop.test"));
    let reset = async |new: &str| test.engine.reset_password(&token, new.into(), HOME).await;
    assert_eq!(field_error(reset("short").await), ("password", FieldErrorKind::TooShort(10)));
    reset("another long one").await.expect("the link is valid");
    assert_eq!(reset("a third long one").await, Err(FormError::Refused(Refusal::NotFound)));
    assert!(test.sign_in_with("ben@shop.test", "another long one").await.is_ok());
    assert_eq!(test.engine.store().sign_ins(ben.agent, test.engine.now()).await.expect("the query succeeds").len(), 1);
}

#[tokio::test]
async fn session_is_ended_by_its_owner_only() {
    let (test, ann) = TestEngine::open().await;
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Agent).await;
    assert_eq!(test.engine.end_sign_in(&ben, ann.session).await, Err(Refusal::NotFound));
    let again = test.signed_in("ben@shop.test").await;
    test.engine.end_sign_in(&ben, again.session).await.expect("the session exists");
    test.signed_in("ben@shop.test").await;
    test.engine.end_other_sign_ins(&ben).await.expect("the database is writable");
    let left = test.engine.account(&ben).await.expect("the account exists").sign_ins;
    assert_eq!(left.iter().map(|one| one.hash).collect::<Vec<_>>(), [ben.session]);
}

struct ConfirmedTotp {
    secret: String,
    codes: Vec<String>,
    confirmed_at: Millis,
}

async fn with_totp(test: &TestEngine, ann: &Principal) -> ConfirmedTotp {
    test.engine.begin_totp(ann, "").await.expect("the sign-in was recent");
    let SecondFactor::Begun { typed: secret } = test.engine.account(ann).await.expect("the account exists").totp else {
        panic!("the setup of the second factor has begun")
    };
    assert!(test.engine.totp_qr_code(ann).await.expect("an unconfirmed secret exists").contains("<svg"));
    assert_eq!(field_error(test.engine.confirm_totp(ann, "000000x").await), ("code", FieldErrorKind::WrongCode));
    let confirmed_at = test.engine.now();
    let codes = test.engine.confirm_totp(ann, &totp::code(&secret, confirmed_at)).await.expect("the code is valid");
    assert_eq!(test.engine.totp_qr_code(ann).await, Err(Refusal::NotFound), "the secret is not shown again");
    ConfirmedTotp { secret, codes, confirmed_at }
}

/// Covers C7, C8, and C9: session fixation, reuse of codes, and skipping the second factor.
#[tokio::test]
async fn password_alone_does_not_sign_in_and_a_code_works_once() {
    let (test, ann) = TestEngine::open().await;
    let factor = with_totp(&test, &ann).await;
    let second = async |pending: &str, code: &str, at: Millis| {
        test.engine.sessions().complete_second_factor(pending, code, at, "Firefox").await
    };
    let pending = async || match test.sign_in_with("ann@shop.test", PASSWORD).await {
        Ok(SignIn::SecondFactorRequired(pending)) => pending,
        other => panic!("{other:?}"),
    };
    let one = pending().await;
    assert!(test.principal(&one).await.is_none(), "the pending token is not a session");
    let used = totp::code(&factor.secret, factor.confirmed_at);
    assert_eq!(second(&one, &used, factor.confirmed_at).await.err(), Some(Refusal::WrongCredentials), "used before");
    let next_at = factor.confirmed_at + 30_000;
    let next = totp::code(&factor.secret, next_at);
    let (token, me) = second(&one, &next, next_at).await.expect("the code is valid");
    assert_eq!(me.agent, ann.agent);
    assert_ne!(token, one, "the session gets a new token");
    assert_eq!(second(&one, &next, next_at).await.err(), Some(Refusal::NotSignedIn));
    let late = pending().await;
    let much_later = test.engine.now() + 6 * 60_000;
    assert_eq!(second(&late, &factor.codes[0], much_later).await.err(), Some(Refusal::NotSignedIn));
}

#[tokio::test]
async fn recovery_code_works_once_and_five_wrong_codes_are_rate_limited() {
    let (test, ann) = TestEngine::open().await;
    let factor = with_totp(&test, &ann).await;
    let now = test.engine.now();
    let second = async |code: &str| {
        let Ok(SignIn::SecondFactorRequired(pending)) = test.sign_in_with("ann@shop.test", PASSWORD).await else {
            panic!("a second factor is required")
        };
        test.engine.sessions().complete_second_factor(&pending, code, now, "Firefox").await
    };
    assert!(second(&factor.codes[3]).await.is_ok());
    assert_eq!(second(&factor.codes[3]).await.err(), Some(Refusal::WrongCredentials));
    let left = test.engine.account(&ann).await.expect("the account exists").totp;
    assert!(matches!(left, SecondFactor::On { codes_left: 9, .. }), "{left:?}");
    for _ in 0..4 {
        assert_eq!(second("000 000").await.err(), Some(Refusal::WrongCredentials));
    }
    let waits = second(&factor.codes[4]).await.err();
    assert!(matches!(waits, Some(Refusal::TooMany { .. })), "{waits:?}");
}

/// Covers C15: turning the second factor on or off requires the password.
#[tokio::test]
async fn sensitive_account_changes_require_the_password() {
    let (test, ann) = TestEngine::open().await;
    test.engine.store().record_reauthentication(ann.session, test.engine.now() - 11 * 60_000).await.expect("a session");
    assert_eq!(field_error(test.engine.begin_totp(&ann, "").await), ("password", FieldErrorKind::PasswordNeeded));
    assert_eq!(field_error(test.engine.begin_totp(&ann, "wrong").await), ("password", FieldErrorKind::WrongPassword));
    test.engine.begin_totp(&ann, PASSWORD).await.expect("the password is correct");
    with_totp(&test, &ann).await;
    assert_eq!(field_error(test.engine.remove_totp(&ann, "").await), ("password", FieldErrorKind::WrongPassword));
    test.engine.remove_totp(&ann, PASSWORD).await.expect("the password is correct");
    assert_eq!(test.engine.account(&ann).await.expect("the account exists").totp, SecondFactor::Off);
    assert!(matches!(test.sign_in_with("ann@shop.test", PASSWORD).await, Ok(SignIn::Complete(..))));
    let changes = test.changes(&ann).await;
    assert_eq!(changes[..2], ["account.second_factor_off", "account.second_factor_on"]);
}
