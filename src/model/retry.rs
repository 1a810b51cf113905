//! When a failed run is tried again, and how long that waits.

use std::time::Duration;

use super::Status;

/// How often and how patiently a run is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times a run that failed by its own fault is started again.
    pub max_retries: u32,
    /// Wait before the first retry; each further one doubles it.
    pub base: Duration,
    /// The longest wait.
    pub cap: Duration,
}

/// Why an attempt ended without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The script's own exit code or signal; charged to the budget.
    Script,
    /// The node, its supervisor or a preemption; not charged to the budget.
    Node,
}

/// What happens to the run after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Start it again after this wait; `charged` counts against the budget.
    Retry {
        /// The wait before the next attempt may start.
        wait: Duration,
        /// Whether the attempt counts against `max_retries`.
        charged: bool,
    },
    /// It ends with this status.
    End(Status),
}

impl RetryPolicy {
    /// Decides after a failure, when `charged` retries have been used up already.
    ///
    /// A lost node is never charged; but a run that its owner did not call repeatable (`max_retries` 0) is
    /// not repeated unasked: it may have done half of something that must not happen twice.
    pub fn after(&self, failure: Failure, charged: u32) -> Next {
        match failure {
            Failure::Script if charged < self.max_retries => {
                Next::Retry { wait: self.wait(charged), charged: true }
            }
            Failure::Script => Next::End(Status::Error),
            Failure::Node if self.max_retries > 0 => Next::Retry { wait: Duration::ZERO, charged: false },
            Failure::Node => Next::End(Status::Lost),
        }
    }

    /// Capped exponential wait before retry number `charged + 1`.
    fn wait(&self, charged: u32) -> Duration {
        self.base.saturating_mul(2_u32.saturating_pow(charged)).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves B9, P5.
    #[test]
    fn the_budget_is_exact_and_the_waits_double_up_to_the_cap() {
        let second = Duration::from_secs(1);
        let policy = RetryPolicy { max_retries: 5, base: second, cap: 6 * second };
        let waits: Vec<_> = (0..6).map(|charged| policy.after(Failure::Script, charged)).collect();
        let retry = |seconds| Next::Retry { wait: seconds * second, charged: true };
        assert_eq!(waits, [retry(1), retry(2), retry(4), retry(6), retry(6), Next::End(Status::Error)]);
    }

    #[test]
    fn a_lost_node_is_not_charged_and_nothing_is_repeated_unasked() {
        let policy =
            RetryPolicy { max_retries: 1, base: Duration::from_secs(1), cap: Duration::from_secs(9) };
        assert_eq!(policy.after(Failure::Node, 1), Next::Retry { wait: Duration::ZERO, charged: false });
        let once = RetryPolicy { max_retries: 0, ..policy };
        assert_eq!(once.after(Failure::Node, 0), Next::End(Status::Lost));
        assert_eq!(once.after(Failure::Script, 0), Next::End(Status::Error));
    }

    #[test]
    fn absurd_counts_do_not_overflow() {
        let policy = RetryPolicy { max_retries: u32::MAX, base: Duration::MAX, cap: Duration::from_mins(5) };
        assert_eq!(
            policy.after(Failure::Script, u32::MAX - 1),
            Next::Retry { wait: Duration::from_mins(5), charged: true }
        );
    }
}
