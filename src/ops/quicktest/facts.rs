//! What this machine has besides: of use for some, needed by nobody.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Serialize;

use crate::node::hardware::count_gpus;
use crate::ops::run::find_program;

/// Something that a machine has or has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// Whether the machine has it.
    pub found: bool,
    /// In words.
    pub text: String,
}

/// A program, how it tells its version, and what needs it.
const PROGRAMS: [(&str, &str, &str); 5] = [
    ("python3", "--version", "the demo and Python scripts need it"),
    ("git", "--version", "runs are recorded without their commit"),
    ("ssh", "-V", "boxes reached by ssh need it"),
    ("sbatch", "--version", "Slurm targets need it"),
    ("docker", "--version", "runs in containers need it"),
];

/// Everything worth telling.
pub fn all() -> Vec<Fact> {
    let mut facts: Vec<_> = PROGRAMS.iter().map(|(name, option, need)| program(name, option, need)).collect();
    facts.push(gpus(Path::new("/dev")));
    facts
}

fn program(name: &'static str, option: &str, need: &str) -> Fact {
    let Some(path) = find_program(name) else {
        return Fact { name, found: false, text: format!("{name} not found: {need}") };
    };
    let output = Command::new(path).arg(option).stdin(Stdio::null()).output();
    let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    let text = match version(&String::from_utf8_lossy(&said)) {
        Some(version) => format!("{name} {version} found"),
        None => format!("{name} found"),
    };
    Fact { name, found: true, text }
}

/// The first word with a digit and a dot: `git version 2.47.1`, `OpenSSH_9.6p1, …`, `slurm 23.11.4`.
fn version(said: &str) -> Option<&str> {
    let first = said.lines().next()?;
    let words = first.split([' ', ',', '_']).map(|word| word.trim_end_matches(','));
    words.into_iter().find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
}

/// GPUs as the kernel shows them.
fn gpus(devices: &Path) -> Fact {
    let count = count_gpus(devices);
    let text = match count {
        0 => "no GPU found".to_owned(),
        1 => "1 GPU found: runs take turns with it".to_owned(),
        count => format!("{count} GPUs found: each run gets its own"),
    };
    Fact { name: "gpus", found: count > 0, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("git version 2.47.1\n", Some("2.47.1"))]
    #[case("OpenSSH_9.6p1 Ubuntu-3ubuntu13, OpenSSL 3.0.13", Some("9.6p1"))]
    #[case("Docker version 27.0.3, build 7d4bcd8", Some("27.0.3"))]
    #[case("slurm 23.11.4", Some("23.11.4"))]
    #[case("", None)]
    #[case("usage: x", None)]
    fn versions(#[case] said: &str, #[case] expected: Option<&str>) {
        assert_eq!(version(said), expected);
    }

    #[test]
    fn gpus_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!gpus(folder.path()).found);
        for name in ["nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "null"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(gpus(folder.path()).text, "2 GPUs found: each run gets its own");
    }
}
