//! Chat ratings: visitors rate a chat after it has ended, and agents see the rating in the history.

use engine::store::{HistoryFilter, Rating};
use load::Visitor;
use protocol::{
    chat::ChatState,
    id::{ChatId, VisitorToken},
    visitor::FromVisitor,
};
use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::{Value, json};

use crate::{
    client_ext::{VisitorExt, with_deadline},
    test_server::{SignedIn, TestServer},
};

fn about(server: &TestServer, token: &VisitorToken, method: Method) -> RequestBuilder {
    let digits = token.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let asked = Client::new().request(method, server.http("/concierge/v1/rating?lang=de"));
    asked.header(header::AUTHORIZATION, format!("Bearer {digits}"))
}

async fn status(request: RequestBuilder) -> u16 {
    with_deadline("a response", request.send()).await.unwrap().status().as_u16()
}

async fn send_rating(server: &TestServer, token: &VisitorToken, rating: &str) -> u16 {
    status(about(server, token, Method::POST).json(&json!({ "rating": rating }))).await
}

async fn end_chat(visitor: &mut Visitor) {
    visitor.send_frame(&FromVisitor::End).await.unwrap();
    visitor.until("the end", |visitor| (visitor.chat.as_ref()?.state == ChatState::Ended).then_some(())).await;
}

/// Returns the chats in the history that have this rating.
async fn found(server: &TestServer, who: &SignedIn, rating: Rating) -> Vec<ChatId> {
    let all = server.engine.history_filter(&who.me).await.unwrap();
    let filter = HistoryFilter { rating: Some(rating), ..all };
    server.engine.history(&who.me, filter, None, 9).await.unwrap().into_iter().map(|chat| chat.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_chat_is_rated_and_found_by_rating() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let token = visitor.token();
    assert_eq!(status(about(&server, &token, Method::GET)).await, 204, "a live chat cannot be rated");
    assert_eq!(send_rating(&server, &token, "good").await, 404);

    end_chat(&mut visitor).await;
    let asked = with_deadline("the form", about(&server, &token, Method::GET).send()).await.unwrap();
    assert_eq!(asked.json::<Value>().await.unwrap()["strings"]["ask"], "Wie war der Chat?");
    assert_eq!(send_rating(&server, &token, "bad").await, 204);
    assert_eq!(
        (found(&server, &ann, Rating::Bad).await, found(&server, &ann, Rating::Good).await),
        (vec![chat], vec![])
    );
    // A later rating replaces an earlier one.
    assert_eq!(send_rating(&server, &token, "good").await, 204);
    assert_eq!(
        (found(&server, &ann, Rating::Bad).await, found(&server, &ann, Rating::Good).await),
        (vec![], vec![chat])
    );

    let page = |path: String| Client::new().get(server.http(&path)).header(header::COOKIE, &ann.cookie).send();
    let history = page("/history?rating=good".into()).await.unwrap().text().await.unwrap();
    assert!(history.contains(&format!("/history/{chat}")), "{history}");
    let transcript = page(format!("/history/{chat}")).await.unwrap().text().await.unwrap();
    assert!(transcript.contains("Rating") && transcript.contains("Good"), "{transcript}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_ones_own_last_ended_chat_can_be_rated() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, _chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    end_chat(&mut visitor).await;
    let token = visitor.token();
    for nonsense in ["", "great", "GOOD", "'; DROP TABLE chat"] {
        assert_eq!(send_rating(&server, &token, nonsense).await, 400, "{nonsense}");
    }
    let (nobody, mut other) = (VisitorToken([9; 32]), server.visitor("/packs").await);
    assert_eq!(send_rating(&server, &nobody, "bad").await, 401);
    assert_eq!(status(Client::new().get(server.http("/concierge/v1/rating"))).await, 401);

    // This visitor asked for a person but ended the chat before anyone claimed it, so there is no one to rate.
    other.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    other.until("a chat", |visitor| visitor.chat.as_ref().map(drop)).await;
    end_chat(&mut other).await;
    assert_eq!(send_rating(&server, &other.token(), "bad").await, 404);
    assert_eq!(found(&server, &ann, Rating::Bad).await, []);

    // The visitor has started a new chat, so the previous one is no longer their latest.
    visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    let goes_on = |visitor: &Visitor| (visitor.chat.as_ref()?.state != ChatState::Ended).then_some(());
    visitor.until("another chat", goes_on).await;
    assert_eq!(send_rating(&server, &token, "bad").await, 404);
}
