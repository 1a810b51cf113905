//! What must hold when things go wrong: processes are killed, disks are full, clocks jump, input is hostile.
//!
//! Each test drives the real program in a home of its own, waits for conditions and never for a time, and leaves no
//! process behind. `XT_SOAK=1` runs them at full size, `XT_SEED` repeats the chance of a run.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod support;

#[path = "faults/adopt.rs"]
mod adopt;
#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/crash.rs"]
mod crash;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/ending.rs"]
mod ending;
#[path = "faults/files.rs"]
mod files;
#[path = "faults/input.rs"]
mod input;
#[path = "faults/load.rs"]
mod load;
#[path = "faults/machine.rs"]
mod machine;
#[path = "faults/notify.rs"]
mod notify;
#[path = "faults/parent.rs"]
mod parent;
#[path = "faults/retries.rs"]
mod retries;
#[path = "faults/secrets.rs"]
mod secrets;
#[path = "faults/shortage.rs"]
mod shortage;
#[path = "faults/submit.rs"]
mod submit;
