//! The jobs of the workspace, the latest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::model::Job;
use crate::tui::app::effect::Target;
use crate::tui::app::{Model, Pane};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// Draws them.
pub fn draw(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let focused = model.focus == Pane::Jobs;
    let jobs = &model.jobs;
    let mut title = Line::styled("Jobs", theme.title(focused));
    if jobs.more {
        let said = format!(" {} latest {}", theme.glyphs.dot, text::count(jobs.list.len() as u64));
        title.push_span(Span::styled(said, theme.style(Role::Dim)));
    }
    let inner = block(buffer, area, theme, focused, &title, Line::default());
    if jobs.list.is_empty() {
        if jobs.ws.is_some() {
            empty(buffer, inner, &[Line::styled("none yet", theme.style(Role::Dim))]);
        }
        return;
    }
    let rows = jobs.list.iter().enumerate().skip(jobs.cursor.top()).take(usize::from(inner.height));
    for (at, job) in rows {
        let line = at - jobs.cursor.top();
        put(buffer, inner, line, &row_line(job, usize::from(inner.width), model, theme));
        // The cursor of this list means something only where it is, or when the runs are those of the job.
        if at == jobs.cursor.row() && (focused || model.scope.job == Some(job.job_id)) {
            paint_cursor(buffer, inner, line, theme, focused);
        }
    }
}

/// From so many columns on, a row tells more than its name and how far the job is.
const WIDE: usize = 60;

fn row_line(job: &Job, width: usize, model: &Model, theme: &Theme) -> Line<'static> {
    let sign = if model.jobs.marks.contains(&job.job_id) {
        Span::styled(theme.glyphs.mark, theme.style(Role::Mark))
    } else if model.watched.contains(&Target::Job(job.job_id)) {
        Span::styled(theme.glyphs.watched, theme.style(Role::Accent))
    } else {
        Span::raw(" ")
    };
    let mut line = Line::from(vec![
        Span::styled(theme.glyphs.status(job.job_status), theme.status(job.job_status)),
        sign,
    ]);
    let room = width.saturating_sub(3);
    let (cells, more) = if width < WIDE { narrow(job, room, theme) } else { wide(job, room, theme) };
    line.spans.extend(cells);
    line.push_span(Span::styled(more, theme.style(Role::Dim)));
    line
}

/// How far it is, and whether that is bad.
fn progress(job: &Job, theme: &Theme) -> (String, Style) {
    let done = job.completed_runs + job.error_runs + job.cancelled_runs;
    let said = if job.hold && !job.job_status.is_final() {
        "held".to_owned()
    } else if job.job_status.is_final() && job.error_runs > 0 {
        format!("{}/{} failed", job.error_runs, job.run_count)
    } else {
        format!("{done}/{}", job.run_count)
    };
    (said, theme.style(if job.error_runs > 0 { Role::Error } else { Role::Dim }))
}

/// Its name, what it is about as far as there is room, and how far it is.
fn narrow(job: &Job, room: usize, theme: &Theme) -> (Vec<Span<'static>>, String) {
    let (said, style) = progress(job, theme);
    let said = text::cut(&said, room.saturating_sub(7), theme.glyphs.more);
    let name = room.saturating_sub(text::width(&said) + 1);
    let described = match &job.description {
        Some(description) => format!("{}  {description}", job.job_id),
        None => job.job_id.to_string(),
    };
    let name = text::fit(&described, name, theme.glyphs.more);
    (vec![Span::raw(name), Span::raw(" "), Span::styled(said, style)], String::new())
}

/// Its name and how far it is, where its runs belong, what is active and what waits, and what it is about.
fn wide(job: &Job, room: usize, theme: &Theme) -> (Vec<Span<'static>>, String) {
    let more = theme.glyphs.more;
    let (said, style) = progress(job, theme);
    let cells = vec![
        Span::raw(text::fit(&job.job_id.to_string(), 9, more)),
        Span::styled(text::fit_right(&said, 12, more), style),
        Span::raw("  "),
        Span::raw(text::fit(&job.exper_name, 14, more)),
    ];
    let counts = text::counts(&[(job.running_runs, "running"), (job.queued_runs, "queued")]);
    let about = job.description.as_deref().unwrap_or(&job.xt_cmd);
    let rest = format!("  {}  {about}", text::fit(&counts, 24, more));
    let used: usize = cells.iter().map(Span::width).sum();
    (cells, text::cut(&rest, room.saturating_sub(used), more))
}
