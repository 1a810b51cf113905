//! The keys that work in the focused pane, from the registry.

use ratatui::text::{Line, Span};

use crate::tui::app::Model;
use crate::tui::command::{Group, REGISTRY};
use crate::tui::keymap::Key;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;

/// The keys that work in the focused pane, by group; in two columns where there is room.
pub fn lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let groups: Vec<Vec<Line<'static>>> =
        Group::ALL.into_iter().map(|group| help_group(model, theme, group)).filter(|g| g.len() > 1).collect();
    let width = groups.iter().flatten().map(Line::width).max().unwrap_or(0);
    if 2 * width + 10 > usize::from(model.size.0) {
        return joined(groups);
    }
    let rows = |groups: &[Vec<Line<'_>>]| groups.iter().map(|group| group.len() + 1).sum::<usize>();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for group in groups {
        let shorter = if rows(&left) <= rows(&right) { &mut left } else { &mut right };
        shorter.push(group);
    }
    let (mut left, right) = (joined(left), joined(right));
    left.resize(left.len().max(right.len()), Line::default());
    for (line, other) in left.iter_mut().zip(right) {
        let blanks = (width + 3).saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(blanks)));
        line.spans.extend(other.spans);
    }
    left
}

fn joined(groups: Vec<Vec<Line<'static>>>) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for group in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(group);
    }
    lines
}

fn help_group(model: &Model, theme: &Theme, group: Group) -> Vec<Line<'static>> {
    const KEYS: usize = 12;
    let mut lines = vec![Line::styled(group.title(), theme.style(Role::Accent))];
    for entry in
        REGISTRY.iter().filter(|entry| entry.group == group && entry.scope.includes(model.key_context()))
    {
        let keys: Vec<String> =
            model.keymap.keys(entry.command, model.key_context()).map(Key::short).collect();
        if !keys.is_empty() {
            lines.push(Line::from(vec![
                Span::styled(text::fit(&keys.join(" "), KEYS, theme.glyphs.more), theme.style(Role::Key)),
                Span::raw(entry.doc),
            ]));
        }
    }
    lines
}
