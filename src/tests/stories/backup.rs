//! The story of a lost disk: a backup is made while people are chatting, and everything in it is restored.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use protocol::chat::ChatState;

use super::command_line::{jumpin, mistake, said};
use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_database::skip_on_postgres,
    test_server::TestServer,
};

/// Builds the command-line arguments for a command that takes a backup and a data directory.
fn words<'a>(what: &'a str, backup: &'a Path, data: &'a Path) -> [&'a str; 4] {
    [what, backup.to_str().unwrap(), "--data", data.to_str().unwrap()]
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_before_a_backup_are_restored() {
    if skip_on_postgres("PostgreSQL databases are backed up with pg_dump") {
        return;
    }
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let message = visitor.send_message("Do these run small?").await.unwrap();
    visitor.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == message).copied()).await;
    let attached = server.data().join("files/2026/receipt.pdf");
    fs::create_dir_all(attached.parent().unwrap()).unwrap();
    fs::write(&attached, "an attached file").unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let (backup, data) = (elsewhere.path().join("chat.tar"), tempfile::tempdir().unwrap());
    let written = jumpin(elsewhere.path(), &words("backup", &backup, server.data()), "");
    let output = said(&written);
    assert!(written.status.success() && output.contains("chats 1, messages 1, files 1"), "{output}{written:?}");
    assert_eq!(names_in(elsewhere.path()), ["chat.tar"], "no other file is left");
    // The server keeps running, but messages sent from now on are not in the backup.
    visitor.send_message("Never mind.").await.unwrap();
    dashboard.open_chat(chat).await.unwrap();
    dashboard
        .until("the later message", |agent| agent.messages(chat).contains(&(true, "Never mind.")).then_some(()))
        .await;

    let restored = jumpin(elsewhere.path(), &words("restore", &backup, data.path()), "");
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(names_in(data.path()), ["files", "jumpin.db", "jumpin.db.lock"]);
    assert_eq!(fs::read_to_string(data.path().join("files/2026/receipt.pdf")).unwrap(), "an attached file");
    let token = visitor.token();
    drop((dashboard, visitor, server));

    let server = TestServer::on_folder(data).await;
    let ann = server.sign_in("ann").await;
    let mut visitor = server.tab("/boots", Some(token)).await;
    let here = visitor.until("the chat", |visitor| visitor.chat.clone()).await;
    assert_eq!(
        (here.id, here.state, here.agent.map(|agent| agent.id)),
        (chat, ChatState::InProgress, Some(ann.me.agent))
    );
    visitor
        .until("the earlier message", |visitor| (visitor.messages() == [(true, "Do these run small?")]).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_backup_is_refused() {
    if skip_on_postgres("PostgreSQL databases are backed up with pg_dump") {
        return;
    }
    let (server, elsewhere) = (TestServer::start().await, tempfile::tempdir().unwrap());
    let there = elsewhere.path();
    let backup = there.join("chat.tar");
    assert!(mistake(there, &words("backup", &backup, &there.join("nowhere"))).contains("jumpin.db"));
    assert_eq!(names_in(there), [""; 0]);
    fs::write(&backup, "what was here before").unwrap();
    assert!(mistake(there, &words("backup", &backup, server.data())).contains("already exists"));
    assert_eq!(fs::read_to_string(&backup).unwrap(), "what was here before");
    assert_eq!(names_in(there), ["chat.tar"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmful_restore_is_refused_and_leaves_nothing() {
    if skip_on_postgres("PostgreSQL databases are backed up with pg_dump") {
        return;
    }
    let (server, elsewhere) = (TestServer::start().await, tempfile::tempdir().unwrap());
    let there = elsewhere.path();
    let backup = there.join("chat.tar");
    assert!(jumpin(there, &words("backup", &backup, server.data()), "").status.success());

    assert!(mistake(there, &words("restore", &backup, server.data())).contains("is open in another process"));
    let occupied = there.join("occupied");
    fs::create_dir(&occupied).unwrap();
    fs::write(occupied.join("notes.txt"), "mine").unwrap();
    assert!(mistake(there, &words("restore", &backup, &occupied)).contains("notes.txt"));

    let whole = fs::read(&backup).unwrap();
    let mut flipped = whole.clone();
    flipped[70_000] ^= 1;
    // A flipped bit, the first half of the archive, an archive without its end, a file that is not a tar archive, and
    // an empty file.
    for (bytes, why) in [
        (&flipped[..], "hash does not match"),
        (&whole[..whole.len() / 2], "truncated"),
        (&whole[..whole.len() - 4_096], "truncated"),
        (b"PK\x03\x04 no tar", "not a backup"),
        (&[], "manifest is missing"),
    ] {
        let (broken, data) = (there.join("broken.tar"), there.join("data"));
        fs::write(&broken, bytes).unwrap();
        let output = mistake(there, &words("restore", &broken, &data));
        assert!(output.contains(why), "{why}: {output}");
        assert_eq!(names_in(&data), ["jumpin.db.lock"], "{why}");
    }
}

/// Returns the current size of the database in bytes, including its write-ahead log.
fn bytes_of(database: &Path) -> u64 {
    let size = |path: String| fs::metadata(path).map_or(0, |file| file.len());
    ["", "-wal"].map(|ending| size(format!("{}{ending}", database.display()))).iter().sum()
}

#[test]
fn a_first_start_killed_anywhere_is_completed_by_the_next() {
    let add = ["agent", "add", "--name", "Ann Archer", "--email", "ann@example.test"];
    for bytes in [1, 5_000, 20_000, 60_000, 100_000, 140_000, 200_000, 300_000, u64::MAX] {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path();
        let (database, opened) = (there.join("data/jumpin.db"), there.join("data/jumpin.db.open"));
        // The command creates the database, then waits for a password that never arrives.
        let mut child = Command::new(env!("CARGO_BIN_EXE_jumpin"))
            .args(add)
            .current_dir(there)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while bytes_of(&database) < bytes && !opened.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the command exited on its own");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let again = jumpin(there, &add, "a long enough password\n");
        assert!(again.status.success(), "killed at {bytes} bytes: {again:?}");
        let checked = said(&jumpin(there, &["check"], ""));
        assert!(checked.contains(": OK") && checked.contains("agents 1"), "killed at {bytes} bytes: {checked}");
    }
}
