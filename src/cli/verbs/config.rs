//! `xt config`: works before, and in spite of, a broken configuration.

use std::path::PathBuf;

use crate::cli::out::Out;
use crate::cli::startup::Startup;
use crate::config::{Diagnostic, Loaded, Origin, Severity, show};
use crate::ops::{Result, config};
use crate::report::Role;

/// Options of `xt config`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ xt config --create\n  $ xt config --show\n  $ xt config --check\n  $ xt config --create=./xt_config.yaml"
)]
pub struct Args {
    /// Every value in force and where it was written; this is what happens without an option too.
    #[arg(long)]
    show: bool,
    /// Everything that is wrong, as <file:line:column>, and what has no effect; errors make the exit status 1.
    #[arg(long, conflicts_with = "show")]
    check: bool,
    /// Write a file with every default commented out: your own one, or FILE. Nothing is overwritten.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with_all = ["show", "check"])]
    #[allow(clippy::option_option, reason = "absent, without a file, with a file")]
    create: Option<Option<PathBuf>>,
}

/// Shows, checks or creates.
pub fn run(startup: &Startup, args: &Args, out: &mut Out) -> Result<u8> {
    let home = startup.home()?;
    if let Some(file) = &args.create {
        let path = config::create(&home, file.as_deref())?;
        if out.json() {
            out.document(&serde_json::json!({ "file": path }))?;
        } else {
            out.line(&format!("{} created", path.display()))?;
            out.note("edit it, then: xt config --check");
        }
        return Ok(0);
    }
    let loaded = startup.configuration(&home);
    if args.check { check(&loaded, out) } else { show_all(&loaded, out) }
}

fn check(loaded: &Loaded, out: &mut Out) -> Result<u8> {
    if out.json() {
        out.document(&loaded.diagnostics.iter().map(document).collect::<Vec<_>>())?;
    } else {
        loaded.diagnostics.iter().try_for_each(|found| out.line(&found.to_string()))?;
        if loaded.diagnostics.iter().all(|found| found.severity == Severity::Note) {
            out.line("the configuration is sound")?;
        }
    }
    Ok(u8::from(loaded.errors().next().is_some()))
}

/// A finding as JSON.
pub(super) fn document(found: &Diagnostic) -> serde_json::Value {
    let (file, line, column) = match &found.origin {
        Origin::File { path, line, column } => (Some(path.display().to_string()), *line, *column),
        _ => (None, 0, 0),
    };
    serde_json::json!({
        "severity": found.severity.to_string(), "origin": found.origin.to_string(),
        "file": file, "line": line, "column": column,
        "message": found.message, "suggestion": found.suggestion,
    })
}

fn show_all(loaded: &Loaded, out: &mut Out) -> Result<u8> {
    let shown = show(loaded);
    if out.json() {
        let values = shown.iter().map(|value| {
            // Texts are quoted and lists are written as JSON has them; what is not is a text as it is.
            let plain = serde_json::from_str(&value.value)
                .unwrap_or_else(|_| serde_json::Value::from(value.value.as_str()));
            serde_json::json!({
                "path": value.path, "value": plain, "origin": value.origin.to_string()
            })
        });
        out.document(&values.collect::<Vec<_>>())?;
    } else {
        let width = shown.iter().map(|value| value.path.chars().count()).max().unwrap_or(0);
        let paint = out.paint();
        for value in &shown {
            // What somebody wrote stands out among the defaults.
            let role = if value.origin == Origin::Default { Role::Plain } else { Role::Heading };
            let mut line = String::new();
            paint.write(&mut line, role, &format!("{:width$}  {}", value.path, value.value));
            paint.write(&mut line, Role::Muted, &format!("  # {}", value.origin));
            out.line(&line)?;
        }
    }
    for found in &loaded.diagnostics {
        match found.severity {
            Severity::Note => out.note(&found.to_string()),
            Severity::Warning | Severity::Error => out.warn(&found.to_string()),
        }
    }
    Ok(0)
}
