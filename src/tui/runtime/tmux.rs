//! What lies between xt and the person's terminal when xt runs inside tmux.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Whether it does.
pub fn is_around() -> bool {
    std::env::var_os("TMUX").is_some()
}

/// A sequence for the terminal outside: tmux passes it on where `allow-passthrough` is set, and always did before 3.3.
pub fn wrapped(sequence: &str) -> String {
    format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
}

/// Gives tmux a text for its buffer, which it passes on to the clipboard of the terminal outside: that is its own doing,
/// and so allowed as long as `set-clipboard` is not off. A tmux before 3.2 does not know how, and took the wrapped
/// command.
pub fn copy(text: &str) {
    let tmux = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut tmux) = tmux else { return };
    if let Some(mut input) = tmux.stdin.take() {
        let _ = input.write_all(text.as_bytes());
    }
    let _ = tmux.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves C1 (copy by OSC 52, through tmux), C11.
    #[test]
    fn commands_for_the_terminal_outside_are_wrapped() {
        assert_eq!(
            wrapped("\x1b]9;xt run1: completed\x07"),
            "\x1bPtmux;\x1b\x1b]9;xt run1: completed\x07\x1b\\"
        );
    }
}
