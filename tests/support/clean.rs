//! A command without the tester's own surroundings: what is set for his xt must not reach the one under test.

#![allow(dead_code, reason = "not every test uses it")]

use std::path::Path;
use std::process::Command;

/// Gives a command a home of xt's and a folder for the machine's locks; nothing else that is meant for xt stays.
pub fn at_home(command: &mut Command, home: &Path, machine: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("XT_") {
            command.env_remove(name);
        }
    }
    // Tests run beside each other, and beside the runs of whoever starts them.
    command.env("XT_HOME", home).env("XT_MACHINE", machine);
}
