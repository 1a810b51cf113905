//! `xt notify`.

use crate::cli::out::Out;
use crate::ops::{Context, Result, notify};

/// Options of `xt notify`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Send a message to the command and the address of your configuration, and say what happened; the exit status
    /// is 1 when one of them was not told.
    #[command(
        after_help = "Who is told is said in your own configuration:\n\n    notify:\n        command: 'notify-send \"$XT_TEXT\"'\n        url: $file:~/.config/xt/webhook\n\nExamples:\n  $ xt --set=notify.command='echo $XT_TEXT' notify test\n  $ xt --set=notify.command=cat notify test --json"
    )]
    Test,
}

/// Tries.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<u8> {
    let What::Test = args.what;
    let told = notify::test(ctx)?;
    if out.json() {
        let documents = told.iter().map(|told| {
            let error = told.result.as_ref().err().map(ToString::to_string);
            serde_json::json!({ "channel": told.channel, "error": error })
        });
        out.document(&documents.collect::<Vec<_>>())?;
    } else {
        for told in &told {
            match &told.result {
                Ok(()) => out.line(&format!("{}: told", told.channel))?,
                Err(error) => out.line(&format!("{}: not told: {error}", told.channel))?,
            }
        }
    }
    Ok(u8::from(told.iter().any(|told| told.result.is_err())))
}
