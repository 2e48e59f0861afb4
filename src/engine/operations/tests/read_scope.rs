//! Tests for which chats an agent may read, in every way there is: opening a chat, its entries, notes and files, the
//! history, live frames, and claiming.

use protocol::{chat::Receipt, id::AgentId, refusal::Refusal};

use super::*;
use crate::{
    people::{AgentForm, TeamForm},
    store::{Actor, TransferTarget},
};

const CANARY: &str = "canary-of-a-colleague";

impl TestEngine {
    /// Returns an unclaimed chat and its visitor.
    async fn waiting_chat(&self) -> (VisitorConnection, ChatId) {
        let (mut vera, _) = self.tab(None).await;
        vera.send_message("Hello").await;
        let chat = self.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
        (vera, chat)
    }

    /// Opens a chat in a new dashboard. Returns the dashboard and the frames of the chat.
    async fn window(&self, who: &Principal, chat: ChatId) -> (AgentConnection, Vec<ToAgent>) {
        let mut dashboard = self.dashboard(who).await;
        dashboard.receive_pending().await;
        dashboard.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
        let frames = dashboard.receive_pending().await;
        (dashboard, frames)
    }

    /// Returns whether an agent may read a chat, which must not depend on the way it is read.
    async fn may_read(&self, who: &Principal, chat: ChatId) -> bool {
        let engine = &self.engine;
        let list = engine.history_filter(who).await.expect("filter made");
        let list = engine.history(who, list, None, 100).await.expect("history read");
        let answers = [
            engine.entries(who, chat, 0).await.is_ok(),
            engine.notes(who, chat).await.is_ok(),
            engine.past_chat(who, chat).await.is_ok(),
            engine.past_notes(who, chat).await.is_ok(),
            engine.transcript(who, chat, 0, 9).await.is_ok(),
            list.iter().any(|past| past.id == chat),
            self.window(who, chat).await.1.iter().any(|frame| matches!(frame, ToAgent::Chat(_))),
        ];
        assert!(answers.iter().all(|answer| *answer == answers[0]), "the answers differ: {answers:?}");
        answers[0]
    }

    /// Returns who of Ann, Bob, Cara and Dora may read a chat.
    async fn readers(&self, chat: ChatId) -> String {
        let mut readers = String::new();
        for who in [&self.ann, &self.bob, &self.cara, &self.dora] {
            if self.may_read(who, chat).await {
                readers.push_str(&who.name[..1]);
            }
        }
        readers
    }

    /// Adds a team with these members.
    async fn team_of(&self, name: &str, members: &[AgentId]) -> TeamId {
        let team = self.engine.store().add_team(self.ann.organization, name).await.expect("team added");
        for member in members {
            self.engine.store().join_team(*member, team).await.expect("member added");
        }
        team
    }

    async fn take_over(&self, who: &Principal, chat: ChatId) -> Result<(), Refusal> {
        let record = self.engine.chat_of(who, chat).await.expect("chat exists");
        self.engine.take_over(who, chat, record.agent.expect("it has an agent"), record.version).await
    }
}

fn has_canary(frames: &[ToAgent]) -> bool {
    format!("{frames:?}").contains(CANARY)
}

#[tokio::test]
async fn chat_is_readable_by_its_team_while_it_waits_and_when_it_has_ended() {
    let test = TestEngine::open(Timers::default()).await;
    let (_vera, chat) = test.waiting_chat().await;
    assert_eq!(test.readers(chat).await, "ABD", "it waits for the team");
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    assert_eq!(test.readers(chat).await, "AD", "no colleague reads along");
    test.engine.end(&test.ann, chat).await.expect("ended");
    assert_eq!(test.readers(chat).await, "ABD", "it is in the history of the team");
    // For everybody else, it looks like one that does not exist.
    let (cara, engine) = (&test.cara, &test.engine);
    let refused = [
        engine.claim(cara, chat).await,
        engine.take_over(cara, chat, test.ann.agent, 3).await,
        engine.end(cara, chat).await,
        engine.decline(cara, chat).await,
        engine.tag(cara, chat, "tag", true).await,
        engine.add_note(cara, chat, "note", false).await,
        engine.begin_agent_upload(cara, chat, ClientId(Uuid::now_v7()), "a.txt").await.map(drop),
        engine.hand_over(cara, chat, cara.agent, TransferTarget::Team(test.team), "").await,
    ];
    assert!(refused.iter().all(|refused| *refused == Err(Refusal::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn transferred_chat_stays_readable_for_everyone_who_was_in_it() {
    let test = TestEngine::open(Timers::default()).await;
    let (_vera, chat) = test.waiting_chat().await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    let _cara = test.dashboard(&test.cara).await;
    let to = TransferTarget::Agent { agent: test.cara.agent, insist: false };
    test.engine.hand_over(&test.ann, chat, test.ann.agent, to, "").await.expect("handed over");
    assert_eq!(test.readers(chat).await, "ACD", "Cara is in no team, and Bob was not in it");
    let support = test.team_of("Support", &[]).await;
    test.engine
        .hand_over(&test.cara, chat, test.cara.agent, TransferTarget::Team(support), "")
        .await
        .expect("handed over");
    assert_eq!(test.readers(chat).await, "ACD", "it waits for another team, and its former agents may still read it");
    test.engine.claim(&test.dora, chat).await.expect("claimed");
    test.engine.end(&test.dora, chat).await.expect("ended");
    assert_eq!(test.readers(chat).await, "ACD");
}

#[tokio::test]
async fn chat_taken_over_stays_readable_for_its_former_agent() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, chat) = test.waiting_chat().await;
    test.engine.claim(&test.bob, chat).await.expect("claimed");
    let (mut bob, _) = test.window(&test.bob, chat).await;
    test.take_over(&test.dora, chat).await.expect("taken over");
    assert_eq!(test.readers(chat).await, "BD");
    vera.send_message(CANARY).await;
    assert!(has_canary(&bob.receive_pending().await));
}

#[tokio::test]
async fn reserved_chat_is_readable_by_its_inviter_only_as_long_as_it_is_reserved() {
    let test = TestEngine::open(Timers { reservation: 200, ..Timers::default() }).await;
    let (mut vera, _) = test.tab(None).await;
    let mut bob = test.dashboard(&test.bob).await;
    let invitation = test.engine.invite(&test.cara, vera.visit(), "May I help?".into()).await.expect("invited");
    vera.answer_invitation(invitation, Answer::Accept).await;
    let chat = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
    let (mut cara, opened) = test.window(&test.cara, chat).await;
    assert!(opened.iter().any(|frame| matches!(frame, ToAgent::Chat(_))));
    assert_eq!(bob.wait_for_notice(waiting).await.0, chat, "the reservation has ended");
    assert_eq!(test.readers(chat).await, "ABD", "the inviter is in no team");
    vera.send_message(CANARY).await;
    assert!(!has_canary(&cara.receive_pending().await));
    assert_eq!(test.engine.claim(&test.cara, chat).await, Err(Refusal::OtherTeam));
}

/// A window opened while the chat waited must not hear the chat of a colleague, whoever gets it and however.
#[tokio::test]
async fn window_of_a_waiting_chat_hears_nothing_after_a_colleague_has_claimed_it() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, chat) = test.waiting_chat().await;
    let (mut bob, opened) = test.window(&test.bob, chat).await;
    assert!(format!("{opened:?}").contains("Hello"), "{opened:?}");
    let (mut dora, _) = test.window(&test.dora, chat).await;
    let mut ann = test.dashboard(&test.ann).await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    vera.send_message(CANARY).await;
    test.engine.add_note(&test.ann, chat, CANARY, false).await.expect("noted");
    test.engine.tag(&test.ann, chat, CANARY, true).await.expect("tagged");
    let receipt = Receipt { delivered: 2, read: 2 };
    ann.handle_frame(FromAgent::Receipt { chat, receipt }).await.expect("frame accepted");
    let heard = bob.receive_pending().await;
    assert!(!has_canary(&heard) && heard.contains(&ToAgent::AccessLost(chat)), "{heard:?}");
    assert!(has_canary(&dora.receive_pending().await), "a supervisor observes");
    let frames = ann.receive_pending().await;
    let readers = frames.iter().rev().find_map(|frame| match frame {
        ToAgent::Readers { readers, .. } => Some(readers.clone()),
        _ => None,
    });
    assert_eq!(readers, Some(vec![test.dora.agent]), "Bob is no observer");

    // Opening it again is refused, and does not let anything through later.
    bob.handle_frame(FromAgent::Open { chat, head: 1 }).await.expect("frame accepted");
    vera.send_message(CANARY).await;
    let heard = bob.receive_pending().await;
    assert!(!has_canary(&heard), "{heard:?}");
    assert!(heard.contains(&ToAgent::Refused { client_id: None, refusal: Refusal::NotFound }), "{heard:?}");
}

#[tokio::test]
async fn window_of_a_waiting_chat_hears_nothing_after_it_went_to_another_team() {
    let test = TestEngine::open(Timers::default()).await;
    let support = test.team_of("Support", &[test.cara.agent]).await;
    let (mut vera, chat) = test.waiting_chat().await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    let to = TransferTarget::Team(test.team);
    test.engine.hand_over(&test.ann, chat, test.ann.agent, to, "").await.expect("handed over");
    let (mut bob, _) = test.window(&test.bob, chat).await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    test.engine
        .hand_over(&test.ann, chat, test.ann.agent, TransferTarget::Team(support), CANARY)
        .await
        .expect("handed over");
    vera.send_message(CANARY).await;
    assert!(!has_canary(&bob.receive_pending().await));
    assert_eq!(test.readers(chat).await, "ACD");
}

#[tokio::test]
async fn claiming_and_taking_over_follow_the_teams() {
    let timers = Timers { agent_reconnecting: 20, agent_lost: 60, ..Timers::default() };
    let test = TestEngine::open(timers).await;
    let (mut vera, chat) = test.waiting_chat().await;
    assert_eq!(test.engine.claim(&test.cara, chat).await, Err(Refusal::OtherTeam), "in no team");
    let ann = test.dashboard(&test.ann).await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    drop(ann);
    let is_lost = |frame| match frame {
        ToVisitor::Chat(Some(chat)) => (chat.link == protocol::chat::AgentConnectivity::Lost).then_some(()),
        _ => None,
    };
    vera.wait_for(is_lost).await;
    assert_eq!(test.take_over(&test.cara, chat).await, Err(Refusal::OtherTeam), "in no team");
    assert!(!test.may_read(&test.bob, chat).await, "reading begins with taking over");
    test.take_over(&test.bob, chat).await.expect("taken over");
    let (_willy, other) = test.waiting_chat().await;
    test.engine.claim(&test.dora, other).await.expect("admins claim the chats of all teams");
}

#[tokio::test]
async fn agent_who_left_a_team_reads_and_hears_its_chats_no_more() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, chat) = test.waiting_chat().await;
    let (mut bob, _) = test.window(&test.bob, chat).await;
    let only_ann = TeamForm { name: "Sales".into(), members: vec![test.ann.agent.to_string()] };
    test.engine.save_team(&test.dora, Some(test.team), &only_ann).await.expect("team saved");
    vera.send_message(CANARY).await;
    assert!(matches!(bob.end().await, CloseReason::Restarting { .. }), "the dashboard reconnects with its new teams");
    assert_eq!(test.readers(chat).await, "AD");
    assert_eq!(test.engine.claim(&test.bob, chat).await, Err(Refusal::OtherTeam));

    // The same by the form of the agent, which also lets somebody in.
    let (mut cara, _) = test.window(&test.cara, chat).await;
    let form = |teams: &[TeamId]| AgentForm {
        name: "Cara Cruz".into(),
        role: "agent".into(),
        max_chats: "2".into(),
        teams: teams.iter().map(ToString::to_string).collect(),
    };
    test.engine.change_agent(&test.dora, test.cara.agent, &form(&[test.team])).await.expect("agent changed");
    assert!(matches!(cara.end().await, CloseReason::Restarting { .. }));
    assert_eq!(test.readers(chat).await, "ACD");
    let (mut cara, _) = test.window(&test.cara, chat).await;
    test.engine.change_agent(&test.dora, test.cara.agent, &form(&[test.team])).await.expect("agent changed");
    cara.receive_pending().await;
    test.engine.change_agent(&test.dora, test.cara.agent, &form(&[])).await.expect("agent changed");
    assert!(matches!(cara.end().await, CloseReason::Restarting { .. }));
    assert_eq!(test.readers(chat).await, "AD");
}

/// Access may end between two pieces of a long chat without the hub noticing, for example by another process.
#[tokio::test]
async fn window_closes_when_the_next_piece_may_no_longer_be_read() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    catch_up::store_messages(&test, chat, 40, &catch_up::longest()).await;
    test.engine.end(&test.ann, chat).await.expect("ended");
    let (mut bob, opened) = test.window(&test.bob, chat).await;
    assert!(opened.iter().any(|frame| matches!(frame, ToAgent::Entries { .. })));
    let (by, now) = (Actor::from(&test.dora), test.engine.now());
    let saved = test.engine.store().save_team(by, Some(test.team), "Sales".into(), vec![test.ann.agent], now).await;
    saved.expect("Bob is no longer a member");
    bob.wait_for(|frame| (frame == ToAgent::AccessLost(chat)).then_some(())).await;
    test.engine.add_note(&test.ann, chat, CANARY, false).await.expect("noted");
    assert!(!has_canary(&bob.receive_pending().await));
}
