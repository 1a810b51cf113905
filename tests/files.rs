//! The files of a store, in a folder and on Azure: the same promises, a bad network, and the verbs on them.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "support/azurite.rs"]
mod azurite;
#[path = "support/clean.rs"]
mod clean;
#[path = "files/faults.rs"]
mod faults;
#[path = "support/http_proxy.rs"]
mod proxy;
#[path = "files/suite.rs"]
mod suite;
#[path = "files/verbs.rs"]
mod verbs;
#[path = "files/world.rs"]
mod world;
