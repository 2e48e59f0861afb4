//! Connects visitors' tabs and agents' dashboards.

use std::{collections::BTreeSet, sync::Arc};

use protocol::{
    close_reason::CloseReason,
    concierge::{Consent, Privacy},
    id::{ConciergeId, VisitId, VisitorId, VisitorToken},
    limits::HEARTBEAT_INTERVAL_MS,
    visitor::{Hello, ToVisitor, Welcome},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Engine, refusal,
    welcome::{chats_frames, welcome_frames},
};
use crate::{
    clock,
    connection::{AgentConnection, ClientInfo, HubMembership, Side, VisitorConnection},
    hub::{
        Dashboard,
        event::{Arrival, KnownVisitor, TokenHash},
        millis,
    },
    limits::daily_bytes::Written,
    outbound_queue::OutboundQueue,
    page,
    read_scope::ReadScope,
    sessions::Principal,
    store::{ConciergeRecord, LastVisit, NewVisit, StoreError, VisitorRecord},
    traffic_source::Source,
    user_agent,
};

impl Engine {
    /// Admits a visitor's tab after it has received the widget's hello.
    ///
    /// # Errors
    /// Returns the close reason if the tab is not admitted.
    pub async fn connect_visitor(&self, mut hello: Hello, from: ClientInfo) -> Result<VisitorConnection, CloseReason> {
        if hello.version != protocol::VERSION {
            return Err(CloseReason::Outdated);
        }
        let token = hello.token.as_ref().map(hash);
        let admission = self.inner.tab_limit.admit(from.ip, token)?;
        let concierge = self.concierge_for(&hello, &from).await?;
        let organization = concierge.organization;
        let recognized = match &hello.token {
            Some(token) => self.recognize(token, organization).await.map_err(unavailable)?,
            None => None,
        };
        let (record, current) = recognized.unzip();
        // From here on, the tab has the visitor's current token.
        hello.token = current.or(hello.token);
        let known = self.known(record).await?;
        let fresh_token = fresh_token().ok_or(CloseReason::Unavailable)?;
        let privacy = concierge.settings.privacy;
        let arrival = Arrival {
            keeps_source: privacy.may_keep(hello.consent),
            network: admission.network(),
            ..self.arrival(&hello, &from, concierge.id, hash(&fresh_token), known)
        };
        let (fresh, browser, page) = (arrival.fresh.0, arrival.browser.clone(), arrival.page.clone());
        let source = arrival.source.kept(arrival.keeps_source);

        let queue = Arc::new(OutboundQueue::default());
        let hub = self.hub(organization);
        // From here on, dropping `place` reports the departure, no matter what happens.
        let place = HubMembership::new(hub.clone(), arrival.connection, Side::Visitor);
        let admitted = hub.arrive(arrival, Arc::clone(&queue)).await.ok_or(CloseReason::Unavailable)?;
        let here = VisitorConnection::new(self.clone(), place, admission, admitted, &concierge, &page, queue);
        here.push_first(&ToVisitor::Welcome(Welcome {
            token: hello.token.filter(|_| admitted.token_is_known).unwrap_or(fresh_token),
            now: clock::now(),
            look: concierge.settings.look,
            privacy,
            persisted: admitted.persisted,
            quiet_until: admitted.quiet_until,
            heartbeat_interval: HEARTBEAT_INTERVAL_MS,
        }));
        if admitted.persisted && admitted.visit == fresh {
            let (id, visitor, concierge, started_at) = (admitted.visit, admitted.visitor, concierge.id, clock::now());
            let bytes = source.referrer.len() + source.campaign.len();
            let visit = NewVisit { id, visitor, concierge, organization, browser, source, started_at };
            // If this is refused, the visit is stored with the visitor's first message.
            if let Ok(counted) = self.admit_write(here.context(), Written::Other, bytes) {
                self.store().persist_visit(visit).await.map_err(unavailable)?;
                counted.keep();
            }
        } else if admitted.persisted && hello.consent == Consent::Given {
            // The visit may have been stored before the visitor gave consent.
            self.set_consent(&here, hello.consent).await.map_err(|_| CloseReason::Unavailable)?;
        }
        // The visitor may have been blocked after the check in `known`. From here on, blocking the visitor closes this
        // tab.
        if admitted.persisted
            && self.store().block_of(admitted.visitor, clock::now()).await.map_err(unavailable)?.is_some()
        {
            return Err(CloseReason::Blocked);
        }
        // A tab that still shows part of a chat must be sent the chat's current state, or be told that the chat no
        // longer exists.
        if admitted.persisted || hello.head > 0 {
            self.catch_up(&here, hello.head).await.map_err(unavailable)?;
        }
        Ok(here)
    }

    async fn concierge_for(&self, hello: &Hello, from: &ClientInfo) -> Result<ConciergeRecord, CloseReason> {
        if !hello.concierge.is_well_formed() {
            return Err(CloseReason::NoSuchConcierge);
        }
        let concierge = self.store().concierge_by_key(&hello.concierge).await.map_err(unavailable)?;
        let mut concierge = concierge.filter(|concierge| !concierge.paused).ok_or(CloseReason::NoSuchConcierge)?;
        if !page::is_allowed(&concierge.settings.sites, &hello.host) {
            return Err(CloseReason::WrongSite);
        }
        // An opt-out header (Sec-GPC or DNT) enforces the strictest mode.
        if from.opted_out {
            concierge.settings.privacy = Privacy::Essential;
        }
        Ok(concierge)
    }

    /// Returns what the hub needs to know about a stored visitor.
    async fn known(&self, record: Option<VisitorRecord>) -> Result<Option<KnownVisitor>, CloseReason> {
        if let Some(record) = &record
            && self.store().block_of(record.id, clock::now()).await.map_err(unavailable)?.is_some()
        {
            return Err(CloseReason::Blocked);
        }
        let gap = millis(self.settings().timers.new_visit_after);
        let goes_on = |visit: &LastVisit| clock::now() < visit.seen_at.saturating_add(gap);
        Ok(record.map(|record| KnownVisitor {
            visitor: record.id,
            name: record.name,
            quiet_until: record.quiet_until,
            visit: record.last_visit.filter(goes_on).map(|visit| (visit.id, visit.started_at)),
        }))
    }

    fn arrival(
        &self,
        hello: &Hello,
        from: &ClientInfo,
        concierge: ConciergeId,
        fresh_token: TokenHash,
        known: Option<KnownVisitor>,
    ) -> Arrival {
        let device = user_agent::device(&from.user_agent, from.is_mobile);
        Arrival {
            connection: self.next_connection(),
            token: hello.token.as_ref().map(hash),
            fresh_token,
            known,
            fresh: (VisitId(Uuid::now_v7()), VisitorId(Uuid::now_v7())),
            concierge,
            page: page::clean(&hello.page),
            browser: user_agent::describe(&from.user_agent),
            source: Source::read(&hello.entry_info, &hello.page.url, &from.languages, device),
            keeps_source: false,
            is_mobile: from.is_mobile || user_agent::is_mobile(&from.user_agent),
            activity: hello.activity,
            is_automated: hello.automated || user_agent::is_known_bot(&from.user_agent),
            network: None,
        }
    }

    /// Connects an agent's dashboard after it has sent its hello.
    ///
    /// # Errors
    /// Returns the close reason if the dashboard cannot be connected.
    pub async fn connect_agent(
        &self,
        principal: Principal,
        resume: Option<(u64, u64)>,
    ) -> Result<AgentConnection, CloseReason> {
        // Subscribe first so that a session that ends in the meantime is not missed.
        let ended = self.sessions().ended();
        let principal = self.store().session(principal.session, clock::now()).await.map_err(unavailable)?;
        let principal = principal.ok_or(CloseReason::SignedOut)?;
        let teams: BTreeSet<_> =
            self.store().teams_of(principal.agent).await.map_err(unavailable)?.into_iter().collect();
        let scope = ReadScope::of(principal.role, principal.agent, teams.clone());
        let directory = self.directory(&principal).await.map_err(|_| CloseReason::Unavailable)?;
        let hub = self.hub(principal.organization);
        let place = HubMembership::new(hub.clone(), self.next_connection(), Side::Agent);
        let availability = self.load_availability(&principal).await.map_err(|_| CloseReason::Unavailable)?;
        let connection = AgentConnection::new(self.clone(), place, principal, teams, ended);
        connection.queue.push_welcome(welcome_frames(clock::now(), directory));
        let (agent, queue) = (connection.principal.agent, Arc::clone(&connection.queue));
        let dashboard = Dashboard { connection: connection.id(), agent, scope, queue, resume };
        hub.connect_dashboard(dashboard).await;
        // From here on, a change of the role or the teams closes the connection. This is for a change just before.
        if let Some(close_reason) = connection.session_check().close_reason().await {
            return Err(close_reason);
        }
        let chats = self.chats(&connection.principal).await.map_err(|_| CloseReason::Unavailable)?;
        connection.queue.push_welcome(chats_frames(chats));
        self.push_waiting_chats(&connection, &availability).await.map_err(|_| CloseReason::Unavailable)?;
        Ok(connection)
    }
}

pub(super) fn hash(token: &VisitorToken) -> TokenHash {
    Sha256::digest(token.0).into()
}

fn unavailable(error: StoreError) -> CloseReason {
    refusal(error);
    CloseReason::Unavailable
}

fn fresh_token() -> Option<VisitorToken> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(VisitorToken(bytes))
}
