//! The verbs: one file each, with the options (a clap `Args` struct whose docs are the help), `after_help`
//! examples (lines that begin with `$ `; a test executes them), and
//! `fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8>`, which calls `ops` and prints.
//!
//! A new verb is a file here, a line in [`Verb`] and a line in [`Verb::run`].

mod afterwards;
pub mod attach;
pub mod backup;
mod blobs;
pub mod cancel;
pub mod check;
pub mod completions;
pub mod config;
pub mod copy;
pub mod create;
pub mod delete;
pub mod demo;
pub mod download;
pub mod empty;
pub mod extract;
pub mod help;
pub mod hold;
pub mod keys;
pub mod list;
pub mod log;
pub mod monitor;
pub mod notify;
pub mod plot;
pub mod quicktest;
pub mod rerun;
pub mod restore;
pub mod run;
pub mod tags;
pub mod theme;
pub mod upload;
pub mod view;
pub mod wait;

use clap::Subcommand;

use super::out::Out;
use super::startup::Startup;
use crate::ops::{Result, serve};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Submit a script or program; it runs in the background.
    Run(run::Args),
    /// Submit a run again, as it was or changed.
    Rerun(rerun::Args),
    /// Wait until runs have ended.
    Wait(wait::Args),
    /// End runs.
    Cancel(cancel::Args),
    /// Keep what waits from starting.
    Hold(hold::Args),
    /// Let go what was held.
    Release(hold::Args),
    /// List runs, jobs, workspaces, experiments, …
    List(list::Args),
    /// Look at one thing closely: a run, its console, its metrics, …
    View(view::Args),
    /// Draw metrics of runs as charts, here or into a file.
    Plot(plot::Args),
    /// Follow the output of runs until they end.
    Monitor(monitor::Args),
    /// Connect this terminal to a run.
    Attach(attach::Args),
    /// Set tags.
    Set(tags::SetArgs),
    /// Clear tags.
    Clear(tags::ClearArgs),
    /// Create a workspace, a share, or the demo's project.
    Create(create::Args),
    /// Move runs, experiments or a workspace to the trash; delete blobs and shares.
    Delete(delete::Args),
    /// Bring deleted runs back.
    Restore(restore::Args),
    /// Delete for good what is in the trash.
    Empty(empty::Args),
    /// Copy runs to another workspace.
    Copy(copy::Args),
    /// Put files into the store: into a workspace, a share, a run, a job.
    Upload(upload::Args),
    /// Get files from the store.
    Download(download::Args),
    /// Get all files of runs and jobs.
    Extract(extract::Args),
    /// Tell a run about metrics, hyperparameters, tags and events, from a shell script.
    Log(log::Args),
    /// Show, check or create the configuration.
    Config(config::Args),
    /// Show or check the keys of the terminal UI.
    Keys(keys::Args),
    /// List or check the themes of the terminal UI.
    Theme(theme::Args),
    /// Try who is told when runs end.
    Notify(notify::Args),
    /// Look for damage of the store.
    Check(check::Args),
    /// Back the store up.
    Backup(backup::Args),
    /// Submit a small sweep that trains a network, and watch it.
    Demo(demo::Args),
    /// Try this installation from end to end.
    Quicktest(quicktest::Args),
    /// Write a script for your shell that completes xt's words.
    Completions(completions::Args),
    /// Help on a command or a topic, here or as a web site.
    Help(help::Args),
    /// The controller of this machine; xt starts it by itself.
    #[command(hide = true)]
    Node,
}

impl Verb {
    /// Does it; answers the exit status.
    pub fn run(&self, startup: &Startup, out: &mut Out) -> Result<u8> {
        match self {
            Self::Run(args) => run::run(&startup.context(out)?, args, out),
            Self::Rerun(args) => rerun::run(&startup.context(out)?, args, out),
            Self::Wait(args) => wait::run(&startup.context(out)?, args, out),
            Self::Cancel(args) => cancel::run(&startup.context(out)?, args, out),
            Self::Hold(args) => hold::run(&startup.context(out)?, args, true, out),
            Self::Release(args) => hold::run(&startup.context(out)?, args, false, out),
            Self::List(args) => list::run(&startup.context(out)?, args, out),
            Self::View(args) => view::run(&startup.context(out)?, args, out),
            Self::Plot(args) => plot::run(&startup.context(out)?, args, out),
            Self::Monitor(args) => monitor::run(&startup.context(out)?, args, out),
            Self::Attach(args) => attach::run(&startup.context(out)?, args, out),
            Self::Set(args) => tags::set(&startup.context(out)?, args, out),
            Self::Clear(args) => tags::clear(&startup.context(out)?, args, out),
            Self::Create(args) => create::run(startup, args, out),
            Self::Delete(args) => delete::run(&startup.context(out)?, args, out),
            Self::Restore(args) => restore::run(&startup.context(out)?, args, out),
            Self::Empty(args) => empty::run(&startup.context(out)?, args, out),
            Self::Copy(args) => copy::run(&startup.context(out)?, args, out),
            Self::Upload(args) => upload::run(&startup.context(out)?, args, out),
            Self::Download(args) => download::run(&startup.context(out)?, args, out),
            Self::Extract(args) => extract::run(&startup.context(out)?, args, out),
            Self::Log(args) => log::run(args, out),
            Self::Config(args) => config::run(startup, args, out),
            Self::Theme(args) => theme::run(startup, args, out),
            Self::Keys(args) => keys::run(startup, args, out),
            Self::Notify(args) => notify::run(&startup.context(out)?, args, out),
            Self::Check(args) => check::run(&startup.context(out)?, args, out),
            Self::Backup(args) => backup::run(&startup.context(out)?, args, out),
            Self::Demo(args) => demo::run(startup, args, out),
            Self::Quicktest(_) => quicktest::run(startup, out),
            Self::Completions(args) => completions::run(args, out),
            Self::Help(args) => help::run(startup, args, out),
            Self::Node => serve::node(&startup.node()?).map(|()| 0),
        }
    }
}
