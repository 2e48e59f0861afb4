//! Tests for what operators can configure, and for the errors that invalid settings cause.

use super::*;

fn parse(text: &str) -> anyhow::Result<Config> {
    Config::parse(text, &|_| None)
}

#[test]
fn empty_config_uses_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.listen, SocketAddr::from(([127, 0, 0, 1], 3000)));
    assert_eq!(config.public_url, None);
}

#[test]
fn example_config_equals_defaults() {
    assert_eq!(format!("{:?}", parse(EXAMPLE).unwrap()), format!("{:?}", parse("").unwrap()));
}

#[test]
fn unknown_config_key_error_names_key_and_line() {
    let error = parse("[server]\nlisten = \"127.0.0.1:1\"\nlissten = 3\n").unwrap_err().to_string();
    assert!(error.contains("lissten"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn environment_overrides_config_file() {
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
fn database_url_is_file_or_server_and_hides_password() {
    let config = |url: &str| parse(&format!("[server]\ndatabase-url = \"{url}\"\n"));
    let file = |file: &str| Address::File(file.into());
    assert_eq!(config("sqlite:/srv/chat.db").unwrap().database(), file("/srv/chat.db"));
    assert_eq!(parse("").unwrap().database(), file("data/jumpin.db"));
    let mut servers = config("postgres://ann:secret@db/chat").unwrap();
    assert!(!format!("{servers:?}").contains("secret"), "{servers:?}");
    servers.set_data_dir("elsewhere".into());
    assert_eq!(servers.database().to_string(), "postgres://db:5432/chat", "--data does not replace a database server");
    let mut files = config("sqlite:/srv/chat.db").unwrap();
    files.set_data_dir("elsewhere".into());
    assert_eq!(files.database(), file("elsewhere/jumpin.db"));
    files.database_override = Some(file("said.db"));
    assert_eq!(files.database(), file("said.db"));
    let error = format!("{:#}", config("mysql://ann:secret@db/chat").unwrap_err());
    assert!(error.contains("mysql") && !error.contains("secret"), "{error}");
}

#[test]
fn trusted_proxies_are_addresses_and_networks() {
    let listed = |list: &str| parse(&format!("[server]\ntrusted-proxies = {list}\n"));
    assert_eq!(listed("[\"127.0.0.1\", \"10.0.0.0/8\", \"2001:db8::/32\"]").unwrap().trusted_proxies.len(), 3);
    for (wrong, named) in
        [("[\"10.0.0.0/8\", \"proxy.lan\"]", "proxy.lan"), ("[\"10.0.0.0/33\"]", "10.0.0.0/33"), ("[\"\"]", "``")]
    {
        let error = listed(wrong).unwrap_err().to_string();
        assert!(error.starts_with("line 2: server.trusted-proxies") && error.contains(named), "{error}");
        assert!(error.contains("10.0.0.0/8") && !error.contains('\n'), "{error}");
    }
    assert!(listed("\"127.0.0.1\"").is_err() && listed("[1]").is_err());
}

#[test]
fn mail_config_requires_url_and_sender_and_hides_password() {
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
fn missing_config_file_is_error_only_when_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("Leptos.toml");
    let error = Config::read(Some(&missing)).unwrap_err().to_string();
    assert!(error.contains("cannot read "), "{error}");
    std::fs::write(&missing, "[timers]\ngrace = \"250ms\"\n").unwrap();
    assert_eq!(Config::read(Some(&missing)).unwrap().timers.grace, 250);
}

#[test]
fn metrics_are_off_by_default_and_never_on_public_port() {
    assert_eq!(parse("").unwrap().metrics, None);
    let said = |text: &str, variable: Option<&str>| {
        Config::parse(text, &|name| variable.filter(|_| name == "JUMPIN_METRICS").map(str::to_owned))
    };
    let file = "[server]\nmetrics = \"127.0.0.1:9464\"\n";
    assert_eq!(said(file, None).unwrap().metrics, Some(SocketAddr::from(([127, 0, 0, 1], 9464))));
    assert_eq!(said(file, Some("[::1]:9000")).unwrap().metrics.unwrap().port(), 9000);
    assert!(said("", Some("9464")).unwrap_err().to_string().contains("JUMPIN_METRICS"));
    assert!(said("", Some("0.0.0.0:3000")).unwrap_err().to_string().contains("must not be public"));
}

#[test]
fn duration_without_unit_error_names_key_and_correction() {
    let error = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(
        error("[timers]\ngrace = \"15s\"\nagent-idle = 600_000\n"),
        "line 3: timers.agent-idle: `600000` has no unit: write \"10m\" instead"
    );
    assert_eq!(
        error("[mail]\nretry-delays = [\"15s\", 90_000]\n"),
        "line 2: mail.retry-delays: `90000` has no unit: write \"90s\" instead"
    );
    assert_eq!(
        error("[timers]\ngrace = \"a while\"\n"),
        "line 2: timers.grace: `a while` is not a valid duration: use a value such as \"15s\", \"30m\", \"24h\", or \"250ms\""
    );
    for wrong in ["1.5", "true", "-15", "\"-15s\"", "\"15\"", "[\"15s\"]"] {
        let error = error(&format!("[timers]\ngrace = {wrong}\n"));
        assert!(error.starts_with("line 2: timers.grace: ") && error.contains("duration"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn renamed_setting_error_names_new_key() {
    for (old, new) in RENAMED {
        let table = match old {
            "largest" => "files",
            "again-after" => "mail",
            _ => "timers",
        };
        let error = parse(&format!("[{table}]\n{old} = 20_000\n")).unwrap_err().to_string();
        assert_eq!(error, format!("line 2: `{old}` was renamed to `{new}`"));
        // The new name must exist in this table.
        let value = if table == "files" { "1" } else { "0" };
        let error = parse(&format!("[{table}]\n{new} = {value}\n")).err().map(|error| error.to_string());
        assert!(error.is_none_or(|error| !error.contains("unknown field")), "{new}");
    }
}

#[test]
fn durations_are_read_with_their_units() {
    let text = "[timers]\nquiet-after-two-denials = \"36h\"\nreservation = \"1m\"\nboard-batch = \"20ms\"\n";
    let timers = parse(text).unwrap().timers;
    assert_eq!((timers.quiet_after_two_denials, timers.reservation, timers.board_batch), (129_600_000, 60_000, 20));
    let Timers { quiet_after_two_denials, reservation, board_batch, .. } = Timers::default();
    assert_eq!(Timers { quiet_after_two_denials, reservation, board_batch, ..timers }, Timers::default());
}

#[test]
fn free_disk_is_about_the_data_directory_and_a_database_file_elsewhere() {
    let folders = |text: &str| parse(text).unwrap().disk().folders;
    assert_eq!(folders(""), [PathBuf::from("data")]);
    assert_eq!(folders("[server]\ndatabase-url = \"sqlite:/srv/chat.db\"\n"), [PathBuf::from("data"), "/srv".into()]);
    assert_eq!(folders("[server]\ndatabase-url = \"sqlite:chat.db\"\n"), [PathBuf::from("data"), ".".into()]);
    assert_eq!(folders("[server]\ndatabase-url = \"postgres://db/chat\"\n"), [PathBuf::from("data")]);
    assert_eq!(parse("[server]\nmin-free-disk-bytes = 7\n").unwrap().disk().min_free_disk_bytes, 7);
}
