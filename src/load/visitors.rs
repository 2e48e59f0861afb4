//! Runs many simulated visitors concurrently, each with its own behavior, until canceled.

use std::{sync::Arc, time::Duration};

use protocol::{chat::ChatState, limits, visitor::FromVisitor};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    ConnectionError, Visitor,
    behavior::{Behavior, Site},
    visitor::hello,
};

/// The delay before a new visitor replaces one who left. It also applies while the server is unavailable.
const PAUSE: Duration = Duration::from_secs(8);

/// The settings for a group of simulated visitors.
#[derive(Clone, Debug)]
pub struct SimulatedVisitors {
    /// The server's address, in the form `ws://host:port`.
    pub server: String,
    /// The sites that the visitors browse.
    pub sites: Vec<Site>,
    /// The number of concurrent visitors.
    pub visitors: u32,
    /// The seed for all random decisions.
    pub seed: u64,
    /// The period over which the first arrivals are spread.
    pub arrive_within: Duration,
}

/// Keeps the given number of visitors on the sites until canceled.
pub async fn run(simulated: SimulatedVisitors, stop: CancellationToken) {
    if simulated.visitors == 0 || simulated.sites.is_empty() {
        return;
    }
    let simulated = Arc::new(simulated);
    let tasks = TaskTracker::new();
    for place in 0..simulated.visitors {
        let (simulated, stop) = (Arc::clone(&simulated), stop.clone());
        tasks.spawn(async move { stop.run_until_cancelled(keep_slot_filled(&simulated, place)).await });
    }
    tasks.close();
    tasks.wait().await;
}

/// Runs visitors one after another.
async fn keep_slot_filled(simulated: &SimulatedVisitors, place: u32) {
    sleep(simulated.arrive_within * place / simulated.visitors).await;
    let mut seed = simulated.seed.wrapping_add(u64::from(place));
    loop {
        if let Err(lost) = run_visit(simulated, place, seed).await {
            tracing::debug!(%lost, place, "a simulated visitor lost their connection");
        }
        seed = seed.wrapping_add(u64::from(simulated.visitors));
        sleep(PAUSE).await;
    }
}

/// Runs a single visit.
async fn run_visit(simulated: &SimulatedVisitors, place: u32, seed: u64) -> Result<(), ConnectionError> {
    let site = &simulated.sites[place as usize % simulated.sites.len()];
    let mut behavior = Behavior::new(seed);
    let (zone, languages) = behavior.locale;
    let mut first = hello(&site.key, &site.host, behavior.first_page(site), None);
    first.entry_info = format!("{zone} {}", behavior.referrer);
    let headers = [("user-agent", behavior.user_agent), ("accept-language", languages)];
    let mut visitor = Visitor::connect_with_headers(&simulated.server, first, &headers).await?;
    let mut beat = interval(Duration::from_millis(limits::HEARTBEAT_INTERVAL_MS.into()));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut moves_at = Instant::now() + behavior.page_duration();
    let mut speaks_at = None;
    loop {
        tokio::select! {
            frame = visitor.next() => {
                frame?;
                schedule_response(&mut visitor, &mut behavior, &mut speaks_at).await?;
            }
            _ = beat.tick() => visitor.send_frame(&FromVisitor::Heartbeat).await?,
            () = sleep_until(moves_at) => {
                let is_chatting = visitor.chat.as_ref().is_some_and(|chat| chat.state.is_live());
                if behavior.pages_left == 0 && !is_chatting {
                    visitor.disconnect().await;
                    return Ok(());
                }
                behavior.pages_left = behavior.pages_left.saturating_sub(1);
                moves_at = Instant::now() + behavior.page_duration();
                visitor.navigate(behavior.page(site)).await?;
            }
            () = sleep_until(speaks_at.unwrap_or(moves_at)), if speaks_at.is_some() => {
                speaks_at = None;
                respond(&mut visitor, &mut behavior).await?;
            }
        }
    }
}

/// Schedules a response if the last frame calls for one.
async fn schedule_response(
    visitor: &mut Visitor,
    behavior: &mut Behavior,
    speaks_at: &mut Option<Instant>,
) -> Result<(), ConnectionError> {
    if let Some(invitation) = visitor.invitation.as_mut().filter(|invitation| invitation.state.is_open()) {
        let id = invitation.id;
        if invitation.state != protocol::invitation::InvitationState::Seen {
            invitation.state = protocol::invitation::InvitationState::Seen;
            visitor.send_frame(&FromVisitor::Delivered(id)).await?;
            visitor.send_frame(&FromVisitor::Seen(id)).await?;
        }
        speaks_at.get_or_insert_with(|| Instant::now() + behavior.reply_delay());
    } else if is_visitors_turn(visitor) {
        visitor.send_receipt().await?;
        if speaks_at.is_none() {
            visitor.send_frame(&FromVisitor::Typing).await?;
            *speaks_at = Some(Instant::now() + behavior.reply_delay());
        }
    }
    Ok(())
}

/// Answers the invitation or sends the next message.
async fn respond(visitor: &mut Visitor, behavior: &mut Behavior) -> Result<(), ConnectionError> {
    if let Some(invitation) = visitor.invitation.take().filter(|invitation| invitation.state.is_open()) {
        if let Some(answer) = behavior.answer(&invitation) {
            visitor.answer_invitation(invitation.id, answer).await?;
        }
    } else if is_visitors_turn(visitor)
        && let Some(line) = behavior.next_message()
    {
        visitor.send_message(line).await?;
    }
    Ok(())
}

/// Returns whether the chat is in progress and the agent sent the last message.
fn is_visitors_turn(visitor: &Visitor) -> bool {
    visitor.chat.as_ref().is_some_and(|chat| chat.state == ChatState::InProgress)
        && visitor.messages().last().is_some_and(|(mine, _)| !mine)
}
