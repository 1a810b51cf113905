//! Starting the script, and the ends of its streams.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Command, Stdio};
use std::time::Duration;

use process_wrap::std::{CommandWrap, ProcessSession};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::WaitStatus;
use rustix::pty::OpenptFlags;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};

use super::console::Console;
use crate::log::sidecar::Stream;
use crate::node::attempt::Spec;
use crate::node::process::own_program;
use crate::node::{NodeError, Result};

/// The script's process.
pub struct Child {
    pid: u32,
    status: Option<WaitStatus>,
}

impl Child {
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    pub const fn status(&self) -> Option<WaitStatus> {
        self.status
    }

    pub const fn ended(&mut self, status: WaitStatus) {
        self.status = Some(status);
    }
}

/// Signals, as something to poll.
pub struct Signals {
    pipe: signal_hook::iterator::backend::SignalDelivery<
        std::os::unix::net::UnixStream,
        signal_hook::iterator::exfiltrator::SignalOnly,
    >,
}

impl Signals {
    pub fn fd(&self) -> &std::os::unix::net::UnixStream {
        self.pipe.get_read()
    }

    pub fn pending(&mut self) -> Vec<i32> {
        self.pipe.pending().collect()
    }

    /// What comes within a time, if anything does.
    pub fn wait(&mut self, longest: Duration) -> Vec<i32> {
        let timeout = Timespec::try_from(longest).ok();
        // An interrupted wait is a wake-up like any other.
        let _ = poll(&mut [PollFd::new(self.fd(), PollFlags::IN)], timeout.as_ref());
        self.pending()
    }
}

/// Takes over the signals. SIGINT and SIGHUP are taken and ignored: what happens to a terminal is no
/// business of a run's.
pub fn signals() -> Result<Signals> {
    let failed = NodeError::system("take over signals");
    let pipe = std::os::unix::net::UnixStream::pair().and_then(|(read, write)| {
        read.set_nonblocking(true)?;
        write.set_nonblocking(true)?;
        signal_hook::iterator::backend::SignalDelivery::with_pipe(
            read,
            write,
            signal_hook::iterator::exfiltrator::SignalOnly,
            [SIGCHLD, SIGTERM, SIGINT, SIGHUP],
        )
    });
    Ok(Signals { pipe: pipe.map_err(failed)? })
}

/// The reading ends of the script's output, and the controlling end of its terminal.
pub struct Streams {
    readers: Vec<(Stream, Option<File>)>,
    terminal: Option<File>,
    buffer: Vec<u8>,
}

impl Streams {
    /// The ends that are still open.
    pub fn open(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.readers.iter().filter_map(|(_, file)| file.as_ref().map(AsFd::as_fd))
    }

    /// The controlling end of the terminal, for a run that has one.
    pub fn terminal(&self) -> Option<&File> {
        self.terminal.as_ref()
    }

    /// Moves what is there from each stream to the console, a piece of each in turn.
    ///
    /// Answers whether anything was moved.
    pub fn pump(&mut self, console: &mut Console) -> bool {
        let mut moved = false;
        for (stream, reader) in &mut self.readers {
            if !console.is_flowing() {
                break;
            }
            let Some(file) = reader else { continue };
            match file.read(&mut self.buffer) {
                Ok(count) if count > 0 => {
                    console.write(*stream, &self.buffer[..count]);
                    moved = true;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                // The end; a terminal whose last user is gone answers with an error (EIO).
                Ok(_) | Err(_) => *reader = None,
            }
        }
        moved
    }

    /// Moves all that is left; false while the console has no room for it.
    pub fn drain(&mut self, console: &mut Console) -> bool {
        while self.pump(console) {}
        console.is_flowing()
    }
}

/// Starts the script in a session of its own.
pub fn spawn(spec: &Spec) -> io::Result<(Child, Streams)> {
    rustix::process::umask(Mode::from_bits_truncate(spec.umask));
    let spawned = if spec.tty { spawn_in_terminal(spec) } else { spawn_with_pipes(spec) };
    rustix::process::umask(Mode::from_bits_truncate(0o077));
    spawned
}

fn command(spec: &Spec, program: &str, arguments: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&spec.directory).env_clear();
    command.envs(spec.environment.iter().map(|(name, value)| (name, value)));
    command
}

fn start(command: Command) -> io::Result<Child> {
    let mut command = CommandWrap::from(command);
    command.wrap(ProcessSession);
    Ok(Child { pid: command.spawn()?.id(), status: None })
}

fn streams(readers: Vec<(Stream, OwnedFd)>, terminal: Option<File>) -> io::Result<Streams> {
    let mut files = Vec::new();
    for (stream, fd) in readers {
        rustix::io::ioctl_fionbio(&fd, true)?;
        files.push((stream, Some(File::from(fd))));
    }
    Ok(Streams { readers: files, terminal, buffer: vec![0; 64 << 10] })
}

fn spawn_with_pipes(spec: &Spec) -> io::Result<(Child, Streams)> {
    let Some((program, arguments)) = spec.command.split_first() else {
        return Err(io::Error::from(ErrorKind::InvalidInput));
    };
    let (out, out_writer) = io::pipe()?;
    let (err, err_writer) = io::pipe()?;
    let mut command = command(spec, program, arguments);
    command.stdin(Stdio::null()).stdout(out_writer).stderr(err_writer);
    let child = start(command)?;
    Ok((child, streams(vec![(Stream::Stdout, out.into()), (Stream::Stderr, err.into())], None)?))
}

fn spawn_in_terminal(spec: &Spec) -> io::Result<(Child, Streams)> {
    let control = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    rustix::pty::grantpt(&control)?;
    rustix::pty::unlockpt(&control)?;
    let name = rustix::pty::ptsname(&control, Vec::new())?;
    let side = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    // A size every program can live with, until somebody attaches.
    let window = rustix::termios::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&side, window)?;
    let exe = own_program();
    let mut arguments = vec!["shim".to_owned(), "--exec-with-terminal".to_owned(), "--".to_owned()];
    arguments.extend(spec.command.iter().cloned());
    let mut command = command(spec, &exe.to_string_lossy(), &arguments);
    command.stdin(side.try_clone()?).stdout(side.try_clone()?).stderr(side);
    check_program(spec)?;
    let child = start(command)?;
    let terminal = File::from(control.try_clone()?);
    Ok((child, streams(vec![(Stream::Stdout, control)], Some(terminal))?))
}

/// With a terminal the program is started by a second stage: what would be an error of the start is looked
/// for here.
fn check_program(spec: &Spec) -> io::Result<()> {
    let program = spec.command.first().map(String::as_str).unwrap_or_default();
    let path = spec.environment.iter().find(|(name, _)| name == "PATH").map_or("", |(_, value)| value);
    let found = if program.contains('/') {
        spec.directory.join(program).exists()
    } else {
        std::env::split_paths(path).any(|folder| folder.join(program).is_file())
    };
    if found { Ok(()) } else { Err(io::Error::from(ErrorKind::NotFound)) }
}

/// Why a script could not be started, and what to do.
pub fn explain(spec: &Spec, error: &io::Error) -> String {
    let program = spec.command.first().map(String::as_str).unwrap_or_default();
    let program = crate::model::names::visible(program);
    match error.kind() {
        _ if !spec.directory.is_dir() => {
            format!("cannot start `{program}`: the folder {} is gone", spec.directory.display())
        }
        ErrorKind::NotFound => {
            format!(
                "cannot start `{program}`: no such program; is it installed, and on PATH where the run was submitted?"
            )
        }
        ErrorKind::PermissionDenied => format!("cannot start `{program}`: it is not executable (chmod +x?)"),
        _ => format!("cannot start `{program}`: {error}"),
    }
}
