//! `xt theme`: works before, and in spite of, a broken theme.

use super::config::document;
use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::ops::Result;
use crate::tui;

/// Options of `xt theme`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Your own colours: theme.toml in the configuration folder. It inherits a theme and says what differs:\n\n    inherits = \"dark\"\n    [palette]\n    mint = \"#5fd7a7\"\n    [status]\n    running = { fg = \"mint\", bold = true }\n    [light.status]\n    running = \"#005f5f\"\n    [glyphs]\n    running = \"▶\"\n\nxt reads it again while it runs; `:theme NAME` tries another. More themes: themes/NAME.toml beside it. Colours are\n`#rrggbb`, numbers of 256, or names (red, bright-blue, default); a terminal that has fewer gets the nearest.\n`background = \"light\"` goes before COLORFGBG and what the terminal answers.\n\nExamples:\n  $ xt theme\n  $ xt theme check\n  $ xt theme check high-contrast"
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

/// What is asked about the themes.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Everything that is wrong with a theme, as <file:line:column>; the exit status is then 1.
    #[command(after_help = "Examples:\n  $ xt theme check\n  $ xt theme check dark")]
    Check {
        /// The theme, by name or as a file; yours, unless it is given.
        theme: Option<String>,
    },
}

/// Lists or checks.
pub fn run(startup: &Startup, args: &Args, out: &mut Out) -> Result<u8> {
    let (home, screen) = (startup.home()?, startup.screen());
    let Some(What::Check { theme }) = &args.what else {
        let themes = tui::themes(&home);
        if out.json() {
            let entry =
                |theme: &tui::ThemeInfo| serde_json::json!({ "name": theme.name, "about": theme.about });
            out.document(&themes.iter().map(entry).collect::<Vec<_>>())?;
            return Ok(0);
        }
        let width = themes.iter().map(|theme| theme.name.len()).max().unwrap_or(0);
        for theme in &themes {
            out.line(format!("{:<width$}  {}", theme.name, theme.about).trim_end())?;
        }
        return Ok(0);
    };
    let findings = tui::check_theme(theme.as_deref().or(screen.theme.as_deref()), &home);
    if out.json() {
        out.document(&findings.iter().map(document).collect::<Vec<_>>())?;
    } else if findings.is_empty() {
        out.line("the theme is sound")?;
    } else {
        findings.iter().try_for_each(|found| out.line(&found.to_string()))?;
    }
    Ok(u8::from(!findings.is_empty()))
}
