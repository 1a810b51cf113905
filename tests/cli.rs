//! The command line, as a person and as a script use it: the real program in a home of its own.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "cli/attach.rs"]
mod attach;
#[path = "support/clean.rs"]
mod clean;
#[path = "cli/examples.rs"]
mod examples;
#[path = "cli/grammar.rs"]
mod grammar;
#[path = "cli/harness.rs"]
mod harness;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/lists.rs"]
mod lists;
#[path = "cli/monitor.rs"]
mod monitor;
#[path = "cli/parent.rs"]
mod parent;
#[path = "cli/plots.rs"]
mod plots;
#[path = "cli/python.rs"]
mod python;
#[path = "cli/submit.rs"]
mod submit;
#[path = "cli/theme.rs"]
mod theme;
#[path = "cli/views.rs"]
mod views;
