//! Passwords and keys: kept as written, resolved only on demand, never printed.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::model::names::visible;

/// No key is longer than this; a file or command that yields more is the wrong one.
const MAX_BYTES: u64 = 64 * 1024;
/// Long enough for a person to unlock a password manager.
const COMMAND_PATIENCE: Duration = Duration::from_mins(1);

/// A secret value or a reference to one: `$env:NAME`, `$file:path`, `$cmd:command line`, `$vault`.
///
/// Neither `Debug` nor `Display` shows a value; `Display` shows where a reference points.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Inline(String),
    Env(String),
    File(PathBuf),
    Command(String),
    Vault,
}

/// Why a secret could not be had; never contains any of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable of a `$env:` reference is missing or not UTF-8.
    #[error("the environment variable `{0}` that holds a secret is not set; set it, or change the reference")]
    NoVariable(String),
    /// The file of a `$file:` reference cannot be read.
    #[error("cannot read the secret in {path}: {source}", path = .path.display())]
    File {
        /// The file as resolved.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The command of a `$cmd:` reference could not be started.
    #[error("cannot start `{program} …` to get a secret: {source}")]
    Start {
        /// The command's first word.
        program: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The command of a `$cmd:` reference failed.
    #[error("`{program} …`, run to get a secret, ended with {status}; try it by hand")]
    Failed {
        /// The command's first word.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// The command of a `$cmd:` reference did not end in time.
    #[error("`{0} …`, run to get a secret, gave none within {seconds} seconds", seconds = COMMAND_PATIENCE.as_secs())]
    TooSlow(String),
    /// What was found is not a secret: empty, binary, or far too long.
    #[error("what {0} yields is not a secret: it is empty, not UTF-8, or longer than 64 KiB")]
    Unusable(String),
    /// The value is kept in a vault.
    #[error(
        "this secret is kept in the vault (`$vault`): name it as `$env:…`, `$file:…` or `$cmd:…` instead"
    )]
    Vault,
}

impl Secret {
    /// Understands what a configuration says; `$file:` paths are relative to `folder`, `~` is `home`.
    pub fn parse(text: &str, folder: Option<&Path>, home: Option<&Path>) -> Self {
        Self(if let Some(name) = text.strip_prefix("$env:") {
            Form::Env(name.trim().to_owned())
        } else if let Some(path) = text.strip_prefix("$file:") {
            let path = expand_home(path.trim(), home);
            Form::File(folder.map_or_else(|| path.clone(), |folder| folder.join(&path)))
        } else if let Some(line) = text.strip_prefix("$cmd:") {
            Form::Command(line.trim().to_owned())
        } else if text == "$vault" {
            Form::Vault
        } else {
            Form::Inline(text.to_owned())
        })
    }

    /// A value as it is, whatever it looks like.
    pub fn inline(text: &str) -> Self {
        Self(Form::Inline(text.to_owned()))
    }

    /// Whether a text is a reference to a secret and not a value.
    pub(super) fn is_reference(text: &str) -> bool {
        !matches!(Self::parse(text, None, None).0, Form::Inline(_))
    }

    /// Whether this names a command to run.
    pub fn is_command(&self) -> bool {
        matches!(self.0, Form::Command(_))
    }

    /// Whether the secret itself is written here, and not a reference, nor an address without credentials.
    pub fn is_exposed(&self) -> bool {
        match &self.0 {
            Form::Inline(text) => !text.is_empty() && (!text.contains("://") || text.contains(['@', '?'])),
            _ => false,
        }
    }

    /// The value: reads the environment or a file, or runs the command, each time anew.
    pub fn resolve(&self) -> Result<String, SecretError> {
        match &self.0 {
            Form::Inline(text) => Ok(text.clone()),
            Form::Env(name) => usable_name(name)
                .and_then(|name| std::env::var(name).ok())
                .ok_or_else(|| SecretError::NoVariable(name.clone())),
            Form::File(path) => {
                let failed = |source| SecretError::File { path: path.clone(), source };
                let file = std::fs::File::open(path).map_err(failed)?;
                let bytes = read_bounded(file).map_err(failed)?;
                usable(bytes, || path.display().to_string())
            }
            Form::Command(line) => run(line),
            Form::Vault => Err(SecretError::Vault),
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Inline(_) => f.write_str("(secret)"),
            Form::Env(name) => write!(f, "$env:{}", visible(name)),
            Form::File(path) => write!(f, "$file:{}", visible(&path.to_string_lossy())),
            Form::Command(line) => write!(f, "$cmd:{} …", visible(program(line))),
            Form::Vault => f.write_str("$vault"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

/// Whether a variable's name says that its value is nobody else's business.
pub fn names_secret(name: &str) -> bool {
    const PARTS: [&str; 8] =
        ["KEY", "SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "CONN_STR", "SAS"];
    let name = name.to_ascii_uppercase();
    PARTS.iter().any(|part| name.contains(part))
}

/// `~` and `~/…` in terms of the home folder, if that is known.
pub(super) fn expand_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_path_buf(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// Names that `std::env::var` can look up.
fn usable_name(name: &str) -> Option<&str> {
    (!name.is_empty() && !name.contains(['=', '\0'])).then_some(name)
}

/// The first word: arguments of a command may hold secrets themselves.
fn program(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

fn read_bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_too_long(bytes: &[u8]) -> bool {
    bytes.len() as u64 > MAX_BYTES
}

/// The text without the line end that editors and commands add.
fn usable(bytes: Vec<u8>, from: impl Fn() -> String) -> Result<String, SecretError> {
    let too_long = is_too_long(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| SecretError::Unusable(from()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if too_long || text.is_empty() {
        return Err(SecretError::Unusable(from()));
    }
    Ok(text.to_owned())
}

/// A shell that runs a line of somebody's configuration. The line may hold a secret, and everybody can read the
/// arguments of a process: it gets there by the environment, which only its owner can read, and not to its children.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "eval \"unset XT_LINE\n$XT_LINE\""]).env("XT_LINE", line);
    command
}

fn run(line: &str) -> Result<String, SecretError> {
    let name = program(line);
    let start = |source| SecretError::Start { program: name.to_owned(), source };
    let mut child = shell(line)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(start)?;
    let Some(stdout) = child.stdout.take() else {
        return Err(SecretError::Unusable(format!("`{name} …`")));
    };
    let deadline = Instant::now() + COMMAND_PATIENCE;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(read_bounded(stdout)));
    let Ok(output) = receiver.recv_timeout(COMMAND_PATIENCE) else {
        return Err(end(child, SecretError::TooSlow(name.to_owned())));
    };
    let bytes = output.map_err(start)?;
    if is_too_long(&bytes) {
        return Err(end(child, SecretError::Unusable(format!("`{name} …`"))));
    }
    loop {
        match child.try_wait().map_err(start)? {
            Some(status) if status.success() => return usable(bytes, || format!("`{name} …`")),
            Some(status) => return Err(SecretError::Failed { program: name.to_owned(), status }),
            None if Instant::now() > deadline => {
                return Err(end(child, SecretError::TooSlow(name.to_owned())));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Ends a command that is not worth waiting for, and hands the reason on.
fn end(mut child: Child, why: SecretError) -> SecretError {
    // It may have ended meanwhile, which is as good.
    let _ = child.kill();
    let _ = child.wait();
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // Proves A10 (credentials), P10 (a secret is never printed).
    #[rstest]
    #[case("hunter2", "(secret)")]
    #[case("$env:XT_TEST_KEY", "$env:XT_TEST_KEY")]
    #[case("$file:keys/a", "$file:/etc/xt/keys/a")]
    #[case("$file:~/a", "$file:/home/me/a")]
    #[case("$file:/a", "$file:/a")]
    #[case("$cmd:pass show hunter2", "$cmd:pass …")]
    #[case("$vault", "$vault")]
    fn shows_where_but_never_what(#[case] text: &str, #[case] shown: &str) {
        let secret = Secret::parse(text, Some(Path::new("/etc/xt")), Some(Path::new("/home/me")));
        assert_eq!(secret.to_string(), shown);
        assert_eq!(format!("{secret:?}"), format!("Secret({shown})"));
    }

    #[test]
    fn resolves_each_form() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "from file\n").unwrap();
        let resolve = |text: &str| Secret::parse(text, Some(folder.path()), None).resolve();
        assert_eq!(resolve("plain").unwrap(), "plain");
        assert_eq!(resolve("$file:key").unwrap(), "from file");
        assert_eq!(resolve("$cmd:printf 'a b'").unwrap(), "a b");
        assert_eq!(resolve("$env:PATH").unwrap(), std::env::var("PATH").unwrap());
    }

    // Proves P10: what a command line holds is in nobody's list of processes, nor in the environment of what it starts.
    #[rstest]
    #[case("$cmd:tr '\\0' ' ' </proc/$$/cmdline; : hunter2")]
    #[case("$cmd:env; : hunter2")]
    fn a_command_line_is_hidden(#[case] text: &str) {
        let told = Secret::parse(text, None, None).resolve().unwrap();
        assert!(!told.is_empty() && !told.contains("hunter2"), "{told}");
    }

    #[rstest]
    #[case(
        "$env:XT_NO_SUCH_VARIABLE",
        "the environment variable `XT_NO_SUCH_VARIABLE` that holds a secret is not set; set it, or change the reference"
    )]
    #[case(
        "$env:",
        "the environment variable `` that holds a secret is not set; set it, or change the reference"
    )]
    #[case(
        "$cmd:echo hunter2; exit 3",
        "`echo …`, run to get a secret, ended with exit status: 3; try it by hand"
    )]
    #[case(
        "$cmd:true",
        "what `true …` yields is not a secret: it is empty, not UTF-8, or longer than 64 KiB"
    )]
    #[case(
        "$cmd:head -c 70000 /dev/zero",
        "what `head …` yields is not a secret: it is empty, not UTF-8, or longer than 64 KiB"
    )]
    #[case(
        "$file:/no/such/file",
        "cannot read the secret in /no/such/file: No such file or directory (os error 2)"
    )]
    fn errors_say_what_to_do_and_hold_no_secret(#[case] text: &str, #[case] message: &str) {
        assert_eq!(Secret::parse(text, None, None).resolve().unwrap_err().to_string(), message);
    }

    #[rstest]
    #[case("hunter2", true)]
    #[case("mongodb://me:pw@host/", true)]
    #[case("https://host/?sig=abc", true)]
    #[case("mongodb://127.0.0.1:27017/", false)]
    #[case("$env:KEY", false)]
    #[case("", false)]
    fn knows_what_a_reader_of_the_file_could_use(#[case] text: &str, #[case] exposed: bool) {
        assert_eq!(Secret::parse(text, None, None).is_exposed(), exposed);
    }
}
