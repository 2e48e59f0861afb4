//! A tab's connection.

use std::{sync::Arc, time::Instant};

use protocol::{
    close_reason::CloseReason,
    codec,
    concierge::Privacy,
    id::{ClientId, OrganizationId, TeamId, VisitId, VisitorId},
    invitation::InvitationState,
    invitation_policy::is_excluded,
    page::Page,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor},
};

use super::{HubMembership, Outgoing, is_due, postponed_message::PostponedMessage};
use crate::{
    Engine, clock,
    hub::{
        VisitKey,
        event::{AdmittedTab, ConnectionId, Event},
    },
    limits::tabs::TabPermit,
    operations::{self, VisitorContext},
    outbound_queue::{CatchUp, OutboundQueue, QueueItem},
    page,
    store::ConciergeRecord,
};

/// The connection of a single tab that contains the widget.
pub struct VisitorConnection {
    engine: Engine,
    place: HubMembership,
    pub(crate) admission: TabPermit,
    pub(crate) organization: OrganizationId,
    visit: VisitId,
    pub(crate) visitor: VisitorId,
    pub(crate) team: Option<TeamId>,
    /// The concierge's privacy mode, or the strictest mode if the browser sends an opt-out header.
    pub(crate) privacy: Privacy,
    /// The paths where no prompt may appear.
    excluded_paths: Box<[String]>,
    /// Whether the tab is on an excluded page.
    pub(crate) on_excluded_page: bool,
    pub(crate) queue: Arc<OutboundQueue>,
    /// When this tab last reported that the visitor was typing.
    typed: Option<Instant>,
    /// The message that must be sent again before later ones. Boxed, because there rarely is one.
    postponed: Option<Box<PostponedMessage>>,
}

impl VisitorConnection {
    pub(crate) fn new(
        engine: Engine,
        place: HubMembership,
        admission: TabPermit,
        admitted: AdmittedTab,
        concierge: &ConciergeRecord,
        page: &Page,
        queue: Arc<OutboundQueue>,
    ) -> Self {
        let AdmittedTab { visit, visitor, .. } = admitted;
        Self {
            engine,
            place,
            admission,
            organization: concierge.organization,
            visit,
            visitor,
            team: concierge.settings.team,
            privacy: concierge.settings.privacy,
            on_excluded_page: is_excluded(&concierge.settings.invitation_policy.excluded_paths, page),
            excluded_paths: concierge.settings.invitation_policy.excluded_paths.clone().into(),
            queue,
            typed: None,
            postponed: None,
        }
    }

    pub(crate) fn context(&self) -> VisitorContext {
        VisitorContext {
            organization: self.organization,
            visitor: self.visitor,
            team: self.team,
            network: self.admission.network(),
        }
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.place.connection
    }

    /// Returns the visit that the tab belongs to.
    pub fn visit(&self) -> VisitId {
        self.visit
    }

    /// Handles a frame from the widget.
    ///
    /// # Errors
    /// Returns the reason for closing the socket if the frame is not allowed at this point.
    pub async fn handle_frame(&mut self, frame: FromVisitor) -> Result<(), CloseReason> {
        let (connection, hub) = (self.place.connection, &self.place.hub);
        match frame {
            FromVisitor::Hello(_) => return Err(CloseReason::OutOfTurn),
            FromVisitor::Page(page) => self.moved(page::clean(&page)).await,
            FromVisitor::Activity(activity) => hub.apply(Event::Activity { connection, activity }).await,
            FromVisitor::Leaving => self.place.leave(),
            FromVisitor::Heartbeat => hub.beat(connection).await,
            FromVisitor::Typing => {
                if is_due(&mut self.typed) {
                    self.engine.relay_visitor_typing(self).await;
                }
            }
            FromVisitor::SendMessage { client_id, text } => {
                self.mark_acted().await;
                let said = self.send_message(client_id, &text).await;
                self.refused(Some(client_id), said);
            }
            frame => {
                let done = self.act(frame).await;
                self.refused(None, done);
            }
        }
        Ok(())
    }

    /// Sends a message, unless an earlier one was refused for now and has not been sent again: the order must be kept.
    async fn send_message(&mut self, client_id: ClientId, text: &str) -> Result<(), Refusal> {
        if let Some(refusal) = self.postponed.as_ref().and_then(|earlier| earlier.refusal_of(client_id))
            && !self.engine.has_message(self.visitor, client_id).await?
        {
            return Err(refusal);
        }
        let said = self.engine.send_visitor_message(self, client_id, text).await;
        match said.as_ref().err().and_then(|refusal| PostponedMessage::new(client_id, refusal)) {
            Some(postponed) => self.postponed = Some(Box::new(postponed)),
            None => drop(self.postponed.take_if(|earlier| earlier.is(client_id))),
        }
        said
    }

    /// Tells the hub that the visitor has acted, so that the visit counts even in an automated browser.
    pub(crate) async fn mark_acted(&self) {
        self.place.hub.apply(Event::Acted { connection: self.place.connection }).await;
    }

    /// Handles a page change. The prompt is hidden on an excluded page and reappears on the next page that is not
    /// excluded.
    async fn moved(&mut self, page: Page) {
        let was_free = std::mem::replace(&mut self.on_excluded_page, is_excluded(&self.excluded_paths, &page));
        self.place.hub.apply(Event::Moved { connection: self.place.connection, page }).await;
        if was_free != self.on_excluded_page
            && let Err(error) = self.engine.refresh_prompt(self).await
        {
            operations::refusal(error);
        }
    }

    async fn act(&self, frame: FromVisitor) -> Result<(), Refusal> {
        if matches!(
            frame,
            FromVisitor::Interacted
                | FromVisitor::Answer { .. }
                | FromVisitor::AskForPerson
                | FromVisitor::LeaveContact { .. }
        ) {
            self.mark_acted().await;
        }
        match frame {
            FromVisitor::Interacted => self.engine.persist_visitor(self).await,
            FromVisitor::Delivered(invitation) => self.advance_invitation(invitation, InvitationState::Delivered).await,
            FromVisitor::Seen(invitation) => self.advance_invitation(invitation, InvitationState::Seen).await,
            FromVisitor::Answer { invitation, answer } => self.engine.answer(self, invitation, answer).await,
            FromVisitor::AskForPerson => self.engine.ask_for_person(self).await,
            FromVisitor::Receipt(receipt) => self.engine.record_visitor_receipt(self, receipt).await,
            FromVisitor::Resume(head) => {
                // Not answered. A tab asks only after a gap, and a reliable connection that drops nothing has no gaps.
                // So requests beyond the limit are a flood or a bug, and an answer would keep it going. The next
                // heartbeat, at most 20 s later, reveals a real gap again.
                if self.engine.inner.visitor_limits.resumes.try_count(self.visitor, clock::now()).is_err() {
                    return Ok(());
                }
                let chat =
                    self.engine.store().live_chat_of(self.visitor, clock::now()).await.map_err(operations::refusal)?;
                match chat {
                    Some(chat) => {
                        let head = operations::known_head(&chat, head);
                        self.engine.push_entries(self, chat.id, head).await.map_err(operations::refusal)
                    }
                    None => {
                        self.push(&ToVisitor::Chat(None));
                        Ok(())
                    }
                }
            }
            FromVisitor::End => self.engine.end_by_visitor(self).await,
            FromVisitor::LeaveContact { name, email } => self.engine.leave_contact(self, &name, &email).await,
            FromVisitor::SetConsent(consent) => self.engine.set_consent(self, consent).await,
            // These are handled in `handle_frame`. They are listed here so that the compiler flags any new frame.
            FromVisitor::Hello(_)
            | FromVisitor::Page(_)
            | FromVisitor::Activity(_)
            | FromVisitor::Leaving
            | FromVisitor::Heartbeat
            | FromVisitor::Typing
            | FromVisitor::SendMessage { .. } => Ok(()),
        }
    }

    async fn advance_invitation(
        &self,
        invitation: protocol::id::InvitationId,
        to: InvitationState,
    ) -> Result<(), Refusal> {
        match self.place.hub.visit_info(VisitKey::Connection(self.place.connection)).await {
            Some(facts) => self.engine.advance_invitation(&facts, invitation, to).await,
            None => Ok(()),
        }
    }

    fn refused(&self, client_id: Option<ClientId>, done: Result<(), Refusal>) {
        if let Err(refusal) = done {
            self.push(&ToVisitor::Refused { client_id, refusal });
        }
    }

    async fn read_piece(&self, catch_up: CatchUp) -> Option<Outgoing> {
        match self.engine.visitor_piece(catch_up).await {
            Ok((frame, after, is_all)) => {
                let is_wanted = self.queue.advance(catch_up, after, is_all);
                frame.filter(|_| is_wanted).map(Outgoing::Frame)
            }
            Err(error) => {
                operations::refusal(error);
                Some(Outgoing::Close(CloseReason::Unavailable))
            }
        }
    }

    /// Sends a frame before everything that is queued.
    pub(crate) fn push_first(&self, frame: &ToVisitor) {
        self.queue.push_first(codec::encode(frame).into());
    }

    pub(crate) fn push(&self, frame: &ToVisitor) {
        self.queue.push(codec::encode(frame).into());
    }

    /// Waits for the socket's next action. This method is cancel safe.
    pub async fn next(&mut self) -> Outgoing {
        loop {
            match self.queue.take().await {
                QueueItem::Frame(frame) => return Outgoing::Frame(frame),
                QueueItem::Close(close_reason) => return Outgoing::Close(close_reason),
                // Boxed, because this future stays in memory as long as the tab is open.
                QueueItem::PieceNeeded(catch_up) => {
                    if let Some(outgoing) = Box::pin(self.read_piece(catch_up)).await {
                        return outgoing;
                    }
                }
                // Visitors receive no board.
                QueueItem::BoardNeeded(_) => {}
            }
        }
    }
}
