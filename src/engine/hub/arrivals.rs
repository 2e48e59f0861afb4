//! Handles newly connected tabs, and visits restored after a restart.

use std::sync::Arc;

use protocol::{Millis, chat::ChatState, id::VisitId};

use super::{
    event::{AdmittedTab, Arrival, Due, Effect, KnownVisitor, RestoredVisit},
    state::State,
    visit::Visit,
};

impl State {
    pub(super) fn admit_tab(&mut self, arrival: Arrival, now: Millis, effects: &mut Vec<Effect>) -> VisitId {
        let by_token = arrival.token.and_then(|token| self.by_token.get(&token).copied());
        let token_is_known = by_token.is_some() || arrival.known.is_some();
        let token = arrival.token.filter(|_| token_is_known).unwrap_or(arrival.fresh_token);
        let (connection, page) = (arrival.connection, arrival.page.clone());
        let limits = self.limits;
        let id = self.visit_for(arrival, by_token, now, effects);
        let visit = self.visits.get_mut(&id).expect("the visit was just found or inserted");
        // A visitor's token changes from time to time. The old one must not outlive the visit.
        let replaced = visit.token.replace(token).filter(|old| *old != token);
        visit.update_hidden_since(now);
        visit.record_page_view(page, now, limits);
        let admitted = AdmittedTab {
            visit: id,
            visitor: visit.visitor,
            token_is_known,
            persisted: visit.persisted,
            quiet_until: visit.quiet_until.filter(|until| now < *until),
        };
        effects.push(Effect::Admitted(admitted));
        if let Some(old) = replaced
            && self.by_token.get(&old) == Some(&id)
        {
            self.by_token.remove(&old);
        }
        self.by_visitor.insert(admitted.visitor, id);
        self.by_token.insert(token, id);
        self.by_connection.insert(connection, id);
        id
    }

    /// Finds or creates the visit that the tab belongs to, and adds the tab to it.
    fn visit_for(
        &mut self,
        arrival: Arrival,
        by_token: Option<VisitId>,
        now: Millis,
        effects: &mut Vec<Effect>,
    ) -> VisitId {
        let by_name = || arrival.known.as_ref().and_then(|known| self.by_visitor.get(&known.visitor).copied());
        let in_database = arrival.known.as_ref().and_then(|known| known.visit);
        let (began, since) = in_database.unwrap_or((arrival.fresh.0, now));
        let id = by_token.or_else(by_name).unwrap_or(began);
        let visitor = arrival.known.as_ref().map_or(arrival.fresh.1, |known| known.visitor);
        let is_new = !self.visits.contains_key(&id);
        let visit = self.visits.entry(id).or_insert_with(|| Box::new(Visit::begin(id, visitor, since.min(now))));
        if is_new {
            // A bot that presents a person's token is still a bot. Another tab of a known person does not have to prove
            // itself again.
            visit.is_automated = arrival.is_automated;
        }
        // Input that occurred before the socket opened counts just like later input.
        visit.is_automated &= !arrival.activity.input;
        if let Some(KnownVisitor { name, quiet_until, .. }) = arrival.known {
            visit.name = name;
            visit.quiet_until = visit.quiet_until.max(quiet_until);
            visit.persisted = true;
        }
        let came_back = visit.left.take().is_some();
        if came_back && let Some(chat) = visit.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress) {
            let due = Due::VisitorBack(chat.id);
            effects.push(Effect::Due { visit: id, visitor: visit.visitor, due });
        }
        visit.concierge = arrival.concierge;
        // Only the first page sets this. A visit restored after a restart no longer has it.
        if visit.source.device.is_none() {
            visit.source = Arc::new(arrival.source);
        }
        visit.keeps_source = arrival.keeps_source;
        visit.browser = arrival.browser;
        visit.is_mobile = arrival.is_mobile;
        visit.network = arrival.network;
        if is_new || visit.tabs.is_empty() || (arrival.activity.visible && arrival.activity.input) {
            visit.last_input = now;
        }
        visit.tabs.insert(arrival.connection, arrival.activity);
        id
    }

    pub(super) fn restore_visit(&mut self, restored: RestoredVisit, now: Millis) -> VisitId {
        let id = restored.visit;
        let mut visit = Visit::begin(id, restored.visitor.visitor, restored.since);
        visit.gone_since = now;
        // The type of browser is not stored, so all restored visits get the longer grace period.
        visit.is_mobile = true;
        visit.name = restored.visitor.name;
        visit.quiet_until = restored.visitor.quiet_until;
        visit.persisted = true;
        visit.concierge = restored.concierge;
        visit.browser = restored.browser;
        visit.page = restored.page;
        self.by_visitor.insert(visit.visitor, id);
        self.visits.insert(id, Box::new(visit));
        id
    }
}
