//! What the person is told, and for how long it is seen.

use std::time::Duration;

use super::{Model, REMEMBERED};
use crate::model::Time;

/// How long a toast is seen.
const TOAST: Duration = Duration::from_secs(5);

/// How many toasts are seen at once.
const TOASTS: usize = 3;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something was done.
    Good,
    /// Something did not work as asked.
    Warning,
    /// Something failed.
    Error,
}

/// Something to tell the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub severity: Severity,
    /// One line, safe to show.
    pub text: String,
    /// When it was.
    pub time: Time,
    /// Its number.
    pub number: u64,
}

impl Model {
    /// Tells the person something.
    pub fn tell(&mut self, severity: Severity, text: &str) {
        let text = crate::log::sanitize(text).into_owned();
        self.ledger.next += 1;
        let notice = Notice { severity, text, time: self.now, number: self.ledger.next };
        if severity != Severity::Good {
            self.notices.push_front(notice.clone());
            self.notices.truncate(REMEMBERED);
        }
        self.toasts.push_back((notice, self.uptime + TOAST));
        while self.toasts.len() > TOASTS {
            self.toasts.pop_front();
        }
        self.dirty = true;
    }
}
