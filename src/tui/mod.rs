//! The terminal UI: a pure model and update, an executor for effects, one thread that owns the screen.
//!
//! A key becomes a message, a message changes the model and answers effects, effects become tasks, and their
//! results are messages again. `update` is pure; only `runtime` touches the world.

mod app;
#[doc(hidden)]
pub mod bench;
mod command;
mod keymap;
mod panes;
mod picture;
mod reader;
mod runtime;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod testing;
mod theme;
mod widgets;

use std::io;

pub use picture::Pictures;

use crate::config::{Diagnostic, Home};
use crate::ops::Context;

/// How the UI is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The mouse selects and scrolls; without it the terminal's own selection works as usual.
    pub mouse: bool,
    /// The keymap: the name of one that comes with xt, or a file; without it, the user's own.
    pub keymap: Option<String>,
    /// The theme: the name of one, or a file; without it, the user's own.
    pub theme: Option<String>,
    /// How pictures are shown.
    pub pictures: Pictures,
    /// Nothing can be changed.
    pub readonly: bool,
    /// The workspace to show; without it, the one in which something happened last.
    pub workspace: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mouse: true,
            keymap: None,
            theme: None,
            pictures: Pictures::Auto,
            readonly: false,
            workspace: None,
        }
    }
}

/// Why the UI ended, or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Standard output is no terminal.
    #[error(
        "there is no terminal to draw on: use the commands (`xt list runs`, `xt view log run1`) in scripts and pipes"
    )]
    NoTerminal,
    /// The terminal says that it can only be written line by line.
    #[error(
        "TERM=dumb: this terminal cannot be drawn on; use the commands (`xt list runs`, `xt view log run1`), or set TERM \
         to what it is"
    )]
    DumbTerminal,
    /// The terminal is gone.
    #[error("the terminal is gone")]
    HungUp,
    /// Something with the terminal failed.
    #[error("cannot {action}: {source}")]
    Terminal {
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A thread the UI cannot live without has panicked.
    #[error("an error in xt itself, in the thread {told}; the runs go on without it")]
    Panicked {
        /// Which thread, and what it said.
        told: String,
    },
    /// A thread the UI cannot live without has ended.
    #[error("the thread for {thread} has ended: this is an error in xt")]
    ThreadEnded {
        /// What it was for.
        thread: &'static str,
    },
}

impl TuiError {
    fn terminal(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Terminal { action, source }
    }
}

/// What is wrong with a keymap: one that comes with xt, a file, or without a word the user's own.
pub fn check_keys(word: Option<&str>, home: &Home) -> Vec<Diagnostic> {
    keymap::Source::of(word, &home.config).load().findings
}

/// The keys in force as a page of text, and what is wrong with the keymap.
pub fn keys_page(word: Option<&str>, home: &Home, readonly: bool) -> (String, Vec<Diagnostic>) {
    let loaded = keymap::Source::of(word, &home.config).load();
    (keymap::page(&loaded.keymap, readonly), loaded.findings)
}

/// What is wrong with a theme: one by name, a file, or without a word the user's own.
pub fn check_theme(word: Option<&str>, home: &Home) -> Vec<Diagnostic> {
    let terminal = theme::Terminal::from_env(|name| std::env::var(name).ok());
    theme::Source::of(word, &home.config).load(terminal).findings
}

/// A theme that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeInfo {
    /// Its name.
    pub name: String,
    /// What it is, in a line; may be empty.
    pub about: String,
}

/// All themes: those that come with xt, then the user's own.
pub fn themes(home: &Home) -> Vec<ThemeInfo> {
    let source = theme::Source::of(None, &home.config);
    let info = |name: String| ThemeInfo { about: source.other(&name).about(), name };
    source.names().into_iter().map(info).collect()
}

/// The keys of the keymap that comes with xt, for its web site.
pub fn keys() -> Vec<crate::help::reference::KeyGroup> {
    keymap::reference(&keymap::Keymap::default())
}

/// Runs the terminal UI until the person leaves, or a signal ends it: which one.
#[allow(clippy::needless_pass_by_value, reason = "the UI keeps them to its end")]
pub fn run(context: Context, options: Options) -> Result<Option<i32>, TuiError> {
    runtime::run(&context, &options)
}
