//! Processes as the kernel's `/proc` tells of them: a pid alone is reused, a pid with its start and the
//! boot's id is not.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// A process, unmistakably.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    pub start: u64,
    /// The boot it belongs to.
    pub boot: String,
}

impl Identity {
    /// This process.
    pub fn own() -> Self {
        Self::of(std::process::id()).unwrap_or_default()
    }

    /// The process that has this pid now.
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self { pid, start: stat(pid)?.start, boot: boot_id() })
    }

    /// Whether this very process is still there (a zombie is not).
    pub fn is_alive(&self) -> bool {
        self.boot == boot_id()
            && stat(self.pid).is_some_and(|stat| stat.start == self.start && stat.state != 'Z')
    }

    /// Sends a signal to this very process; false when it is gone, or another user's.
    pub fn signal(&self, signal: Signal) -> bool {
        self.send(signal) == Sent::Done
    }

    /// The pidfd is opened before the start is compared, so that a pid reused in between is never hit.
    fn send(&self, signal: Signal) -> Sent {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return Sent::Gone };
        let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return Sent::Gone };
        if !self.is_alive() {
            return Sent::Gone;
        }
        match pidfd_send_signal(handle, signal) {
            Ok(()) => Sent::Done,
            Err(Errno::PERM) => Sent::Refused,
            Err(_) => Sent::Gone,
        }
    }
}

/// What became of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Done,
    /// There is nobody to get it.
    Gone,
    /// The process is another user's.
    Refused,
}

/// The name of a process's program, as the kernel has it.
pub fn name(pid: u32) -> String {
    let name = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
    String::from_utf8_lossy(&name).trim_end().to_owned()
}

/// xt's own program. An upgrade may have replaced the file under a long-lived controller: then the kernel
/// still has the program that is running, and its shims are of the same version as itself.
pub fn own_program() -> PathBuf {
    match std::env::current_exe() {
        Ok(path) if path.exists() => path,
        _ => PathBuf::from("/proc/self/exe"),
    }
}

/// Identifies this boot of the machine; empty where the kernel does not tell.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// The machine's name.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// What `/proc/<pid>/stat` says that is of interest here. Times are in clock ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// `R`, `S`, `Z`, …
    pub state: char,
    /// The parent's pid.
    pub parent: u32,
    /// The processor time it has used.
    pub ticks: u64,
    /// That of its children it has waited for.
    pub child_ticks: u64,
    /// When it started, since boot.
    pub start: u64,
    /// Pages of memory it has in use.
    pub pages: u64,
}

impl Stat {
    /// Reads the text of such a file.
    pub fn parse(text: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, and may itself hold blanks and parentheses.
        let mut fields = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        let mut number = |skipped| fields.nth(skipped)?.parse::<u64>().ok();
        let ticks = number(9)?.saturating_add(number(0)?);
        let child_ticks = number(0)?.saturating_add(number(0)?);
        let (start, pages) = (number(4)?, number(1)?);
        Some(Self { state, parent, ticks, child_ticks, start, pages })
    }
}

fn stat(pid: u32) -> Option<Stat> {
    Stat::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn all_pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Set for controllers and shims. A script that submits another run may start a controller, whose shims are then
/// descendants of that script's shim: they and what they look after are no part of its run.
const OWN: &str = "XT_SERVICE";

/// Makes a command one of xt's own, which belongs to no run even if it is started within one.
pub fn set_apart(command: &mut Command) {
    command.env(OWN, "1").env_remove(RUN_GUID).env_remove(ATTEMPT);
}

/// Makes a command that a controller starts one of the user's, and none of xt's own.
pub fn set_free(command: &mut Command) {
    command.env_remove(OWN);
}

/// Whether a process is a controller or a shim.
pub fn is_own(pid: u32) -> bool {
    const TRIES: u32 = 20;
    for _ in 0..TRIES {
        let environ = environ(pid);
        if !environ.is_empty() {
            return environ
                .split(|byte| *byte == 0)
                .any(|entry| entry.strip_prefix(OWN.as_bytes()) == Some(b"=1"));
        }
        // In the moment in which it becomes another program it has none yet.
        std::thread::yield_now();
    }
    false
}

/// The environment a process was started with, as far as it can be read.
fn environ(pid: u32) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/environ")).unwrap_or_default()
}

/// The living descendants of a process, by parentage, up to controllers and shims. A subreaper's orphans stay among
/// them.
pub fn descendants(root: u32) -> BTreeSet<u32> {
    let mut children = HashMap::<u32, Vec<u32>>::new();
    for pid in all_pids() {
        if let Some(stat) = stat(pid)
            && stat.state != 'Z'
        {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        for child in children.remove(&pid).unwrap_or_default() {
            if !is_own(child) && found.insert(child) {
                open.push(child);
            }
        }
    }
    found
}

/// The variable with a run's id, by which its processes are found.
pub const RUN_GUID: &str = "XT_RUN_GUID";

/// The variable with an attempt's number.
pub const ATTEMPT: &str = "XT_ATTEMPT";

/// The living processes that were started for an attempt of a run, by the ids in their environment: this
/// finds them even when the shim is gone and they belong to nobody; and the descendants of those, which may have
/// thrown away their environment.
pub fn of_attempt(run_guid: &str, attempt: u32) -> BTreeSet<u32> {
    let guid = format!("{RUN_GUID}={run_guid}");
    let attempt = format!("{ATTEMPT}={attempt}");
    let own = std::process::id();
    let bearing: BTreeSet<_> = all_pids()
        .filter(|pid| *pid != own)
        .filter(|pid| {
            let environ = environ(*pid);
            let has = |wanted: &str| environ.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes());
            has(&guid) && has(&attempt)
        })
        .filter(|pid| stat(*pid).is_some_and(|stat| stat.state != 'Z'))
        .collect();
    let below = bearing.iter().flat_map(|pid| descendants(*pid)).collect::<Vec<_>>();
    bearing.into_iter().chain(below).collect()
}

/// Sends a signal to a process by pid; for processes just found alive.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(identity) = Identity::of(pid) {
        identity.signal(signal);
    }
}

/// Ends processes for good: they are stopped first and looked for again until no new ones turn up, so that
/// none can fork away, and then killed. Answers those that are another user's, for this one may not end them.
pub fn kill_all(find: impl Fn() -> BTreeSet<u32>) -> BTreeSet<u32> {
    let mut stopped = BTreeSet::new();
    loop {
        let fresh: Vec<_> = find().difference(&stopped).copied().collect();
        if fresh.is_empty() {
            break;
        }
        for pid in fresh {
            signal(pid, Signal::STOP);
            stopped.insert(pid);
        }
    }
    stopped
        .retain(|pid| Identity::of(*pid).is_some_and(|process| process.send(Signal::KILL) == Sent::Refused));
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves B2: what another controller looks after is no part of a run, wherever it was started.
    #[test]
    fn descendants_end_at_processes_set_apart() {
        let start = |apart: bool| {
            let mut command = Command::new("sleep");
            command.arg("1000");
            if apart {
                set_apart(&mut command);
            }
            command.spawn().unwrap()
        };
        let (mut plain, mut apart) = (start(false), start(true));
        let found = descendants(std::process::id());
        let expected = (found.contains(&plain.id()), found.contains(&apart.id()));
        for child in [&mut plain, &mut apart] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert_eq!(expected, (true, false));
    }

    // Proves B31: a process is known by more than its number.
    #[test]
    fn a_process_is_alive_until_it_is_gone() {
        assert!(Identity::own().is_alive());
        let other_boot = Identity { boot: "another".into(), ..Identity::own() };
        assert!(!other_boot.is_alive());
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        assert!(descendants(std::process::id()).contains(&child.id()));
        let reused = Identity { start: identity.start + 1, ..identity.clone() };
        assert!(!reused.signal(Signal::KILL));
        assert!(identity.signal(Signal::KILL));
        child.wait().unwrap();
        assert!(!identity.is_alive());
        assert!(!identity.signal(Signal::KILL));
    }
}
