//! Another program in place of the UI: an editor, a shell.
//!
//! It gets the terminal as a job of a shell does, in a process group of its own: what is typed, ctrl-c too, is for
//! it alone. When it is stopped (ctrl-z), so is xt, and `fg` brings both back.

use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, unbounded};
use nix::sys::signal::{SigSet, Signal as Blocked};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpgrp, kill_process_group, waitpid};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr, tcsetpgrp};
use signal_hook::consts::{SIGTTIN, SIGTTOU};

use super::super::TuiError;
use super::signals;
use super::terminal::tty;
use crate::ops::shell::Shell;

/// The longest time until an order to end is seen.
const LOOK: Duration = Duration::from_millis(250);

/// Bytes of an edited text that are read back at the most.
const LARGEST: u64 = 1 << 20;

/// The editor of someone who has named none.
const EDITOR: &str = "vi";

/// Why it could not be, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The terminal.
    #[error(transparent)]
    Terminal(#[from] TuiError),
    /// It cannot be started.
    #[error("cannot start `{program}`: {source}{}", hint(.program, .source))]
    Start {
        /// The program.
        program: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The person's words for it are none.
    #[error("${variable} is no command: {value}")]
    Words {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The file for it.
    #[error("cannot use a file for the editor: {0}")]
    File(#[from] io::Error),
    /// It said that something is wrong.
    #[error("`{program}` ended with exit code {code}: nothing is taken from it")]
    Failed {
        /// The program.
        program: String,
        /// Its exit code.
        code: i32,
    },
    /// It is no text any more.
    #[error("what came back from the editor is no text of less than 1 MiB: nothing is taken from it")]
    NoText,
}

fn hint(program: &str, error: &io::Error) -> &'static str {
    if program == EDITOR && error.kind() == io::ErrorKind::NotFound {
        "; set $EDITOR to one you have"
    } else {
        ""
    }
}

/// A program with its arguments.
struct Program {
    words: Vec<String>,
    directory: Option<PathBuf>,
    environment: Vec<(&'static str, String)>,
}

/// Lets a person edit a text; what it is afterwards. `ends` says when it has to end (asked a few times a second).
pub fn edit(text: &str, ends: &mut dyn FnMut() -> bool) -> Result<String, OutsideError> {
    let mut file = tempfile::Builder::new().prefix("xt-").suffix(".txt").tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    let program = editor(file.path())?;
    let name = program.words[0].clone();
    match run(&program, ends)? {
        0 => {}
        code => return Err(OutsideError::Failed { program: name, code }),
    }
    // An editor may have put another file in its place.
    if file.path().metadata()?.len() > LARGEST {
        return Err(OutsideError::NoText);
    }
    String::from_utf8(std::fs::read(file.path())?).map_err(|_| OutsideError::NoText)
}

/// Lets a person look at a copy of a file, and removes it with its folder; one that was changed is left, and its
/// path is answered.
pub fn view(copy: &Path, ends: &mut dyn FnMut() -> bool) -> Result<Option<PathBuf>, OutsideError> {
    let stamp = |path: &Path| path.metadata().and_then(|meta| Ok((meta.len(), meta.modified()?))).ok();
    let before = stamp(copy);
    let ended = editor(copy).and_then(|program| run(&program, ends));
    let after = stamp(copy);
    if after.is_some() && after != before {
        return ended.map(|_| Some(copy.to_owned()));
    }
    if let Some(folder) = copy.parent() {
        let _ = std::fs::remove_dir_all(folder);
    }
    ended.map(|_| None)
}

/// Starts a shell where a run is; `dot` stands between what is said of it.
pub fn shell(
    run_name: &str,
    shell: Shell,
    dot: &str,
    ends: &mut dyn FnMut() -> bool,
) -> Result<(), OutsideError> {
    let directory = crate::model::names::visible(&shell.directory.to_string_lossy());
    let record = if shell.ended {
        format!(" {dot} the record of the run: better look than change")
    } else {
        String::new()
    };
    let mut out = io::stdout();
    // Kept and put back by the terminals that know how.
    write!(out, "\x1b[22;0t\x1b]2;xt {run_name}: exit leads back\x07")?;
    writeln!(out, "\n\x1b[7m {run_name} {dot} exit leads back \x1b[0m {directory}{record}")?;
    let program = Program {
        words: vec![shell.program],
        directory: Some(shell.directory),
        environment: shell.environment,
    };
    let ended = run(&program, ends);
    write!(out, "\x1b[23;0t")?;
    out.flush()?;
    ended.map(|_| ())
}

/// The person's editor on a file.
fn editor(file: &Path) -> Result<Program, OutsideError> {
    let named = |variable: &'static str| {
        let value = std::env::var(variable).ok().filter(|value| !value.trim().is_empty())?;
        Some((variable, value))
    };
    let mut words = match named("VISUAL").or_else(|| named("EDITOR")) {
        Some((variable, value)) => {
            let words = shell_words::split(&value).ok().filter(|words| !words.is_empty());
            words.ok_or(OutsideError::Words { variable, value })?
        }
        None => vec![EDITOR.to_owned()],
    };
    words.push(file.to_string_lossy().into_owned());
    Ok(Program { words, directory: None, environment: Vec::new() })
}

/// Gives a program the terminal until it ends; its exit code (128 and the signal's number if one ended it).
fn run(program: &Program, ends: &mut dyn FnMut() -> bool) -> Result<i32, OutsideError> {
    let (name, arguments) = program.words.split_first().map_or(("", &[][..]), |(name, rest)| (name, rest));
    let mut command = Command::new(name);
    command
        .args(arguments)
        .envs(program.environment.iter().map(|(name, value)| (name, value)))
        .process_group(0);
    if let Some(directory) = &program.directory {
        command.current_dir(directory);
    }
    let tty = tty()?;
    let modes = tcgetattr(&tty).ok();
    // Before any signal is blocked: the program would inherit that.
    let child = command.spawn();
    let child = child.map_err(|source| OutsideError::Start { program: name.to_owned(), source })?;
    let pid = Pid::from_child(&child);
    let foreground = Foreground::of(tty, modes);
    foreground.give(pid);
    let changes = changes(pid)?;
    loop {
        match changes.recv_timeout(LOOK) {
            Ok(status) if status.stopped() => {
                // It may have wanted the terminal a moment before it had it.
                let wanted = [SIGTTIN, SIGTTOU].map(Some).contains(&status.stopping_signal());
                if !wanted && signals::can_stop() {
                    foreground.take();
                    signals::stop_process()?;
                }
                foreground.give(pid);
                let _ = kill_process_group(pid, Signal::CONT);
            }
            Ok(status) => {
                let signal = status.terminating_signal().map(|signal| 128 + signal);
                return Ok(status.exit_status().or(signal).unwrap_or(0));
            }
            // Nobody can wait for it any more: it ended.
            Err(RecvTimeoutError::Disconnected) => return Ok(0),
            Err(RecvTimeoutError::Timeout) if ends() => {
                // As if the terminal had been closed: editors save what they have.
                let _ = kill_process_group(pid, Signal::HUP);
                let _ = kill_process_group(pid, Signal::CONT);
                return Ok(0);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Tells when a process stops, and when it ends.
fn changes(pid: Pid) -> Result<Receiver<WaitStatus>, TuiError> {
    let (sender, changes) = unbounded();
    std::thread::Builder::new()
        .name("xt-program".into())
        .spawn(move || {
            loop {
                match waitpid(Some(pid), WaitOptions::UNTRACED) {
                    Ok(Some((_, status))) => {
                        if sender.send(status).is_err() || !status.stopped() {
                            return;
                        }
                    }
                    Ok(None) | Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return,
                }
            }
        })
        .map_err(TuiError::terminal("wait for a program"))?;
    Ok(changes)
}

/// Who is in the foreground of the terminal; at the end it is xt again, and the terminal's modes are as before.
struct Foreground {
    tty: OwnedFd,
    modes: Option<Termios>,
    /// Without this, taking the terminal back from the background would stop xt.
    blocked: SigSet,
}

impl Foreground {
    /// With the modes that the terminal is to have again.
    fn of(tty: OwnedFd, modes: Option<Termios>) -> Self {
        let mut blocked = SigSet::empty();
        blocked.add(Blocked::SIGTTOU);
        let _ = blocked.thread_block();
        Self { tty, modes, blocked }
    }

    /// A terminal that is not the one of our session knows no foreground, and needs none.
    fn give(&self, group: Pid) {
        let _ = tcsetpgrp(&self.tty, group);
    }

    fn take(&self) {
        self.give(getpgrp());
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        self.take();
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(&self.tty, OptionalActions::Now, modes);
        }
        let _ = self.blocked.thread_unblock();
    }
}
