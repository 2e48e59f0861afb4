//! Limits the emails that users can trigger: how many each organization sends, and how many each recipient gets.
//! Otherwise, the invitation form could be used to send unwanted emails in the server's name.

use std::hash::{BuildHasher as _, RandomState};

use protocol::{Millis, id::OrganizationId, refusal::Refusal};

use super::{DAY, HOUR, rate_limit::RateLimit, windows::Rate};
use crate::settings::EmailLimits;

/// The limits for emails that agents trigger. Emails that strangers request on the sign-in page are counted separately,
/// and only per recipient, so that strangers cannot use up what admins need.
#[derive(Debug)]
pub(crate) struct EmailRateLimit {
    keys: RandomState,
    organizations: RateLimit<OrganizationId>,
    recipients: RateLimit<u64>,
}

impl EmailRateLimit {
    pub(crate) fn new(limits: &EmailLimits) -> Self {
        let rates =
            |per_hour, per_day| vec![Rate { most: per_hour, within: HOUR }, Rate { most: per_day, within: DAY }];
        Self {
            keys: RandomState::new(),
            organizations: RateLimit::new(rates(limits.per_hour, limits.per_day)),
            recipients: RateLimit::new(rates(limits.per_recipient_and_hour, limits.per_recipient_and_day)),
        }
    }

    /// Counts one email that an agent triggers.
    ///
    /// # Errors
    /// `TooMany` if the organization or the recipient has had too many. The email then does not count.
    pub(crate) fn count(&self, from: OrganizationId, to: &str, now: Millis) -> Result<(), Refusal> {
        let at = self.organizations.try_count(from, now)?;
        let recipient = self.keys.hash_one((from, to));
        self.recipients.try_count(recipient, now).map(drop).inspect_err(|_| self.organizations.withdraw(from, at))
    }

    /// Counts one email that someone requests on the sign-in page.
    ///
    /// # Errors
    /// `TooMany` if the recipient has had too many.
    pub(crate) fn count_requested(&self, to: &str, now: Millis) -> Result<(), Refusal> {
        self.recipients.try_count(self.keys.hash_one(to), now).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LIMITS: EmailLimits =
        EmailLimits { per_hour: 5, per_day: 8, per_recipient_and_hour: 2, per_recipient_and_day: 3 };

    #[test]
    fn recipient_and_organization_are_bounded() {
        let limit = EmailRateLimit::new(&LIMITS);
        let [mine, other] = [1, 2].map(|id| OrganizationId(Uuid::from_u128(id)));
        let sent = |from, to: &str, now| (0..20).filter(|_| limit.count(from, to, now).is_ok()).count();
        assert_eq!([sent(mine, "a", 0), sent(mine, "b", 0), sent(mine, "c", 0), sent(mine, "d", 0)], [2, 2, 1, 0]);
        assert_eq!(sent(other, "a", 0), 2, "another organization has its own limits, and learns nothing from these");
        assert_eq!([sent(mine, "a", HOUR), sent(mine, "e", HOUR), sent(mine, "f", HOUR)], [1, 2, 0]);
        assert_eq!(sent(mine, "g", DAY), 2, "the next day");
    }

    #[test]
    fn requests_of_strangers_do_not_use_up_what_admins_need() {
        let limit = EmailRateLimit::new(&LIMITS);
        assert_eq!((0..9).filter(|_| limit.count_requested("a", 0).is_ok()).count(), 2);
        assert_eq!(limit.count(OrganizationId(Uuid::nil()), "a", 0), Ok(()));
    }
}
