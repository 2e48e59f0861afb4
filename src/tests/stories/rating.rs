//! What a visitor thinks of a chat: asked when it has ended, and read in the history.

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
    house::{House, SignedIn},
    waiting::{OnThePage, soon},
};

fn about(house: &House, token: &VisitorToken, method: Method) -> RequestBuilder {
    let digits = token.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let asked = Client::new().request(method, house.http("/concierge/v1/rating?lang=de"));
    asked.header(header::AUTHORIZATION, format!("Bearer {digits}"))
}

async fn status(request: RequestBuilder) -> u16 {
    soon("an answer", request.send()).await.unwrap().status().as_u16()
}

async fn rates(house: &House, token: &VisitorToken, rating: &str) -> u16 {
    status(about(house, token, Method::POST).json(&json!({ "rating": rating }))).await
}

async fn ends(visitor: &mut Visitor) {
    visitor.tell(&FromVisitor::End).await.unwrap();
    visitor.until("the end", |visitor| (visitor.chat.as_ref()?.state == ChatState::Ended).then_some(())).await;
}

/// The chats that the history finds by a rating.
async fn found(house: &House, who: &SignedIn, rating: Rating) -> Vec<ChatId> {
    let all = house.engine.history_filter(&who.me).await.unwrap();
    let filter = HistoryFilter { rating: Some(rating), ..all };
    house.engine.history(&who.me, filter, None, 9).await.unwrap().into_iter().map(|chat| chat.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_has_ended_is_rated_and_found_by_it() {
    let house = House::open().await;
    let ann = house.signs_in("ann").await;
    let mut desk = house.dashboard(&ann).await;
    let (mut visitor, chat) = house.in_a_chat(&ann, &mut desk, "/boots").await;
    let token = visitor.token();
    assert_eq!(status(about(&house, &token, Method::GET)).await, 204, "it goes on");
    assert_eq!(rates(&house, &token, "good").await, 404);

    ends(&mut visitor).await;
    let asked = soon("the words", about(&house, &token, Method::GET).send()).await.unwrap();
    assert_eq!(asked.json::<Value>().await.unwrap()["words"]["ask"], "Wie war dieser Chat?");
    assert_eq!(rates(&house, &token, "bad").await, 204);
    assert_eq!((found(&house, &ann, Rating::Bad).await, found(&house, &ann, Rating::Good).await), (vec![chat], vec![]));
    // The last word counts.
    assert_eq!(rates(&house, &token, "good").await, 204);
    assert_eq!((found(&house, &ann, Rating::Bad).await, found(&house, &ann, Rating::Good).await), (vec![], vec![chat]));

    let page = |path: String| Client::new().get(house.http(&path)).header(header::COOKIE, &ann.cookie).send();
    let history = page("/history?rating=good".into()).await.unwrap().text().await.unwrap();
    assert!(history.contains(&format!("/history/{chat}")), "{history}");
    let transcript = page(format!("/history/{chat}")).await.unwrap().text().await.unwrap();
    assert!(transcript.contains("Rating") && transcript.contains("Good"), "{transcript}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_rates_what_was_no_chat_of_his() {
    let house = House::open().await;
    let ann = house.signs_in("ann").await;
    let mut desk = house.dashboard(&ann).await;
    let (mut visitor, _chat) = house.in_a_chat(&ann, &mut desk, "/boots").await;
    ends(&mut visitor).await;
    let token = visitor.token();
    for nonsense in ["", "great", "GOOD", "'; DROP TABLE chat"] {
        assert_eq!(rates(&house, &token, nonsense).await, 400, "{nonsense}");
    }
    let (nobody, mut other) = (VisitorToken([9; 32]), house.visitor("/packs").await);
    assert_eq!(rates(&house, &nobody, "bad").await, 401);
    assert_eq!(status(Client::new().get(house.http("/concierge/v1/rating"))).await, 401);

    // He asked for a person, and went before one came: there was nobody to rate.
    other.tell(&FromVisitor::AskForPerson).await.unwrap();
    other.until("a chat", |visitor| visitor.chat.as_ref().map(drop)).await;
    ends(&mut other).await;
    assert_eq!(rates(&house, &other.token(), "bad").await, 404);
    assert_eq!(found(&house, &ann, Rating::Bad).await, []);

    // Another chat has begun: the one before is no longer his last.
    visitor.tell(&FromVisitor::AskForPerson).await.unwrap();
    let goes_on = |visitor: &Visitor| (visitor.chat.as_ref()?.state != ChatState::Ended).then_some(());
    visitor.until("another chat", goes_on).await;
    assert_eq!(rates(&house, &token, "bad").await, 404);
}
