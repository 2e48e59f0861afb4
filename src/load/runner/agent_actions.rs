//! A simulated agent's actions through the dashboard's server functions. The agent sends invitations on a schedule and
//! claims the chats assigned to them.

use std::sync::Arc;

use protocol::id::{ChatId, InvitationId};
use rand::{SeedableRng, rngs::StdRng};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    schedule::Plan,
    shared_state::{Phase, Shared},
};
use crate::{
    http::{Http, HttpError},
    metrics::{Count, Latency},
    trace_tag::{TraceTag, now, since},
};

/// Performs one agent's actions until the test ends.
pub(super) async fn run_agent_actions(
    shared: Arc<Shared>,
    number: u32,
    mut http: Http,
    mut claims: mpsc::UnboundedReceiver<ChatId>,
) {
    let mut random = StdRng::seed_from_u64(shared.options.seed.wrapping_add(number.into()));
    let mut invitations = Plan::new(shared.rates.invitations, shared.options.agents, &mut random);
    let mut phase = shared.phase.clone();
    loop {
        tokio::select! {
            changed = phase.changed() => match *phase.borrow_and_update() {
                _ if changed.is_err() => return,
                Phase::Running(since) => invitations.begin(since),
                Phase::Ending => invitations.end(),
                Phase::Over => return,
                Phase::Arriving | Phase::Preparing => {}
            },
            Some(chat) = claims.recv() => claim(&shared, &mut http, chat).await,
            () = sleep_until(invitations.at.unwrap_or_else(Instant::now)), if invitations.at.is_some() => {
                if let Some(late) = invitations.take(Instant::now()) {
                    shared.metrics.record(Latency::Late, [late]);
                    invite(&shared, &mut http, number, invitations.said).await;
                }
            }
        }
    }
}

async fn invite(shared: &Shared, http: &mut Http, number: u32, count: u32) {
    let Some(visit) = shared.next_visit_to_invite() else { return };
    let tag = TraceTag::now(number, count);
    shared.metrics.count(Count::Invitations, 1);
    let invited: Result<InvitationId, _> = http.call("invite", &(visit, tag.text())).await;
    record_outcome(shared, invited, Latency::InvitationAnswer, tag.at);
}

async fn claim(shared: &Shared, http: &mut Http, chat: ChatId) {
    let began = now();
    let claimed: Result<(), _> = http.call("claim", &chat).await;
    if record_outcome(shared, claimed, Latency::Claim, began) {
        shared.metrics.count(Count::Claimed, 1);
    }
}

/// Records the result and its latency, and returns whether the request succeeded.
fn record_outcome<T>(shared: &Shared, answer: Result<T, HttpError>, latency: Latency, began: u64) -> bool {
    match answer {
        Ok(_) => {
            shared.metrics.record(latency, [since(began)]);
            true
        }
        Err(error) => {
            shared.metrics.count(Count::Refused, 1);
            tracing::debug!(%error, "an agent's request was refused");
            false
        }
    }
}
