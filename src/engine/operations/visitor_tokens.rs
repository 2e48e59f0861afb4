//! Recognizes visitors by their tokens, replaces tokens at most once a day, and lets them expire some time after the
//! last visit.
//!
//! A stolen token thus becomes useless after a while. No visitor is lost because of this: the previous token stays
//! valid until the new one has been used, and for a while after that, because other tabs may still have it. A tab that
//! presents the previous token is told the current one, which is derived from the previous one and a salt that only the
//! server has.

use protocol::{
    Millis,
    id::{OrganizationId, VisitorToken},
};
use sha2::{Digest as _, Sha256};

use super::{Engine, arrivals::hash, refusal};
use crate::{
    clock,
    hub::millis,
    settings::VisitorLimits,
    store::{StoreError, TokenRotation, VisitorRecord},
};

const DAY: Millis = 24 * 60 * 60 * 1_000;

/// What to do with a token that belongs to a stored visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenDecision {
    /// The token is current and stays.
    Keep,
    /// The token is current and is used for the first time, so the previous one expires soon.
    RetirePrevious,
    /// The token is current and is replaced.
    Rotate,
    /// The token is the previous one, so the tab is told the current one.
    TellCurrent([u8; 32]),
    /// The token is no longer valid: the visitor counts as new.
    Ended,
}

/// Decides what to do with the token by which a visitor was found.
pub(super) fn decide(visitor: &VisitorRecord, limits: &VisitorLimits, now: Millis) -> TokenDecision {
    let token = &visitor.token;
    let previous_is_valid = token.salt.is_some() && token.previous_until.is_none_or(|until| now < until);
    let lifetime = Millis::from(limits.token_lifetime_days) * DAY;
    if lifetime > 0 && now >= visitor.seen_at.saturating_add(lifetime) {
        return TokenDecision::Ended;
    }
    match token.salt {
        Some(salt) if token.is_previous && previous_is_valid => TokenDecision::TellCurrent(salt),
        _ if token.is_previous => TokenDecision::Ended,
        Some(_) if token.previous_until.is_none() => TokenDecision::RetirePrevious,
        _ if !previous_is_valid && now >= token.since.saturating_add(millis(limits.token_rotation)) => {
            TokenDecision::Rotate
        }
        _ => TokenDecision::Keep,
    }
}

impl Engine {
    /// Returns the visitor with this token, and the token that the tab should use from now on. Returns `None` for a
    /// token that is unknown, has expired, or belongs to a visitor of another organization.
    pub(super) async fn recognize(
        &self,
        token: &VisitorToken,
        organization: OrganizationId,
    ) -> Result<Option<(VisitorRecord, VisitorToken)>, StoreError> {
        let limits = &self.settings().visitors;
        let found = self.store().visitor_by_token(hash(token)).await?;
        let Some(record) = found.filter(|record| record.organization == organization) else { return Ok(None) };
        let now = clock::now();
        let token = match decide(&record, limits, now) {
            TokenDecision::Ended => return Ok(None),
            TokenDecision::Keep => token.clone(),
            TokenDecision::TellCurrent(salt) => derive(token, &salt),
            TokenDecision::RetirePrevious => {
                let until = now.saturating_add(millis(limits.token_grace));
                // If this fails, the next hello frame tries again. Visitors can connect even when nothing can be
                // written.
                if let Err(error) = self.store().retire_previous_token(record.id, until).await {
                    refusal(error);
                }
                token.clone()
            }
            TokenDecision::Rotate => self.rotate(&record, token, now).await,
        };
        Ok(Some((record, token)))
    }

    /// Replaces a visitor's token, and returns the one that the tab should use.
    async fn rotate(&self, visitor: &VisitorRecord, token: &VisitorToken, now: Millis) -> VisitorToken {
        let mut salt = [0; 32];
        if getrandom::fill(&mut salt).is_err() {
            return token.clone();
        }
        let next = derive(token, &salt);
        let rotation = TokenRotation { visitor: visitor.id, from: hash(token), to: hash(&next), salt, now };
        match self.store().rotate_token(rotation).await {
            Ok(true) => next,
            // Another tab was first, or nothing can be written. The token stays valid, and the answer to the next hello
            // frame contains the new one.
            Ok(false) => token.clone(),
            Err(error) => {
                refusal(error);
                token.clone()
            }
        }
    }
}

/// Derives a visitor's next token. Without the salt, the previous token does not reveal it.
fn derive(token: &VisitorToken, salt: &[u8; 32]) -> VisitorToken {
    VisitorToken(
        Sha256::new().chain_update(b"next visitor token").chain_update(salt).chain_update(token.0).finalize().into(),
    )
}

#[cfg(test)]
mod tests {
    use protocol::id::VisitorId;
    use uuid::Uuid;

    use super::*;
    use crate::store::StoredToken;

    const LIMITS: VisitorLimits = VisitorLimits {
        messages_per_ten_seconds: 1,
        messages_per_hour: 1,
        chats_per_hour: 1,
        chats_per_address_and_hour: 1,
        resumes_per_minute: 1,
        bytes_per_address_and_day: 0,
        bytes_per_organization_and_day: 0,
        token_rotation: 100,
        token_grace: 10,
        token_lifetime_days: 1,
    };

    fn visitor(is_previous: bool, salt: Option<[u8; 32]>, previous_until: Option<Millis>) -> VisitorRecord {
        VisitorRecord {
            id: VisitorId(Uuid::nil()),
            organization: OrganizationId(Uuid::nil()),
            name: None,
            quiet_until: None,
            denials: 0,
            last_visit: None,
            seen_at: 5_000,
            token: StoredToken { is_previous, since: 5_000, salt, previous_until },
        }
    }

    #[test]
    fn first_token_is_replaced_after_a_while() {
        let first = visitor(false, None, None);
        assert_eq!(decide(&first, &LIMITS, 5_099), TokenDecision::Keep);
        assert_eq!(decide(&first, &LIMITS, 5_100), TokenDecision::Rotate);
    }

    #[test]
    fn previous_token_lives_until_the_current_one_was_used_and_a_grace_after() {
        let salt = [7; 32];
        assert_eq!(decide(&visitor(true, Some(salt), None), &LIMITS, 4_999 + DAY), TokenDecision::TellCurrent(salt));
        assert_eq!(decide(&visitor(false, Some(salt), None), &LIMITS, 5_500), TokenDecision::RetirePrevious);
        let used = Some(5_210);
        assert_eq!(decide(&visitor(true, Some(salt), used), &LIMITS, 5_209), TokenDecision::TellCurrent(salt));
        assert_eq!(decide(&visitor(true, Some(salt), used), &LIMITS, 5_210), TokenDecision::Ended);
        assert_eq!(decide(&visitor(false, Some(salt), used), &LIMITS, 5_209), TokenDecision::Keep);
        assert_eq!(decide(&visitor(false, Some(salt), used), &LIMITS, 5_210), TokenDecision::Rotate);
    }

    #[test]
    fn tokens_end_some_time_after_the_visitor_was_last_seen() {
        for (is_previous, salt) in [(false, None), (true, Some([7; 32])), (false, Some([7; 32]))] {
            assert_ne!(decide(&visitor(is_previous, salt, None), &LIMITS, 4_999 + DAY), TokenDecision::Ended);
            assert_eq!(decide(&visitor(is_previous, salt, None), &LIMITS, 5_000 + DAY), TokenDecision::Ended);
            let forever = VisitorLimits { token_lifetime_days: 0, ..LIMITS };
            assert_ne!(decide(&visitor(is_previous, salt, None), &forever, 5_000 + 999 * DAY), TokenDecision::Ended);
        }
    }

    #[test]
    fn next_token_depends_on_the_salt_and_the_token() {
        let token = VisitorToken([1; 32]);
        let next = derive(&token, &[2; 32]);
        assert_eq!(next, derive(&token, &[2; 32]));
        assert!(![derive(&token, &[3; 32]), derive(&VisitorToken([2; 32]), &[2; 32]), token].contains(&next));
    }
}
