//! Whether the system will end runs when the person logs out.

use std::path::Path;

/// A warning, where systemd kills what a user leaves behind at logout.
pub fn warning() -> Option<String> {
    let user = std::env::var("USER").unwrap_or_default();
    let lingers = Path::new("/var/lib/systemd/linger").join(&user).exists();
    let is_root = rustix::process::geteuid().is_root();
    if lingers || is_root || !Path::new("/run/systemd/system").exists() {
        return None;
    }
    let main = std::fs::read_to_string("/etc/systemd/logind.conf").unwrap_or_default();
    let parts = std::fs::read_dir("/etc/systemd/logind.conf.d").into_iter().flatten().flatten();
    let parts = parts.filter_map(|part| std::fs::read_to_string(part.path()).ok());
    let texts: Vec<_> = std::iter::once(main).chain(parts).collect();
    kills_at_logout(texts.iter().map(String::as_str)).then(|| {
        format!("this system ends a user's processes at logout, runs included: `loginctl enable-linger {user}` keeps them going")
    })
}

/// What logind's configuration says; the last word counts, and its own default is no.
fn kills_at_logout<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let words = texts.flat_map(str::lines).filter_map(|line| line.trim().strip_prefix("KillUserProcesses="));
    words.last().is_some_and(|word| matches!(word.trim(), "yes" | "true" | "on" | "1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C6 (a warning where logout would end runs).
    #[test]
    fn logind_is_understood() {
        assert!(!kills_at_logout(["[Login]\n#KillUserProcesses=yes\n"].into_iter()));
        assert!(kills_at_logout(["[Login]\nKillUserProcesses=yes\n"].into_iter()));
        assert!(!kills_at_logout(["KillUserProcesses=yes\n", "KillUserProcesses=no\n"].into_iter()));
    }
}
