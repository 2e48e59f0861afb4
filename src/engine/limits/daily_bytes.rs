//! Limits how many bytes visitors may write in a day, per address and per organization, so that no stranger can fill
//! the disk. An allowance refills evenly over the day: soon after it is used up, a little can be written again, so a
//! stranger who uses it up at once does not silence the others for the rest of the day.

use std::{
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use protocol::{Millis, id::OrganizationId, refusal::Refusal};

use super::{HOUR, Network, seconds, table::Table};
use crate::settings::VisitorLimits;

/// The time in which a used-up allowance refills, in ms.
const DAY: f64 = 24.0 * HOUR as f64;
/// The part of an allowance that is reserved for messages and forms after files and page views have used the rest.
const KEPT_FOR_MESSAGES: f64 = 0.2;
/// The space that each write takes in the database in addition to its text: the row and its index entries.
pub(crate) const BYTES_OF_A_ROW: u64 = 256;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A message, a form, or the start of a chat.
    Message,
    /// A file, a page view, or a visitor to be stored.
    Other,
}

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    pub(crate) organization: OrganizationId,
    /// The client's network, if it is known and subject to limits.
    pub(crate) network: Option<Network>,
}

/// The allowances of all addresses and organizations.
#[derive(Debug)]
pub(crate) struct DailyBytes {
    of_network: Allowances<Network>,
    of_organization: Allowances<OrganizationId>,
}

/// Bytes that were counted. Dropping this means that nothing was written, so the bytes no longer count.
#[derive(Debug)]
#[must_use = "dropping it withdraws the bytes"]
pub(crate) struct CountedBytes<'a> {
    limits: &'a DailyBytes,
    writer: Writer,
    bytes: u64,
}

impl DailyBytes {
    pub(crate) fn new(limits: &VisitorLimits) -> Self {
        Self {
            of_network: Allowances::new(limits.bytes_per_address_and_day),
            of_organization: Allowances::new(limits.bytes_per_organization_and_day),
        }
    }

    /// Counts a row with this many bytes that is about to be written.
    ///
    /// # Errors
    /// `TooMany` if an allowance is too small; nothing is counted then.
    pub(crate) fn try_count(
        &self,
        writer: Writer,
        what: Written,
        bytes: u64,
        now: Millis,
    ) -> Result<CountedBytes<'_>, Refusal> {
        let bytes = bytes.saturating_add(BYTES_OF_A_ROW);
        let organization = self.of_organization.try_count(writer.organization, what, bytes, now);
        let network = writer.network.map_or(Ok(()), |network| self.of_network.try_count(network, what, bytes, now));
        match (organization, network) {
            (Ok(()), Ok(())) => Ok(CountedBytes { limits: self, writer, bytes }),
            (Ok(()), Err(wait)) => {
                self.of_organization.withdraw(writer.organization, bytes);
                Err(Refusal::TooMany { retry_after: seconds(wait) })
            }
            (Err(wait), network) => {
                if let (Some(of), Ok(())) = (writer.network, network) {
                    self.of_network.withdraw(of, bytes);
                }
                Err(Refusal::TooMany { retry_after: seconds(wait.max(network.err().unwrap_or_default())) })
            }
        }
    }

    /// Checks whether a row with this many bytes could be written.
    ///
    /// # Errors
    /// `TooMany` if an allowance is too small.
    pub(crate) fn check(&self, writer: Writer, what: Written, bytes: u64, now: Millis) -> Result<(), Refusal> {
        self.try_count(writer, what, bytes, now).map(drop)
    }
}

impl CountedBytes<'_> {
    /// Keeps the bytes counted, because they were written.
    pub(crate) fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for CountedBytes<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.limits.of_organization.withdraw(self.writer.organization, self.bytes);
            if let Some(network) = self.writer.network {
                self.limits.of_network.withdraw(network, self.bytes);
            }
        }
    }
}

/// An allowance for each key.
#[derive(Debug)]
struct Allowances<K> {
    /// The allowance, in bytes. 0 means no limit.
    bytes: u64,
    used: Mutex<Table<K, Used>>,
}

/// The used part of an allowance.
#[derive(Debug, Default)]
struct Used {
    bytes: f64,
    /// The time at which that part was used.
    at: Millis,
}

impl<K: Copy + Eq + Hash> Allowances<K> {
    fn new(bytes: u64) -> Self {
        Self { bytes, used: Mutex::new(Table::new()) }
    }

    /// Counts bytes, or returns how long to wait until the allowance is large enough, in ms.
    fn try_count(&self, key: K, what: Written, bytes: u64, now: Millis) -> Result<(), Millis> {
        if self.bytes == 0 {
            return Ok(());
        }
        let allowed = self.bytes as f64;
        let share = if what == Written::Message { allowed } else { allowed * (1.0 - KEPT_FOR_MESSAGES) };
        let mut used = self.lock();
        let used = used.entry(key, |used| used.refill(allowed, now) as u64);
        let already = used.refill(allowed, now);
        // Something larger than the whole allowance waits until none of it is used.
        let wait = (already + (bytes as f64).min(share) - share) * DAY / allowed;
        if wait > 0.0 {
            return Err((wait.ceil() as Millis).max(1));
        }
        used.bytes += bytes as f64;
        Ok(())
    }

    fn withdraw(&self, key: K, bytes: u64) {
        if let Some(used) = self.lock().get_mut(key) {
            used.bytes = (used.bytes - bytes as f64).max(0.0);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table<K, Used>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    /// Updates the used part to the current time, and returns it.
    fn refill(&mut self, allowed: f64, now: Millis) -> f64 {
        // If the clock was set back, time continues from there.
        let passed = (now - self.at).max(0) as f64;
        self.bytes = (self.bytes - passed * allowed / DAY).max(0.0);
        self.at = now;
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const MB: u64 = 1_000_000;
    const NOW: Millis = 1_800_000_000_000;

    fn limits(address: u64, organization: u64) -> DailyBytes {
        DailyBytes::new(&VisitorLimits {
            bytes_per_address_and_day: address,
            bytes_per_organization_and_day: organization,
            ..VisitorLimits::default()
        })
    }

    fn writer(organization: u128, address: Option<&str>) -> Writer {
        let network = address.map(|address| address.parse::<std::net::IpAddr>().expect("an address").into());
        Writer { organization: OrganizationId(Uuid::from_u128(organization)), network }
    }

    /// Writes pieces of 100,000 bytes until one is refused. Returns how many were written, and how long to wait.
    fn written(limits: &DailyBytes, writer: Writer, what: Written, now: Millis) -> (u64, u32) {
        for count in 0..1_000 {
            match limits.try_count(writer, what, 100_000 - BYTES_OF_A_ROW, now) {
                Ok(counted) => counted.keep(),
                Err(Refusal::TooMany { retry_after }) => return (count, retry_after),
                Err(other) => panic!("{other:?}"),
            }
        }
        (1_000, 0)
    }

    #[test]
    fn bytes_of_one_network_are_limited_and_refill_over_the_day() {
        let limits = limits(10 * MB, 0);
        let (here, neighbor) = (writer(1, Some("2001:db8::1")), writer(2, Some("2001:db8::2")));
        let (count, wait) = written(&limits, here, Written::Message, NOW);
        assert_eq!((count, wait), (100, 864), "a hundredth of a day");
        assert_eq!(written(&limits, neighbor, Written::Message, NOW).0, 0, "one /64, also across organizations");
        assert_eq!(written(&limits, writer(1, Some("2001:db8:0:1::1")), Written::Message, NOW).0, 100);
        assert_eq!(written(&limits, here, Written::Message, NOW + 863_000).0, 0);
        assert_eq!(written(&limits, here, Written::Message, NOW + 864_000).0, 1);
        assert_eq!(written(&limits, here, Written::Message, NOW + 30 * HOUR).0, 100);
        assert_eq!(written(&limits, writer(1, None), Written::Message, NOW).0, 1_000, "without a network, no limit");
    }

    #[test]
    fn bytes_of_an_organization_are_limited_over_all_addresses() {
        let limits = limits(10 * MB, 15 * MB);
        assert_eq!(written(&limits, writer(1, Some("192.0.2.1")), Written::Message, NOW).0, 100);
        assert_eq!(written(&limits, writer(1, Some("192.0.2.2")), Written::Message, NOW).0, 50);
        assert_eq!(written(&limits, writer(1, None), Written::Message, NOW).0, 0);
        assert_eq!(
            written(&limits, writer(2, Some("192.0.2.2")), Written::Message, NOW).0,
            50,
            "refused writes do not count"
        );
    }

    #[test]
    fn files_and_page_views_leave_a_part_to_messages() {
        let limits = limits(0, 10 * MB);
        assert_eq!(written(&limits, writer(1, None), Written::Other, NOW).0, 80);
        assert_eq!(written(&limits, writer(1, None), Written::Message, NOW).0, 20);
    }

    #[test]
    fn what_was_not_written_does_not_count_and_the_largest_waits_for_all() {
        let limits = limits(MB, 10 * MB);
        let here = writer(1, Some("192.0.2.1"));
        for _ in 0..100 {
            drop(limits.try_count(here, Written::Other, MB / 2, NOW).expect("within the allowance"));
        }
        limits.try_count(here, Written::Other, 5 * MB, NOW).expect("nothing is used").keep();
        let refused = limits.check(here, Written::Message, 1, NOW).unwrap_err();
        assert!(matches!(refused, Refusal::TooMany { retry_after: 345_600..=345_700 }), "{refused:?}");
        limits.check(here, Written::Message, 1, NOW - HOUR).unwrap_err();
    }

    #[test]
    fn many_addresses_take_bounded_memory() {
        let allowances = Allowances::new(MB);
        allowances.lock().max_keys = 50;
        for key in 0..500_u32 {
            assert_eq!(allowances.try_count(key, Written::Message, 900, NOW), Ok(()));
        }
        assert!(allowances.lock().keys().len() <= 50);
        for key in 1_000..1_060 {
            assert_eq!(allowances.try_count(key, Written::Message, 900, NOW + 24 * HOUR), Ok(()));
        }
        assert!(allowances.lock().keys().iter().all(|key| *key >= 1_000), "a refilled allowance is forgotten");
    }
}
