//! The terminal of a run in place of the UI: its bytes as they come, and the keys to it. (A run without a
//! terminal of its own is watched in the log pane, where what it prints is made harmless.)

use std::fs::File;
use std::io::{self, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::super::TuiError;
use super::terminal::tty;
use crate::log::{FileSource, Source, start_of_last_lines};
use crate::model::{RunPath, Status};
use crate::ops::attach::Keyboard;
use crate::ops::{Context, OpsError, console};

/// The key that leads back: `ctrl-]`, as in telnet. No shell or editor needs it.
const DETACH: u8 = 0x1d;

/// What is shown of what was printed before.
const BEFORE: u64 = 100;
const BEFORE_BYTES: u64 = 256 * 1024;

/// Between two looks whether the run has ended.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// Why it could not be, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The run, or the connection to it.
    #[error(transparent)]
    Run(#[from] OpsError),
    /// The terminal.
    #[error(transparent)]
    Terminal(#[from] TuiError),
    /// The bytes.
    #[error("the connection to the run's console broke: {0}")]
    Broken(#[from] io::Error),
}

/// Shows a run's console until the person detaches, the run has ended, or `ends` says so (asked a few times a
/// second). The terminal is theirs alone meanwhile.
pub fn session(context: &Context, path: &RunPath, ends: &mut dyn FnMut() -> bool) -> Result<(), AttachError> {
    let tty = tty()?;
    let mut out = io::stdout().as_fd().try_clone_to_owned().map(File::from)?;
    let keyboard = Keyboard::connect(context, path)?;
    let _quiet = Quiet::begin(&tty)?;
    writeln!(out, "\n\x1b[7m {path} · keys go to the run, ctrl-] leads back \x1b[0m")?;
    let file = console::locate(context, path, None)?.log;
    let mut session = Session { context, path, tty: &tty, out, keyboard, file, shown: None };
    let ended = session.run(ends)?;
    // What the run may have switched on in the terminal ends here.
    writeln!(session.out, "\x1b[0m\x1b[?25h")?;
    if let Some(status) = ended {
        writeln!(session.out, "\x1b[7m {path} is {status} · any key leads back \x1b[0m")?;
        session.any_key()?;
    }
    Ok(())
}

struct Session<'a> {
    context: &'a Context,
    path: &'a RunPath,
    tty: &'a OwnedFd,
    out: File,
    keyboard: Keyboard,
    file: std::path::PathBuf,
    /// The open console and how far it has been shown; none before it exists.
    shown: Option<(FileSource, u64)>,
}

impl Session<'_> {
    /// Until the person detaches (none) or the run has ended.
    fn run(&mut self, ends: &mut dyn FnMut() -> bool) -> Result<Option<Status>, AttachError> {
        let changes = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)
            .map_err(io::Error::from)?;
        let mut size = None;
        let mut watched = false;
        loop {
            watched = watched || watch(&changes, &self.file);
            self.show()?;
            self.tell_size(&mut size)?;
            let (typed, grown) = self.wait(&changes)?;
            if grown {
                drain(&changes);
            }
            if (typed && self.keys()?) || ends() {
                return Ok(None);
            }
            if !typed && !grown {
                let status = self.context.records.run(self.path).map_err(OpsError::from)?.status;
                if status.is_final() {
                    self.show()?;
                    return Ok(Some(status));
                }
            }
        }
    }

    fn wait(&self, changes: &OwnedFd) -> io::Result<(bool, bool)> {
        let mut waited = [
            PollFd::from_borrowed_fd(self.tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(changes.as_fd(), PollFlags::IN),
        ];
        match poll(&mut waited, Some(&LOOK)) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok((false, true)),
            Err(error) => return Err(error.into()),
        }
        if waited[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
            return Err(io::Error::other("the terminal is gone"));
        }
        Ok((!waited[0].revents().is_empty(), !waited[1].revents().is_empty()))
    }

    /// Shows what has come since the last time.
    fn show(&mut self) -> io::Result<()> {
        if self.shown.is_none() {
            let source = match FileSource::open(&self.file) {
                Ok(source) => source,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            };
            let from = start_of_last_lines(&source, BEFORE, BEFORE_BYTES)?;
            self.shown = Some((source, from));
        }
        let Some((source, next)) = &mut self.shown else { return Ok(()) };
        let mut block = vec![0; 64 * 1024];
        loop {
            let read = source.read_at(*next, &mut block)?;
            if read == 0 {
                return Ok(());
            }
            self.out.write_all(&block[..read])?;
            *next += read as u64;
        }
    }

    /// Passes the keys on; true when one of them leads back.
    fn keys(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 4096];
        let read = rustix::io::read(self.tty, &mut bytes)?;
        let typed = &bytes[..read];
        let (before, leave) = match typed.iter().position(|byte| *byte == DETACH) {
            Some(at) => (&typed[..at], true),
            None => (typed, read == 0),
        };
        self.keyboard.send(before)?;
        Ok(leave)
    }

    fn tell_size(&mut self, last: &mut Option<(u16, u16)>) -> io::Result<()> {
        let now = tcgetwinsize(self.tty)?;
        let size = (now.ws_col, now.ws_row);
        if *last != Some(size) {
            *last = Some(size);
            self.keyboard.resize(size.0, size.1)?;
        }
        Ok(())
    }

    fn any_key(&self) -> io::Result<()> {
        let mut waited = [PollFd::from_borrowed_fd(self.tty.as_fd(), PollFlags::IN)];
        while matches!(poll(&mut waited, None), Err(rustix::io::Errno::INTR)) {}
        let mut bytes = [0; 64];
        rustix::io::read(self.tty, &mut bytes)?;
        Ok(())
    }
}

/// Asks to be told when a file grows; false while it does not exist.
fn watch(changes: &OwnedFd, file: &Path) -> bool {
    inotify::add_watch(changes, file, inotify::WatchFlags::MODIFY).is_ok()
}

fn drain(changes: &OwnedFd) {
    let mut buffer = [const { MaybeUninit::uninit() }; 4096];
    let mut reader = inotify::Reader::new(changes, &mut buffer);
    while reader.next().is_ok() {}
}

/// The terminal without echo, line editing and signals, but with its newlines: restored at the end.
struct Quiet<'a> {
    tty: &'a OwnedFd,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn begin(tty: &'a OwnedFd) -> Result<Self, TuiError> {
        let failed = |error: rustix::io::Errno| TuiError::terminal("prepare the terminal")(error.into());
        let before = tcgetattr(tty).map_err(failed)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
        quiet.input_modes.remove(InputModes::ICRNL | InputModes::IXON);
        tcsetattr(tty, OptionalActions::Now, &quiet).map_err(failed)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.tty, OptionalActions::Now, &self.before);
    }
}
