//! The seat of one tab.

use std::sync::Arc;

use protocol::{
    codec,
    goodbye::Goodbye,
    id::{ClientId, OrganizationId, TeamId, VisitId, VisitorId},
    invitation::InvitationState,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor},
};

use super::{
    Allowance, Outgoing,
    mailbox::{Mailbox, Taken},
};
use crate::{
    Engine, clock, desk,
    floor::{
        Floor, Of,
        event::{Event, SeatId, Seated},
    },
    page,
};

/// What the socket of a widget holds.
pub struct VisitorSeat {
    engine: Engine,
    floor: Floor,
    id: SeatId,
    pub(crate) organization: OrganizationId,
    visit: VisitId,
    pub(crate) visitor: VisitorId,
    pub(crate) team: Option<TeamId>,
    mailbox: Arc<Mailbox>,
    allowance: Allowance,
}

impl VisitorSeat {
    pub(crate) fn new(
        engine: Engine,
        floor: Floor,
        id: SeatId,
        organization: OrganizationId,
        seated: Seated,
        team: Option<TeamId>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let Seated { visit, visitor, .. } = seated;
        Self { engine, floor, id, organization, visit, visitor, team, mailbox, allowance: Allowance::new() }
    }

    /// The visit that the tab belongs to.
    pub fn visit(&self) -> VisitId {
        self.visit
    }

    /// The widget has said something.
    ///
    /// # Errors
    /// The goodbye to say, when it must not go on.
    pub async fn hear(&mut self, frame: FromVisitor) -> Result<(), Goodbye> {
        self.allowance.spend()?;
        let seat = self.id;
        match frame {
            FromVisitor::Hello(_) => return Err(Goodbye::OutOfTurn),
            FromVisitor::Page(page) => self.floor.apply(Event::Moved { seat, page: page::clean(&page) }).await,
            FromVisitor::Activity(activity) => self.floor.apply(Event::Activity { seat, activity }).await,
            FromVisitor::Leaving => self.floor.leave(seat, false),
            FromVisitor::Beat => self.floor.beat(seat).await,
            FromVisitor::Typing => self.engine.visitor_types(self).await,
            FromVisitor::Say { client_id, text } => {
                self.floor.apply(Event::Acted { seat }).await;
                let said = self.engine.visitor_says(self, client_id, &text).await;
                self.refused(Some(client_id), said);
            }
            frame => {
                let done = self.act(frame).await;
                self.refused(None, done);
            }
        }
        Ok(())
    }

    async fn act(&self, frame: FromVisitor) -> Result<(), Refusal> {
        if matches!(frame, FromVisitor::Acted | FromVisitor::Answer { .. } | FromVisitor::AskForPerson) {
            self.floor.apply(Event::Acted { seat: self.id }).await;
        }
        match frame {
            FromVisitor::Acted => self.engine.remember(self).await,
            FromVisitor::Delivered(invitation) => self.progress(invitation, InvitationState::Delivered).await,
            FromVisitor::Seen(invitation) => self.progress(invitation, InvitationState::Seen).await,
            FromVisitor::Answer { invitation, answer } => self.engine.answer(self, invitation, answer).await,
            FromVisitor::AskForPerson => self.engine.ask_for_person(self).await,
            FromVisitor::Receipt(receipt) => self.engine.visitor_received(self, receipt).await,
            FromVisitor::Resume(head) => {
                let chat = self.engine.store().live_chat_of(self.visitor, clock::now()).await.map_err(desk::refusal)?;
                match chat {
                    Some(chat) => self.engine.push_entries(self, chat.id, head).await.map_err(desk::refusal),
                    None => {
                        self.push(&ToVisitor::Chat(None));
                        Ok(())
                    }
                }
            }
            FromVisitor::End => self.engine.end_by_visitor(self).await,
            // `hear` has dealt with the others.
            _ => Ok(()),
        }
    }

    async fn progress(&self, invitation: protocol::id::InvitationId, to: InvitationState) -> Result<(), Refusal> {
        match self.floor.facts(Of::Visitor(self.visitor)).await {
            Some(facts) => self.engine.progress(&facts, invitation, to).await,
            None => Ok(()),
        }
    }

    fn refused(&self, client_id: Option<ClientId>, done: Result<(), Refusal>) {
        if let Err(refusal) = done {
            self.push(&ToVisitor::Refused { client_id, refusal });
        }
    }

    pub(crate) fn push(&self, frame: &ToVisitor) {
        self.mailbox.push(codec::encode(frame).into());
    }

    /// What the socket is to do next. May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> Outgoing {
        loop {
            match self.mailbox.take().await {
                Taken::Frame(frame) => return Outgoing::Frame(frame),
                Taken::Close(goodbye) => return Outgoing::Close(goodbye),
                // No visitor sees a board.
                Taken::Behind => {}
            }
        }
    }
}

impl Drop for VisitorSeat {
    fn drop(&mut self) {
        self.floor.leave(self.id, false);
    }
}
