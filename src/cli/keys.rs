//! A terminal that is attached to a run: what is typed goes to the run, what the run writes comes as it is.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::out::{Out, window};
use crate::model::Run;
use crate::ops::attach::Keyboard;
use crate::ops::monitor::{self, From, Monitor, Piece};
use crate::ops::{Context, OpsError, Result};

/// Ctrl-], as telnet has it: no program of one's own wants it.
const LEAVE: u8 = 0x1d;
/// Lines of a run's past that are shown first: about a screen.
const PAST: u64 = 50;

/// The terminal passes every key on, until this is dropped.
struct Raw(Termios);

impl Raw {
    fn enter() -> Result<Self> {
        let failed = || OpsError::io("set up", "the terminal");
        let before = tcgetattr(rustix::stdio::stdin()).map_err(|error| failed()(error.into()))?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &raw)
            .map_err(|error| failed()(error.into()))?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
    }
}

/// Attaches to a run until it ends or the person leaves.
pub fn attach(ctx: &Context, run: &Run, mut keyboard: Keyboard, out: &mut Out) -> Result<u8> {
    out.note(&format!("attached to {}: ctrl-] leaves it running", run.path()));
    let raw = Raw::enter()?;
    let left = Arc::new(AtomicBool::new(false));
    let resized = Arc::new(AtomicBool::new(true));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGWINCH, Arc::clone(&resized));
    let mut typing = keyboard.try_clone().map_err(OpsError::io("attach to", run.path().to_string()))?;
    let mark = Arc::clone(&left);
    // It waits for keys as long as this program lives; nothing waits for it.
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = std::io::stdin().read(&mut buffer) {
            let typed = &buffer[..count];
            let end = typed.iter().position(|byte| *byte == LEAVE);
            if typing.send(&typed[..end.unwrap_or(count)]).is_err() || end.is_some() {
                break;
            }
        }
        mark.store(true, Ordering::SeqCst);
    });
    let mut monitor = Monitor::new(ctx, std::slice::from_ref(run), From::Last(PAST), None)?;
    let mut ended = None;
    while !monitor.is_done() && !left.load(Ordering::SeqCst) && !out.is_closed() {
        if resized.swap(false, Ordering::SeqCst)
            && let Some((columns, rows)) = window()
        {
            // The run may have ended just now; the monitor will tell.
            let _ = keyboard.resize(columns, rows);
        }
        match monitor.next(ctx)? {
            Some((_, Piece::Output(bytes))) => out.bytes(&bytes)?,
            Some((_, Piece::Ended(run))) => ended = Some(run),
            Some((_, Piece::Attempt(_))) | None => out.flush()?,
        }
    }
    out.flush()?;
    drop(raw);
    if let Some(run) = ended {
        out.note(&format!("{} {}", run.run_name, monitor::ending(&run)));
        return Ok(super::verbs::wait::exit_status(&[*run]));
    }
    let path = run.path();
    out.note(&format!("left {path}, which goes on: `xt attach {path}` to come back"));
    Ok(0)
}
