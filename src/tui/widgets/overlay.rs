//! What lies over the panes: questions, forms, lines to type, lists to look at, toasts.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use tui_textarea::TextArea;

use super::text;
use crate::tui::app::dialog::{Confirm, Overlay, Prompt, PromptKind, RerunForm, SortMenu};
use crate::tui::app::effect::{Target, names};
use crate::tui::app::model::{Notice, Severity, TaskState};
use crate::tui::app::Model;
use crate::tui::command::{self, Group, REGISTRY};
use crate::tui::panes::block;
use crate::tui::theme::{Role, Theme};

/// Draws it, and the toasts; answers where the cursor is, if something is typed.
pub fn draw(buffer: &mut Buffer, model: &Model, theme: &Theme) -> Option<Position> {
    toasts(buffer, model, theme);
    match model.overlay.as_ref()? {
        Overlay::Confirm(confirm) => {
            question(buffer, model, confirm, theme);
            None
        }
        Overlay::Rerun(form) => rerun(buffer, model, form, theme),
        Overlay::Prompt(prompt) => self::prompt(buffer, model, prompt, theme),
        Overlay::Sort(menu) => {
            sort(buffer, model, menu, theme);
            None
        }
        Overlay::Help { scroll } => {
            sheet(buffer, model, theme, ("Keys", "?"), &help(model, theme), *scroll);
            None
        }
        Overlay::Errors { scroll } => {
            sheet(buffer, model, theme, ("What went wrong", "!"), &errors(model, theme), *scroll);
            None
        }
        Overlay::Tasks { scroll } => {
            sheet(buffer, model, theme, ("Tasks", "T"), &tasks(model, theme), *scroll);
            None
        }
    }
}

/// A rectangle in the middle of the screen, as large as asked where there is room.
fn centred(model: &Model, width: usize, height: usize) -> Rect {
    let (columns, rows) = model.size;
    let width = u16::try_from(width).unwrap_or(columns).min(columns.saturating_sub(if columns > 50 { 4 } else { 0 }));
    let height = u16::try_from(height).unwrap_or(rows).min(rows.saturating_sub(if rows > 12 { 2 } else { 0 }));
    Rect { x: (columns - width) / 2, y: (rows - height) / 2, width, height }
}

/// A framed popup; answers its inside, with a margin where there is room for one.
fn popup(buffer: &mut Buffer, area: Rect, theme: &Theme, title: &str, right: Line<'static>) -> Rect {
    let style = theme.style(Role::Accent).patch(theme.style(Role::Strong));
    let inner = block(buffer, area, theme, true, Line::styled(title.to_owned(), style), right);
    if inner.width > 30 { Rect { x: inner.x + 1, width: inner.width - 2, ..inner } } else { inner }
}

fn put(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    if let Some(row) = u16::try_from(row).ok().filter(|row| *row < area.height) {
        buffer.set_line(area.x, area.y + row, line, area.width);
    }
}

/// The question before something is ended: what exactly, then yes or no.
fn question(buffer: &mut Buffer, model: &Model, confirm: &Confirm, theme: &Theme) {
    let planned = confirm.planned.as_deref();
    let title = match confirm.targets.as_slice() {
        [target] => format!("Kill {target}?"),
        many => format!("Kill {}?", names(many)),
    };
    let lines = planned.map_or(1, <[_]>::len).clamp(1, 12);
    let area = centred(model, 64, lines + 6);
    let inner = popup(buffer, area, theme, &title, Line::default());
    let room = usize::from(inner.height).saturating_sub(3).max(1);
    let dim = theme.style(Role::Dim);
    match planned {
        None => put(buffer, inner, 1, &Line::styled(format!("looking{}", theme.glyphs.more), dim)),
        Some([]) => put(buffer, inner, 1, &Line::styled("nothing of it is running or waiting", dim)),
        Some(ends) => {
            let scroll = confirm.scroll.min(ends.len().saturating_sub(room));
            for (row, end) in ends.iter().skip(scroll).take(room).enumerate() {
                let used = 24;
                let detail = text::cut(&end.detail, usize::from(inner.width).saturating_sub(used), theme.glyphs.more);
                let line = Line::from(vec![
                    Span::styled(theme.glyphs.status(end.status), theme.status(end.status)),
                    Span::raw(" "),
                    Span::styled(text::fit(&end.target.to_string(), 10, theme.glyphs.more), theme.style(Role::Strong)),
                    Span::styled(format!(" {:<10} ", end.status), theme.status(end.status)),
                    Span::styled(detail, dim),
                ]);
                let top = usize::from(inner.height > 4);
                put(buffer, inner, top + row, &line);
            }
        }
    }
    let total = planned.map_or(0, <[_]>::len);
    let mut ask = vec![
        Span::styled("y", theme.style(Role::Key)),
        Span::raw(if total > 1 { format!(" kill all {total}") } else { " kill".to_owned() }),
        Span::raw("   "),
        Span::styled("n", theme.style(Role::Key)),
        Span::raw(" leave"),
    ];
    if confirm.targets.iter().any(|target| matches!(target, Target::Job(_))) {
        ask.push(Span::styled("   waiting runs will not start", dim));
    }
    put(buffer, inner, usize::from(inner.height).saturating_sub(1), &Line::from(ask));
}

/// The form to start a run again, with what it was.
fn rerun(buffer: &mut Buffer, model: &Model, form: &RerunForm, theme: &Theme) -> Option<Position> {
    const LABEL: u16 = 12;
    let shown = form.original.len().min(8);
    let area = centred(model, 76, shown + 9);
    let inner = popup(buffer, area, theme, &format!("Rerun {}", form.run.run), Line::default());
    let dim = theme.style(Role::Dim);
    // Fields first: where there is little room the rest is left out.
    let top = u16::from(inner.height > 5);
    let mut cursor = None;
    for (at, label) in ["arguments", "set"].into_iter().enumerate() {
        let row = top + u16::try_from(at).unwrap_or(0);
        if row >= inner.height {
            break;
        }
        let focused = form.focus == at;
        let style = if focused { theme.style(Role::Accent) } else { dim };
        buffer.set_stringn(inner.x, inner.y + row, label, usize::from(inner.width), style);
        let label = LABEL.min(inner.width / 3);
        let area = Rect { x: inner.x + label, y: inner.y + row, width: inner.width - label, height: 1 };
        let hint = if at == 1 { "name=value …" } else { "" };
        let at = field(buffer, area, &form.fields[at], hint, theme);
        if focused {
            cursor = Some(at);
        }
    }
    let mut row = usize::from(top) + 2;
    if let Some(problem) = &form.problem {
        let problem = text::cut(problem, usize::from(inner.width), theme.glyphs.more);
        put(buffer, inner, row, &Line::styled(problem, theme.style(Role::Error)));
    }
    row += 1;
    if row + 1 < usize::from(inner.height) {
        put(buffer, inner, row, &Line::styled("as it was", dim));
        for (name, value) in form.original.iter().take(shown) {
            row += 1;
            let label = text::fit(name, usize::from(LABEL) - 1, theme.glyphs.more);
            let value = text::cut(value, usize::from(inner.width.saturating_sub(LABEL)), theme.glyphs.more);
            let line = Line::from(vec![Span::styled(format!("{label} "), dim), Span::raw(value)]);
            put(buffer, inner, row, &line);
        }
    }
    let keys = Line::from(vec![
        Span::styled("enter", theme.style(Role::Key)),
        Span::raw(" start   "),
        Span::styled("tab", theme.style(Role::Key)),
        Span::raw(" next field   "),
        Span::styled("esc", theme.style(Role::Key)),
        Span::raw(" leave"),
    ]);
    if inner.height > 5 {
        put(buffer, inner, usize::from(inner.height) - 1, &keys);
    }
    cursor
}

/// One line to type in; answers where its cursor is. It scrolls so that the cursor is seen.
fn field(buffer: &mut Buffer, area: Rect, input: &TextArea<'_>, hint: &str, theme: &Theme) -> Position {
    let content = input.lines().first().map_or("", String::as_str);
    let before: String = content.chars().take(input.cursor().1).collect();
    let width = usize::from(area.width);
    buffer.set_style(area, theme.style(Role::Field));
    let column = unicode_width::UnicodeWidthStr::width(before.as_str());
    let skipped = (column + 1).saturating_sub(width);
    if content.is_empty() {
        buffer.set_stringn(area.x, area.y, hint, width, theme.style(Role::Field).patch(theme.style(Role::Dim)));
    } else {
        let shown = crate::log::StyledLine::plain(crate::log::sanitize(content), crate::log::Style::default())
            .slice_columns(skipped, skipped + width)
            .text();
        buffer.set_stringn(area.x, area.y, shown, width, theme.style(Role::Field));
    }
    let x = u16::try_from(column - skipped).unwrap_or(0).min(area.width.saturating_sub(1));
    Position { x: area.x + x, y: area.y }
}

/// A line to type in place of the hints (in the log: under it), with what it may become above it.
fn prompt(buffer: &mut Buffer, model: &Model, prompt: &Prompt, theme: &Theme) -> Option<Position> {
    let (columns, rows) = model.size;
    let bottom = rows.checked_sub(1)?;
    let row = Rect { x: 0, y: bottom, width: columns, height: 1 };
    Clear.render(row, buffer);
    let sign = match prompt.kind {
        PromptKind::Command => " : ",
        PromptKind::Filter | PromptKind::Search => " / ",
    };
    buffer.set_stringn(0, bottom, sign, usize::from(columns), theme.style(Role::Key));
    let note = match (&prompt.problem, prompt.kind) {
        (Some(problem), _) => Line::styled(format!("{problem} "), theme.style(Role::Error)),
        (None, PromptKind::Filter) if prompt.text().trim().is_empty() => {
            Line::styled("words, or status=error, lr<0.1 … ", theme.style(Role::Dim))
        }
        (None, PromptKind::Filter) => {
            let matches = format!("{} match ", text::count(model.runs.len() as u64));
            Line::styled(matches, theme.style(Role::Dim))
        }
        _ => Line::default(),
    };
    let taken = u16::try_from(note.width()).unwrap_or(columns).min(columns.saturating_sub(20));
    let area = Rect { x: 3, y: bottom, width: columns.saturating_sub(taken + 4), height: 1 };
    if area.width == 0 {
        return None;
    }
    buffer.set_line(columns - taken, bottom, &note, taken);
    if prompt.kind == PromptKind::Command {
        completions(buffer, model, prompt, theme);
    }
    Some(field(buffer, area, &prompt.input, "", theme))
}

fn completions(buffer: &mut Buffer, model: &Model, prompt: &Prompt, theme: &Theme) {
    const SHOWN: usize = 10;
    let found = command::complete(&prompt.text());
    let (columns, rows) = model.size;
    let height = u16::try_from(found.len().min(SHOWN) + 2).unwrap_or(0).min(rows.saturating_sub(1));
    if found.is_empty() || height < 3 {
        return;
    }
    let area = Rect { x: 0, y: rows - 1 - height, width: columns.min(76), height };
    let inner = block(buffer, area, theme, true, Line::default(), Line::default());
    let room = usize::from(inner.height);
    let top = (prompt.choice + 1).saturating_sub(room);
    for (row, (at, entry)) in found.iter().enumerate().skip(top).take(room).enumerate() {
        let key = model.keymap.keys(entry.command, model.focus).next().map(|key| key.short()).unwrap_or_default();
        let name = format!("{} {}", entry.name, entry.argument);
        let line = Line::from(vec![
            Span::raw(" "),
            Span::raw(text::fit(&name, 26, theme.glyphs.more)),
            Span::styled(text::fit(&key, 8, theme.glyphs.more), theme.style(Role::Key)),
            Span::styled(entry.doc, theme.style(Role::Dim)),
        ]);
        put(buffer, inner, row, &line);
        if at == prompt.choice {
            bar(buffer, inner, row, theme);
        }
    }
}

/// Paints a row as the chosen one.
fn bar(buffer: &mut Buffer, inner: Rect, row: usize, theme: &Theme) {
    let Some(row) = u16::try_from(row).ok().filter(|row| *row < inner.height) else { return };
    let area = Rect { y: inner.y + row, height: 1, ..inner };
    for x in area.left()..area.right() {
        buffer[(x, area.y)].set_style(Style::reset());
    }
    buffer.set_style(area, theme.style(Role::Cursor));
}

fn sort(buffer: &mut Buffer, model: &Model, menu: &SortMenu, theme: &Theme) {
    let area = centred(model, 34, menu.fields.len() + 2);
    let inner = popup(buffer, area, theme, "Sort by", Line::default());
    let room = usize::from(inner.height);
    let top = (menu.choice + 1).saturating_sub(room);
    let sorted = model.sort.as_ref().map_or(("run_num", true), |sort| (sort.field.as_str(), sort.descending));
    for (row, (at, (field, word))) in menu.fields.iter().enumerate().skip(top).take(room).enumerate() {
        let sign = match sorted {
            (now, true) if now == field => theme.glyphs.descending,
            (now, false) if now == field => theme.glyphs.ascending,
            _ => " ",
        };
        let width = usize::from(inner.width).saturating_sub(2);
        let line = Line::from(vec![
            Span::raw(text::fit(word, width, theme.glyphs.more)),
            Span::styled(sign, theme.style(Role::Accent)),
        ]);
        put(buffer, inner, row, &line);
        if at == menu.choice {
            bar(buffer, inner, row, theme);
        }
    }
}

/// A list to look at.
fn sheet(
    buffer: &mut Buffer,
    model: &Model,
    theme: &Theme,
    (title, key): (&str, &str),
    lines: &[Line<'static>],
    scroll: usize,
) {
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let area = centred(model, (widest + 4).max(40), lines.len() + 2);
    let right = Line::styled(key.to_owned(), theme.style(Role::Dim));
    let inner = popup(buffer, area, theme, title, right);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    for (row, line) in lines.iter().skip(scroll).take(usize::from(inner.height)).enumerate() {
        put(buffer, inner, row, line);
    }
}

/// The keys that work in the focused pane, by group; in two columns where there is room.
fn help(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let groups: Vec<Vec<Line<'static>>> =
        Group::ALL.into_iter().map(|group| help_group(model, theme, group)).filter(|g| g.len() > 1).collect();
    let all: usize = groups.iter().map(|group| group.len() + 1).sum();
    let width = groups.iter().flatten().map(Line::width).max().unwrap_or(0);
    if 2 * width + 8 > usize::from(model.size.0) {
        return joined(groups);
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for group in groups {
        let taken: usize = left.iter().map(|group: &Vec<Line<'_>>| group.len() + 1).sum();
        if right.is_empty() && taken + group.len() <= all / 2 + 3 { left.push(group) } else { right.push(group) }
    }
    let (mut left, right) = (joined(left), joined(right));
    left.resize(left.len().max(right.len()), Line::default());
    for (line, other) in left.iter_mut().zip(right) {
        let blanks = (width + 4).saturating_sub(line.width());
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
    const KEYS: usize = 14;
    let mut lines = vec![Line::styled(group.title(), theme.style(Role::Accent))];
    for entry in REGISTRY.iter().filter(|entry| entry.group == group && entry.scope.includes(model.focus)) {
        let keys: Vec<String> = model.keymap.keys(entry.command, model.focus).map(|key| key.short()).collect();
        if !keys.is_empty() {
            lines.push(Line::from(vec![
                Span::styled(text::fit(&keys.join(" "), KEYS, theme.glyphs.more), theme.style(Role::Key)),
                Span::raw(entry.doc),
            ]));
        }
    }
    lines
}

fn errors(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    if model.notices.is_empty() {
        return vec![Line::styled("nothing so far", theme.style(Role::Dim))];
    }
    let width = usize::from(model.size.0).saturating_sub(24).max(10);
    let mut lines = Vec::new();
    for notice in &model.notices {
        let ago = format!("{:>7} ago  ", text::duration(model.now.since(notice.time).as_secs_f64()));
        let whole = crate::log::StyledLine::plain(notice.text.clone(), crate::log::Style::default());
        for (at, part) in whole.wrap(width).iter().enumerate() {
            let lead = if at == 0 { ago.clone() } else { " ".repeat(ago.len()) };
            lines.push(Line::from(vec![
                Span::styled(lead, theme.style(Role::Dim)),
                Span::styled(part.text(), theme.style(severity_role(notice.severity))),
            ]));
        }
    }
    lines
}

const fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Good => Role::Good,
        Severity::Warning => Role::Warning,
        Severity::Error => Role::Error,
    }
}

fn tasks(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    if model.tasks.is_empty() {
        return vec![Line::styled("nothing so far", theme.style(Role::Dim))];
    }
    let width = usize::from(model.size.0).saturating_sub(46).max(10);
    let line = |task: &crate::tui::app::model::Task| {
        let (glyph, role, said) = match &task.state {
            TaskState::Running => (theme.glyphs.running, Role::Accent, "under way"),
            TaskState::Done(said) => (theme.glyphs.completed, Role::Good, said.as_str()),
            TaskState::Failed(why) => (theme.glyphs.failed, Role::Error, why.as_str()),
        };
        Line::from(vec![
            Span::styled(format!("{glyph} "), theme.style(role)),
            Span::raw(text::fit(&task.title, 28, theme.glyphs.more)),
            Span::raw(" "),
            Span::styled(text::cut(said, width, theme.glyphs.more), theme.style(Role::Dim)),
        ])
    };
    model.tasks.iter().map(line).collect()
}

/// What was told lately, at the bottom right above the hints.
fn toasts(buffer: &mut Buffer, model: &Model, theme: &Theme) {
    let (columns, rows) = model.size;
    let most = usize::from(columns).saturating_sub(2).min(90);
    for (at, (notice, _)) in model.toasts.iter().rev().enumerate() {
        let Some(y) = rows.checked_sub(2 + u16::try_from(at).unwrap_or(u16::MAX)) else { return };
        toast(buffer, notice, (columns, y), most, theme);
    }
}

fn toast(buffer: &mut Buffer, notice: &Notice, (columns, y): (u16, u16), most: usize, theme: &Theme) {
    let glyph = match notice.severity {
        Severity::Good => theme.glyphs.completed,
        Severity::Warning => "!",
        Severity::Error => theme.glyphs.failed,
    };
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled(glyph, theme.style(severity_role(notice.severity))),
        Span::raw(" "),
        Span::raw(text::cut(&notice.text, most.saturating_sub(4), theme.glyphs.more)),
        Span::raw(" "),
    ]);
    let width = u16::try_from(line.width()).unwrap_or(columns).min(columns);
    let area = Rect { x: columns - width, y, width, height: 1 };
    Clear.render(area, buffer);
    buffer.set_line(area.x, y, &line, width);
}
