//! Long texts on a terminal: through the person's pager.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::out::{Out, window};
use crate::ops::Result;

/// Writes a text; on a terminal that is shorter, `$PAGER` shows it (without one, `less` if there is one).
pub fn show(out: &mut Out, text: &str) -> Result<()> {
    let rows = window().map_or(usize::MAX, |(_, rows)| usize::from(rows));
    if out.is_terminal() && text.lines().count() >= rows {
        out.flush()?;
        if page(text) {
            return Ok(());
        }
    }
    out.text(text)
}

/// Whether a pager has shown the text.
fn page(text: &str) -> bool {
    let named = std::env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let words = shell_words::split(named.as_deref().unwrap_or("less")).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Colours as they are, and no second screen for what would fit after all.
        command.env("LESS", "FRX");
    }
    // Ctrl-c is the pager's: it must not lose its parent and share the terminal with a shell.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)));
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // A pager that was left early has seen enough.
        let _ = stdin.write_all(text.as_bytes());
    }
    let _ = child.wait();
    true
}
