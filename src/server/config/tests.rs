//! What an operator may write, and what he is told when it is wrong.

use super::*;

fn parse(text: &str) -> anyhow::Result<Config> {
    Config::parse(text, &|_| None)
}

#[test]
fn nothing_said_is_the_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.listen, SocketAddr::from(([127, 0, 0, 1], 3000)));
    assert_eq!(config.public_url, None);
}

#[test]
fn the_file_that_is_handed_out_shows_the_defaults() {
    let mut shown = parse(include_str!("../../../Leptos.toml")).unwrap();
    shown.leptos = parse("").unwrap().leptos;
    assert_eq!(format!("{shown:?}"), format!("{:?}", parse("").unwrap()));
}

#[test]
fn a_wrong_key_is_named_with_its_line() {
    let error = parse("[server]\nlisten = \"127.0.0.1:1\"\nlissten = 3\n").unwrap_err().to_string();
    assert!(error.contains("lissten"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn the_environment_wins() {
    let config =
        Config::parse("[server]\ndata = \"a\"\n", &|name| (name == "JUMPIN_DATA").then(|| "b".into())).unwrap();
    assert_eq!(config.data, PathBuf::from("b"));
}

#[test]
fn the_public_url_is_an_origin() {
    let url =
        |url: &str| parse(&format!("[server]\npublic-url = \"{url}\"\n")).map(|config| config.public_url.unwrap());
    assert_eq!(url("https://Chat.example.com/").unwrap(), "https://chat.example.com");
    assert!(url("chat.example.com").is_err());
    assert!(url("https://a.example/path").is_err());
}

#[test]
fn the_database_is_a_file_of_sqlite() {
    let database = |url: &str| parse(&format!("[server]\ndatabase-url = \"{url}\"\n")).map(|config| config.database());
    assert_eq!(database("sqlite:/srv/chat.db").unwrap(), PathBuf::from("/srv/chat.db"));
    assert_eq!(database("sqlite://chat.db").unwrap(), PathBuf::from("chat.db"));
    assert_eq!(parse("").unwrap().database(), PathBuf::from("data/jumpin.db"));
    let error = database("postgres://ann:secret@db/chat").unwrap_err().to_string();
    assert!(error.contains("postgres") && !error.contains("secret"), "{error}");
}

#[test]
fn mail_needs_a_server_and_a_sender_and_keeps_its_password_to_itself() {
    assert!(parse("").unwrap().mail.is_none());
    let file = "[mail]\nurl = \"smtp://ann:secret@mail.test\"\nfrom = \"chat@example.com\"\n";
    let config = parse(file).unwrap();
    assert!(config.mail.is_some() && !format!("{config:?}").contains("secret"));
    let error = parse("[mail]\nurl = \"smtp://ann:secret@mail.test\"\n").unwrap_err().to_string();
    assert!(error.contains("`from`") && !error.contains("secret"), "{error}");
    let said = |name: &str| match name {
        "JUMPIN_MAIL_URL" => Some("smtps://mail.test".to_owned()),
        "JUMPIN_MAIL_FROM" => Some("Shop <shop@example.com>".to_owned()),
        _ => None,
    };
    assert_eq!(Config::parse(file, &said).unwrap().mail.unwrap().from().to_string(), "Shop <shop@example.com>");
}

#[test]
fn leptos_and_a_timer_stand_in_the_same_file() {
    let config = parse("[timers]\ngrace = 250\n[package.metadata.leptos]\noutput-name = \"jumpin\"\n").unwrap();
    assert_eq!(config.timers.grace, 250);
}

#[test]
fn metrics_are_nowhere_unless_said_and_never_where_the_public_comes() {
    assert_eq!(parse("").unwrap().metrics, None);
    let said = |text: &str, variable: Option<&str>| {
        Config::parse(text, &|name| variable.filter(|_| name == "JUMPIN_METRICS").map(str::to_owned))
    };
    let file = "[server]\nmetrics = \"127.0.0.1:9464\"\n";
    assert_eq!(said(file, None).unwrap().metrics, Some(SocketAddr::from(([127, 0, 0, 1], 9464))));
    assert_eq!(said(file, Some("[::1]:9000")).unwrap().metrics.unwrap().port(), 9000);
    assert!(said("", Some("9464")).unwrap_err().to_string().contains("JUMPIN_METRICS"));
    assert!(said("", Some("0.0.0.0:3000")).unwrap_err().to_string().contains("not for the public"));
}
