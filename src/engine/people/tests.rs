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
    DiskSettings, FileRules, Outgoing, Settings, SignIn, SignInLimits, Store, TabLimits, Timers, UploadLimits,
    VisitLimits, VisitorLimits,
    concierges::ConciergeForm,
    store::AuditFilter,
    test_database::TestDatabase,
    totp,
    validation::{FieldError, FieldErrorKind, FormError},
};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "correct horse battery";
/// The audit log's actions that are not changes.
const SIGN_INS: [&str; 4] = ["account.signed_in", "account.signed_out", "account.wrong_password", "account.wrong_code"];

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
        Self::empty_with(|_| {}).await
    }

    async fn empty_with(set: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be created");
        let database = TestDatabase::create(folder.path()).await;
        let store = Store::open(database.address()).await.expect("the database can be opened");
        let mut settings = Settings {
            timers: Timers::default(),
            public_url: "http://127.0.0.1:3000".into(),
            tabs: TabLimits::default(),
            sign_in: SignInLimits::default(),
            visitors: VisitorLimits::default(),
            visits: VisitLimits::default(),
            disk: DiskSettings::default(),
            files: folder.path().join("files"),
            file_rules: FileRules::default(),
            uploads: UploadLimits::default(),
            avatars: folder.path().join("avatars"),
            mail_queue: None,
        };
        set(&mut settings);
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
        let link = self.engine.invite_agent(ann, &invitation).await.expect("the invitation is valid");
        let link = link.address.expect("email is not configured");
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
        let is_change = |action: &String| !SIGN_INS.contains(&action.as_str());
        lines.into_iter().map(|line| line.action).filter(is_change).collect()
    }
}

fn token_of(link: &CreatedLink) -> String {
    let address = link.address.as_ref().expect("email is not configured");
    address.rsplit_once('/').expect("the link ends with a token").1.to_owned()
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
    let link = test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid");
    let link = link.address.expect("email is not configured");
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
    let first = token_of(&test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid"));
    let second = token_of(&test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid"));
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
    let link = test.engine.create_reset_link(&ann, ben.agent).await.expect("the agent exists");
    assert!(link.address.as_ref().is_some_and(|address| address.starts_with("http://127.0.0.1:3000/reset/")));
    let token = token_of(&link);
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
        test.engine.sessions().complete_second_factor(pending, code, HOME, at, "Firefox").await
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
async fn recovery_code_works_once_and_is_counted_apart_from_app_codes() {
    let (test, ann) = TestEngine::open().await;
    let factor = with_totp(&test, &ann).await;
    let now = test.engine.now();
    let second = async |code: &str, at: Millis| {
        let Ok(SignIn::SecondFactorRequired(pending)) = test.sign_in_with("ann@shop.test", PASSWORD).await else {
            panic!("a second factor is required")
        };
        test.engine.sessions().complete_second_factor(&pending, code, HOME, at, "Firefox").await
    };
    assert!(second(&factor.codes[3], now).await.is_ok());
    assert_eq!(second(&factor.codes[3], now).await.err(), Some(Refusal::WrongCredentials));
    let left = test.engine.account(&ann).await.expect("the account exists").totp;
    assert!(matches!(left, SecondFactor::On { codes_left: 9, .. }), "{left:?}");
    assert_eq!(second(&factor.codes[4], now).await.err(), Some(Refusal::TooMany { retry_after: 1 }));
    // A wrong recovery code does not keep anyone from entering a code from the app, and vice versa.
    assert_eq!(second("000 000", now).await.err(), Some(Refusal::WrongCredentials));
    assert_eq!(second("000 000", now).await.err(), Some(Refusal::TooMany { retry_after: 1 }));
    assert_eq!(second("000 000", now + 1_000).await.err(), Some(Refusal::WrongCredentials));
    assert_eq!(second("000 000", now + 2_000).await.err(), Some(Refusal::TooMany { retry_after: 1 }));
    assert!(second(&factor.codes[4], now + 1_000).await.is_ok());
    let next = totp::code(&factor.secret, factor.confirmed_at + 30_000);
    assert!(second(&next, now + 2_000).await.is_ok(), "a correct code ends the waits");
}

/// Enters wrong codes for Ann as early as possible, using each first step for as long as it lasts. Returns the number
/// of first steps and the time.
async fn guess_codes(test: &TestEngine, codes: usize, mut now: Millis) -> (usize, Millis) {
    let (mut pending, mut first_steps, mut guessed) = (None, 0, 0);
    while guessed < codes {
        if pending.is_none() {
            let (token, hash) = crate::sessions::new_token().expect("the system provides random bytes");
            let ann = test.engine.store().agent_by_email("ann@shop.test").await.expect("readable").expect("Ann");
            test.engine.store().add_pending_sign_in(hash, ann.id, now).await.expect("the database is writable");
            (pending, first_steps) = (Some((token, now)), first_steps + 1);
        }
        let (token, began) = pending.clone().expect("a first step");
        match test.engine.sessions().complete_second_factor(&token, "000 000", HOME, now, "Firefox").await.err() {
            Some(Refusal::WrongCredentials) => guessed += 1,
            Some(Refusal::TooMany { retry_after }) => now += Millis::from(retry_after) * 1_000,
            // It was the last code of this first step, or the first step is too old.
            Some(Refusal::NotSignedIn) if now - began < 5 * 60_000 => (guessed, pending) = (guessed + 1, None),
            Some(Refusal::NotSignedIn) => pending = None,
            other => panic!("{other:?}"),
        }
    }
    (first_steps, now)
}

#[tokio::test]
async fn twenty_wrong_codes_end_the_sign_in_and_the_owner_gets_one_mail() {
    let (mail_queue, mut mails) = crate::MailQueue::open("chat@shop.test", &crate::EmailLimits::default());
    let test = TestEngine::empty_with(|settings| {
        settings.mail_queue = Some(mail_queue);
        // Without long waits, one first step is enough.
        settings.sign_in.longest_code_wait = 1_000;
    })
    .await;
    let token = test.engine.set_up(first(&test), HOME, "Firefox").await.expect("the setup is valid");
    let ann = test.principal(&token).await.expect("the session is valid");
    with_totp(&test, &ann).await;
    let (first_steps, now) = guess_codes(&test, 19, test.engine.now()).await;
    assert!(first_steps == 1 && mails.try_recv().is_err());
    let (token, hash) = crate::sessions::new_token().expect("the system provides random bytes");
    test.engine.store().add_pending_sign_in(hash, ann.agent, now).await.expect("the database is writable");
    let elsewhere = IpAddr::from([192, 0, 2, 9]);
    let second = async |at: Millis| {
        test.engine.sessions().complete_second_factor(&token, "000000", elsewhere, at, "").await.err()
    };
    assert_eq!(second(now + 1_000).await, Some(Refusal::NotSignedIn));
    assert_eq!(second(now + 60_000).await, Some(Refusal::NotSignedIn), "the first step is over");
    let recorded = ("account.wrong_code".to_owned(), "from 192.0.2.9".to_owned());
    assert!(test.sign_in_lines(&ann).await.contains(&recorded), "the last wrong code is recorded as well");
    let mail = mails.try_recv().expect("the owner gets an email").email;
    assert!(mail.to == "ann@shop.test" && matches!(mail.kind, crate::mail_queue::EmailKind::WrongCodes), "{mail:?}");
    // From now on, each wrong code needs a first step. There is one email a day.
    let (first_steps, _) = guess_codes(&test, 5, now + 60_000).await;
    assert!(first_steps == 5 && mails.try_recv().is_err(), "{first_steps}");
}

/// Someone who knows the password can keep the owner waiting, but not for good: a new password resets the count.
#[tokio::test]
async fn owner_with_a_new_password_is_not_kept_waiting_by_wrong_codes() {
    let (test, ann) = TestEngine::open().await;
    let factor = with_totp(&test, &ann).await;
    guess_codes(&test, 25, test.engine.now()).await;
    let link = test.engine.create_reset_link(&ann, ann.agent).await.expect("the agent exists");
    test.engine.reset_password(&token_of(&link), "another long one".into(), HOME).await.expect("the link is valid");
    let Ok(SignIn::SecondFactorRequired(pending)) = test.sign_in_with("ann@shop.test", "another long one").await else {
        panic!("a second factor is required")
    };
    let at = factor.confirmed_at + 30_000;
    let code = totp::code(&factor.secret, at);
    assert!(test.engine.sessions().complete_second_factor(&pending, &code, HOME, at, "Firefox").await.is_ok());
}

/// Covers C15: turning the second factor on or off requires the password.
#[tokio::test]
async fn sensitive_account_changes_require_the_password() {
    let (test, ann) = TestEngine::open().await;
    test.engine.store().record_reauthentication(ann.session, test.engine.now() - 11 * 60_000).await.expect("a session");
    assert_eq!(field_error(test.engine.begin_totp(&ann, "").await), ("password", FieldErrorKind::PasswordNeeded));
    assert_eq!(field_error(test.engine.begin_totp(&ann, "wrong").await), ("password", FieldErrorKind::WrongPassword));
    test.engine.begin_totp(&ann, PASSWORD).await.expect("the password is correct");
    let too_long_ago = test.engine.now() - 11 * 60_000;
    test.engine.store().record_reauthentication(ann.session, too_long_ago).await.expect("a session");
    let unfinished = test.engine.confirm_totp(&ann, "000000").await;
    assert_eq!(unfinished, Err(FormError::Refused(Refusal::PasswordNeeded)), "an open session cannot finish it");
    test.engine.reauthenticate(&ann, PASSWORD, "password").await.expect("the password is correct");
    with_totp(&test, &ann).await;
    assert_eq!(field_error(test.engine.remove_totp(&ann, "").await), ("password", FieldErrorKind::WrongPassword));
    test.engine.remove_totp(&ann, PASSWORD).await.expect("the password is correct");
    assert_eq!(test.engine.account(&ann).await.expect("the account exists").totp, SecondFactor::Off);
    assert!(matches!(test.sign_in_with("ann@shop.test", PASSWORD).await, Ok(SignIn::Complete(..))));
    let changes = test.changes(&ann).await;
    assert_eq!(changes[..2], ["account.second_factor_off", "account.second_factor_on"]);
}

/// A session alone is not enough to grant or revoke access, or to take or delete other people's data.
#[tokio::test]
async fn sensitive_operations_require_the_password_again() {
    let (test, ann) = TestEngine::open().await;
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Agent).await;
    let invitation = AgentInvitationForm {
        email: "eve@shop.test".into(),
        role: "agent".into(),
        max_chats: "3".into(),
        teams: Vec::new(),
    };
    let as_admin = AgentForm { name: "Ben".into(), role: "admin".into(), max_chats: "3".into(), teams: Vec::new() };
    let team = TeamForm { name: "Sales".into(), members: vec![ben.agent.to_string()] };
    let retention = test.engine.retention(&ann).await.expect("an admin may read it");
    let visitor = protocol::id::VisitorId(uuid::Uuid::now_v7());
    let engine = &test.engine;
    // Returns the refusal of each operation.
    let all = async || {
        let form = |done: Result<(), FormError>| match done {
            Err(FormError::Refused(refusal)) => Some(refusal),
            Ok(()) => None,
            other => panic!("{other:?}"),
        };
        let filter = engine.history_filter(&ann).await.expect("an admin may read the history");
        [
            form(engine.invite_agent(&ann, &invitation).await.map(drop)),
            engine.create_reset_link(&ann, ben.agent).await.err(),
            engine.create_reset_link(&ann, ann.agent).await.err(),
            form(engine.change_agent(&ann, ben.agent, &as_admin).await),
            form(engine.set_agent_active(&ann, ben.agent, false).await),
            form(engine.save_team(&ann, None, &team).await.map(drop)),
            engine.export(&ann, filter, "chats.csv").await.err(),
            engine.set_retention(&ann, retention).await.err(),
            engine.erase_visitor(&ann, visitor).await.err(),
            engine.export_visitor(&ann, visitor).await.err(),
        ]
    };
    let before = test.changes(&ann).await;
    for ago in [10 * 60_000, 11 * 60_000, -60_000] {
        engine.store().record_reauthentication(ann.session, engine.now() - ago).await.expect("a session");
        assert!(all().await.iter().all(|refused| *refused == Some(Refusal::PasswordNeeded)), "{ago}");
    }
    assert_eq!(test.changes(&ann).await, before, "nothing was changed");
    assert_eq!(engine.person(&ann, ben.agent).await.expect("the agent exists").role, Role::Agent);

    let wrong = engine.reauthenticate(&ann, "wrong", "again").await;
    assert_eq!(field_error(wrong), ("again", FieldErrorKind::WrongPassword));
    assert_eq!(field_error(engine.reauthenticate(&ann, "", "again").await), ("again", FieldErrorKind::PasswordNeeded));
    assert_eq!(engine.create_reset_link(&ann, ben.agent).await.err(), Some(Refusal::PasswordNeeded));
    engine.reauthenticate(&ann, PASSWORD, "again").await.expect("the password is correct");
    let mut expected = [const { None }; 10];
    expected[8..].fill(Some(Refusal::NotFound));
    assert_eq!(all().await, expected, "the password is remembered for a while");
    // Another session of the same agent does not benefit from it.
    let elsewhere = test.signed_in("ann@shop.test").await;
    engine.store().record_reauthentication(elsewhere.session, engine.now() - 11 * 60_000).await.expect("a session");
    assert_eq!(engine.create_reset_link(&elsewhere, ben.agent).await.err(), Some(Refusal::PasswordNeeded));
}

#[tokio::test]
async fn weak_password_is_refused_wherever_one_is_set() {
    let test = TestEngine::empty().await;
    let weak = ("password", FieldErrorKind::WeakPassword);
    for password in ["password1234", "AnnArcher2024", "ann@shop.test", "Shop Shop Shop"] {
        let typed = SetupForm { password: password.into(), ..first(&test) };
        assert_eq!(field_error(test.engine.set_up(typed, HOME, "Firefox").await), weak, "{password}");
    }
    let token = test.engine.set_up(first(&test), HOME, "Firefox").await.expect("the setup is valid");
    let ann = test.principal(&token).await.expect("the session is valid");
    let invitation = AgentInvitationForm {
        email: "ben.brooks@shop.test".into(),
        role: "agent".into(),
        max_chats: "3".into(),
        teams: Vec::new(),
    };
    let link = token_of(&test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid"));
    let join = async |password: &str| {
        test.engine.join(&link, "Ben Brooks", password.into(), Language::En, HOME, "Firefox").await
    };
    for password in ["qwertyuiop", "Ben.Brooks1", "ben.brooks@shop.test", "BenBrooks@Shop"] {
        assert_eq!(field_error(join(password).await), weak, "{password}");
    }
    let ben = test.principal(&join(PASSWORD).await.expect("the link is valid")).await.expect("signed in");
    let reset = token_of(&test.engine.create_reset_link(&ann, ben.agent).await.expect("the agent exists"));
    for password in ["1234567890", "brooksben1"] {
        let done = test.engine.reset_password(&reset, password.into(), HOME).await;
        assert_eq!(field_error(done), weak, "{password}");
        let done = test.engine.change_password(&ben, PASSWORD, password.into()).await;
        assert_eq!(field_error(done), ("new", FieldErrorKind::WeakPassword), "{password}");
    }
    test.engine.reset_password(&reset, "another long one".into(), HOME).await.expect("the link is still valid");
}

/// Many people join from one office: successes and invalid fields do not count, and a valid link always works.
#[tokio::test]
async fn only_invalid_links_count_as_attempts() {
    let (test, ann) = TestEngine::open().await;
    for number in 0..8 {
        let email = format!("agent{number}@shop.test");
        let invitation = AgentInvitationForm { email, role: "agent".into(), max_chats: "3".into(), teams: Vec::new() };
        let link = token_of(&test.engine.invite_agent(&ann, &invitation).await.expect("the invitation is valid"));
        let join = async |password: &str| {
            test.engine.join(&link, "Ben Brooks", password.into(), Language::En, HOME, "Firefox").await
        };
        assert_eq!(field_error(join("short").await), ("password", FieldErrorKind::TooShort(10)));
        let joined = join(PASSWORD).await.expect("the link is valid");
        let agent = test.principal(&joined).await.expect("signed in").agent;
        let reset = token_of(&test.engine.create_reset_link(&ann, agent).await.expect("the agent exists"));
        test.engine.reset_password(&reset, "another long one".into(), HOME).await.expect("the link is valid");
    }
    let wrong = "A".repeat(43);
    let refusals = async |token: &str| {
        let joined = test.engine.join(token, "Eve", PASSWORD.into(), Language::En, HOME, "Firefox").await.err();
        let reset = test.engine.reset_password(token, PASSWORD.into(), HOME).await.err();
        [joined, reset].map(|error| match error {
            Some(FormError::Refused(Refusal::TooMany { .. })) => "too many",
            Some(FormError::Refused(Refusal::NotFound)) => "not found",
            other => panic!("{other:?}"),
        })
    };
    for _ in 0..5 {
        assert_eq!(refusals(&wrong).await, ["not found", "not found"]);
    }
    assert_eq!(refusals(&wrong).await, ["too many", "too many"]);
    let link = token_of(&test.engine.create_reset_link(&ann, ann.agent).await.expect("the agent exists"));
    test.engine.reset_password(&link, "another long one".into(), HOME).await.expect("a valid link always works");
}

#[tokio::test]
async fn requested_link_does_not_replace_an_admins_link() {
    let (test, ann) = TestEngine::open().await;
    let ben = test.add_agent(&ann, "ben@shop.test", Role::Agent).await;
    let now = test.engine.now();
    let by_nobody = || crate::store::Actor { organization: ben.organization, agent: None, name: "-".into() };
    let request = async || {
        let (token, hash) = crate::sessions::new_token().expect("the system provides random bytes");
        test.engine.store().add_reset_link(by_nobody(), ben.agent, hash, now + 60_000, now).await.expect("added");
        token
    };
    let works = async |token: &str| test.engine.find_reset_email(token).await.is_ok();
    let first = request().await;
    let admins = token_of(&test.engine.create_reset_link(&ann, ben.agent).await.expect("the agent exists"));
    assert!(works(&first).await && works(&admins).await, "an admin's link does not end the request's");
    let second = request().await;
    assert!(works(&admins).await && works(&second).await && !works(&first).await);
    let newer = token_of(&test.engine.create_reset_link(&ann, ben.agent).await.expect("the agent exists"));
    assert!(works(&newer).await && works(&second).await && !works(&admins).await);
    test.engine.reset_password(&second, "another long one".into(), HOME).await.expect("the link is valid");
    assert!(!works(&newer).await && !works(&second).await, "a new password ends all links");
}

/// Whatever spelling an account was created with, its owner can sign in with any other spelling.
#[tokio::test]
async fn international_address_and_password_sign_in_in_every_spelling() {
    let (test, ann) = TestEngine::open().await;
    let agent = crate::store::NewAgent {
        organization: ann.organization,
        name: "Emil".into(),
        email: " Emil@Bücher.test".parse().expect("a valid address"),
        role: Role::Agent,
        password_hash: crate::sessions::hash_password("Müsli mit Qu\u{e4}ntchen"),
        max_chats: 3,
        language: Language::De,
    };
    let emil = test.engine.store().add_agent(agent).await.expect("the address is free");
    for email in ["emil@bücher.test", "EMIL@BÜCHER.TEST ", "emil@xn--bcher-kva.test", "emil＠bu\u{308}cher.test"] {
        let signed_in = test.sign_in_with(email, "Mu\u{308}sli mit Qua\u{308}ntchen").await.expect(email);
        assert_eq!(signed_in.into_session().expect("one step").1.agent, emil, "{email}");
    }
    for taken in ["Emil@BÜCHER.test", "emil@xn--bcher-kva.test"] {
        let invitation =
            AgentInvitationForm { email: taken.into(), role: "agent".into(), max_chats: "3".into(), teams: Vec::new() };
        let refused = test.engine.invite_agent(&ann, &invitation).await;
        assert_eq!(field_error(refused), ("email", FieldErrorKind::EmailTaken), "{taken}");
    }
}

impl TestEngine {
    /// Returns the audit log's lines about signing in as action and detail, oldest first.
    async fn sign_in_lines(&self, ann: &Principal) -> Vec<(String, String)> {
        let lines =
            self.engine.audit(ann, AuditFilter::default(), 1_000).await.expect("an admin may read the audit log");
        let lines = lines.into_iter().rev().filter(|line| SIGN_INS.contains(&line.action.as_str()));
        lines.map(|line| (line.action, line.detail)).collect()
    }
}

#[tokio::test]
async fn sign_ins_sign_outs_and_wrong_passwords_are_recorded() {
    let (test, ann) = TestEngine::open().await;
    assert!(test.sign_in_with("ann@shop.test", "a wrong password").await.is_err());
    assert!(test.sign_in_with("nobody@shop.test", "a wrong password").await.is_err());
    let signed_in = test.sign_in_with("ann@shop.test", PASSWORD).await.expect("signed in");
    let (token, _) = signed_in.into_session().expect("one step");
    test.engine.sessions().sign_out(&token).await;
    test.engine.sessions().sign_out(&token).await;
    let line = |action: &str, detail: &str| (action.to_owned(), detail.to_owned());
    let expected = [
        line("account.wrong_password", "from 127.0.0.1"),
        line("account.signed_in", "from 127.0.0.1"),
        line("account.signed_out", ""),
    ];
    assert_eq!(test.sign_in_lines(&ann).await, expected);
}

#[tokio::test]
async fn wrong_code_after_the_right_password_is_recorded() {
    let (test, ann) = TestEngine::open().await;
    with_totp(&test, &ann).await;
    let began = test.engine.now();
    for number in 0..3 {
        let Ok(SignIn::SecondFactorRequired(pending)) = test.sign_in_with("ann@shop.test", PASSWORD).await else {
            panic!("a second factor is required")
        };
        // Each wrong code makes the next one wait.
        let now = began + number * 10_000;
        let tried = test.engine.sessions().complete_second_factor(&pending, "000 000", HOME, now, "Firefox").await;
        assert_eq!(tried.err(), Some(Refusal::WrongCredentials));
    }
    let expected = [("account.wrong_code".to_owned(), "from 127.0.0.1".to_owned())];
    assert_eq!(test.sign_in_lines(&ann).await, expected, "one line an hour");
}

#[tokio::test]
async fn repeated_wrong_passwords_add_one_line_for_each_network() {
    let (test, ann) = TestEngine::open().await;
    let now = test.engine.now();
    for number in 0..8_u16 {
        let ip = IpAddr::from([0x2001, 0xdb8, 0, number / 4, 0, 0, 0, number]);
        let tried = test.engine.sessions().sign_in("ann@shop.test", "wrong password", ip, "", now).await;
        assert_eq!(tried.err(), Some(Refusal::WrongCredentials));
    }
    let line = |network: &str| ("account.wrong_password".to_owned(), format!("from {network}"));
    assert_eq!(test.sign_in_lines(&ann).await, [line("2001:db8::/64"), line("2001:db8:0:1::/64")]);
}

/// An admin must not learn that an address belongs to an account of another organization.
#[tokio::test]
async fn inviting_an_address_of_another_organization_looks_like_any_invitation() {
    let (test, ann) = TestEngine::open().await;
    let store = test.engine.store();
    let other = store.add_organization("Other").await.expect("the organization is valid");
    let theirs = |name: &str| crate::store::NewAgent {
        organization: other,
        name: "Olga".into(),
        email: format!("{name}@other.test").parse().expect("a valid address"),
        role: Role::Admin,
        password_hash: String::new(),
        max_chats: 2,
        language: Language::En,
    };
    let olga = store.add_agent(theirs("olga")).await.expect("the agent is valid");
    let olga = Principal { agent: olga, organization: other, ..ann.clone() };
    let invitation = |email: &str| AgentInvitationForm {
        email: email.into(),
        role: "agent".into(),
        max_chats: "4".into(),
        teams: Vec::new(),
    };
    for email in ["olga@other.test", "nobody@other.test"] {
        let made = test.engine.invite_agent(&ann, &invitation(email)).await.expect("the answer is the same");
        let token = token_of(&made);
        let shown = test.engine.find_join_link(&token).await.expect("the form is shown");
        assert_eq!((shown.0.email.as_str(), shown.1.as_str()), (email, "Shop"));
        let joined = test.engine.join(&token, "X", PASSWORD.into(), Language::En, HOME, "Firefox").await;
        match email {
            "nobody@other.test" => assert!(joined.is_ok()),
            _ => assert_eq!(joined, Err(FormError::Refused(Refusal::NotFound)), "like a link that was used"),
        }
    }
    // Two organizations invite the same person. Neither notices, and neither link invalidates the other.
    for (who, others) in [(&ann, &olga), (&olga, &ann), (&ann, &olga)] {
        test.engine.invite_agent(who, &invitation("new@third.test")).await.expect("the answer is the same");
        let listed = test.engine.invited_agents(others).await.expect("listed");
        assert!(listed.iter().all(|link| link.organization == others.organization));
    }
    let listed = test.engine.invited_agents(&ann).await.expect("listed");
    let emails: Vec<_> = listed.iter().map(|link| link.email.as_str()).collect();
    assert_eq!(emails, ["new@third.test", "olga@other.test"]);
    let own = test.engine.invite_agent(&ann, &invitation("ann@shop.test")).await;
    assert_eq!(field_error(own), ("email", FieldErrorKind::EmailTaken), "admins see their own agents anyway");
}
