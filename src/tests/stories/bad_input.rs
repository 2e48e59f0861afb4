//! What no client of ours would send, on both sockets. After each the server is as well as before.

use load::{Agent, Lost, Visitor, connection::Connection, visitor::hello};
use protocol::{
    VERSION,
    agent::{FromAgent, ToAgent},
    codec,
    goodbye::Goodbye,
    id::{ChatId, VisitorToken},
    invitation::Answer,
    limits,
    refusal::Refusal,
    status::Status,
    visitor::{FromVisitor, ToVisitor},
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::{
    house::{FIREFOX, House, KEY, SHOP, page},
    waiting::{AtTheDesk, OnThePage, soon},
};

/// The last word and the close code after these bytes as the first frame.
async fn first_frame(house: &House, message: Message) -> (Option<Goodbye>, u16) {
    let mut socket = Connection::open(&format!("{}/socket/visitor/v1", house.ws()), &[]).await.unwrap();
    socket.send_raw(message).await.unwrap();
    soon("the end", async {
        let mut last = None;
        loop {
            match socket.next::<ToVisitor>().await {
                Ok(ToVisitor::Goodbye(goodbye)) => last = Some(goodbye),
                Ok(_) => {}
                Err(Lost::Closed(code)) => return (last, code),
                Err(lost) => panic!("{lost}"),
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_socket_says_what_was_wrong_and_lives_on() {
    let house = House::open().await;
    let good = || hello(KEY, SHOP, page("/"), None);
    let said = |frame: &FromVisitor| Message::Binary(codec::encode(frame).into());
    let mut left_over = codec::encode(&FromVisitor::Hello(good()));
    left_over.push(0);
    let mut unknown = good();
    unknown.concierge.0 = "no-such".into();
    let mut malformed = good();
    malformed.concierge.0 = "../../etc/passwd".into();
    let mut elsewhere = good();
    elsewhere.host = "https://evil.test".into();
    let mut older = good();
    older.version = VERSION + 1;

    for (message, goodbye) in [
        (Message::Text("{\"event\":\"base\"}".into()), Goodbye::NotAFrame),
        (Message::Binary(vec![0xff; 64].into()), Goodbye::NotAFrame),
        (Message::Binary(vec![].into()), Goodbye::NotAFrame),
        // A length of four gigabytes, and ten bytes.
        (Message::Binary(vec![0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3].into()), Goodbye::NotAFrame),
        (Message::Binary(left_over.into()), Goodbye::NotAFrame),
        (Message::Binary(vec![0; limits::FRAME_BYTES + 1].into()), Goodbye::TooLarge),
        (said(&FromVisitor::Beat), Goodbye::NoHello),
        (said(&FromVisitor::Hello(unknown)), Goodbye::NoSuchConcierge),
        (said(&FromVisitor::Hello(malformed)), Goodbye::NoSuchConcierge),
        (said(&FromVisitor::Hello(elsewhere)), Goodbye::WrongSite),
        (said(&FromVisitor::Hello(older)), Goodbye::Outdated),
    ] {
        let ended = first_frame(&house, message.clone()).await;
        assert_eq!(ended, (Some(goodbye), goodbye.code()), "{message:?}");
    }
    assert_eq!(reqwest::get(house.http("/healthz")).await.unwrap().status(), 200);
    house.visitor("/still-here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_hello_and_a_flood_are_ended() {
    let house = House::open().await;
    let mut visitor = house.visitor("/").await;
    visitor.tell(&FromVisitor::Hello(hello(KEY, SHOP, page("/"), None))).await.unwrap();
    assert_eq!(visitor.is_sent_away().await, Goodbye::OutOfTurn.code());

    let mut flood = house.visitor("/").await;
    for _ in 0..500 {
        if flood.tell(&FromVisitor::Typing).await.is_err() {
            break;
        }
    }
    let ended = soon("the end of the flood", async {
        loop {
            if let Err(lost) = flood.next().await {
                return lost;
            }
        }
    })
    .await;
    assert!(flood.goodbye.is_some_and(|goodbye| goodbye.code() == 4429) || matches!(ended, Lost::Broken(_)), "{ended}");
    house.visitor("/still-here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_nobody_and_anothers_invitation_and_chat_cannot_be_touched() {
    let house = House::open().await;
    let (ann, ben) = (house.signs_in("ann").await, house.signs_in("ben").await);
    let mut desk = house.dashboard(&ann).await;
    let mut asked = house.visitor("/boots").await;
    let visit = desk.row_on("/boots").await.visit;
    let invitation = house.engine.invite(&ann.me, visit, "May I help?".into()).await.unwrap();
    asked.is_invited().await;

    // A token that nobody has: somebody new, with a token of his own.
    let made_up = VisitorToken([7; 32]);
    let mut stranger = house.tab("/packs", Some(made_up.clone())).await;
    assert_ne!(stranger.token(), made_up);
    stranger.answers(invitation, Answer::Accept).await.unwrap();
    stranger.is_up_to_date().await;
    assert_eq!((stranger.invitation.clone(), stranger.chat.clone()), (None, None));
    assert_eq!(desk.sees(visit, Status::AgentRequested).await.chat, None);

    // The chat is Ann's; Ben, who is not in it, can neither speak in it nor end it.
    asked.answers(invitation, Answer::Accept).await.unwrap();
    let chat = asked.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    house.engine.claim(&ann.me, chat).await.unwrap();
    let mut other = house.dashboard(&ben).await;
    other.says(chat, "Let me in").await.unwrap();
    other.until("the refusal", |agent| agent.refused.first().cloned()).await;
    assert!(house.engine.end(&ben.me, chat).await.is_err());
    let nowhere = ChatId(Uuid::now_v7());
    other.says(nowhere, "Hello?").await.unwrap();
    other.until("the refusal of one that is not there", |agent| (agent.refused.len() == 2).then_some(())).await;
    // The board shows everyone whose it is, so that may be said.
    assert_eq!(other.refused, [Refusal::Changed { agent: Some(ann.me.agent) }, Refusal::NotFound]);
    asked.is_up_to_date().await;
    assert_eq!(asked.messages(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_claims_about_his_page_stays_text_without_secrets() {
    let house = House::open().await;
    let ann = house.signs_in("ann").await;
    let mut desk = house.dashboard(&ann).await;
    let mut bad = page("/reset?token=CANARY#frag");
    bad.url = bad.url.replace("https://", "https://user:CANARY@");
    bad.title = "<script>__pwned=1</script>".repeat(100);
    let _visitor = Visitor::arrive(&house.ws(), hello(KEY, SHOP, bad, None), "<svg onload=x>").await.unwrap();
    let row = desk.until("the row", |agent| agent.board.rows.values().next().cloned()).await;
    assert_eq!(row.page.url, format!("{SHOP}/reset"));
    assert!(row.page.title.chars().count() <= limits::TITLE_CHARS);
    let mut script = page("/");
    script.url = "javascript:alert(1)".into();
    let _visitor = Visitor::arrive(&house.ws(), hello(KEY, SHOP, script, None), FIREFOX).await.unwrap();
    desk.until("the row without an address", |agent| {
        agent.board.rows.values().find(|row| row.page.url.is_empty() && !row.page.is_linkable()).map(|_| ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_socket_takes_neither_text_nor_noise_nor_another_version() {
    let house = House::open().await;
    let ann = house.signs_in("ann").await;
    let headers = [("origin", house.origin()), ("cookie", ann.cookie.clone())];
    let url = format!("{}/socket/agent/v1", house.ws());
    let older = codec::encode(&FromAgent::Hello { version: VERSION + 1, resume: None });
    for (message, goodbye) in [
        (Message::Text("null".into()), Goodbye::NotAFrame),
        (Message::Binary(vec![0x7f; 99].into()), Goodbye::NotAFrame),
        (Message::Binary(vec![1; limits::FRAME_BYTES + 1].into()), Goodbye::TooLarge),
        (Message::Binary(codec::encode(&FromAgent::Beat).into()), Goodbye::NoHello),
        (Message::Binary(older.into()), Goodbye::Outdated),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut socket = Connection::open(&url, &headers).await.unwrap();
        socket.send_raw(message).await.unwrap();
        let code = soon("the end", async {
            loop {
                match socket.next::<ToAgent>().await {
                    Ok(_) => {}
                    Err(Lost::Closed(code)) => return code,
                    Err(lost) => panic!("{lost}"),
                }
            }
        })
        .await;
        assert_eq!(code, goodbye.code());
    }
    let mut twice = house.dashboard(&ann).await;
    twice.tell(&FromAgent::Hello { version: VERSION, resume: None }).await.unwrap();
    let code = soon("the end", async {
        loop {
            if let Err(Lost::Closed(code)) = twice.next().await {
                return code;
            }
        }
    })
    .await;
    assert_eq!(code, Goodbye::OutOfTurn.code());
    drop::<Agent>(house.dashboard(&ann).await);
}
