//! Tests for notes, whispers, readers, tags, and canned replies.

use protocol::{canned_reply::Scope, id::ReplyId, limits::TAGS, refusal::Refusal};

use super::*;
use crate::store::NewReply;

fn supervisor(who: &Principal) -> Principal {
    Principal { role: Role::Supervisor, ..who.clone() }
}

fn readers_of(wanted: ChatId) -> impl Fn(ToAgent) -> Option<Vec<protocol::id::AgentId>> {
    move |frame| match frame {
        ToAgent::Readers { chat, readers } if chat == wanted => Some(readers),
        _ => None,
    }
}

/// Covers D9: no frame sent to a visitor contains a note, not even after the visitor reconnects.
#[tokio::test]
async fn no_visitor_ever_gets_a_note_or_a_whisper() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut ann, cara) = (test.dashboard(&test.ann).await, supervisor(&test.cara));
    let (mut vera, welcome) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    test.engine.add_note(&test.ann, chat, "canary-note", false).await.expect("noted");
    test.engine.add_note(&cara, chat, "canary-whisper", true).await.expect("whispered");
    test.engine.tag(&cara, chat, "canary-tag", true).await.expect("tagged");
    let whispered =
        ann.wait_for_notice(|notice| if let Notice::Whispered { text, .. } = notice { Some(text) } else { None });
    assert_eq!(whispered.await, "canary-whisper");
    vera.send_message("Hello?").await;
    let seen = vera.receive_pending().await;
    let mut other =
        test.connect(Hello { head: 0, ..test.hello_from(Some(welcome.token.clone())) }).await.expect("connected");
    other.handle_frame(FromVisitor::Resume(0)).await.expect("frame accepted");
    let seen = format!("{seen:?}{:?}", other.receive_pending().await);
    assert!(seen.contains("Hello?") && !seen.contains("canary"), "{seen}");
    // Notes have their own numbers and do not use up the chat's `seq` numbers.
    ann.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    let notes = ann.wait_for(|frame| match frame {
        ToAgent::Notes { notes, .. } if notes.len() == 2 => Some(notes),
        _ => None,
    });
    let notes: Vec<_> = notes.await.into_iter().map(|note| (note.number, note.whisper, note.author)).collect();
    assert_eq!(notes, [(1, false, test.ann.agent), (2, true, test.cara.agent)]);
}

#[tokio::test]
async fn agent_sees_that_a_supervisor_reads_along() {
    let test = TestEngine::open(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let mut dora = test.dashboard(&test.dora).await;
    dora.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    assert_eq!(ann.wait_for(readers_of(chat)).await, [test.dora.agent]);
    vera.send_message("Which size?").await;
    dora.wait_for(|frame| match frame {
        ToAgent::Entries { entries, .. } if texts(&entries) == ["Which size?"] => Some(()),
        _ => None,
    })
    .await;
    drop(dora);
    assert_eq!(ann.wait_for(readers_of(chat)).await, []);
    // A colleague without the required role may not read the chat and cannot tell that it exists.
    let mut bob = test.dashboard(&test.bob).await;
    bob.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    let refused = bob.wait_for(|frame| if let ToAgent::Refused { refusal, .. } = frame { Some(refusal) } else { None });
    assert_eq!(refused.await, Refusal::NotFound);
    assert_eq!(test.engine.add_note(&test.bob, chat, "psst", true).await, Err(Refusal::Forbidden));
    let talks_to_herself = test.engine.add_note(&supervisor(&test.ann), chat, "psst", true).await;
    assert_eq!(talks_to_herself, Err(Refusal::ChatChanged { agent: Some(test.ann.agent) }));
    test.engine.end(&test.ann, chat).await.expect("ended");
    test.engine.entries(&test.bob, chat, 0).await.expect("ended chat readable");
}

#[tokio::test]
async fn tags_are_changed_only_by_the_agent_or_a_supervisor() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let tag = async |who: &Principal, name: &str, on| test.engine.tag(who, chat, name, on).await;
    for name in ["  Refund ", "refund", "Big  Order"] {
        tag(&test.ann, name, true).await.expect("tagged");
    }
    let tags = async || test.engine.chats(&test.ann).await.expect("chats read")[0].tags.clone();
    assert_eq!(tags().await, ["big order", "refund"]);
    assert_eq!(tag(&test.bob, "spam", true).await, Err(Refusal::Forbidden));
    assert_eq!(tag(&test.ann, " ", true).await, Err(Refusal::Empty));
    assert_eq!(tag(&test.ann, &"x".repeat(41), true).await, Err(Refusal::TooLong { limit: 40 }));
    for number in 2..TAGS {
        tag(&test.ann, &format!("tag {number}"), true).await.expect("tagged");
    }
    assert_eq!(tag(&test.ann, "one more", true).await, Err(Refusal::TooLarge));
    assert!(
        !test.engine.tags(&test.bob).await.expect("tags read").contains(&"one more".to_owned()),
        "a refused tag is not stored"
    );
    tag(&test.ann, "refund", false).await.expect("tag removed");
    assert!(!tags().await.contains(&"refund".to_owned()));
    assert!(
        test.engine.tags(&test.bob).await.expect("tags read").contains(&"refund".to_owned()),
        "a tag stays in the list after it is removed from the chat"
    );
}

#[tokio::test]
async fn canned_replies_are_personal_team_or_shared() {
    let test = TestEngine::open(Timers::default()).await;
    let boss = supervisor(&test.ann);
    let new = |scope, name: &str| NewReply {
        id: ReplyId(Uuid::now_v7()),
        scope,
        name: name.into(),
        text: "Hi {visitor}".into(),
        is_new: true,
    };
    let put = async |who: &Principal, new: NewReply| test.engine.put_reply(who, new).await;
    let (own, team, all) = (new(Scope::Mine, "own"), new(Scope::Team(test.team), "team"), new(Scope::Everyone, "all"));
    put(&test.bob, own.clone()).await.expect("personal reply added");
    for shared in [&team, &all] {
        assert_eq!(put(&test.bob, shared.clone()).await, Err(Refusal::Forbidden));
        put(&boss, shared.clone()).await.expect("shared reply added");
    }
    let names = async |who: &Principal| {
        test.engine.replies(who).await.expect("replies read").into_iter().map(|reply| reply.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&test.bob).await, ["all", "own", "team"]);
    assert_eq!(names(&test.cara).await, ["all"], "not in any team");
    assert_eq!(names(&boss).await, ["all", "team"]);
    // For everyone else, a colleague's personal reply does not exist. Agents can neither change a shared reply nor make
    // it personal.
    assert_eq!(test.engine.delete_reply(&boss, own.id).await, Err(Refusal::NotFound));
    assert_eq!(test.engine.delete_reply(&test.bob, all.id).await, Err(Refusal::Forbidden));
    let stolen = NewReply { scope: Scope::Mine, is_new: false, ..all.clone() };
    assert_eq!(test.engine.put_reply(&test.bob, stolen).await, Err(Refusal::Forbidden));
    assert_eq!(
        put(&test.bob, NewReply { id: all.id, ..own.clone() }).await,
        Err(Refusal::NotFound),
        "an id cannot be reused"
    );
    let foreign = new(Scope::Team(TeamId(Uuid::now_v7())), "x");
    assert_eq!(put(&boss, foreign).await, Err(Refusal::NotFound));
    assert_eq!(put(&test.bob, new(Scope::Mine, " ")).await, Err(Refusal::Empty));
    test.engine.delete_reply(&test.bob, own.id).await.expect("deleted");
    test.engine.delete_reply(&boss, team.id).await.expect("deleted");
    assert_eq!(names(&test.bob).await, ["all"]);
}
