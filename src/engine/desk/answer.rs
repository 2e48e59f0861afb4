//! A visitor answers an invitation. Never "sorry" to one who said yes: a late yes becomes a chat as well.

use protocol::{
    agent::{Notice, ToAgent},
    id::InvitationId,
    invitation::{Answer, InvitationState},
    refusal::Refusal,
    visitor::ToVisitor,
};

use super::{Engine, arrive::on_the_board, refusal};
use crate::{
    clock,
    floor::{Of, event::Event, millis},
    seat::VisitorSeat,
    store::Answered,
};

impl Engine {
    pub(crate) async fn answer(
        &self,
        seat: &VisitorSeat,
        invitation: InvitationId,
        answer: Answer,
    ) -> Result<(), Refusal> {
        let _turn = self.turn_of(seat.visitor).await;
        self.answer_in_turn(seat, invitation, answer).await
    }

    /// The caller has the visitor's turn.
    pub(super) async fn answer_in_turn(
        &self,
        seat: &VisitorSeat,
        invitation: InvitationId,
        answer: Answer,
    ) -> Result<(), Refusal> {
        let visitor = seat.visitor;
        let floor = self.floor(seat.organization);
        let facts = floor.facts(Of::Visitor(visitor)).await.ok_or(Refusal::NotFound)?;
        let timers = &self.settings().timers;
        let now = clock::now();
        let quiet = if facts.denials > 0 { timers.quiet_after_two_denials } else { timers.quiet_after_deny };
        let (quiet_until, reserved_until) =
            (now.saturating_add(millis(quiet)), now.saturating_add(millis(timers.reserved)));
        let answered = self
            .store()
            .answer(invitation, visitor, answer, now, quiet_until, reserved_until)
            .await
            .map_err(refusal)?;
        match answered {
            Answered::Denied { invitation: record, quiet_until } => {
                let (by, id) = (record.by, record.id);
                let invitation = on_the_board(&record);
                floor.apply(Event::Invitation { visitor, invitation, quiet_until: Some(quiet_until) }).await;
                floor.tell_visitor(visitor, &ToVisitor::Invitation(None)).await;
                floor.tell_visitor(visitor, &ToVisitor::Quiet { until: quiet_until }).await;
                let notice = Notice::Denied { invitation: id, visit: facts.visit, quiet_until };
                floor.tell_agent(by, &ToAgent::Notice(notice)).await;
            }
            Answered::Accepted { invitation: record, chat, entries, late } => {
                let mut invitation = on_the_board(&record);
                invitation.state =
                    if invitation.state.is_open() { InvitationState::Accepted } else { invitation.state };
                floor.apply(Event::Invitation { visitor, invitation, quiet_until: None }).await;
                floor.tell_visitor(visitor, &ToVisitor::Invitation(None)).await;
                let notice = Notice::Accepted {
                    chat: chat.id,
                    visit: facts.visit,
                    visitor_name: chat.visitor_name.clone(),
                    reserved_until: chat.reserved_until.unwrap_or(now),
                    late,
                };
                self.tell(chat, entries).await;
                floor.tell_agent(record.by, &ToAgent::Notice(notice)).await;
            }
            Answered::Same(_) => {
                seat.push(&ToVisitor::Invitation(None));
                if let Some(chat) = self.store().live_chat_of(visitor, now).await.map_err(refusal)? {
                    let id = chat.id;
                    self.push_chat(seat, chat).await;
                    self.push_entries(seat, id, 0).await.map_err(refusal)?;
                }
            }
        }
        Ok(())
    }
}
