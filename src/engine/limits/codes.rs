//! Limits how fast second-factor codes can be guessed, per account and across all clients. Only someone who already
//! knows the password gets to guess a code, so strangers without it cannot make anyone wait.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use protocol::{Millis, id::AgentId, refusal::Refusal};

use super::{HOUR, seconds, windows::SlidingWindows};
use crate::settings::SignInLimits;

/// How long a wrong code counts.
const COUNTS_FOR: Millis = 24 * HOUR;

/// What kind of code was entered. Each kind is counted separately, so that guessing one does not block the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CodeKind {
    /// A code from an authenticator app.
    Totp,
    /// A recovery code.
    Recovery,
}

/// An account with its current password. A new password resets the count, because anyone who knew the old one can no
/// longer complete the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Subject(u64);

/// One counted code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeAttempt {
    subject: Subject,
    kind: CodeKind,
    at: Millis,
}

/// What happens after a wrong code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongCode {
    /// The next code has to wait.
    Waits,
    /// There were too many wrong codes. The sign-in starts over with the password.
    EndsSignIn {
        /// Whether to tell the account's owner. At most once a day.
        tell_owner: bool,
    },
}

/// The recent wrong codes.
#[derive(Debug)]
pub(crate) struct CodeRateLimit {
    limits: SignInLimits,
    keys: RandomState,
    tables: Mutex<Tables>,
}

#[derive(Debug)]
struct Tables {
    wrong: SlidingWindows<(Subject, CodeKind)>,
    told: SlidingWindows<Subject>,
}

impl CodeRateLimit {
    pub(crate) fn new(limits: SignInLimits) -> Self {
        let wrong = SlidingWindows::new(COUNTS_FOR, limits.codes_per_sign_in);
        let tables = Tables { wrong, told: SlidingWindows::new(COUNTS_FOR, 1) };
        Self { limits, keys: RandomState::new(), tables: Mutex::new(tables) }
    }

    /// Returns what is counted for an agent with this password hash.
    pub(crate) fn subject(&self, agent: AgentId, password_hash: &str) -> Subject {
        Subject(self.keys.hash_one((agent, password_hash)))
    }

    /// Counts one code. The code is counted before it is checked; otherwise, a thousand concurrent guesses would all be
    /// checked.
    ///
    /// # Errors
    /// `TooMany` if the wait after the last wrong code is not over yet. The code then does not count.
    pub(crate) fn begin(&self, subject: Subject, kind: CodeKind, now: Millis) -> Result<CodeAttempt, Refusal> {
        let mut tables = self.lock();
        let wait = self.wait(tables.wrong.count((subject, kind), now));
        let latest = tables.wrong.latest((subject, kind), now);
        let left = latest.map_or(0, |latest| latest.saturating_add(wait) - now);
        if left > 0 {
            return Err(Refusal::TooMany { retry_after: seconds(left) });
        }
        Ok(CodeAttempt { subject, kind, at: tables.wrong.record((subject, kind), now) })
    }

    /// Records that a code was correct. Earlier wrong ones no longer count.
    pub(crate) fn succeeded(&self, attempt: &CodeAttempt) {
        let mut tables = self.lock();
        for kind in [CodeKind::Totp, CodeKind::Recovery] {
            tables.wrong.clear((attempt.subject, kind));
        }
    }

    /// Removes a code that could not be checked.
    pub(crate) fn withdraw(&self, attempt: &CodeAttempt) {
        self.lock().wrong.withdraw((attempt.subject, attempt.kind), attempt.at);
    }

    /// Records that a code was wrong, and returns what happens next.
    pub(crate) fn failed(&self, attempt: &CodeAttempt, now: Millis) -> WrongCode {
        let mut tables = self.lock();
        let wrong = tables.wrong.count((attempt.subject, attempt.kind), now);
        if wrong < usize::try_from(self.limits.codes_per_sign_in).unwrap_or(usize::MAX) {
            return WrongCode::Waits;
        }
        let tell_owner = tables.told.count(attempt.subject, now) == 0;
        if tell_owner {
            tables.told.record(attempt.subject, now);
        }
        WrongCode::EndsSignIn { tell_owner }
    }

    /// Returns how long to wait after this many wrong codes, in ms.
    fn wait(&self, wrong: usize) -> Millis {
        let Some(doublings) = wrong.checked_sub(1) else { return 0 };
        let factor = 2_u64.saturating_pow(u32::try_from(doublings).unwrap_or(u32::MAX));
        let wait = self.limits.code_wait.saturating_mul(factor).min(self.limits.longest_code_wait);
        Millis::try_from(wait).unwrap_or(Millis::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Millis = 1_800_000_000_000;

    fn limit() -> (CodeRateLimit, Subject) {
        let limit = CodeRateLimit::new(SignInLimits::default());
        let subject = limit.subject(AgentId(Uuid::nil()), "hash");
        (limit, subject)
    }

    /// Enters wrong codes as early as possible. Returns each wait in seconds, what followed, and the time.
    fn guess(
        limit: &CodeRateLimit,
        subject: Subject,
        codes: usize,
        mut now: Millis,
    ) -> (Vec<(u32, WrongCode)>, Millis) {
        let mut all = Vec::new();
        for _ in 0..codes {
            let begun = limit.begin(subject, CodeKind::Totp, now);
            let wait = if let Err(Refusal::TooMany { retry_after }) = begun { retry_after } else { 0 };
            now += Millis::from(wait) * 1_000;
            let attempt = begun.or_else(|_| limit.begin(subject, CodeKind::Totp, now)).expect("the wait is over");
            all.push((wait, limit.failed(&attempt, now)));
        }
        (all, now)
    }

    #[test]
    fn wait_doubles_after_each_wrong_code_until_the_sign_in_ends() {
        let (limit, subject) = limit();
        let (all, now) = guess(&limit, subject, 22, NOW);
        let waits: Vec<u32> = all.iter().map(|(wait, _)| *wait).collect();
        assert_eq!(waits[..12], [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
        assert!(waits[11..].iter().all(|wait| *wait == 900), "{waits:?}");
        assert!(all[..19].iter().all(|(_, what)| *what == WrongCode::Waits));
        let ends = |tell_owner| WrongCode::EndsSignIn { tell_owner };
        assert_eq!(all[19..].iter().map(|(_, what)| *what).collect::<Vec<_>>(), [ends(true), ends(false), ends(false)]);
        assert!(limit.begin(subject, CodeKind::Totp, now + 899_000).is_err());
        assert!(limit.begin(subject, CodeKind::Totp, now + 900_000).is_ok());
    }

    #[test]
    fn right_code_new_password_or_a_day_end_the_waits() {
        let (limit, subject) = limit();
        let (_, now) = guess(&limit, subject, 12, NOW);
        assert!(limit.begin(subject, CodeKind::Totp, now).is_err());
        let recovery = limit.begin(subject, CodeKind::Recovery, now).expect("recovery codes are counted separately");
        let other = limit.subject(AgentId(Uuid::nil()), "another hash");
        assert!(limit.begin(other, CodeKind::Totp, now).is_ok());
        limit.succeeded(&recovery);
        assert!(limit.begin(subject, CodeKind::Totp, now).is_ok());
        let (_, now) = guess(&limit, other, 12, now + 1_000);
        assert_eq!(guess(&limit, other, 1, now + COUNTS_FOR).0, [(0, WrongCode::Waits)]);
    }

    #[test]
    fn concurrent_codes_are_checked_one_at_a_time() {
        let (limit, subject) = limit();
        let first = limit.begin(subject, CodeKind::Totp, NOW).expect("no code was wrong");
        for _ in 0..1_000 {
            assert_eq!(limit.begin(subject, CodeKind::Totp, NOW).err(), Some(Refusal::TooMany { retry_after: 1 }));
        }
        limit.withdraw(&first);
        assert!(limit.begin(subject, CodeKind::Totp, NOW).is_ok());
    }
}
