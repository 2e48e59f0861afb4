//! Visitors and agents who come in, and what stood open when the server stopped.

use std::sync::Arc;

use protocol::{
    chat::{AgentLink, VisitorChat},
    codec,
    goodbye::Goodbye,
    id::{VisitId, VisitorId, VisitorToken},
    invitation::{BoardInvitation, VisitorInvitation},
    limits::{BEAT_EVERY_MS, ENTRIES_IN_A_FRAME},
    visitor::{Hello, ToVisitor, Welcome},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Engine, refusal};
use crate::{
    browser, clock,
    floor::{
        ChatTold, Dashboard, Of,
        event::{Arrival, Event, KnownVisitor, Restored},
    },
    page,
    seat::{AgentSeat, Caller, VisitorSeat, mailbox::Mailbox},
    sessions::Principal,
    store::{InvitationRecord, NewVisit, StoreError, VisitRecord},
};

impl Engine {
    /// A widget has said hello.
    ///
    /// # Errors
    /// The goodbye to say, when it cannot stay.
    #[allow(clippy::needless_pass_by_value)] // the caller has no use for it any more
    pub async fn visitor_arrives(&self, hello: Hello, from: Caller) -> Result<VisitorSeat, Goodbye> {
        if hello.version != protocol::VERSION {
            return Err(Goodbye::Outdated);
        }
        if !hello.concierge.is_well_formed() {
            return Err(Goodbye::NoSuchConcierge);
        }
        let store = self.store();
        let unavailable = |error: StoreError| {
            refusal(error);
            Goodbye::Unavailable
        };
        let concierge = store.concierge_by_key(&hello.concierge).await.map_err(unavailable)?;
        let concierge = concierge.filter(|concierge| !concierge.paused).ok_or(Goodbye::NoSuchConcierge)?;
        if !page::is_allowed(&concierge.sites, &hello.host) {
            return Err(Goodbye::WrongSite);
        }
        let organization = concierge.organization;
        let token = hello.token.as_ref().map(hash);
        let known = match token {
            Some(token) => store.visitor_by_token(token).await.map_err(unavailable)?,
            None => None,
        };
        // A token of another organization is nobody here.
        let known = known.filter(|known| known.organization == organization);
        let fresh_token = fresh_token().ok_or(Goodbye::Unavailable)?;
        let fresh = (VisitId(Uuid::now_v7()), VisitorId(Uuid::now_v7()));
        let floor = self.floor(organization);
        let seat = self.next_seat();
        let mailbox = Arc::new(Mailbox::default());
        let browser = browser::describe(&from.user_agent);
        let arrival = Arrival {
            seat,
            token,
            fresh_token: hash(&fresh_token),
            known: known.map(|known| KnownVisitor {
                visitor: known.id,
                name: known.name,
                quiet_until: known.quiet_until,
                denials: known.denials,
            }),
            fresh,
            concierge: concierge.id,
            page: page::clean(&hello.page),
            browser: browser.clone(),
            is_mobile: from.is_mobile || browser::is_mobile(&from.user_agent),
            activity: hello.activity,
            is_driven: hello.driven || browser::is_known_bot(&from.user_agent),
        };
        let seated = floor.arrive(arrival, Arc::clone(&mailbox)).await.ok_or(Goodbye::Unavailable)?;
        // From here on the seat reports its leaving, whatever happens.
        let here = VisitorSeat::new(
            self.clone(),
            floor.clone(),
            seat,
            organization,
            seated,
            concierge.team,
            Arc::clone(&mailbox),
        );
        let token = hello.token.filter(|_| seated.token_is_known).unwrap_or(fresh_token);
        let welcome = ToVisitor::Welcome(Welcome {
            token,
            now: clock::now(),
            look: concierge.look,
            privacy: concierge.privacy,
            remembered: seated.remembered,
            quiet_until: seated.quiet_until,
            beat_every: BEAT_EVERY_MS,
        });
        mailbox.push_first(codec::encode(&welcome).into());
        if seated.remembered {
            if seated.visit == fresh.0 {
                let visit = NewVisit {
                    id: seated.visit,
                    visitor: seated.visitor,
                    concierge: concierge.id,
                    organization,
                    browser,
                    started_at: clock::now(),
                };
                store.remember_visit(visit).await.map_err(unavailable)?;
            }
            self.catch_up(&here, hello.head).await.map_err(unavailable)?;
        }
        Ok(here)
    }

    /// The open invitation and the chat, with what the tab does not have yet of it.
    pub(crate) async fn catch_up(&self, seat: &VisitorSeat, head: u32) -> Result<(), StoreError> {
        let _turn = self.turn_of(seat.visitor).await;
        let store = self.store();
        let invitation = store.open_invitation_of(seat.visitor).await?;
        if let Some(invitation) = invitation {
            let facts = self.floor(seat.organization).facts(Of::Visitor(seat.visitor)).await;
            if facts.is_none_or(|facts| facts.invitation.is_none_or(|had| had.id != invitation.id)) {
                let invitation = on_the_board(&invitation);
                let event = Event::Invitation { visitor: seat.visitor, invitation, quiet_until: None };
                self.floor(seat.organization).apply(event).await;
            }
            seat.push(&ToVisitor::Invitation(Some(self.for_the_visitor(invitation).await)));
        }
        let Some(chat) = store.live_chat_of(seat.visitor, clock::now()).await? else { return Ok(()) };
        self.push_chat(seat, chat.clone()).await;
        self.push_entries(seat, chat.id, head).await?;
        // A new visit does not know yet of a chat that began in another.
        let facts = self.floor(seat.organization).facts(Of::Visitor(seat.visitor)).await;
        if chat.state.is_live() && facts.is_none_or(|facts| facts.chat.is_none_or(|had| had.id != chat.id)) {
            self.tell(chat, Vec::new()).await;
        }
        Ok(())
    }

    pub(crate) async fn push_chat(&self, seat: &VisitorSeat, chat: crate::store::ChatRecord) {
        let facts = self.floor(seat.organization).facts(Of::Visitor(seat.visitor)).await;
        let had = facts.and_then(|facts| facts.chat).filter(|had| had.id == chat.id);
        let agent = match chat.agent.or(chat.reserved_for) {
            Some(agent) => self.card(chat.organization, agent).await,
            None => None,
        };
        seat.push(&ToVisitor::Chat(Some(VisitorChat {
            id: chat.id,
            state: chat.state,
            agent,
            link: had.map_or(AgentLink::Ok, |chat| chat.link),
            head: chat.head,
            agent_receipt: chat.agent_receipt,
            visitor_receipt: chat.visitor_receipt,
        })));
    }

    pub(crate) async fn push_entries(
        &self,
        seat: &VisitorSeat,
        chat: protocol::id::ChatId,
        head: u32,
    ) -> Result<(), StoreError> {
        let mut after = head;
        loop {
            let entries = self.store().entries(chat, after, limit()).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.seq;
            let is_all = entries.len() < ENTRIES_IN_A_FRAME;
            seat.push(&ToVisitor::Entries(entries));
            if is_all {
                return Ok(());
            }
        }
    }

    pub(crate) async fn for_the_visitor(&self, record: InvitationRecord) -> VisitorInvitation {
        let nobody = protocol::agent::AgentCard { id: record.by, name: String::new() };
        VisitorInvitation {
            id: record.id,
            by: self.card(record.organization, record.by).await.unwrap_or(nobody),
            text: record.text,
            state: record.state,
            expires_at: record.expires_at,
        }
    }

    /// A dashboard has said hello.
    ///
    /// # Errors
    /// The goodbye to say, when it cannot stay.
    pub async fn agent_arrives(&self, principal: Principal, resume: Option<(u64, u64)>) -> Result<AgentSeat, Goodbye> {
        // Listening comes before everything else: a session that ends meanwhile is not missed.
        let ended = self.sessions().ended();
        let directory = self.directory(&principal).await.map_err(|_| Goodbye::Unavailable)?;
        let floor = self.floor(principal.organization);
        let seat = AgentSeat::new(self.clone(), floor.clone(), self.next_seat(), principal, ended);
        seat.push(&protocol::agent::ToAgent::Welcome { now: clock::now(), directory });
        let dashboard =
            Dashboard { seat: seat.id, agent: seat.principal.agent, mailbox: Arc::clone(&seat.mailbox), resume };
        floor.seat_dashboard(dashboard).await;
        let chats = self.chats(&seat.principal).await.map_err(|_| Goodbye::Unavailable)?;
        seat.push(&protocol::agent::ToAgent::Chats(chats));
        Ok(seat)
    }

    /// Stands again what was open when the server stopped: visits, invitations, chats, and so their timers.
    pub(super) async fn stand_again(&self) -> Result<(), StoreError> {
        for organization in self.store().organizations().await? {
            self.floor(organization);
        }
        for open in self.store().open_invitations().await? {
            let (floor, visitor) = (self.floor(open.visit.organization), open.visit.visitor);
            floor.apply(Event::Restored(Box::new(restored(open.visit)))).await;
            let invitation = on_the_board(&open.invitation);
            floor.apply(Event::Invitation { visitor, invitation, quiet_until: None }).await;
        }
        for live in self.store().live_chats().await? {
            let floor = self.floor(live.visit.organization);
            if floor.facts(Of::Visitor(live.visit.visitor)).await.is_none() {
                floor.apply(Event::Restored(Box::new(restored(live.visit)))).await;
            }
            floor.chat(ChatTold { chat: live.chat, entries: Vec::new(), card: None }).await;
        }
        Ok(())
    }
}

fn restored(visit: VisitRecord) -> Restored {
    Restored {
        visit: visit.id,
        visitor: KnownVisitor {
            visitor: visit.visitor,
            name: visit.visitor_name,
            quiet_until: visit.quiet_until,
            denials: 0,
        },
        concierge: visit.concierge,
        page: visit.page,
        browser: visit.browser,
        since: visit.started_at,
    }
}

pub(super) fn on_the_board(record: &InvitationRecord) -> BoardInvitation {
    BoardInvitation {
        id: record.id,
        by: record.by,
        state: record.state,
        sent_at: record.sent_at,
        expires_at: record.expires_at,
    }
}

pub(crate) fn limit() -> u32 {
    u32::try_from(ENTRIES_IN_A_FRAME).unwrap_or(u32::MAX)
}

fn hash(token: &VisitorToken) -> [u8; 32] {
    Sha256::digest(token.0).into()
}

fn fresh_token() -> Option<VisitorToken> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(VisitorToken(bytes))
}
