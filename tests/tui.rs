//! The terminal UI as a person meets it: the real program in a pseudo-terminal or in tmux, real records, real runs.
//! Everything is awaited on the screen; a deadline only ends a test that has failed.
// Proves C1 (keys, kill, rerun, log, restored terminal, lost terminal), B30, B34, S4.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

#[path = "tui/acting.rs"]
mod acting;
#[path = "tui/answers.rs"]
mod answers;
#[path = "tui/harness.rs"]
mod harness;
#[path = "tui/hostile.rs"]
mod hostile;
#[path = "tui/kinds.rs"]
mod kinds;
#[path = "tui/log.rs"]
mod log;
#[path = "tui/outside.rs"]
mod outside;
#[path = "tui/panics.rs"]
mod panics;
#[path = "tui/play.rs"]
mod play;
#[path = "tui/settings.rs"]
mod settings;
#[path = "tui/signals.rs"]
mod signals;
#[path = "tui/terminal.rs"]
mod terminal;
#[path = "tui/tmux.rs"]
mod tmux;
