//! What counts as a change of a file.

use notify::{Event, RecommendedWatcher};

/// A watcher that wakes when something changes. That somebody opens or reads a file is no change: whoever is woken
/// reads, and would wake himself for ever.
pub fn watcher(wake: impl Fn() + Send + 'static) -> notify::Result<RecommendedWatcher> {
    notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.map_or(true, |event| !event.kind.is_access()) {
            wake();
        }
    })
}
