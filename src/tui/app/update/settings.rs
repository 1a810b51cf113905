//! The files that a person writes for the UI are read, or have changed: while something is wrong with one, all stays
//! as it is. And what the terminal says about itself.

use super::super::effect::{Effect, TerminalRequest};
use super::super::message::Answer;
use super::super::model::{Model, Severity};
use crate::config::Diagnostic;
use crate::tui::theme::Ground;
use crate::tui::{keymap, theme};

/// How many mistakes of a file are told at once.
const TOLD: usize = 2;

/// The keymap is read.
pub fn keymap(model: &mut Model, loaded: keymap::Loaded, again: bool) {
    let broken = loaded.is_broken();
    tell(model, &loaded.findings, broken.then_some("the keys stay as they are: `xt keys check` tells why"));
    if broken {
        return;
    }
    model.keymap = loaded.keymap;
    model.pressed.clear();
    if again {
        model.tell(Severity::Good, "the keymap is read again");
    }
}

/// A theme is read.
pub fn theme(model: &mut Model, loaded: theme::Loaded, again: bool, effects: &mut Vec<Effect>) {
    let broken = loaded.is_broken();
    tell(
        model,
        &loaded.findings,
        broken.then_some("the colours stay as they are: `xt theme check` tells why"),
    );
    model.themes = loaded.names;
    if broken {
        return;
    }
    model.dirty = true;
    effects.push(Effect::Terminal(TerminalRequest::Theme(Box::new(loaded.theme))));
    if again {
        model.tell(Severity::Good, &format!("the theme is {}", loaded.name));
    }
    model.theme = loaded.name;
}

/// The terminal has told something about itself.
pub fn answer(model: &mut Model, answer: Answer, effects: &mut Vec<Effect>) {
    let means = &mut model.means;
    match answer {
        Answer::Background(colour) => {
            let ground = Ground::of(colour);
            if std::mem::replace(&mut means.terminal.ground, ground) != ground {
                effects.push(Effect::Ground(ground));
            }
        }
        Answer::Name(name) => means.ways.take_name(&name),
        Answer::Kitty(known) => means.ways.take_kitty(known),
    }
}

/// Tells what was found: as errors, and what follows from them, if the file cannot be used.
fn tell(model: &mut Model, findings: &[Diagnostic], broken: Option<&str>) {
    for finding in findings.iter().take(TOLD) {
        let severity = if broken.is_some() { Severity::Error } else { Severity::Warning };
        model.tell(severity, &finding.to_string());
    }
    if let Some(what) = broken {
        let rest = findings.len().saturating_sub(TOLD);
        let more = if rest == 0 { String::new() } else { format!(", and {rest} more") };
        model.tell(Severity::Error, &format!("{what}{more}"));
    }
}
