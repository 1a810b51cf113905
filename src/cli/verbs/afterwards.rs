//! What a verb that submits runs does afterwards: return at once, wait for their end, or follow their output.

use crate::cli::console::{self, Escape, Watching};
use crate::cli::out::Out;
use crate::config::typed;
use crate::model::RunPath;
use crate::ops::{Context, OpsError, Result};

/// The options.
#[derive(Debug, clap::Args)]
pub struct Afterwards {
    /// Wait for the end; the exit status is then the run's own.
    #[arg(long, help_heading = "Afterwards")]
    wait: bool,
    /// Follow the output here until the end; ctrl-c leaves it running.
    #[arg(long, value_enum, help_heading = "Afterwards")]
    monitor: Option<Monitor>,
    #[command(flatten, next_help_heading = "Afterwards")]
    escape: Escape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Monitor {
    /// Return at once.
    None,
    /// In this terminal.
    Same,
}

impl Afterwards {
    /// Refuses what cannot go together, before anything is submitted.
    pub fn check(&self, ctx: &Context, out: &Out) -> Result<()> {
        if self.escape.escape.is_some() && !self.watches(ctx, out) {
            return Err(OpsError::Refused(
                "--escape ends the watching, and nothing is watched: add --monitor=same".to_owned(),
            ));
        }
        Ok(())
    }

    /// Does it with runs that were submitted; answers the exit status.
    pub fn go_on(&self, ctx: &Context, runs: &[RunPath], out: &mut Out) -> Result<u8> {
        out.flush()?;
        if self.watches(ctx, out) {
            let runs: Vec<_> =
                runs.iter().map(|path| ctx.records.run(path)).collect::<std::result::Result<_, _>>()?;
            let watching = Watching { escape: self.escape.escape, ..Watching::default() };
            return console::follow(ctx, &runs, watching, out);
        }
        if self.wait {
            return super::wait::until_end_quietly(ctx, runs, out);
        }
        Ok(0)
    }

    /// Whether the output is followed: as asked, else as the configuration says.
    fn watches(&self, ctx: &Context, out: &Out) -> bool {
        let usual = ctx.config.general.monitor == typed::Monitor::Same && !self.wait && !out.json();
        self.monitor.map_or(usual, |monitor| monitor == Monitor::Same)
    }
}
