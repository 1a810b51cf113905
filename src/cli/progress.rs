//! The progress of long work, on a terminal's standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::out::Out;

/// How often the bar is drawn again, so that it shows life between two steps.
const TICK: Duration = Duration::from_millis(120);

/// A count of things that are done; silent where nobody watches.
pub fn counting(what: &'static str, out: &Out) -> ProgressBar {
    start(out, &format!("{{spinner}} {what} {{pos}} · {{elapsed}}"))
}

/// A count of bytes that are done.
pub fn bytes(what: &'static str, out: &Out) -> ProgressBar {
    start(out, &format!("{{spinner}} {what} {{bytes}} · {{bytes_per_sec}} · {{elapsed}}"))
}

fn start(out: &Out, template: &str) -> ProgressBar {
    if !out.shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}
