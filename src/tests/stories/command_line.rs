//! The command line as operators use it: creating the first admin, checking the database, and getting one-line error
//! messages for mistakes.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use engine::{Sessions, SignInLimits, Store};

use crate::test_database::TestDatabase;

/// Runs the program in a directory and pipes the text to its standard input.
pub(crate) fn jumpin(folder: &Path, words: &[&str], piped: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jumpin"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(piped.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a command that is expected to fail. Returns its error message, which must be a single line.
pub(crate) fn mistake(folder: &Path, words: &[&str]) -> String {
    let output = jumpin(folder, words, "");
    assert!(!output.status.success(), "{words:?} succeeded");
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.lines().count(), 1, "{output}");
    output
}

#[test]
fn the_first_admin_is_created_by_command_and_counted_by_check() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    assert!(said(&jumpin(there, &["--version"], "")).starts_with("jumpin "));
    assert!(said(&jumpin(there, &["check"], "")).contains("does not exist yet"));
    let add = ["agent", "add", "--name", "Ann Archer", "--email", "Ann@Example.test"];
    let added = jumpin(there, &add, "a long enough password\n");
    assert_eq!(said(&added), "ann@example.test can sign in as admin.\n");
    let checked = said(&jumpin(there, &["check"], ""));
    assert!(checked.contains(": OK") && checked.contains("agents 1"), "{checked}");
    assert!(checked.contains("any website can embed the concierge"), "{checked}");
    let changed = jumpin(there, &["agent", "password", "--email", "ann@example.test"], "another long password\n");
    assert!(changed.status.success());
}

/// The command line and the screens follow the same rules, so an agent who is added on one can sign in on the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_an_international_address_is_added_by_command_and_signs_in() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    let add = ["agent", "add", "--name", "Ann Archer", "--email", " Ann@Bücher.test"];
    let added = jumpin(there, &add, "Müsli mit Quäntchen\n");
    assert_eq!(said(&added), "ann@xn--bcher-kva.test can sign in as admin.\n");
    assert!(mistake(there, &["agent", "add", "--name", "A", "--email", "ANN@BÜCHER.test"]).contains("already exists"));
    for invalid in ["ann", "ann@", "a b@c.test", "ann@127.0.0.1", "аnn@bücher.test"] {
        let add = ["agent", "add", "--name", "A", "--email", invalid];
        assert!(mistake(there, &add).contains("is not an email address"), "{invalid}");
    }
    let changed = jumpin(there, &["agent", "password", "--email", "ANN@bücher.TEST"], "Mu\u{308}sli ohne Zucker\n");
    assert!(changed.status.success(), "{changed:?}");
    let store = Store::open(there.join("data/jumpin.db").as_path()).await.unwrap();
    let sessions = Sessions::new(store.clone(), SignInLimits::default());
    let home = std::net::IpAddr::from([127, 0, 0, 1]);
    for email in ["ann@bücher.test", "Ann@BÜCHER.test", " ann@xn--bcher-kva.test"] {
        let signed_in = sessions.sign_in(email, "Müsli ohne Zucker", home, "", engine::clock::now()).await;
        assert!(signed_in.is_ok(), "{email}: {signed_in:?}");
    }
    store.close().await;
}

#[test]
fn a_weak_password_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    let refused = |words: &[&str], password: &str| {
        let output = jumpin(there, words, &format!("{password}\n"));
        let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert!(!output.status.success() && error.lines().count() == 1, "{words:?} {password}: {error}");
        error
    };
    let add = ["agent", "add", "--name", "Ann Archer", "--email", "ann@example.test", "--organization", "Riverside"];
    for weak in ["password1234", "AnnArcher2024", "ann@example.test", "Riverside-2024"] {
        assert!(refused(&add, weak).contains("easy to guess"), "{weak}");
    }
    assert!(refused(&add, "short").contains("at least 10 characters"));
    assert!(refused(&add, &"x".repeat(2_000)).contains("or fewer"));
    assert!(
        said(&jumpin(there, &["check"], "")).contains("does not exist yet") || {
            said(&jumpin(there, &["check"], "")).contains("agents 0")
        }
    );
    assert!(jumpin(there, &add, "a long enough password\n").status.success());
    let change = ["agent", "password", "--email", "ann@example.test"];
    for weak in ["1234567890", "Ann-Archer-1", "riverside1"] {
        assert!(refused(&change, weak).contains("easy to guess"), "{weak}");
    }
    let add = ["organization", "add", "--name", "Beta", "--admin-name", "Bea Brown", "--email", "bea@b.test"];
    assert!(refused(&add, "BeaBrown123").contains("easy to guess"));
}

#[test]
fn a_usage_error_is_one_line_naming_the_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    std::fs::write(there.join("wrong.toml"), "[timers]\ngraze = 5\n").unwrap();
    assert!(mistake(there, &["check", "--config", "wrong.toml"]).contains("graze"));
    std::fs::write(there.join("other.toml"), "[server]\ndatabase-url = \"mysql://x\"\n").unwrap();
    assert!(mistake(there, &["check", "--config", "other.toml"]).contains("mysql"));
    assert!(mistake(there, &["demo", "--listen", "0.0.0.0:0"]).contains("loopback"));
    assert!(mistake(there, &["agent", "password", "--email", "nobody@example.test"]).contains("nobody@example.test"));
}

#[test]
fn the_printed_settings_are_the_defaults_and_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    let by_default = said(&jumpin(there, &["check"], ""));
    // `config` works even if the settings file is invalid.
    std::fs::write(there.join("Leptos.toml"), "[timers]\ngraze = 5\n").unwrap();
    let printed = said(&jumpin(there, &["config"], ""));
    assert!(printed.contains("[timers]") && printed.contains("grace = \"15s\""), "{printed}");
    std::fs::write(there.join("Leptos.toml"), &printed).unwrap();
    let checked = said(&jumpin(there, &["check"], ""));
    assert_eq!(checked.replace("Leptos.toml", "none, using defaults"), by_default);
    assert!(mistake(there, &["check", "--config", "missing.toml"]).contains("cannot read missing.toml"));
}

#[test]
fn a_second_organization_is_added_and_the_check_names_both() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    let password = "a long enough password\n";
    let first = ["agent", "add", "--name", "Ann Archer", "--email", "ann@a.test", "--organization", "Alpha"];
    assert!(jumpin(there, &first, password).status.success());
    let add = ["organization", "add", "--name", "Beta & Sons", "--admin-name", "Bea Brown", "--email", "Bea@b.test"];
    let added = jumpin(there, &add, password);
    assert_eq!(said(&added), "bea@b.test can sign in as an admin of Beta & Sons. Its concierge key is beta-sons.\n");
    let checked = said(&jumpin(there, &["check"], ""));
    for line in ["organizations 2", "Alpha: agents 1, concierges 1", "Beta & Sons: agents 1, concierges 1"] {
        assert!(checked.contains(line), "{line}: {checked}");
    }

    assert!(mistake(there, &add).contains("bea@b.test already"));
    let again = ["organization", "add", "--name", "Beta & Sons", "--admin-name", "B", "--email", "other@b.test"];
    assert!(mistake(there, &again).contains("Beta & Sons already"));
    let key = ["organization", "add", "--name", "C", "--admin-name", "C", "--email", "c@c.test", "--key", "website"];
    assert!(mistake(there, &key).contains("website already"));
    let agent = ["agent", "add", "--name", "Cy", "--email", "cy@b.test"];
    assert!(mistake(there, &agent).contains("Alpha, Beta & Sons"));
    assert!(mistake(there, &[&agent[..], &["--organization", "Gamma"]].concat()).contains("Gamma"));
    let agent = jumpin(there, &[&agent[..], &["--organization", "Beta & Sons"]].concat(), password);
    assert_eq!(said(&agent), "cy@b.test can sign in as agent.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_is_copied_into_another_database_that_is_empty() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let there = folder.path();
    let add = ["agent", "add", "--name", "Ann Archer", "--email", "ann@example.test"];
    assert!(jumpin(there, &add, "a long enough password\n").status.success());
    let target = TestDatabase::create(elsewhere.path()).await;
    let url = target.url();
    let copy = ["copy", "--from", "sqlite:data/jumpin.db", "--to", &url];
    let copied = jumpin(there, &copy, "");
    let output = said(&copied);
    assert!(copied.status.success() && output.contains("1  agent") && output.contains("data/files"), "{copied:?}");
    let checked = said(&jumpin(there, &["check", "--database", &url], ""));
    assert!(checked.contains(": OK") && checked.contains("agents 1"), "{checked}");
    assert!(mistake(there, &copy).contains("is not empty"));
    let lost = ["copy", "--from", "sqlite:lost.db", "--to", "postgres://ann:secret@127.0.0.1:1/chat"];
    assert!(mistake(there, &lost).contains("lost.db"));
    let unreachable = ["check", "--database", "postgres://ann:secret@127.0.0.1:1/chat"];
    assert!(!mistake(there, &unreachable).contains("secret"));
    let backup = ["backup", "chat.tar", "--database", "postgres://ann:secret@127.0.0.1:1/chat"];
    let output = mistake(there, &backup);
    assert!(output.contains("pg_dump") && output.contains("data/files") && !output.contains("secret"), "{output}");
}

#[test]
fn load_seed_fills_an_empty_folder_only() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path();
    let agents = said(&jumpin(there, &["load-seed", "--agents", "3"], ""));
    let passwords: Vec<_> =
        agents.lines().filter_map(|line| line.split_once(' ')).map(|(_, password)| password).collect();
    assert!(agents.starts_with("agent-1@load.test ") && passwords.len() == 3, "{agents}");
    assert!(passwords[0].len() >= 20);
    assert!(said(&jumpin(there, &["check"], "")).contains("agents 3"));
    assert!(mistake(there, &["load-seed"]).contains("already"));
}
