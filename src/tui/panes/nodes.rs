//! The machines with their controllers, and what runs on the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::model::node::Heartbeat;
use crate::model::{Run, Time};
use crate::ops::nodes::{Contact, Node};
use crate::report::shape::bytes;
use crate::tui::app::Model;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::frame::{block, empty, paint_cursor, put};
use crate::tui::widgets::text;

/// A column of the table.
struct Column {
    heading: &'static str,
    /// Numbers stand at the right.
    right: bool,
    /// Those of the highest rank go first when there is too little room.
    rank: u8,
    cell: fn(&Node, Time) -> String,
}

const COLUMNS: [Column; 10] = [
    Column { heading: "BOX", right: false, rank: 0, cell: |node, _| node.name.clone() },
    Column { heading: "CONTROLLER", right: false, rank: 1, cell: controller },
    Column { heading: "RUNS", right: true, rank: 2, cell: |node, _| node.runs.len().to_string() },
    Column { heading: "SLOTS", right: true, rank: 3, cell: slots },
    Column { heading: "GPUS", right: true, rank: 4, cell: gpus },
    Column { heading: "CPU", right: true, rank: 5, cell: cpu },
    Column { heading: "MEMORY", right: true, rank: 6, cell: memory },
    Column { heading: "LOAD", right: true, rank: 7, cell: load },
    Column { heading: "DISK FREE", right: true, rank: 9, cell: disk },
    Column { heading: "SEEN", right: true, rank: 8, cell: seen },
];

/// Columns between two columns.
const GAP: usize = 2;

/// Draws them.
pub fn draw(buffer: &mut Buffer, body: Rect, model: &Model, theme: &Theme) {
    let (list, below) = model.nodes.areas(body);
    machines(buffer, list, model, theme);
    if !below.is_empty() {
        runs(buffer, below, model, theme);
    }
}

fn machines(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let nodes = &model.nodes;
    let mut title = Line::styled("Nodes", theme.title(true));
    if nodes.loaded {
        let count = format!(" {} {}", theme.glyphs.dot, text::count(nodes.list.len() as u64));
        title.push_span(Span::styled(count, theme.style(Role::Dim)));
    }
    let inner = block(buffer, area, theme, true, &title, Line::default());
    if nodes.list.is_empty() {
        if nodes.loaded {
            empty(buffer, inner, &[Line::styled("no machine is known yet", theme.style(Role::Dim))]);
        }
        return;
    }
    let rows: Vec<Vec<String>> = nodes
        .list
        .iter()
        .map(|node| COLUMNS.iter().map(|column| (column.cell)(node, model.now)).collect())
        .collect();
    let widths = widths(&rows, usize::from(inner.width));
    let heading: Vec<String> = COLUMNS.iter().map(|column| column.heading.to_owned()).collect();
    put(
        buffer,
        inner,
        0,
        &Line::styled(format!("  {}", cells(&heading, &widths, theme)), theme.style(Role::Heading)),
    );
    let top = nodes.cursor.top();
    for (at, row) in rows.iter().enumerate().skip(top).take(usize::from(inner.height).saturating_sub(1)) {
        let (glyph, role) = sign(nodes.list[at].contact, theme);
        let line = Line::from(vec![
            Span::styled(format!("{glyph} "), theme.style(role)),
            Span::raw(cells(row, &widths, theme)),
        ]);
        put(buffer, inner, at - top + 1, &line);
        if at == nodes.cursor.row() {
            paint_cursor(buffer, inner, at - top + 1, theme, true);
        }
    }
}

/// How wide each column is; none where there is no room for it.
fn widths(rows: &[Vec<String>], room: usize) -> Vec<Option<usize>> {
    let widest = |at: usize| rows.iter().map(|row| text::width(&row[at])).max().unwrap_or(0);
    let mut widths: Vec<Option<usize>> =
        COLUMNS.iter().enumerate().map(|(at, column)| Some(widest(at).max(column.heading.len()))).collect();
    // A box may have any name.
    widths[0] = widths[0].map(|width| width.min(24));
    let total = |widths: &[Option<usize>]| widths.iter().flatten().map(|width| width + GAP).sum::<usize>();
    while total(&widths) > room {
        let shown = (1..COLUMNS.len()).filter(|at| widths[*at].is_some());
        let Some(least) = shown.max_by_key(|at| COLUMNS[*at].rank) else { break };
        widths[least] = None;
    }
    widths
}

fn cells(row: &[String], widths: &[Option<usize>], theme: &Theme) -> String {
    let shown = COLUMNS.iter().zip(row).zip(widths).filter_map(|((column, cell), width)| {
        let fit = if column.right { text::fit_right } else { text::fit };
        Some(fit(cell, (*width)?, theme.glyphs.more))
    });
    shown.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

const fn sign(contact: Contact, theme: &Theme) -> (&'static str, Role) {
    match contact {
        Contact::Working => (theme.glyphs.running, Role::Good),
        Contact::Idle | Contact::Never => (theme.glyphs.waiting, Role::Dim),
        Contact::Gone => (theme.glyphs.failed, Role::Error),
        Contact::Lost => (theme.glyphs.unknown, Role::Warning),
    }
}

fn controller(node: &Node, _: Time) -> String {
    let pid =
        node.process.as_ref().map(|process| process.pid).or_else(|| node.present().map(|beat| beat.pid));
    let version = node.present().map(|beat| beat.version.as_str()).unwrap_or_default();
    match pid {
        Some(pid) => format!("{version} pid {pid}").trim_start().to_owned(),
        None => node.contact.word().to_owned(),
    }
}

fn slots(node: &Node, _: Time) -> String {
    node.present().map(|beat| format!("{}/{}", beat.active, beat.slots)).unwrap_or_default()
}

fn gpus(node: &Node, _: Time) -> String {
    let present = node.present().filter(|beat| beat.gpus > 0);
    let busy = |beat: &Heartbeat| beat.machine.as_ref()?.gpus_busy();
    let told = |beat: &Heartbeat| {
        let busy = busy(beat).map(|busy| format!(" {busy:.0}%")).unwrap_or_default();
        format!("{}/{}{busy}", beat.gpus_taken, beat.gpus)
    };
    present.map(told).unwrap_or_default()
}

fn cpu(node: &Node, _: Time) -> String {
    let cpu = node.present().and_then(|beat| beat.machine.as_ref()?.cpu);
    cpu.map(|cpu| format!("{cpu:.0}%")).unwrap_or_default()
}

fn memory(node: &Node, _: Time) -> String {
    let load = node.present().and_then(|beat| beat.machine.as_ref());
    load.map(|load| format!("{} of {}", bytes(load.memory), bytes(load.memory_total))).unwrap_or_default()
}

fn load(node: &Node, _: Time) -> String {
    node.present().map(|beat| format!("{:.2}", beat.load)).unwrap_or_default()
}

fn disk(node: &Node, _: Time) -> String {
    let free = node.present().and_then(|beat| beat.machine.as_ref()?.disk_free);
    free.map(bytes).unwrap_or_default()
}

fn seen(node: &Node, now: Time) -> String {
    let beat = node.beat.as_ref();
    beat.map(|beat| format!("{} ago", text::duration(now.since(beat.time).as_secs_f64()).trim_start()))
        .unwrap_or_default()
}

fn runs(buffer: &mut Buffer, area: Rect, model: &Model, theme: &Theme) {
    let node = model.nodes.selected();
    let runs = node.map(|node| node.runs.as_slice()).unwrap_or_default();
    let title = node.map_or_else(Line::default, |node| {
        let name = text::cut(&node.name, 40, theme.glyphs.more);
        Line::from(vec![
            Span::styled(format!("Runs on {name}"), theme.title(false)),
            Span::styled(format!(" {} {}", theme.glyphs.dot, runs.len()), theme.style(Role::Dim)),
        ])
    });
    let inner = block(buffer, area, theme, false, &title, Line::default());
    if runs.is_empty() {
        if node.is_some() {
            empty(buffer, inner, &[Line::styled("nothing runs here", theme.style(Role::Dim))]);
        }
        return;
    }
    for (row, run) in runs.iter().take(usize::from(inner.height)).enumerate() {
        put(buffer, inner, row, &run_line(run, model, theme));
    }
}

fn run_line(run: &Run, model: &Model, theme: &Theme) -> Line<'static> {
    let more = theme.glyphs.more;
    let age = run.duration(model.now).map(text::duration).unwrap_or_default();
    let gpus: Vec<String> = run.gpu_ids.iter().map(u32::to_string).collect();
    let gpus = if gpus.is_empty() { String::new() } else { format!("  gpu {}", gpus.join(",")) };
    Line::from(vec![
        Span::styled(format!("{} ", theme.glyphs.status(run.status)), theme.status(run.status)),
        Span::raw(text::fit(&format!("{}/{}", run.ws, run.run_name), 18, more)),
        Span::styled(format!(" {}", text::fit(run.status.word(), 9, more)), theme.status(run.status)),
        Span::raw(format!(" {age:>7}  ")),
        Span::raw(text::cut(&run.command.join(" "), 200, more)),
        Span::styled(gpus, theme.style(Role::Dim)),
    ])
}
