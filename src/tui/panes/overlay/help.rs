//! The keys that work in the focused pane, from the registry.

use indexmap::IndexMap;
use ratatui::text::{Line, Span};

use crate::tui::app::Model;
use crate::tui::command::{GROUPS, Group};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;

/// The keys that work in the focused pane, by group; in two columns where there is room.
pub fn lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let groups: Vec<Vec<Line<'static>>> =
        GROUPS.iter().map(|group| help_group(model, theme, group)).filter(|g| g.len() > 1).collect();
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

fn help_group(model: &Model, theme: &Theme, group: &Group) -> Vec<Line<'static>> {
    const KEYS: usize = 12;
    let mut shown: IndexMap<(usize, String), Vec<String>> = IndexMap::new();
    for (keys, choice) in model.keymap.in_force(model.place()) {
        let entry = group.entries.iter().position(|entry| entry.command == choice.run.entry.command);
        if let Some(at) = entry {
            shown.entry((at, choice.doc())).or_default().push(keys.short());
        }
    }
    // In the order of the registry.
    shown.sort_by(|(one, _), _, (other, _), _| one.cmp(other));
    let mut lines = vec![Line::styled(group.title, theme.style(Role::Accent))];
    lines.extend(shown.into_iter().map(|((_, doc), keys)| {
        let keys = text::fit(&keys.join(" "), KEYS, theme.glyphs.more);
        Line::from(vec![Span::styled(keys, theme.style(Role::Key)), Span::raw(doc)])
    }));
    lines
}
