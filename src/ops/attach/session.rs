//! A terminal given over to a run: what the run writes comes as it is, what is typed goes to the run.

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::Keyboard;
use super::modes::Modes;
use crate::log::{FileSource, Source, start_of_last_lines};
use crate::model::{Run, RunPath};
use crate::ops::{Context, OpsError, Result, console};
use crate::store::StoreError;

/// The key that leads back: `ctrl-]`, as in telnet. No shell or editor needs it.
const DETACH: u8 = 0x1d;

/// What is shown of what was printed before.
const BEFORE: u64 = 100;
const BEFORE_BYTES: u64 = 256 * 1024;

/// Between two looks whether the run has ended.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// No time.
const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Bytes of output that are shown between two looks at the keys: few, for a slow terminal takes its time over them.
const BLOCK: usize = 16 * 1024;

/// Why there is nothing to be attached to any more.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// The run is over; it is this by now.
    Run(Box<Run>),
    /// The attempt is over, and the run is tried again.
    Attempt {
        /// The one that is over.
        over: u32,
        /// The one that follows.
        next: u32,
    },
}

impl Ended {
    /// What has come of a run that somebody is attached to in this attempt; nothing while it goes on.
    fn of(run: Run, attempt: u32) -> Option<Self> {
        if run.attempt == attempt && run.status.is_active() {
            None
        } else if run.attempt == attempt && run.status.is_final() {
            Some(Self::Run(Box::new(run)))
        } else {
            Some(Self::Attempt { over: attempt, next: run.attempt.max(attempt + 1) })
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(run) => write!(f, "{} is {}", run.path(), run.status),
            Self::Attempt { over, next } => {
                write!(f, "attempt {over} ended; attach again for attempt {next}")
            }
        }
    }
}

/// Gives a terminal over to a run until the person leaves with ctrl-] (none), what they are attached to has ended, or
/// `ends` says so, which is asked after each piece of output and a few times a second.
///
/// The terminal is put back as it was; what the run may have switched on in it ends too.
pub fn session(
    ctx: &Context,
    path: &RunPath,
    tty: &OwnedFd,
    keyboard: Keyboard,
    ends: &mut dyn FnMut() -> bool,
) -> Result<Option<Ended>> {
    let broken = OpsError::io("stay attached to", path.to_string());
    let attempt = keyboard.attempt;
    let file = console::locate(ctx, path, Some(attempt))?.log;
    let mut ended = None;
    let mut is_over = |session: &mut Session<'_>, idle: bool| {
        // A run that still writes has not ended, and its last words may have come since the last look.
        if idle
            && let Some(end) = Ended::of(ctx.records.run(path)?, attempt)
            && !session.show()?
        {
            ended = Some(end);
        }
        Ok(ended.is_some() || ends())
    };
    let attend = || -> std::result::Result<(), Broken> {
        let _quiet = Quiet::begin(tty)?;
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let mut session = Session { tty, out, keyboard, file, shown: None, modes: Modes::default() };
        let done = session.attend(&mut is_over);
        let back = session.modes.back();
        session.out.write_all(&[&back, &b"\r\n"[..]].concat())?;
        done
    };
    match attend() {
        Ok(()) => Ok(ended),
        Err(Broken::Ops(error)) => Err(error),
        Err(Broken::Io(error)) => Err(broken(error)),
    }
}

/// What ends a session early.
enum Broken {
    Ops(OpsError),
    Io(io::Error),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Ops(error.into())
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Session<'a> {
    tty: &'a OwnedFd,
    out: File,
    keyboard: Keyboard,
    file: PathBuf,
    /// The open console and how far it has been shown; none before it exists.
    shown: Option<(FileSource, u64)>,
    /// What the run has switched on in the terminal.
    modes: Modes,
}

impl Session<'_> {
    /// Until the person detaches, or it is over.
    fn attend(
        &mut self,
        is_over: &mut dyn FnMut(&mut Self, bool) -> std::result::Result<bool, Broken>,
    ) -> std::result::Result<(), Broken> {
        let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
        let changes = inotify::init(flags).map_err(io::Error::from)?;
        let (mut size, mut watched) = (None, false);
        loop {
            watched = watched || watch(&changes, &self.file);
            let more = self.show()?;
            self.tell_size(&mut size)?;
            let (typed, grown) = self.wait(&changes, more)?;
            if grown {
                drain(&changes);
            }
            if typed && self.keys()? {
                return Ok(());
            }
            if is_over(self, !typed && !grown && !more)? {
                return Ok(());
            }
        }
    }

    /// Waits for keys and for output; where there is more to show it only looks for them.
    fn wait(&self, changes: &OwnedFd, more: bool) -> io::Result<(bool, bool)> {
        let mut waited = [
            PollFd::from_borrowed_fd(self.tty.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(changes.as_fd(), PollFlags::IN),
        ];
        match poll(&mut waited, Some(if more { &NOW } else { &LOOK })) {
            Ok(_) => {}
            // A signal, of the window's size perhaps.
            Err(rustix::io::Errno::INTR) => return Ok((false, true)),
            Err(error) => return Err(error.into()),
        }
        if waited[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
            return Err(io::Error::other("the terminal is gone"));
        }
        Ok((!waited[0].revents().is_empty(), !waited[1].revents().is_empty()))
    }

    /// Shows a block of what has come since the last time; whether there may be more.
    fn show(&mut self) -> io::Result<bool> {
        if self.shown.is_none() {
            let source = match FileSource::open(&self.file) {
                Ok(source) => source,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error),
            };
            let from = start_of_last_lines(&source, BEFORE, BEFORE_BYTES)?;
            self.shown = Some((source, from));
        }
        let Some((source, next)) = &mut self.shown else { return Ok(false) };
        let mut block = [0; BLOCK];
        let read = source.read_at(*next, &mut block)?;
        self.modes.take(&block[..read]);
        self.out.write_all(&block[..read])?;
        *next += read as u64;
        Ok(read > 0)
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
    fn begin(tty: &'a OwnedFd) -> io::Result<Self> {
        let before = tcgetattr(tty)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
        quiet.input_modes.remove(InputModes::ICRNL | InputModes::IXON);
        tcsetattr(tty, OptionalActions::Now, &quiet)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.tty, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    // Proves A4 (whoever is attached can leave, however much a run prints, and is told when an attempt is over).
    use super::*;
    use crate::model::Status;
    use rstest::rstest;
    use rustix::fs::{Mode, OFlags};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::os::unix::net::UnixStream;

    /// A terminal: what a person types on, and what a program reads.
    fn terminal() -> (OwnedFd, OwnedFd) {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap();
        let tty = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        (person, tty)
    }

    #[rstest]
    #[case::by_the_key(true)]
    #[case::by_what_ends_it(false)]
    fn output_that_never_ends_can_be_left(#[case] key: bool) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("console.log");
        std::fs::write(&file, "y\n".repeat(1 << 20)).unwrap();
        let (person, tty) = terminal();
        let _quiet = Quiet::begin(&tty).unwrap();
        let (stream, _run) = UnixStream::pair().unwrap();
        let shown = Some((FileSource::open(&file).unwrap(), 0));
        let out = tempfile::tempfile().unwrap();
        let keyboard = Keyboard { stream, attempt: 1 };
        let mut session = Session { tty: &tty, out, keyboard, file, shown, modes: Modes::default() };
        if key {
            rustix::io::write(&person, &[DETACH]).unwrap();
        }
        session.attend(&mut |_, idle| Ok(!key || idle)).ok().unwrap();
        assert_eq!(session.shown.unwrap().1, BLOCK as u64);
    }

    #[rstest]
    #[case::it_runs(1, Status::Running, None)]
    #[case::tried_again(1, Status::Queued, Some(Ended::Attempt { over: 1, next: 2 }))]
    #[case::running_again(2, Status::Running, Some(Ended::Attempt { over: 1, next: 2 }))]
    #[case::tried_often(4, Status::Queued, Some(Ended::Attempt { over: 1, next: 4 }))]
    fn an_attempt_is_over_when_another_follows(
        #[case] attempt: u32,
        #[case] status: Status,
        #[case] expected: Option<Ended>,
    ) {
        assert_eq!(Ended::of(Run { status, attempt, ..Run::default() }, 1), expected);
    }

    #[test]
    fn a_run_that_is_over_is_told_as_it_is() {
        let run = Run { status: Status::Error, attempt: 1, ..Run::default() };
        assert_eq!(Ended::of(run.clone(), 1), Some(Ended::Run(Box::new(run))));
    }
}
