//! Tests that long chats and large organizations reach a client in pieces, at the pace at which the client takes them.

use protocol::{
    chat::Author,
    limits::{CATCH_UP_BYTES, QUEUE_BYTES},
};

use super::*;
use crate::store::NewMessage;

/// The longest message: 4,000 characters of four bytes.
pub(super) fn longest() -> String {
    "𝒳".repeat(4_000)
}

/// Stores messages of the visitor and of Ann in turn, without sending them to anybody.
pub(super) async fn store_messages(test: &TestEngine, chat: ChatId, count: usize, text: &str) {
    let writes = (0..count).map(|number| {
        let author = if number % 2 == 0 { Author::Visitor } else { Author::Agent(test.ann.agent) };
        let (organization, client_id, body) =
            (test.ann.organization, ClientId(Uuid::now_v7()), Body::Text(text.to_owned()));
        test.engine.store().send_message(NewMessage {
            organization,
            chat,
            author,
            client_id,
            body,
            now: test.engine.now(),
        })
    });
    for stored in futures::future::join_all(writes).await {
        stored.expect("stored");
    }
}

/// Takes frames until `head` has arrived, without a gap, and in pieces that fit.
async fn read_entries(socket: &mut AgentConnection, chat: ChatId, head: u32) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    while all.last().map_or(0, |entry| entry.seq) < head {
        let some = socket
            .wait_for(|frame| match frame {
                ToAgent::Entries { chat: of, entries } if of == chat => Some(entries),
                ToAgent::Refused { refusal, .. } => panic!("{refusal:?}"),
                _ => None,
            })
            .await;
        assert!(codec::encode(&some).len() <= CATCH_UP_BYTES + 8, "{}", some.len());
        all.extend(some);
    }
    assert!(all.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "every entry once, in order");
    all
}

#[tokio::test]
async fn chat_of_many_long_messages_opens_in_dashboard_and_tab() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    store_messages(&test, chat, 40, &longest()).await;
    let mut ann = test.dashboard(&test.ann).await;
    ann.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    // A message that arrives meanwhile is neither a gap nor twice there.
    vera.send_message("And now?").await;
    let all = read_entries(&mut ann, chat, 43).await;
    assert_eq!(texts(&all).last(), Some(&"And now?"));

    let (mut again, _) = test.tab(Some(welcome.token)).await;
    again.handle_frame(FromVisitor::Resume(0)).await.expect("frame accepted");
    again.handle_frame(FromVisitor::Heartbeat).await.expect("frame accepted");
    let mut head = 0;
    while head < 43 {
        let some = again.wait_for(|frame| if let ToVisitor::Entries(some) = frame { Some(some) } else { None }).await;
        assert!(codec::encode(&some).len() <= CATCH_UP_BYTES + 8);
        assert_eq!(some[0].seq, head + 1);
        head = some.last().map_or(head, |entry| entry.seq);
    }
}

#[tokio::test]
async fn several_long_chats_open_at_once() {
    let test = TestEngine::open(Timers::default()).await;
    let mut chats = Vec::new();
    for _ in 0..2 {
        let (mut tab, _) = test.tab(None).await;
        chats.push(test.chat(&mut tab).await);
    }
    for chat in &chats {
        store_messages(&test, *chat, 30, &longest()).await;
    }
    let mut ann = test.dashboard(&test.ann).await;
    for chat in chats.iter().cycle().take(20) {
        ann.handle_frame(FromAgent::Open { chat: *chat, head: 0 }).await.expect("frame accepted");
    }
    ann.handle_frame(FromAgent::Close(chats[0])).await.expect("frame accepted");
    read_entries(&mut ann, chats[1], 32).await;
}

#[tokio::test]
async fn chat_of_many_entries_and_many_long_notes_opens() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    store_messages(&test, chat, 1_000, "x").await;
    for _ in 0..40 {
        test.engine.add_note(&test.ann, chat, &longest(), false).await.expect("noted");
    }
    let mut ann = test.dashboard(&test.ann).await;
    ann.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    let (notes, entries) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    ann.wait_for(|frame| {
        match frame {
            ToAgent::Notes { notes: some, .. } => {
                assert!(codec::encode(&some).len() <= CATCH_UP_BYTES + 8);
                assert_eq!(some[0].number, notes.get() + 1);
                notes.set(notes.get() + u32::try_from(some.len()).unwrap());
            }
            ToAgent::Entries { entries: some, .. } => entries.set(some.last().map_or(0, |entry| entry.seq)),
            _ => {}
        }
        (notes.get() == 40 && entries.get() == 1_002).then_some(())
    })
    .await;
}

/// A tab shows one chat, and the frames with entries do not name it.
#[tokio::test]
async fn entries_of_the_chat_before_never_follow_a_new_chat() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let first = test.chat(&mut vera).await;
    store_messages(&test, first, 40, &longest()).await;
    let (mut again, _) = test.tab(Some(welcome.token)).await;
    test.engine.end(&test.ann, first).await.expect("ended");
    again.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    again.send_message("A new matter").await;
    let (second, entries) = (std::cell::Cell::new(false), std::cell::RefCell::new(Vec::new()));
    again
        .wait_for(|frame| {
            match frame {
                ToVisitor::Chat(Some(chat)) => second.set(chat.id != first),
                ToVisitor::Entries(some) if second.get() => entries.borrow_mut().extend(some),
                _ => {}
            }
            texts(&entries.borrow()).contains(&"A new matter").then_some(())
        })
        .await;
    assert_eq!(texts(&entries.borrow()), ["A new matter"]);
}

/// The directory, the colleagues, the chats and the waiting chats.
#[tokio::test]
async fn dashboard_of_a_large_organization_opens() {
    let test = TestEngine::open(Timers::default()).await;
    for number in 0..40 {
        let mut settings = ConciergeSettings::named(&format!("Shop {number}"), Language::En);
        settings.invitation = longest();
        let key = ConciergeKey(format!("shop-{number}"));
        let new = NewConcierge { organization: test.ann.organization, key, settings };
        test.engine.store().add_concierge(new).await.expect("concierge added");
    }
    let mut waiting_chats = Vec::new();
    for number in 0..300_u16 {
        // Each from an address of their own, because chats are limited by address.
        let [high, low] = number.to_be_bytes();
        let from = ClientInfo {
            ip: [198, 18, high, low].into(),
            user_agent: "Firefox/143.0".into(),
            is_mobile: false,
            languages: String::new(),
            opted_out: false,
        };
        let mut tab = test.engine.connect_visitor(test.hello_from(None), from).await.expect("connected");
        tab.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
        waiting_chats.push(tab);
    }
    let mut bob = test.dashboard(&test.bob).await;
    let (received, largest, concierges) = (std::cell::Cell::new(0), std::cell::Cell::new(0), std::cell::Cell::new(0));
    bob.wait_for(|frame| {
        let is_board = matches!(frame, ToAgent::Snapshot(_) | ToAgent::Batch(_));
        largest.set(largest.get().max(if is_board { 0 } else { codec::encode(&frame).len() }));
        match frame {
            ToAgent::DirectoryPart(part) => concierges.set(concierges.get() + part.concierges.len()),
            ToAgent::Notice(Notice::Waiting { .. }) => received.set(received.get() + 1),
            _ => {}
        }
        (received.get() == 300).then_some(())
    })
    .await;
    assert_eq!(concierges.get(), 41);
    assert!(largest.get() <= CATCH_UP_BYTES + 1_024 && largest.get() < QUEUE_BYTES, "{}", largest.get());
}

/// Agents may read, tag and mark an earlier chat as read while the visitor is in another one.
#[tokio::test]
async fn update_of_an_earlier_chat_neither_replaces_nor_interrupts_the_one_that_followed() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let first = test.chat(&mut vera).await;
    vera.send_message("Bye").await;
    test.engine.end(&test.ann, first).await.expect("ended");
    let second = test.chat(&mut vera).await;
    store_messages(&test, second, 40, &longest()).await;

    let mut ann = test.dashboard(&test.ann).await;
    ann.handle_frame(FromAgent::Open { chat: first, head: 0 }).await.expect("frame accepted");
    vera.receive_pending().await;
    let (mut again, _) = test.tab(Some(welcome.token)).await;
    test.engine.tag(&test.ann, first, "late", true).await.expect("tagged");
    let receipt = protocol::chat::Receipt { delivered: 3, read: 3 };
    ann.handle_frame(FromAgent::Receipt { chat: first, receipt }).await.expect("frame accepted");

    let tagged = |frame| match frame {
        ToAgent::Chat(chat) => (chat.chat.id == first && chat.tags == ["late"]).then_some(()),
        _ => None,
    };
    ann.wait_for(tagged).await;
    let shown = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((shown.id, shown.state), (second, protocol::chat::ChatState::InProgress));
    let frames = vera.receive_pending().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ToVisitor::Chat(_))), "{frames:?}");
    let head = std::cell::Cell::new(0);
    again
        .wait_for(|frame| {
            match frame {
                ToVisitor::Chat(chat) => assert_eq!(chat.map(|chat| chat.id), Some(second)),
                ToVisitor::Entries(some) => {
                    assert_eq!(some[0].seq, head.get() + 1, "no gap");
                    head.set(some.last().map_or(0, |entry| entry.seq));
                }
                _ => {}
            }
            (head.get() == 42).then_some(())
        })
        .await;
}
