//! Pages about one thing: titles, and lines of a label and a value.

use super::out::Out;
use crate::model::names::visible;
use crate::model::{Status, Time};
use crate::ops::Result;
use crate::report::{Paint, Role, shape};

/// Labels take this many columns.
const LABEL: usize = 13;

/// A page in the making. All its texts are made visible: names come from anybody.
#[derive(Debug)]
pub struct Page {
    paint: Paint,
    text: String,
}

impl Page {
    /// An empty page.
    pub const fn new(paint: Paint) -> Self {
        Self { paint, text: String::new() }
    }

    /// The first line: a name, and where it stands.
    pub fn head(&mut self, name: &str, status: Status, standing: &str) {
        self.paint.write(&mut self.text, Role::Heading, &visible(name));
        self.text.push_str("  ");
        self.paint.write(&mut self.text, Role::Status(status), &visible(standing));
        self.text.push('\n');
    }

    /// The title of a section.
    pub fn section(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.paint.write(&mut self.text, Role::Heading, title);
        self.text.push('\n');
    }

    /// A label and its value; nothing, if there is no value.
    pub fn row(&mut self, label: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let label = visible(label);
        let gap = LABEL.saturating_sub(shape::width(&label)).max(1);
        self.text.push_str("  ");
        self.paint.write(&mut self.text, Role::Muted, &label);
        self.text.extend(std::iter::repeat_n(' ', gap));
        self.text.push_str(&visible(value));
        self.text.push('\n');
    }

    /// A label and a moment, with how long ago it was.
    pub fn moment(&mut self, label: &str, time: Option<Time>, more: &str) {
        let Some(time) = time else { return };
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        let age = match shape::age(time, Time::now()) {
            now if now == "now" => now,
            age => format!("{age} ago"),
        };
        self.row(label, &format!("{} ({age}){more}", local(time)));
    }

    /// A line of its own.
    pub fn line(&mut self, line: &str) {
        self.text.push_str("  ");
        self.text.push_str(&visible(line));
        self.text.push('\n');
    }

    /// Writes the page.
    pub fn show(&self, out: &mut Out) -> Result<()> {
        out.text(&self.text)
    }
}

/// A moment on this machine's clock.
pub fn local(time: Time) -> String {
    match jiff::Timestamp::from_microsecond(time.micros()) {
        Ok(stamp) => {
            jiff::tz::TimeZone::system().to_datetime(stamp).strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Err(_) => time.to_string(),
    }
}
