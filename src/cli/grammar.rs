//! The program and the options that stand before or after any verb.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser};

use super::values;
use super::verbs::Verb;
use crate::tui;

/// A terminal cockpit for machine-learning experiments: run, watch, compare and end them.
#[derive(Debug, Parser)]
#[command(
    name = "xt",
    version,
    infer_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 110,
    after_help = "`xt` alone opens the terminal UI; `xt help VERB` tells everything about a verb, `xt help topics` the rest."
)]
pub struct Cli {
    /// Options for every verb.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Options that every verb knows.
#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// Answer with one JSON document on standard output.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// The configuration of this command, in place of the one in the working directory.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub xt_config: Option<PathBuf>,
    /// A setting for this command alone; stands before the verb.
    #[arg(long, value_name = "SECTION.KEY=VALUE", value_parser = values::pair, action = ArgAction::Append)]
    pub set: Vec<(String, String)>,
    /// Options of the terminal UI.
    #[command(flatten)]
    pub screen: Screen,
    /// Do not ask before something is ended or deleted.
    #[arg(long, short = 'y', global = true, help_heading = "Everywhere")]
    pub yes: bool,
    /// Say nothing but results and errors.
    #[arg(long, short = 'q', global = true, help_heading = "Everywhere")]
    pub quiet: bool,
}

/// How the terminal UI looks and behaves; these stand before the verb.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Terminal UI")]
pub struct Screen {
    /// The keys: default, vim, emacs, or a file.
    #[arg(long, value_name = "NAME_OR_FILE", env = "XT_KEYMAP", hide_env = true)]
    pub keymap: Option<String>,
    /// The colours: a name that `xt theme` tells, or a file.
    #[arg(long, value_name = "NAME_OR_FILE", env = "XT_THEME", hide_env = true)]
    pub theme: Option<String>,
    /// How pictures of a run are shown: auto (as the terminal can), kitty, sixel, iterm2, blocks, off.
    #[arg(long, value_name = "WAY", env = "XT_PICTURES", hide_env = true, default_value_t)]
    pub pictures: tui::Pictures,
    /// Look, without changing anything.
    #[arg(long)]
    pub readonly: bool,
}
