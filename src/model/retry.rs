//! When a failed run is tried again, and how long that waits.

use std::time::Duration;

use super::Status;

/// So many times in a row a run is started again that its node failed: then the run itself may be what the node
/// fails of (it takes all the memory, say), and it ends.
pub const MOST_NODE_FAILURES: u32 = 10;

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
    /// The node could not prepare it, and the script never ran; not charged to the budget.
    Start,
}

/// What earlier attempts of a run have used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Retries that were charged to the budget.
    pub charged: u32,
    /// How many attempts in a row, up to the last one, ended because their node failed.
    pub node_failures: u32,
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
    /// Decides after a failure, when so much has been used up before it.
    ///
    /// A node's failure is never charged, but [`MOST_NODE_FAILURES`] in a row are the end; and a run that its owner
    /// did not call repeatable (`max_retries` 0) is not repeated unasked: it may have done half of something that
    /// must not happen twice.
    pub fn after(&self, failure: Failure, spent: Spent) -> Next {
        match failure {
            Failure::Script if spent.charged < self.max_retries => {
                Next::Retry { wait: self.wait(spent.charged), charged: true }
            }
            Failure::Node | Failure::Start
                if self.max_retries > 0 && spent.node_failures < MOST_NODE_FAILURES =>
            {
                Next::Retry { wait: self.wait(spent.node_failures), charged: false }
            }
            Failure::Script | Failure::Start => Next::End(Status::Error),
            Failure::Node => Next::End(Status::Lost),
        }
    }

    /// Capped exponential wait after so many earlier failures.
    fn wait(&self, earlier: u32) -> Duration {
        self.base.saturating_mul(2_u32.saturating_pow(earlier)).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SECOND: Duration = Duration::from_secs(1);

    fn spent(charged: u32, node_failures: u32) -> Spent {
        Spent { charged, node_failures }
    }

    // Proves B9, P5.
    #[test]
    fn the_budget_is_exact_and_the_waits_double_up_to_the_cap() {
        let policy = RetryPolicy { max_retries: 5, base: SECOND, cap: 6 * SECOND };
        let waits: Vec<_> = (0..6).map(|charged| policy.after(Failure::Script, spent(charged, 0))).collect();
        let retry = |seconds| Next::Retry { wait: seconds * SECOND, charged: true };
        assert_eq!(waits, [retry(1), retry(2), retry(4), retry(6), retry(6), Next::End(Status::Error)]);
    }

    // Proves P5: nodes' failures are charged to nobody, wait as long as others, and do not go on for ever.
    #[rstest]
    #[case(Failure::Node, Status::Lost)]
    #[case(Failure::Start, Status::Error)]
    fn a_nodes_failures_are_not_charged_and_have_an_end(#[case] failure: Failure, #[case] end: Status) {
        let policy = RetryPolicy { max_retries: 1, base: SECOND, cap: 6 * SECOND };
        let retry = |seconds| Next::Retry { wait: seconds * SECOND, charged: false };
        assert_eq!(policy.after(failure, spent(1, 0)), retry(1));
        assert_eq!(policy.after(failure, spent(0, 2)), retry(4));
        assert_eq!(policy.after(failure, spent(0, MOST_NODE_FAILURES - 1)), retry(6));
        assert_eq!(policy.after(failure, spent(0, MOST_NODE_FAILURES)), Next::End(end));
        let once = RetryPolicy { max_retries: 0, ..policy };
        assert_eq!(once.after(failure, spent(0, 0)), Next::End(end), "nothing is repeated unasked");
    }

    #[test]
    fn absurd_counts_do_not_overflow() {
        let policy = RetryPolicy { max_retries: u32::MAX, base: Duration::MAX, cap: Duration::from_mins(5) };
        assert_eq!(
            policy.after(Failure::Script, spent(u32::MAX - 1, 0)),
            Next::Retry { wait: Duration::from_mins(5), charged: true }
        );
    }
}
