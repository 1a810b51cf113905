//! `xt extract`.

use std::path::PathBuf;

use super::download::fetch;
use crate::cli::out::Out;
use crate::cli::select::Place;
use crate::ops::{Context, OpsError, Result, extract};

/// Options of `xt extract`.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Each run's files go into a folder of its name; a job brings its runs along, a parent its children.\n\nExamples:\n  $ xt extract run1 ./run1_files\n  $ xt extract run1-run3 ./files\n  $ xt extract job1 ./job1_files"
)]
pub struct Args {
    /// Runs and jobs, then the folder.
    #[arg(required = true, num_args = 2.., value_names = ["RUNS", "FOLDER"])]
    words: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// Extracts.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let Some((folder, names)) = args.words.split_last() else {
        return Err(OpsError::Refused("name the runs, then the folder".to_owned()));
    };
    let plan = extract::plan(ctx, names, args.place.ws(), &PathBuf::from(folder))?;
    fetch(&plan, out)
}
