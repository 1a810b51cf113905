//! Tells a command: the message is its standard input and its environment.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::{Message, NotifyError, Patience};
use crate::config::secret::shell;
use crate::node::process;

/// Where what the command prints goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nowhere: it may hold secrets.
    Nowhere,
    /// To standard error, for whoever tries it.
    Shown,
}

/// Runs a line of shell to its end.
pub fn run(line: &str, message: &Message, patience: Patience, output: Output) -> Result<(), NotifyError> {
    let mut child = start(line, message, output).map_err(NotifyError::Start)?;
    match wait(&mut child, patience.command) {
        Ok(true) => {}
        Ok(false) => {
            end(&mut child);
            return Err(NotifyError::TooLong(patience.command));
        }
        Err(error) => {
            end(&mut child);
            return Err(NotifyError::Start(error));
        }
    }
    let status = child.wait().map_err(NotifyError::Start)?;
    if status.success() { Ok(()) } else { Err(NotifyError::Failed(status)) }
}

fn start(line: &str, message: &Message, output: Output) -> std::io::Result<Child> {
    let mut command = shell(line);
    command.envs(message.variables()).process_group(0);
    command.current_dir(std::env::home_dir().filter(|home| home.is_dir()).unwrap_or_else(|| "/".into()));
    // It is no service of xt's, and a run it may submit is one like any other.
    process::set_free(&mut command);
    command.stdin(input(message)?);
    match output {
        Output::Nowhere => command.stdout(Stdio::null()).stderr(Stdio::null()),
        Output::Shown => command.stdout(std::io::stderr().as_fd().try_clone_to_owned()?),
    };
    command.spawn()
}

/// The document as a file in memory: whether and when the command reads it makes no difference.
fn input(message: &Message) -> std::io::Result<File> {
    let mut file = File::from(memfd_create("xt-message", MemfdFlags::CLOEXEC)?);
    serde_json::to_writer(&mut file, message)?;
    file.write_all(b"\n")?;
    file.rewind()?;
    Ok(file)
}

/// Waits until it has ended; false when it has not in that time.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<bool> {
    let Some(pid) = pid(child) else { return Ok(false) };
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    let deadline = Instant::now() + limit;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(std::io::Error::other)?;
        match poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Kills it with all it has started.
fn end(child: &mut Child) {
    let root = child.id();
    process::kill_all(|| process::descendants(root).into_iter().chain([root]).collect());
    // Those whose parents have gone are no descendants any more, but of its group.
    if let Some(pid) = pid(child) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let _ = child.wait();
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(line: &str, limit: Duration) -> Result<(), NotifyError> {
        let patience = Patience { command: limit, ..Patience::default() };
        run(line, &Message::test("ws1", "me", "box1"), patience, Output::Nowhere)
    }

    const LONG: Duration = Duration::from_mins(1);

    // Proves C11: the command has the message in its environment and on its input.
    #[test]
    fn a_command_hears_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("told");
        let quoted = shell_words::quote(file.to_str().unwrap()).into_owned();
        tell(&format!("printf '%s %s\\n' $XT_EVENT $XT_WORKSPACE_NAME >{quoted}; cat >>{quoted}"), LONG)
            .unwrap();
        let told = std::fs::read_to_string(file).unwrap();
        let (first, document) = told.split_once('\n').unwrap();
        assert_eq!(first, "test ws1");
        assert_eq!(serde_json::from_str::<serde_json::Value>(document).unwrap()["event"], "test");
    }

    // Proves P10: the line, which may hold a key, is in nobody's list of processes.
    #[test]
    fn its_line_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("told");
        let quoted = shell_words::quote(file.to_str().unwrap()).into_owned();
        tell(&format!("tr '\\0' ' ' </proc/$$/cmdline >{quoted}; : hunter2"), LONG).unwrap();
        let told = std::fs::read_to_string(file).unwrap();
        assert!(told.starts_with("sh -c ") && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn one_that_fails_is_told_of_without_its_words() {
        assert_eq!(
            tell("echo hunter2 >&2; exit 3", LONG).unwrap_err().to_string(),
            "the command of `notify.command` ended with exit status: 3"
        );
    }

    // Proves C11, P6: one that hangs is ended with all it has started.
    #[test]
    fn one_that_hangs_is_ended_with_its_tree() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pids");
        let quoted = shell_words::quote(file.to_str().unwrap()).into_owned();
        // One child, and one whose parent has gone; then it tells that it is there and hangs.
        let line = format!(
            "sleep 1000 & echo $! >{quoted}; (sleep 1000 & echo $! >>{quoted}); echo >>{quoted}; wait"
        );
        let error = tell(&line, Duration::from_secs(1)).unwrap_err();
        assert!(matches!(error, NotifyError::TooLong(_)), "{error}");
        let pids = std::fs::read_to_string(file).unwrap();
        let pids: Vec<u32> = pids.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
        assert_eq!(pids.len(), 2);
        for pid in pids {
            while process::Identity::of(pid).is_some_and(|process| process.is_alive()) {
                std::thread::yield_now();
            }
        }
    }
}
