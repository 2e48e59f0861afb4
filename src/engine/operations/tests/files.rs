//! Tests for files: they are stored before they are announced, ordered like messages, opened only with permission, and
//! deleted along with their message or visitor.

use std::{fs, path::Path};

use protocol::{agent::Role, chat::Author, file::FileCard, id::FileId, refusal::Refusal};

use super::*;
use crate::{FileUpload, SentFile, UploadStart, store::Retention};

const CANARY: &[u8] = b"canarybird, in a file of text";

fn named() -> ClientId {
    ClientId(Uuid::now_v7())
}

async fn sent(sending: Result<UploadStart, Refusal>, bytes: &[u8]) -> Result<SentFile, Refusal> {
    match sending? {
        UploadStart::AlreadySent(sent) => Ok(sent),
        UploadStart::Accepted(incoming) => whole(*incoming, bytes).await,
    }
}

async fn whole(mut incoming: FileUpload, bytes: &[u8]) -> Result<SentFile, Refusal> {
    for some in bytes.chunks(1_000) {
        incoming.take(some).await?;
    }
    incoming.end().await
}

fn card(sent: &SentFile) -> &FileCard {
    let Body::File(card) = &sent.entry.body else { panic!("not a file: {:?}", sent.entry) };
    card
}

fn id(sent: &SentFile) -> FileId {
    card(sent).id().expect("valid file id")
}

impl TestEngine {
    async fn sent_by_visitor(&self, token: &VisitorToken, name: &str, bytes: &[u8]) -> Result<SentFile, Refusal> {
        sent(self.engine.begin_visitor_upload(token, named(), name, HOME).await, bytes).await
    }

    async fn sent_by_agent(&self, me: &Principal, chat: ChatId, name: &str, bytes: &[u8]) -> Result<SentFile, Refusal> {
        sent(self.engine.begin_agent_upload(me, chat, named(), name).await, bytes).await
    }

    fn in_the_folder(&self) -> usize {
        fs::read_dir(self.folder.path().join("files")).map_or(0, Iterator::count)
    }

    /// Returns a visitor who has interacted with the concierge.
    async fn guest(&self) -> (VisitorConnection, VisitorToken) {
        let (mut connection, welcome) = self.tab(None).await;
        connection.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
        connection.receive_pending().await;
        (connection, welcome.token)
    }

    /// Returns a visitor who is in a chat with Ann.
    async fn talking(&self) -> (VisitorConnection, VisitorToken, ChatId) {
        let (mut connection, token) = self.guest().await;
        connection.send_message("Hello").await;
        let chat = connection
            .wait_for(|frame| if let ToVisitor::Chat(Some(chat)) = frame { Some(chat.id) } else { None })
            .await;
        self.engine.claim(&self.ann, chat).await.expect("claimed");
        (connection, token, chat)
    }

    fn holds(&self, word: &[u8]) -> bool {
        holds(self.folder.path(), word)
    }
}

/// Returns whether any file under the directory contains the word.
fn holds(folder: &Path, word: &[u8]) -> bool {
    fs::read_dir(folder).expect("folder readable").any(|entry| {
        let path = entry.expect("entry readable").path();
        let has = |bytes: Vec<u8>| bytes.windows(word.len()).any(|part| part == word);
        if path.is_dir() { holds(&path, word) } else { fs::read(&path).is_ok_and(has) }
    })
}

#[tokio::test]
async fn file_reaches_both_sides_in_message_order() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut connection, token, chat) = test.talking().await;
    let mut operations = test.dashboard(&test.ann).await;
    let from_visitor = test.sent_by_visitor(&token, "../../a \u{202e}list.txt", CANARY).await.expect("sent");
    let from_agent = test.sent_by_agent(&test.ann, chat, "answer.csv", b"1,2").await.expect("sent");
    assert_eq!((card(&from_visitor).name(), card(&from_visitor).kind()), ("a list.txt", "text"));
    assert_eq!((from_visitor.chat, from_visitor.entry.author), (chat, Author::Visitor));
    assert_eq!(from_agent.entry.seq, from_visitor.entry.seq + 1);
    connection
        .wait_for(|frame| match frame {
            ToVisitor::Entries(entries) => entries.contains(&from_agent.entry).then_some(()),
            _ => None,
        })
        .await;
    let listed = operations.wait_for(|frame| match frame {
        ToAgent::Chat(chat) => chat.last.filter(|last| last.text.ends_with("list.txt")),
        _ => None,
    });
    assert_eq!(listed.await.text, "📎 a list.txt");
    let kept = test.engine.file(&test.ann, id(&from_visitor)).await.expect("file opened");
    assert_eq!((kept.bytes, kept.card.name()), (CANARY.len() as u64, "a list.txt"));
    assert!(test.engine.file_for_visitor(&token, id(&from_agent)).await.is_ok());
    assert_eq!(test.in_the_folder(), 2);
}

/// Resending a file after its response was lost does not create a second file, even if both uploads run at the same
/// time.
#[tokio::test]
async fn file_uploaded_again_is_stored_once() {
    let test = TestEngine::open(Timers::default()).await;
    let (_connection, token, chat) = test.talking().await;
    let name = named();
    let comes =
        async || match test.engine.begin_visitor_upload(&token, name, "a.txt", HOME).await.expect("upload accepted") {
            UploadStart::Accepted(incoming) => *incoming,
            UploadStart::AlreadySent(_) => panic!("the file has not been sent before"),
        };
    let (one, other) = (comes().await, comes().await);
    let (one, other) = (whole(one, CANARY).await.expect("sent"), whole(other, CANARY).await.expect("sent again"));
    assert_eq!(one, other);
    assert_eq!(sent(test.engine.begin_visitor_upload(&token, name, "a.txt", HOME).await, b"").await.as_ref(), Ok(&one));
    assert_eq!(test.in_the_folder(), 1);
    let another = sent(test.engine.begin_visitor_upload(&token, name, "b.txt", HOME).await, b"").await;
    assert_eq!(another, Err(Refusal::ClientIdReused));
    let another = sent(test.engine.begin_agent_upload(&test.ann, chat, name, "a.txt").await, b"").await;
    assert_eq!(another, Err(Refusal::ClientIdReused), "visitors and agents have separate client ids");
}

/// Covers H5 and H7: uploads that are empty, too large, disallowed, or aborted leave nothing behind.
#[tokio::test]
async fn rejected_upload_leaves_nothing() {
    let test = TestEngine::open(Timers::default()).await;
    let (_connection, token, chat) = test.talking().await;
    let largest = test.engine.settings().file_rules.max_file_bytes;
    let text = |bytes: u64| vec![b'x'; usize::try_from(bytes).expect("fits in usize")];
    for (bytes, expected) in [
        (text(0), Refusal::Empty),
        (text(largest + 1), Refusal::FileTooLarge { limit: largest }),
        (b"<svg onload=alert(1)>".to_vec(), Refusal::FileRefused),
    ] {
        assert_eq!(test.sent_by_visitor(&token, "a.png", &bytes).await, Err(expected.clone()));
        assert_eq!(test.sent_by_agent(&test.ann, chat, "a.png", &bytes).await, Err(expected));
    }
    let Ok(UploadStart::Accepted(mut half)) = test.engine.begin_visitor_upload(&token, named(), "a.txt", HOME).await
    else {
        panic!("the upload was refused");
    };
    half.take(CANARY).await.expect("bytes accepted");
    drop(half);
    assert_eq!(test.in_the_folder(), 0);
    for bytes in [largest - 1, largest] {
        test.sent_by_visitor(&token, "a.txt", &text(bytes)).await.expect("sent");
    }
    assert_eq!(test.in_the_folder(), 2);
}

#[tokio::test]
async fn visitor_uploads_are_limited_per_hour_and_at_once() {
    let test = TestEngine::open(Timers::default()).await;
    let (_connection, token, chat) = test.talking().await;
    let mut at_once = Vec::new();
    for _ in 0..3 {
        at_once.push(test.engine.begin_visitor_upload(&token, named(), "a.txt", HOME).await.expect("upload accepted"));
    }
    let fourth = test.engine.begin_visitor_upload(&token, named(), "a.txt", HOME).await.map(drop);
    assert_eq!(fourth, Err(Refusal::TooMany { retry_after: 5 }));
    drop(at_once);
    for _ in 0..10 {
        test.sent_by_visitor(&token, "a.txt", CANARY).await.expect("sent");
    }
    let more = test.sent_by_visitor(&token, "a.txt", CANARY).await;
    assert!(matches!(more, Err(Refusal::TooMany { retry_after }) if retry_after > 3_500), "{more:?}");
    test.sent_by_agent(&test.ann, chat, "a.txt", CANARY).await.expect("agents have no quota");
    assert_eq!(test.in_the_folder(), 11);
}

/// Covers H8, D5, and D8: a file that belongs to someone else cannot be told apart from one that does not exist.
#[tokio::test]
async fn file_opens_only_for_those_who_may_open_the_chat() {
    let test = TestEngine::open(Timers::default()).await;
    let (_connection, token, chat) = test.talking().await;
    let (_other, other_token, _) = test.talking().await;
    let file = id(&test.sent_by_visitor(&token, "a.txt", CANARY).await.expect("sent"));
    let refused = async |file| test.engine.file_for_visitor(&other_token, file).await.map(drop);
    assert_eq!(refused(file).await, Err(Refusal::NotFound));
    assert_eq!(refused(FileId(Uuid::now_v7())).await, Err(Refusal::NotFound));
    let nobody = VisitorToken([7; 32]);
    assert_eq!(test.engine.file_for_visitor(&nobody, file).await.map(drop), Err(Refusal::NotFound));
    let stranger = test.engine.begin_visitor_upload(&nobody, named(), "a.txt", HOME).await.map(drop);
    assert_eq!(stranger, Err(Refusal::NotSignedIn));

    let opened = async |who: &Principal| test.engine.file(who, file).await.map(drop);
    assert_eq!((opened(&test.ann).await, opened(&test.dora).await), (Ok(()), Ok(())));
    assert_eq!(opened(&test.bob).await, Err(Refusal::NotFound), "the chat of a colleague");
    let foreign = Principal { organization: protocol::id::OrganizationId(Uuid::now_v7()), ..test.ann.clone() };
    assert_eq!(test.engine.file(&foreign, file).await.map(drop), Err(Refusal::NotFound));
    assert_eq!(test.sent_by_agent(&foreign, chat, "a.txt", b"x").await, Err(Refusal::NotFound));
    let not_his = test.sent_by_agent(&test.bob, chat, "a.txt", b"x").await;
    assert_eq!(not_his, Err(Refusal::ChatChanged { agent: Some(test.ann.agent) }));
    test.engine.end(&test.ann, chat).await.expect("ended");
    assert_eq!(test.sent_by_agent(&test.ann, chat, "a.txt", b"x").await, Err(Refusal::ChatEnded));
    assert_eq!(opened(&test.bob).await, Ok(()), "the chat is in the history of Bob's team");
    assert_eq!(opened(&test.cara).await, Err(Refusal::NotFound), "in no team");
}

#[tokio::test]
async fn file_without_a_chat_requests_one() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut connection, token) = test.guest().await;
    let sent = test.sent_by_visitor(&token, "a.txt", CANARY).await.expect("sent");
    let chat =
        connection.wait_for(|frame| if let ToVisitor::Chat(Some(chat)) = frame { Some(chat.id) } else { None }).await;
    assert_eq!(chat, sent.chat);
}

/// Covers N5: a file is deleted along with its message, along with its visitor, and when its retention period ends.
#[tokio::test]
async fn file_is_deleted_with_its_message_visitor_or_retention() {
    let test = TestEngine::open(Timers::default()).await;
    let (_connection, token, chat) = test.talking().await;
    let sent = test.sent_by_agent(&test.ann, chat, "a.txt", CANARY).await.expect("sent");
    let changed = test.engine.edit_message(&test.ann, chat, sent.entry.seq, Some("words".into())).await;
    assert_eq!(changed, Err(Refusal::NotFound), "a file has no text to edit");
    test.engine.edit_message(&test.ann, chat, sent.entry.seq, None).await.expect("message deleted");
    assert_eq!(test.in_the_folder(), 0);
    assert_eq!(test.engine.file(&test.ann, id(&sent)).await.map(drop), Err(Refusal::NotFound));

    let sent = test.sent_by_visitor(&token, "canarybird.txt", CANARY).await.expect("sent");
    assert!(test.holds(b"canarybird"));
    let admin = Principal { role: Role::Admin, ..test.ann.clone() };
    let visitor = test.engine.past_chat(&admin, chat).await.expect("chat exists").visitor;
    test.engine.erase_visitor(&admin, visitor).await.expect("erased");
    assert!(!test.holds(b"canarybird"), "no file on disk contains the deleted data");
    assert_eq!(test.engine.file_for_visitor(&token, id(&sent)).await.map(drop), Err(Refusal::NotFound));

    let (_connection, token, chat) = test.talking().await;
    test.sent_by_visitor(&token, "canarybird.txt", CANARY).await.expect("sent");
    test.engine.end(&test.ann, chat).await.expect("ended");
    let keep = Retention { chats: 1, ..Retention::default() };
    test.engine.set_retention(&admin, keep).await.expect("retention set");
    let in_two_days = test.engine.now() + 2 * 24 * 60 * 60 * 1_000;
    test.engine.run_retention(admin.organization, in_two_days).await.expect("expired data is deleted");
    assert!(!test.holds(b"canarybird"));
    assert_eq!(test.in_the_folder(), 0);
}

#[tokio::test]
async fn restart_keeps_acknowledged_files_and_removes_the_rest() {
    let test = TestEngine::open(Timers::default()).await;
    let (connection, token, chat) = test.talking().await;
    let kept = test.sent_by_visitor(&token, "a.txt", CANARY).await.expect("sent");
    let gone = test.sent_by_agent(&test.ann, chat, "b.txt", CANARY).await.expect("sent");
    let folder = test.folder.path().join("files");
    // This is the state after a crash: one file's row has already been deleted, and other files do not have a row yet.
    test.engine.edit_message(&test.ann, chat, gone.entry.seq, None).await.expect("message deleted");
    for name in [id(&gone).to_string(), Uuid::now_v7().to_string(), format!("{}.part", Uuid::now_v7())] {
        fs::write(folder.join(name), CANARY).expect("written");
    }
    drop(connection);
    let test = test.restart(Timers::default()).await;
    assert_eq!(test.in_the_folder(), 1);
    assert!(test.engine.file_for_visitor(&token, id(&kept)).await.is_ok());
}
