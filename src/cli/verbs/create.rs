//! `xt create`.

use std::path::PathBuf;

use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::ops::{Result, demo, share, workspace};

/// Options of `xt create`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    /// A workspace; `xt run` makes the one it is told of by itself.
    #[command(
        after_help = "Examples:\n  $ xt create workspace curious\n  $ xt create work what-if --description='deeper networks'"
    )]
    Workspace {
        /// Its name: letters, digits, `-`, `_` and `.`
        name: String,
        /// A line about it.
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// A share: files that belong to no workspace.
    #[command(after_help = "Examples:\n  $ xt create share trajectories")]
    Share {
        /// Its name: lowercase letters, digits and single hyphens.
        name: String,
    },
    /// The project of `xt demo` in a folder of your own, to read and to play with.
    #[command(
        after_help = "Examples:\n  $ xt create demo ./xt-demo\n  $ xt create demo ./xt-demo --overwrite"
    )]
    Demo {
        /// The folder.
        folder: PathBuf,
        /// Replace files of the same names.
        #[arg(long)]
        overwrite: bool,
    },
}

/// Creates it.
pub fn run(startup: &Startup, args: &Args, out: &mut Out) -> Result<u8> {
    match &args.noun {
        Noun::Workspace { name, description } => {
            let created = workspace::create(&startup.context(out)?, name, description.as_deref())?;
            if out.json() { out.document(&created)? } else { out.line(&format!("workspace {name} created"))? }
        }
        Noun::Share { name } => {
            share::create(&startup.context(out)?, name)?;
            if out.json() {
                out.document(&serde_json::json!({ "share": name }))?;
            } else {
                out.line(&format!("share {name} created"))?;
                out.note(&format!("xt upload FILES . --share={name} puts files there"));
            }
        }
        Noun::Demo { folder, overwrite } => {
            let folder = demo::write(folder, *overwrite)?;
            if out.json() {
                out.document(&serde_json::json!({ "folder": folder }))?;
            } else {
                out.line(&format!("the demo's project is in {}", folder.display()))?;
                out.note("cd there, then: xt run train.py --lr=0.1 · xt run --multi-commands sweep.txt");
            }
        }
    }
    Ok(0)
}
