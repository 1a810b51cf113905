//! The shim: supervises one attempt, and knows nothing of stores, controllers or clocks but the monotonic one.
//!
//! One thread, one `poll`: output of the script, signals, the time limit, input for a run with a terminal.

mod child;
mod console;
mod ending;
pub mod input;

use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, WaitOptions, WaitStatus};
use signal_hook::consts::SIGTERM;

use self::child::{Child, Streams};
use self::console::Console;
use self::ending::Ending;
use self::input::Input;
use super::attempt::{Attempt, Exit, Reason, Spec, Started};
use super::patience::{Patience, patiently};
use super::process::{self, Identity, boot_id};
use super::{NodeError, Result, inherit};
use crate::model::Time;
use crate::store::error::Outlook;

/// A script that ends sooner than this has its start told together with its end: a thousand short runs are
/// then half as many messages and transactions.
const TELL: Duration = Duration::from_millis(4);

/// Supervises the attempt in a folder until nothing of it is left; false when somebody else has taken it.
///
/// `notify` is called when the script has started and when all is over.
pub fn run(folder: &Path, notify: &dyn Fn(&Spec)) -> Result<bool> {
    // It fails only where this process leads a session already.
    let _ = rustix::process::setsid();
    // The locks of its places are held before anybody can see that it lives.
    let places = inherit::handed_down();
    let attempt = Attempt::at(folder);
    let spec = attempt.spec()?;
    let Some(lock) = attempt.take()? else { return Ok(false) };
    let exit = supervise(&attempt, &spec, notify).unwrap_or_else(|error| not_started(error.to_string(), 0));
    patiently(|| attempt.write_exit(&exit))?;
    drop(places);
    drop(lock);
    notify(&spec);
    Ok(true)
}

/// Starts the script and stays with it until its end. After an error nothing of it is left.
fn supervise(attempt: &Attempt, spec: &Spec, notify: &dyn Fn(&Spec)) -> Result<Exit> {
    rustix::process::set_child_subreaper(Pid::from_raw(1))
        .map_err(NodeError::system("become a subreaper"))?;
    let mut signals = patiently(child::signals)?;
    let mut console = Console::new(attempt);
    let (child, streams) = match begin(attempt, spec, &mut signals, &mut console, notify)? {
        Begun::Script(child, streams) => (child, streams),
        Begun::Failed(error) => {
            write_started(attempt, None)?;
            let detail = child::explain(spec, &error);
            console.say(&format!("xt: {detail}\n"));
            return Ok(Exit { gap: console.gap(), ..not_started(detail, console.len()) });
        }
        Begun::Cancelled => {
            let exit = not_started("cancelled".to_owned(), console.len());
            return Ok(Exit { reason: Reason::Cancelled, code: 128 + SIGTERM, ..exit });
        }
    };
    // One that has ended already is known by its number alone.
    let script =
        Identity::of(child.pid()).unwrap_or_else(|| Identity { pid: child.pid(), start: 0, boot: boot_id() });
    match write_started(attempt, Some(script)).and_then(|()| Input::listen(attempt, &streams)) {
        Ok(input) => {
            let supervisor = Supervisor {
                spec,
                child,
                streams,
                console,
                signals,
                input,
                ending: None,
                alone: false,
                untold: Some(notify),
            };
            Ok(supervisor.run())
        }
        Err(error) => {
            process::kill_all(|| process::descendants(std::process::id()));
            Err(error)
        }
    }
}

/// What came of a start.
enum Begun {
    Script(Child, Streams),
    Failed(std::io::Error),
    Cancelled,
}

/// Starts the script. A shortage (too many processes, say) is told on the console and waited for.
fn begin(
    attempt: &Attempt,
    spec: &Spec,
    signals: &mut child::Signals,
    console: &mut Console,
    notify: &dyn Fn(&Spec),
) -> Result<Begun> {
    let mut patience = Patience::new(Duration::from_secs(5));
    let mut is_told = false;
    loop {
        let error = match child::spawn(spec) {
            Ok((child, streams)) => return Ok(Begun::Script(child, streams)),
            Err(error) => error,
        };
        let Some(wait) = patience.after(Outlook::of(&error), Instant::now()) else {
            return Ok(Begun::Failed(error));
        };
        if !std::mem::replace(&mut is_told, true) {
            console.say(&format!("xt: cannot start the script now ({error}): it is tried again\n"));
            // Whoever cancels it must know whom to ask.
            write_started(attempt, None)?;
            notify(spec);
        }
        if signals.wait(wait).contains(&SIGTERM) {
            return Ok(Begun::Cancelled);
        }
    }
}

fn write_started(attempt: &Attempt, script: Option<Identity>) -> Result<()> {
    let started = Started { shim: Identity::own(), script, time: Time::now() };
    patiently(|| attempt.write_started(&started))
}

fn not_started(detail: String, console_bytes: u64) -> Exit {
    let (reason, time, abandoned) = (Reason::NotStarted, Time::now(), Vec::new());
    Exit { reason, code: 127, signal: None, detail: Some(detail), time, console_bytes, abandoned, gap: None }
}

/// Everything the loop looks after.
struct Supervisor<'a> {
    spec: &'a Spec,
    child: Child,
    streams: Streams,
    console: Console,
    signals: child::Signals,
    input: Option<Input>,
    ending: Option<Ending>,
    /// The kernel says that this process has no children any more, hence no descendants.
    alone: bool,
    /// Whom the start has not been told yet.
    untold: Option<&'a dyn Fn(&Spec)>,
}

impl Supervisor<'_> {
    fn run(mut self) -> Exit {
        let started = Instant::now();
        let limit = self.spec.limit.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let deadline = limit.and_then(|limit| started.checked_add(limit));
        loop {
            let silent = self.untold.take_if(|_| started.elapsed() >= TELL);
            if let Some(notify) = silent {
                notify(self.spec);
            }
            self.wait(deadline);
            self.console.flush();
            if self.console.is_flowing() {
                self.streams.pump(&mut self.console);
            }
            for signal in self.signals.pending() {
                if signal == SIGTERM {
                    self.end(Reason::Cancelled);
                }
            }
            if self.child.status().is_none() && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.end(Reason::TimeLimit);
            }
            if let Some(input) = &mut self.input {
                input.serve(&self.streams);
            }
            self.reap();
            // A dead script whose status has not been taken yet is a zombie, which counts as gone.
            if let Some(ending) = &mut self.ending
                && ending.advance(self.alone)
                && (self.child.status().is_some() || ending.abandons(self.child.pid()))
                && self.streams.drain(&mut self.console)
            {
                return self.exit();
            }
        }
    }

    /// Waits until there is something to do.
    fn wait(&self, deadline: Option<Instant>) {
        let mut timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let mut sooner =
            |other: Duration| timeout = Some(timeout.map_or(other, |timeout| timeout.min(other)));
        if let Some(ending) = &self.ending {
            sooner(ending.patience());
        }
        if self.untold.is_some() {
            sooner(TELL);
        }
        if !self.console.is_flowing() {
            sooner(self.console.wait());
        }
        let mut fds = vec![PollFd::new(self.signals.fd(), PollFlags::IN)];
        if self.console.is_flowing() {
            fds.extend(self.streams.open().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        }
        if let Some(input) = &self.input {
            fds.extend(input.fds().into_iter().map(|(fd, flags)| PollFd::from_borrowed_fd(fd, flags)));
        }
        let timeout = timeout.and_then(|timeout| rustix::event::Timespec::try_from(timeout).ok());
        // An interrupted wait is a wake-up like any other.
        let _ = poll(&mut fds, timeout.as_ref());
    }

    /// Begins to end the tree; the first reason counts.
    fn end(&mut self, reason: Reason) {
        if self.ending.is_none() {
            let grace = Duration::try_from_secs_f64(self.spec.grace).unwrap_or(Duration::from_secs(10));
            self.ending = Some(Ending::begin(reason, grace, self.spec, self.alone));
        }
    }

    /// Takes the exit statuses of the script and of every orphan that came to this process.
    fn reap(&mut self) {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    if pid.as_raw_nonzero().get().cast_unsigned() == self.child.pid() {
                        self.child.ended(status);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    self.alone = error == rustix::io::Errno::CHILD;
                    break;
                }
            }
        }
        if self.child.status().is_some() {
            // What the script left running would keep its GPU for ever.
            self.end(Reason::Exited);
        }
    }

    fn exit(&self) -> Exit {
        let (code, signal) = self.child.status().map_or((1, None), outcome);
        let reason = self.ending.as_ref().map_or(Reason::Exited, Ending::reason);
        Exit {
            reason,
            code,
            signal,
            detail: None,
            time: Time::now(),
            console_bytes: self.console.len(),
            abandoned: self.ending.as_ref().map(Ending::abandoned).unwrap_or_default(),
            gap: self.console.gap(),
        }
    }
}

/// The exit code and the signal of a status, as shells count them.
fn outcome(status: WaitStatus) -> (i32, Option<i32>) {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => (code, None),
        (None, Some(signal)) => (128 + signal, Some(signal)),
        (None, None) => (1, None),
    }
}

/// The second stage of a start with a terminal: makes the terminal on standard input its own and becomes the
/// command. It runs in the session that was made for it.
pub fn exec_with_terminal(command: &[String]) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    if let Err(error) = rustix::process::ioctl_tiocsctty(std::io::stdin().as_fd()) {
        return error.into();
    }
    match command.split_first() {
        Some((program, arguments)) => std::process::Command::new(program).args(arguments).exec(),
        None => std::io::Error::from(std::io::ErrorKind::InvalidInput),
    }
}
