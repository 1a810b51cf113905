//! Panics on request, in builds for development alone: that a panic in any thread gives the terminal back, or is told
//! on the screen, is tried with the whole program (`tests/tui/panics.rs`).

/// Panics when the variable `XT_PANIC` names this place.
#[cfg(debug_assertions)]
pub fn may_panic(place: &str) {
    let wanted = std::env::var("XT_PANIC").is_ok_and(|wanted| wanted == place);
    assert!(!wanted, "XT_PANIC={place}");
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub const fn may_panic(_: &str) {}
