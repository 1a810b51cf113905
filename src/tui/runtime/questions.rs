//! What is asked of the terminal once the first frame is on it.
//!
//! Nobody waits for an answer: it comes as a message, whenever it comes ([`super::answers`]).

use super::super::picture::Means;
use super::super::theme::Terminal;

/// A question that terminals answer, or ignore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which colour is behind the text (OSC 11).
    Background,
    /// What it is called, and its version (XTVERSION).
    Name,
    /// Whether it could show this picture of one pixel, deflated, by kitty's protocol.
    Kitty,
}

impl Question {
    /// As it is sent.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Background => "\x1b]11;?\x1b\\",
            Self::Name => "\x1b[>0q",
            Self::Kitty => "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24,o=z;eJxjYGAAAAADAAE=\x1b\\",
        }
    }

    /// How an answer begins.
    pub const fn begin(self) -> &'static str {
        match self {
            Self::Background => "\x1b]11;",
            Self::Name => "\x1bP>|",
            Self::Kitty => "\x1b_G",
        }
    }
}

/// What is worth asking. Consoles that would print a question as text are not asked.
pub fn questions(means: &Means, var: impl Fn(&str) -> Option<String>) -> Vec<Question> {
    let term = var("TERM").unwrap_or_default();
    if matches!(term.as_str(), "" | "dumb" | "linux") {
        return Vec::new();
    }
    let mut questions = Vec::new();
    if Terminal::ground_from_env(&var).is_none() {
        questions.push(Question::Background);
    }
    if means.ways.wants_to_know() {
        questions.push(Question::Name);
        if var("TERM_PROGRAM").as_deref() != Some("Apple_Terminal") {
            questions.push(Question::Kitty);
        }
    }
    questions
}

#[cfg(test)]
mod tests {
    // Proves C1 (probes of the terminal).
    use super::*;
    use crate::tui::picture::Pictures;
    use rstest::rstest;

    #[rstest]
    #[case(&[("TERM", "xterm-256color")], &[Question::Background, Question::Name, Question::Kitty])]
    #[case(&[("TERM", "xterm-kitty")], &[Question::Background])]
    #[case(&[("TERM", "xterm-kitty"), ("COLORFGBG", "15;0")], &[])]
    #[case(&[("TERM", "xterm"), ("COLORFGBG", "15;default")], &[Question::Background, Question::Name, Question::Kitty])]
    #[case(&[("TERM", "tmux-256color"), ("TMUX", "x")], &[Question::Background])]
    #[case(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], &[Question::Background, Question::Name])]
    #[case(&[("TERM", "dumb")], &[])]
    #[case(&[("TERM", "linux")], &[])]
    #[case(&[], &[])]
    fn what_is_asked(#[case] env: &[(&str, &str)], #[case] expected: &[Question]) {
        let var = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(questions(&Means::from_env(Pictures::Auto, var), var), expected);
    }
}
