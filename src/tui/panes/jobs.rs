//! The jobs of the workspace, the latest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
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
    let title = Line::styled("Jobs", theme.title(focused));
    let inner = block(buffer, area, theme, focused, &title, Line::default());
    let jobs = &model.jobs;
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

fn row_line(job: &Job, width: usize, model: &Model, theme: &Theme) -> Line<'static> {
    let done = job.completed_runs + job.error_runs + job.cancelled_runs;
    let progress = if job.hold {
        "held".to_owned()
    } else if job.job_status.is_final() && job.error_runs > 0 {
        format!("{}/{} failed", job.error_runs, job.run_count)
    } else {
        format!("{done}/{}", job.run_count)
    };
    let role = if job.error_runs > 0 { Role::Error } else { Role::Dim };
    let progress = text::cut(&progress, width.saturating_sub(10), theme.glyphs.more);
    let name_width = width.saturating_sub(progress.chars().count() + 4);
    let described = match &job.description {
        Some(description) => format!("{}  {description}", job.job_id),
        None => job.job_id.to_string(),
    };
    let watched = model.watched.contains(&Target::Job(job.job_id));
    let sign = if model.jobs.marks.contains(&job.job_id) {
        Span::styled(theme.glyphs.mark, theme.style(Role::Mark))
    } else if watched {
        Span::styled(theme.glyphs.watched, theme.style(Role::Accent))
    } else {
        Span::raw(" ")
    };
    Line::from(vec![
        Span::styled(theme.glyphs.status(job.job_status), theme.status(job.job_status)),
        sign,
        Span::raw(text::fit(&described, name_width, theme.glyphs.more)),
        Span::raw(" "),
        Span::styled(progress, theme.style(role)),
        Span::raw(" "),
    ])
}
