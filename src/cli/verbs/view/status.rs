//! `xt view status`, `xt view controller`.

use crate::cli::console::{Screen, Style};
use crate::cli::out::Out;
use crate::cli::page::{Page, local};
use crate::cli::select::Place;
use crate::log::{FileSource, Source as _, start_of_last_lines};
use crate::model::Status;
use crate::ops::view::StatusPage;
use crate::ops::view::status::page;
use crate::ops::{Context, OpsError, Result, controller, list, select, view};
use crate::report::shape;

/// Waiting runs that are listed; `--json` lists all.
const MOST_WAITING: usize = 10;

/// Options of `xt view status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ xt view status\n  $ xt view status run1")]
pub struct Args {
    /// A run, to see where it stands; without it, what this machine does and what waits.
    run: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Options of `xt view controller`.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true, infer_subcommands = true)]
pub struct ControllerArgs {
    #[command(subcommand)]
    noun: ControllerNoun,
}

#[derive(Debug, clap::Subcommand)]
enum ControllerNoun {
    /// Whether it runs, and what it looks after.
    #[command(after_help = "Examples:\n  $ xt view controller status")]
    Status {
        /// The job it is about; on one machine all jobs have the same controller.
        job: Option<String>,
    },
    /// What it did.
    #[command(after_help = "Examples:\n  $ xt view controller log --tail=20")]
    Log {
        /// The job it is about; on one machine all jobs have the same controller.
        job: Option<String>,
        /// Only the last N lines.
        #[arg(long, value_name = "N")]
        tail: Option<u64>,
    },
}

/// Shows what this machine does, or where a run stands.
pub fn run(ctx: &Context, args: &Args, out: &mut Out) -> Result<()> {
    if let Some(name) = &args.run {
        let run = select::run(ctx, name, args.place.ws())?;
        let found = view::run::page(ctx, &run.path())?;
        if out.json() {
            return out.document(&serde_json::json!({
                "ws": run.ws, "run_name": run.run_name, "status": run.status, "exit_code": run.exit_code,
                "end_reason": run.end_reason,
            }));
        }
        let awaited = found.waits_for.map(|shortage| shortage.to_string());
        let reason = run.end_reason.or(awaited).map(|reason| format!(": {reason}")).unwrap_or_default();
        return out.line(&format!(
            "{} {}{}",
            run.run_name,
            found.standing,
            crate::model::names::visible(&reason)
        ));
    }
    let found = page(ctx)?;
    if out.json() {
        return out.document(&found);
    }
    let mut page = Page::new(out.paint());
    about_controller(&found, &mut page);
    page.show(out)?;
    if !found.active.is_empty() {
        out.line("")?;
        out.table(&list::told_table(ctx, &found.active, ACTIVE)?)?;
    }
    if !found.waiting.is_empty() {
        out.line("")?;
        let shown = found.waiting.get(..MOST_WAITING).unwrap_or(&found.waiting);
        out.table(&list::told_table(ctx, shown, WAITING)?)?;
        if found.waiting.len() > shown.len() {
            out.note(&format!("the first {} of {} that wait", shown.len(), found.waiting.len()));
        }
    }
    Ok(())
}

const ACTIVE: &[&str] = &["ws=WORKSPACE", "run", "status", "job", "box", "started", "duration", "command"];
const WAITING: &[&str] = &["ws=WORKSPACE", "run", "status", "job", "priority", "created", "command"];

/// Shows the controller of this machine, or its log.
pub fn controller(ctx: &Context, args: &ControllerArgs, out: &mut Out) -> Result<()> {
    let (ControllerNoun::Status { job } | ControllerNoun::Log { job, .. }) = &args.noun;
    if let Some(job) = job {
        select::job(ctx, job)?;
    }
    match &args.noun {
        ControllerNoun::Status { .. } => {
            let found = page(ctx)?;
            if out.json() {
                return out.document(&serde_json::json!({
                    "box_name": found.box_name, "controller": found.controller, "heartbeat": found.heartbeat,
                }));
            }
            let mut page = Page::new(out.paint());
            about_controller(&found, &mut page);
            page.show(out)
        }
        ControllerNoun::Log { tail, .. } => log(ctx, *tail, out),
    }
}

fn about_controller(found: &StatusPage, page: &mut Page) {
    let (status, standing) = match found.controller {
        Some(_) => (Status::Running, "controller runs"),
        None if found.active.is_empty() && found.waiting.is_empty() => {
            (Status::Queued, "no controller: there is nothing to do")
        }
        None => (Status::Lost, "no controller runs, though there is work: the next command starts one"),
    };
    page.head(&found.box_name, status, standing);
    page.row("process", &found.controller.as_ref().map(|own| own.pid.to_string()).unwrap_or_default());
    if let (Some(beat), true) = (&found.heartbeat, found.controller.is_some()) {
        page.row("version", &beat.version);
        page.row("since", &local(beat.started));
        page.row("slots", &format!("{} ({} GPUs)", beat.slots, beat.gpus));
        page.moment("last sign", Some(beat.time), "");
    }
    page.row("active", &shape::counted(found.active.len() as u64, "run"));
    page.row("waiting", &shape::counted(found.waiting.len() as u64, "run"));
    if let (Some(beat), true) = (&found.heartbeat, found.controller.is_some()) {
        for shortage in &beat.shortages {
            page.row("waits for", &shortage.to_string());
        }
    }
}

fn log(ctx: &Context, tail: Option<u64>, out: &mut Out) -> Result<()> {
    let path = controller::log_path(ctx);
    let log = match FileSource::open(&path) {
        Ok(log) => log,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            out.note("no controller has run here yet");
            return Ok(());
        }
        Err(error) => return Err(OpsError::io("read", &path)(error)),
    };
    let failed = || OpsError::io("read", &path);
    let mut screen = Screen::new(Style::of(out), None);
    let mut offset = tail.map_or(Ok(0), |tail| start_of_last_lines(&log, tail, u64::MAX)).map_err(failed())?;
    let mut buffer = vec![0; 64 << 10];
    while !out.is_closed() {
        let read = log.read_full_at(offset, &mut buffer).map_err(failed())?;
        if read == 0 {
            break;
        }
        offset += read as u64;
        screen.show(&buffer[..read], out)?;
    }
    screen.end(out)
}
