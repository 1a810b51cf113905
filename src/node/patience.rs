//! How long something that fails is tried again.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Result;
use crate::store::error::Outlook;

/// The wait before the first further try.
const FIRST: Duration = Duration::from_millis(500);

/// So long is tried again what may be a defect.
const DOUBT: Duration = Duration::from_mins(1);

/// The tries of one thing that fails again and again.
#[derive(Debug)]
pub struct Patience {
    longest: Duration,
    failures: u32,
    /// When its failures began.
    since: Option<Instant>,
}

impl Patience {
    /// Nothing has failed yet. Waits double up to the longest one.
    pub const fn new(longest: Duration) -> Self {
        Self { longest, failures: 0, since: None }
    }

    /// How long to wait before the next try after a failure; `None` when that would be in vain. What passes is
    /// waited for however long it takes.
    pub fn after(&mut self, outlook: Outlook, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let goes_on = match outlook {
            Outlook::Passes => true,
            Outlook::MayPass => now.duration_since(since) < DOUBT,
            Outlook::Stays => false,
        };
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        goes_on.then_some(wait)
    }
}

/// Does what must be done, however long it takes until there is room for it.
pub fn patiently<T>(mut work: impl FnMut() -> Result<T>) -> Result<T> {
    let mut patience = Patience::new(FIRST);
    loop {
        match work() {
            Err(error) => match patience.after(error.outlook(), Instant::now()) {
                Some(wait) => sleep(wait),
                None => return Err(error),
            },
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P8: a full disk is waited for, a defect for a while, and the waits grow to a limit.
    #[test]
    fn what_passes_is_waited_for_and_what_may_pass_for_a_while() {
        let second = Duration::from_secs(1);
        let begin = Instant::now();
        let mut patience = Patience::new(2 * second);
        let mut after = |outlook, seconds: u32| patience.after(outlook, begin + seconds * second);
        assert_eq!(after(Outlook::Passes, 0), Some(second / 2));
        assert_eq!(after(Outlook::Passes, 1), Some(second));
        assert_eq!(after(Outlook::MayPass, 59), Some(2 * second));
        assert_eq!(after(Outlook::MayPass, 60), None);
        assert_eq!(after(Outlook::Passes, 100_000), Some(2 * second));
        assert_eq!(after(Outlook::Stays, 100_000), None);
    }
}
