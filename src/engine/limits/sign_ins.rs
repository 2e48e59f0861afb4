//! Limits how often a password can be guessed: per account and address, per address, and per account over all addresses.
//! The last one only slows down, because a limit that strangers can reach would lock the account's owner out.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{Millis, refusal::Refusal};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Network, seconds,
    windows::{Rate, SlidingWindows},
};
use crate::{hub::millis, settings::SignInLimits};

/// How long an address counts as the account's own after a sign-in.
const KNOWN_FOR: Millis = 30 * 24 * 60 * 60 * 1_000;
/// How often the audit log reports one account, at most.
const REPORT_EVERY: Millis = 60 * 60 * 1_000;
/// How many steps the delay may grow beyond the limit per account.
const DELAY_STEPS: u32 = 32;

/// An IPv6 /48 counts as this many addresses, because one customer may have all of its 65,536 networks.
const ADDRESSES_OF_A_SITE: u32 = 10;
/// One address or IPv6 /48 may hold this fraction of the delayed attempts. Otherwise, it could keep everyone else out.
const PART_OF_A_SITE: usize = 8;

/// What is attempted: the hash of an account or an action. 64 bits under a secret key collide for nobody.
type Subject = u64;

/// One counted attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    network: Option<Network>,
    subject: Subject,
    at: Millis,
    is_sign_in: bool,
    /// The account has signed in from this network before.
    pub(crate) is_known: bool,
    /// How long to wait before the password is checked.
    pub(crate) delay: Duration,
}

/// What the audit log should report about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Report {
    /// Sign-ins from one address are refused.
    Refused,
    /// There are wrong passwords from many addresses.
    Delayed,
}

/// The recent attempts. Successful ones do not count; otherwise a busy office behind one address would be refused.
#[derive(Debug)]
pub(crate) struct SignInRateLimit {
    limits: SignInLimits,
    keys: RandomState,
    tables: Mutex<Tables>,
    delayed: Arc<Semaphore>,
    /// How many attempts from each site are being delayed. It has no more entries than `delayed` has permits.
    delayed_sites: Mutex<HashMap<Network, usize>>,
}

/// The place of an attempt that is being delayed.
struct DelayedPlace<'a> {
    limit: &'a SignInRateLimit,
    site: Network,
    _permit: SemaphorePermit<'a>,
}

impl Drop for DelayedPlace<'_> {
    fn drop(&mut self) {
        let mut sites = self.limit.delayed_sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = sites.get_mut(&self.site) {
            *places -= 1;
            if *places == 0 {
                sites.remove(&self.site);
            }
        }
    }
}

#[derive(Debug)]
struct Tables {
    /// Without a network: over all networks.
    of_pair: SlidingWindows<(Option<Network>, Subject)>,
    of_network: SlidingWindows<Network>,
    of_site: SlidingWindows<Network>,
    of_account: SlidingWindows<Subject>,
    /// The networks from which accounts have signed in.
    known: SlidingWindows<(Network, Subject)>,
    reported: SlidingWindows<(Report, Subject)>,
}

impl SignInRateLimit {
    pub(crate) fn new(limits: SignInLimits) -> Self {
        let within = millis(limits.window);
        let tables = Tables {
            of_pair: SlidingWindows::new(within, limits.per_account_and_address),
            of_network: SlidingWindows::new(within, limits.per_address),
            of_site: SlidingWindows::new(within, limits.per_address.saturating_mul(ADDRESSES_OF_A_SITE)),
            of_account: SlidingWindows::new(within, limits.per_account.saturating_add(DELAY_STEPS)),
            known: SlidingWindows::new(KNOWN_FOR, 1),
            reported: SlidingWindows::new(REPORT_EVERY, 1),
        };
        let delayed = usize::try_from(limits.max_delayed).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            limits,
            keys: RandomState::new(),
            tables: Mutex::new(tables),
            delayed: Arc::new(Semaphore::new(delayed)),
            delayed_sites: Mutex::default(),
        }
    }

    /// Counts one attempt to sign in. It is counted before its result is known; otherwise a thousand concurrent attempts
    /// would all be admitted.
    ///
    /// # Errors
    /// `TooMany` when a limit of this address is reached.
    pub(crate) fn begin_sign_in(&self, from: IpAddr, account: &str, now: Millis) -> Result<Attempt, Refusal> {
        let network = Network::from(from);
        let subject = self.subject(account);
        let mut tables = self.lock();
        let is_known = tables.known.count((network, subject), now) > 0;
        self.admit(&mut tables, Some(network), subject, is_known, now)?;
        let failures = tables.of_account.count(subject, now);
        let delay = if is_known { Duration::ZERO } else { self.delay(failures) };
        let at = self.record(&mut tables, Some(network), subject, now);
        tables.of_account.record(subject, at);
        Ok(Attempt { network: Some(network), subject, at, is_sign_in: true, is_known, delay })
    }

    /// Counts one attempt at another action, from one address or over all addresses.
    ///
    /// # Errors
    /// `TooMany` when a limit is reached.
    pub(crate) fn begin(&self, from: Option<IpAddr>, action: &str, now: Millis) -> Result<Attempt, Refusal> {
        let network = from.map(Network::from);
        // Begins with a space, as no account does.
        let subject = self.subject(&format!(" {action}"));
        let mut tables = self.lock();
        self.admit(&mut tables, network, subject, false, now)?;
        let at = self.record(&mut tables, network, subject, now);
        Ok(Attempt { network, subject, at, is_sign_in: false, is_known: false, delay: Duration::ZERO })
    }

    /// Waits as long as the attempt is delayed.
    ///
    /// # Errors
    /// `Busy` if too many attempts are being delayed. The attempt then does not count.
    pub(crate) async fn wait(&self, attempt: &Attempt) -> Result<(), Refusal> {
        if attempt.delay.is_zero() {
            return Ok(());
        }
        let Some(_place) = self.delayed_place(attempt) else {
            self.withdraw(attempt);
            let wait = millis(self.limits.longest_delay);
            return Err(Refusal::Busy { retry_after: seconds(wait).max(1) });
        };
        tokio::time::sleep(attempt.delay).await;
        Ok(())
    }

    fn delayed_place(&self, attempt: &Attempt) -> Option<DelayedPlace<'_>> {
        let permit = self.delayed.try_acquire().ok()?;
        let site = attempt.network?.site();
        let mut sites = self.delayed_sites.lock().unwrap_or_else(PoisonError::into_inner);
        let places = sites.entry(site).or_default();
        let most = usize::try_from(self.limits.max_delayed).unwrap_or(usize::MAX).div_ceil(PART_OF_A_SITE);
        (*places < most).then(|| {
            *places += 1;
            DelayedPlace { limit: self, site, _permit: permit }
        })
    }

    /// Records that the attempt succeeded: it does not count, and neither do earlier ones of the same account and
    /// address.
    pub(crate) fn succeeded(&self, attempt: &Attempt, now: Millis) {
        self.withdraw(attempt);
        let mut tables = self.lock();
        tables.of_pair.clear((attempt.network, attempt.subject));
        if let Some(network) = attempt.network.filter(|_| attempt.is_sign_in) {
            tables.known.record((network, attempt.subject), now);
        }
    }

    /// Removes an attempt that was not carried out.
    pub(crate) fn withdraw(&self, attempt: &Attempt) {
        let mut tables = self.lock();
        tables.of_pair.withdraw((attempt.network, attempt.subject), attempt.at);
        if let Some(network) = attempt.network {
            tables.of_network.withdraw(network, attempt.at);
            tables.of_site.withdraw(network.site(), attempt.at);
        }
        if attempt.is_sign_in {
            tables.of_account.withdraw(attempt.subject, attempt.at);
        }
    }

    /// Returns what to report about an account after an attempt to sign in, if anything: refused attempts at this
    /// account, or delayed ones. Each is reported at most once an hour, so that nobody can flood the audit log.
    pub(crate) fn report(
        &self,
        begun: &Result<Attempt, Refusal>,
        from: IpAddr,
        account: &str,
        now: Millis,
    ) -> Option<Report> {
        let subject = self.subject(account);
        let mut tables = self.lock();
        let report = match begun {
            Ok(attempt) if attempt.delay.is_zero() => return None,
            Ok(_) => Report::Delayed,
            Err(_) => {
                let tried = tables.of_pair.count((Some(Network::from(from)), subject), now);
                let is_account = tried >= usize::try_from(self.limits.per_account_and_address.max(1)).unwrap_or(1);
                is_account.then_some(Report::Refused)?
            }
        };
        let is_first = tables.reported.count((report, subject), now) == 0;
        is_first.then(|| tables.reported.record((report, subject), now)).map(|_| report)
    }

    fn admit(
        &self,
        tables: &mut Tables,
        network: Option<Network>,
        subject: Subject,
        is_known: bool,
        now: Millis,
    ) -> Result<(), Refusal> {
        let rate = |most| [Rate { most, within: millis(self.limits.window) }];
        let of_pair = tables.of_pair.wait((network, subject), &rate(self.limits.per_account_and_address), now);
        // Guesses at other accounts from the same office must not keep the account's owner out.
        let of_network = match network.filter(|_| !is_known) {
            Some(network) => {
                let of_site = rate(self.limits.per_address.saturating_mul(ADDRESSES_OF_A_SITE));
                let of_network = tables.of_network.wait(network, &rate(self.limits.per_address), now);
                of_network.max(tables.of_site.wait(network.site(), &of_site, now))
            }
            None => 0,
        };
        match of_pair.max(of_network) {
            0 => Ok(()),
            wait => Err(Refusal::TooMany { retry_after: seconds(wait) }),
        }
    }

    fn record(&self, tables: &mut Tables, network: Option<Network>, subject: Subject, now: Millis) -> Millis {
        let at = tables.of_pair.record((network, subject), now);
        network.map_or(at, |network| {
            let at = tables.of_network.record(network, at);
            tables.of_site.record(network.site(), at)
        })
    }

    /// Returns by how much an attempt is delayed after this many wrong passwords from all addresses.
    fn delay(&self, failures: usize) -> Duration {
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        let Some(beyond) = failures.checked_sub(self.limits.per_account) else { return Duration::ZERO };
        let doubled = 1_000_u64.saturating_mul(2_u64.saturating_pow(beyond));
        Duration::from_millis(doubled.min(self.limits.longest_delay))
    }

    fn subject(&self, name: &str) -> Subject {
        self.keys.hash_one(name)
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
