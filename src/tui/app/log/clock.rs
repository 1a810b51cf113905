//! Times of a log as a person reads and types them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The time zone times are shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock(TimeZone);

impl Default for Clock {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Clock {
    /// The clock on the person's wall.
    pub fn local() -> Self {
        Self(TimeZone::system())
    }

    /// `14:30:05`.
    pub fn time_of_day(&self, micros: i64) -> String {
        self.civil(micros).map_or_else(String::new, |time| time.strftime("%H:%M:%S").to_string())
    }

    /// The moment of that time of day that is nearest to another moment.
    pub fn nearest(&self, hour: i8, minute: i8, second: i8, to: i64) -> Option<i64> {
        let near = self.civil(to)?;
        let same_day = near.date().at(hour, minute, second, 0);
        let days = [-1, 0, 1].into_iter().filter_map(|days| same_day.checked_add(days.days()).ok());
        days.filter_map(|time| self.micros(time)).min_by_key(|micros| micros.abs_diff(to))
    }

    /// The moment that a date and a time mean here.
    pub fn micros(&self, time: DateTime) -> Option<i64> {
        Some(self.0.to_timestamp(time).ok()?.as_microsecond())
    }

    fn civil(&self, micros: i64) -> Option<DateTime> {
        Some(self.0.to_datetime(Timestamp::from_microsecond(micros).ok()?))
    }
}
