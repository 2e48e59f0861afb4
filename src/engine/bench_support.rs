//! A standalone hub for benchmarks, without the rest of the engine.

use bytes::Bytes;
use protocol::{
    Millis,
    id::{ConciergeId, VisitId, VisitorId},
    page::Page,
    presence::TabActivity,
};
use uuid::Uuid;

use crate::{
    hub::{
        board_batches::Batches,
        event::{Arrival, ConnectionId, Effect, Event},
        state::State,
    },
    settings::{Timers, VisitLimits},
};

/// One organization's live state, plus the batch that collects changes for its dashboards.
pub struct BenchHub {
    state: State,
    batches: Batches,
    visitors: u32,
    now: Millis,
    moves: u64,
}

impl BenchHub {
    /// Creates a hub with the given number of visitors, each with a single open tab.
    pub fn with(visitors: u32) -> Self {
        let mut here = Self {
            state: State::new(Timers::default(), VisitLimits::default()),
            batches: Batches::new(1),
            visitors,
            now: 1_700_000_000_000,
            moves: 0,
        };
        for number in 1..=visitors {
            here.apply(Event::Arrived(Box::new(arrival(number))));
        }
        here.batch();
        here
    }

    /// Moves the next visitor to another page and advances the clock by 1 ms.
    pub fn moves(&mut self) {
        self.moves += 1;
        self.now += 1;
        let connection =
            ConnectionId::from(u32::try_from(self.moves % u64::from(self.visitors)).unwrap_or_default() + 1);
        self.apply(Event::Moved { connection, page: page(self.moves) });
    }

    /// Returns the collected changes as a single frame for all dashboards, or `None` if nothing has changed.
    pub fn batch(&mut self) -> Option<Bytes> {
        let batch = self.batches.next()?;
        Some(self.batches.keep(batch))
    }

    fn apply(&mut self, event: Event) {
        for effect in self.state.apply(event, self.now) {
            match effect {
                Effect::Changed(row) => self.batches.changed(*row),
                Effect::Gone(visit) => self.batches.gone(visit),
                _ => {}
            }
        }
    }
}

fn page(number: u64) -> Page {
    Page { url: format!("https://shop.test/boots/{number}"), title: format!("Ridgeline boots, page {number}") }
}

fn arrival(number: u32) -> Arrival {
    let mut token = [0; 32];
    token[..4].copy_from_slice(&number.to_le_bytes());
    Arrival {
        connection: number.into(),
        token: Some(token),
        fresh_token: token,
        known: None,
        fresh: (VisitId(Uuid::from_u128(number.into())), VisitorId(Uuid::from_u128(number.into()))),
        concierge: ConciergeId(Uuid::from_u128(7)),
        page: page(0),
        browser: "Firefox 143 · Linux".into(),
        is_mobile: false,
        activity: TabActivity { visible: true, typing_in_form: false, input: true },
        is_automated: false,
        network: None,
        source: crate::traffic_source::Source::read("UTC", "", "", crate::user_agent::Device::Desktop),
        keeps_source: false,
    }
}

#[cfg(test)]
mod tests {
    use protocol::{agent::ToAgent, codec};

    use super::*;

    #[test]
    fn moved_visitor_is_in_the_next_batch_once() {
        let mut here = BenchHub::with(3);
        (0..4).for_each(|_| here.moves());
        let frame = here.batch().unwrap();
        let Ok(ToAgent::Batch(batch)) = codec::decode(&frame) else { panic!("the frame must be a batch") };
        assert_eq!(batch.changed.len(), 3);
        assert_eq!(here.batch(), None);
    }
}
