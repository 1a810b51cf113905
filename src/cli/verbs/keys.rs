//! `xt keys`: works before, and in spite of, a broken keymap.

use super::config::document;
use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::ops::Result;
use crate::tui;

/// Options of `xt keys`.
#[derive(Debug, Default, clap::Args)]
#[command(
    after_help = "Your own keys: keymap.toml in the configuration folder. It extends one of the keymaps that come with xt\n(default, vim, emacs) and says what differs:\n\n    extends = \"default\"\n    [runs]\n    \"K\" = \"cancel run\"\n    \"g b\" = { run = \"sort loss\", desc = \"Best first\" }\n    \"x\" = false\n\nxt reads it again while it runs. Commands are the words of the `:` line; no key can skip a question.\n\nExamples:\n  $ xt keys\n  $ xt help keys\n  $ xt --keymap=vim keys\n  $ xt keys check"
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

/// What is asked about the keys.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Everything that is wrong with a keymap, as <file:line:column>; the exit status is then 1.
    #[command(after_help = "Examples:\n  $ xt keys check\n  $ xt keys check emacs")]
    Check {
        /// The keymap, by name or as a file; yours, unless it is given.
        keymap: Option<String>,
    },
}

/// Shows or checks.
pub fn run(startup: &Startup, args: &Args, out: &mut Out) -> Result<u8> {
    let (home, screen) = (startup.home()?, startup.screen());
    let Some(What::Check { keymap }) = &args.what else {
        let (page, findings) = tui::keys_page(screen.keymap.as_deref(), &home, screen.readonly);
        out.text(&page)?;
        for found in &findings {
            out.warn(&found.to_string());
        }
        return Ok(0);
    };
    let findings = tui::check_keys(keymap.as_deref().or(screen.keymap.as_deref()), &home);
    if out.json() {
        out.document(&findings.iter().map(document).collect::<Vec<_>>())?;
    } else if findings.is_empty() {
        out.line("the keymap is sound")?;
    } else {
        findings.iter().try_for_each(|found| out.line(&found.to_string()))?;
    }
    Ok(u8::from(findings.iter().any(|found| found.severity == crate::config::Severity::Error)))
}
