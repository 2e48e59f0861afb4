//! Limits the uploads that run at the same time. While there is room, uploads may be slow. When there is no room, a new
//! upload replaces the slowest one, so slow uploads never keep others from sending files. Senders who repeatedly leave
//! uploads unfinished have to wait, and their uploads immediately make room for senders who did not. Otherwise, a crowd
//! could keep replacing each other's uploads.

use std::{
    future::Future,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use protocol::{Millis, id::OrganizationId, refusal::Refusal};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{MINUTE, Network, rate_limit::RateLimit, windows::Rate};
use crate::{clock, settings::UploadLimits};

/// How long to wait before a retry, in seconds.
const RETRY_AFTER: u32 = 5;
/// When there is no room, the grace period is divided by this.
const SHORTER_GRACE: u32 = 5;

/// How long an unfinished upload is remembered, in minutes.
const REMEMBERED_MINUTES: u32 = 10;

/// Who uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uploader {
    pub(crate) id: Uuid,
    pub(crate) organization: OrganizationId,
    /// The visitor's network. `None` for agents, and for visitors who are exempt from limits by address.
    pub(crate) network: Option<Network>,
    pub(crate) is_agent: bool,
}

/// The running uploads.
#[derive(Debug)]
pub(crate) struct UploadLimit {
    limits: UploadLimits,
    /// The rate at which the largest file is completed in time, in bytes per second. Required when there is no room.
    brisk: u64,
    /// Uploads that ended before they were complete.
    unfinished: RateLimit<Source>,
    /// At most `limits.at_once`.
    running: Mutex<Vec<Arc<Upload>>>,
}

/// Where uploads come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Sender(Uuid),
    Network(Network),
}

#[derive(Debug)]
struct Upload {
    from: Uploader,
    began: Instant,
    bytes: AtomicU64,
    /// Cancelled when a new upload takes its place.
    replaced: CancellationToken,
}

/// A permit for an upload. Dropping it makes room.
#[derive(Debug)]
pub(crate) struct UploadPermit {
    limit: Arc<UploadLimit>,
    upload: Arc<Upload>,
    is_complete: bool,
}

impl Uploader {
    pub(crate) fn visitor(id: Uuid, organization: OrganizationId, from: IpAddr) -> Self {
        let network = Some(Network::from(from)).filter(|network| !network.is_loopback());
        Self { id, organization, network, is_agent: false }
    }

    pub(crate) fn agent(id: Uuid, organization: OrganizationId) -> Self {
        Self { id, organization, network: None, is_agent: true }
    }

    fn sources(&self) -> impl Iterator<Item = Source> {
        [Some(Source::Sender(self.id)), self.network.map(Source::Network)].into_iter().flatten()
    }
}

impl UploadLimit {
    pub(crate) fn new(limits: UploadLimits, max_file_bytes: u64) -> Arc<Self> {
        let brisk = max_file_bytes.saturating_mul(1_000) / limits.longest.max(1);
        let most = limits.unfinished_per_minute;
        let remembered =
            Rate { most: most.saturating_mul(REMEMBERED_MINUTES), within: MINUTE * Millis::from(REMEMBERED_MINUTES) };
        let unfinished = RateLimit::new(vec![Rate { most, within: MINUTE }, remembered]);
        let brisk = brisk.max(limits.least_bytes_per_second);
        Arc::new(Self { limits, brisk, unfinished, running: Mutex::default() })
    }

    /// Admits an upload.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the sender already has too many uploads, or if they or their address left too
    /// many unfinished. Returns [`Refusal::Busy`] if there is no room for their address, in their organization, or at
    /// all, and every other upload is fast enough.
    pub(crate) fn admit(self: &Arc<Self>, from: Uploader, now: Instant) -> Result<UploadPermit, Refusal> {
        let most = |most: u32| usize::try_from(most).unwrap_or(usize::MAX);
        let limits = &self.limits;
        from.sources().try_for_each(|source| self.unfinished.check(source, clock::now()))?;
        let mut running = self.lock();
        if running.iter().filter(|upload| upload.from.id == from.id).count() >= most(limits.per_sender) {
            return Err(Refusal::TooMany { retry_after: RETRY_AFTER });
        }
        let for_visitors = most(limits.at_once.saturating_sub(limits.for_agents));
        if let Some(network) = from.network {
            self.make_room(&mut running, most(limits.per_address), &from, now, |other| other.network == Some(network))?;
        }
        self.make_room(&mut running, most(limits.per_organization), &from, now, |other| {
            other.organization == from.organization && other.is_agent == from.is_agent
        })?;
        if !from.is_agent {
            self.make_room(&mut running, for_visitors, &from, now, |other| !other.is_agent)?;
        }
        self.make_room(&mut running, most(limits.at_once), &from, now, |_| true)?;
        let upload =
            Arc::new(Upload { from, began: now, bytes: AtomicU64::new(0), replaced: CancellationToken::new() });
        running.push(Arc::clone(&upload));
        drop(running);
        Ok(UploadPermit { limit: Arc::clone(self), upload, is_complete: false })
    }

    /// Makes room for one more upload among the given ones by ending the slowest of them.
    fn make_room(
        &self,
        running: &mut Vec<Arc<Upload>>,
        most: usize,
        newcomer: &Uploader,
        now: Instant,
        among: impl Fn(&Uploader) -> bool,
    ) -> Result<(), Refusal> {
        let count = running.iter().filter(|upload| among(&upload.from)).count();
        if count < most {
            return Ok(());
        }
        let grace = Duration::from_millis(self.limits.grace) / SHORTER_GRACE;
        let is_reliable = !self.leaves_unfinished(newcomer);
        let slow = running.iter().enumerate().filter(|(_, upload)| {
            let has_grace = !(is_reliable && self.leaves_unfinished(&upload.from));
            let from = if has_grace { upload.began + grace } else { upload.began };
            among(&upload.from) && now > due(from, upload.bytes.load(Relaxed), self.brisk)
        });
        let slowest = slow.min_by_key(|(_, upload)| upload.rate(now)).map(|(at, _)| at);
        let slowest = slowest.filter(|_| count == most).ok_or(Refusal::Busy { retry_after: RETRY_AFTER })?;
        running.swap_remove(slowest).replaced.cancel();
        Ok(())
    }

    fn leaves_unfinished(&self, who: &Uploader) -> bool {
        who.sources().any(|source| self.unfinished.recent(source, clock::now()) > 0)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Upload>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// Returns the average rate, in bytes per second.
    fn rate(&self, now: Instant) -> u64 {
        let milliseconds = u64::try_from((now - self.began).as_millis()).unwrap_or(u64::MAX).max(1);
        self.bytes.load(Relaxed).saturating_mul(1_000) / milliseconds
    }
}

/// Returns the time by which more than this many bytes must have arrived at this rate per second.
fn due(from: Instant, bytes: u64, rate: u64) -> Instant {
    // No limit needs more than a day, and an `Instant` may overflow.
    from + Duration::from_millis((bytes.saturating_mul(1_000) / rate.max(1)).min(24 * 60 * 60 * 1_000))
}

impl UploadPermit {
    /// Records that more bytes have arrived.
    pub(crate) fn record(&self, bytes: usize) {
        self.upload.bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// Records that the upload is complete.
    pub(crate) fn complete(&mut self) {
        self.is_complete = true;
    }

    /// Waits for the next part of the upload.
    ///
    /// # Errors
    /// Returns [`Refusal::TookTooLong`] if the upload is below the minimum rate or takes too long, and
    /// [`Refusal::Busy`] if a new upload has taken its place.
    pub(crate) async fn while_in_time<T>(&self, next: impl Future<Output = T>) -> Result<T, Refusal> {
        let limits = &self.limit.limits;
        let began = self.upload.began;
        let least = due(
            began + Duration::from_millis(limits.grace),
            self.upload.bytes.load(Relaxed),
            limits.least_bytes_per_second,
        );
        tokio::select! {
            biased;
            () = self.upload.replaced.cancelled() => Err(Refusal::Busy { retry_after: RETRY_AFTER }),
            next = next => Ok(next),
            () = sleep_until(least.min(began + Duration::from_millis(limits.longest))) => Err(Refusal::TookTooLong),
        }
    }
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        self.limit.lock().retain(|upload| !Arc::ptr_eq(upload, &self.upload));
        if !self.is_complete {
            self.upload.from.sources().for_each(|source| self.limit.unfinished.count(source, clock::now()));
        }
    }
}

#[cfg(test)]
mod tests;
