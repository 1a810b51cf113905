//! The command line: clap in, text out. No logic of its own.
//!
//! | file | what |
//! | --- | --- |
//! | [`grammar`] | the program and its global options |
//! | [`startup`] | home, configuration, store: what a verb works with |
//! | [`verbs`] | one file a verb: its options (with help and examples) and the text it prints |
//! | [`out`] | standard output and error: colours, JSON, notes, questions, a closed pipe |
//! | [`page`], [`charts`] | pages about one thing, charts in characters |
//! | [`pager`] | texts that are longer than the terminal |
//! | [`reference`] | what the help tells about the verbs, from their definitions |
//! | [`select`], [`values`] | options that several verbs share, and how values are read |
//! | [`progress`] | the progress of long work |
//!
//! A verb is a clap `Args` struct and `fn run(ctx, args, out) -> Result<u8>`, the exit status; the enum
//! [`verbs::Verb`] lists them all.

pub mod charts;
pub mod console;
pub mod grammar;
pub mod out;
pub mod page;
pub mod pager;
pub mod progress;
pub mod reference;
pub mod select;
pub mod startup;
pub mod values;
pub mod verbs;

use std::io::{self, IsTerminal as _};

use clap::{CommandFactory as _, Parser as _};
use signal_hook::consts::SIGHUP;

use self::grammar::Cli;
use self::out::Out;
use self::startup::Startup;
use crate::ops::{Context, OpsError, Result};
use crate::tui::{self, TuiError};

/// Does what the command line says; answers the exit status: 0 done, 1 it failed, 2 wrong usage.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help into a closed pipe is no failure either.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let mut out = Out::standard(&cli.globals);
    let done = dispatch(cli, &mut out).and_then(|status| out.finish().map(|()| status));
    done.unwrap_or_else(|error| {
        out.error(&error);
        1
    })
}

fn dispatch(cli: Cli, out: &mut Out) -> Result<u8> {
    let startup = Startup::new(cli.globals);
    match cli.verb {
        Some(verb) => verb.run(&startup, out),
        None if io::stdin().is_terminal() && io::stdout().is_terminal() => {
            open_ui(&startup, startup.context(out)?, None)
        }
        None => {
            // Nobody reads a usage text that cannot be written.
            let _ = Cli::command().print_help();
            Ok(2)
        }
    }
}

/// Opens the terminal UI, on a workspace if one is named, until the person leaves; answers the exit status.
pub fn open_ui(startup: &Startup, ctx: Context, workspace: Option<&str>) -> Result<u8> {
    let screen = startup.screen();
    let options = tui::Options {
        workspace: workspace.map(str::to_owned),
        keymap: screen.keymap.clone(),
        theme: screen.theme.clone(),
        pictures: screen.pictures,
        readonly: screen.readonly,
        ..tui::Options::default()
    };
    match tui::run(ctx, options) {
        Ok(signal) => Ok(signal.map_or(0, ended_by)),
        // Nobody is there to be told.
        Err(TuiError::HungUp) => Ok(ended_by(SIGHUP)),
        Err(error) => Err(OpsError::Refused(error.to_string())),
    }
}

/// The exit status of a program that a signal has ended, as a shell tells it.
fn ended_by(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

/// The examples of every verb's help, for a test to execute: the verb, and its command lines.
pub fn examples() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), Cli::command())];
    while let Some((path, command)) = open.pop() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().filter_map(|line| line.trim().strip_prefix("$ ").map(str::to_owned));
        let lines: Vec<_> = lines.collect();
        if !lines.is_empty() {
            found.push((path.clone(), lines));
        }
        for sub in command.get_subcommands() {
            open.push((format!("{path} {}", sub.get_name()).trim().to_owned(), sub.clone()));
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A2 (the grammar hangs together: no name twice, no option in another's way).
    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn examples_begin_with_the_program() {
        let examples = examples();
        assert!(examples.iter().any(|(verb, _)| verb == "list runs"));
        for (verb, lines) in examples {
            assert!(lines.iter().all(|line| line.starts_with("xt ")), "{verb}: {lines:?}");
        }
    }
}
