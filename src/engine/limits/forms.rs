//! Limits how many large forms are read at the same time, because each is kept in memory until it is complete.

use std::sync::Arc;

use protocol::{id::OrganizationId, refusal::Refusal};

use super::{ConcurrencyLimit, ConcurrencyPermit};
use crate::sessions::Principal;

/// How long to wait before a retry, in seconds.
const RETRY_AFTER: u32 = 10;

/// Counts the large forms that are being read.
#[derive(Clone, Debug)]
pub struct FormLimit {
    per_organization: u32,
    reading: Arc<ConcurrencyLimit<OrganizationId>>,
}

/// A permit to read one large form.
#[derive(Debug)]
pub struct FormPermit {
    _permit: ConcurrencyPermit<OrganizationId>,
}

impl FormLimit {
    /// Creates the limit. One organization may use at most half of it.
    pub fn new(at_once: u32) -> Self {
        Self { per_organization: at_once.div_ceil(2), reading: ConcurrencyLimit::new(at_once) }
    }

    /// Admits a large form from an agent.
    ///
    /// # Errors
    /// Returns [`Refusal::Busy`] if too many are being read.
    pub fn admit(&self, me: &Principal) -> Result<FormPermit, Refusal> {
        let permit = self.reading.try_acquire(Some((me.organization, self.per_organization)));
        permit.map(|permit| FormPermit { _permit: permit }).map_err(|_| Refusal::Busy { retry_after: RETRY_AFTER })
    }
}

#[cfg(test)]
mod tests {
    use protocol::{agent::Role, id::AgentId, language::Language};
    use uuid::Uuid;

    use super::*;

    fn somebody() -> Principal {
        Principal {
            agent: AgentId(Uuid::now_v7()),
            organization: OrganizationId(Uuid::now_v7()),
            role: Role::Agent,
            name: "Ann".into(),
            language: Language::En,
            session: [0; 32],
        }
    }

    #[test]
    fn one_organization_uses_at_most_half() {
        let (limit, ann) = (FormLimit::new(4), somebody());
        let _two = (limit.admit(&ann).expect("there is room"), limit.admit(&ann).expect("there is room"));
        assert_eq!(limit.admit(&ann).err(), Some(Refusal::Busy { retry_after: RETRY_AFTER }));
        let _others =
            (limit.admit(&somebody()).expect("there is room"), limit.admit(&somebody()).expect("there is room"));
        assert!(limit.admit(&somebody()).is_err());
    }
}
