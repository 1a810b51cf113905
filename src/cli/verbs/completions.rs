//! `xt completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::grammar::Cli;
use crate::cli::out::Out;
use crate::ops::Result;

/// Options of `xt completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt completions bash\n  $ xt completions zsh")]
pub struct Args {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the script to standard output.
pub fn run(args: &Args, out: &mut Out) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "xt", &mut script);
    out.bytes(&script)?;
    Ok(0)
}
