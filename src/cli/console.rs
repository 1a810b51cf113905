//! The output of runs on standard output: as it is in a pipe, harmless on a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::out::Out;
use super::values;
use crate::log::{self, MAX_LINE, painted, style_line};
use crate::model::Run;
use crate::ops::monitor::{self, From, Monitor, Piece};
use crate::ops::{Context, Result};
use crate::report::{Paint, Role};

/// How output is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The bytes as they are.
    Raw,
    /// What a terminal would show of it and nothing that steers one; with colours, if the terminal has them.
    Harmless {
        /// Keep its colours.
        coloured: bool,
        /// Columns of the terminal.
        width: usize,
    },
}

impl Style {
    /// The style for where standard output goes.
    pub fn of(out: &Out) -> Self {
        match out.width() {
            Some(width) => Self::Harmless { coloured: out.paint() == Paint::colour(), width },
            None => Self::Raw,
        }
    }
}

/// Puts the output of one run on the screen.
#[derive(Debug)]
pub struct Screen {
    style: Style,
    prefix: Option<String>,
    /// A line that has not ended yet.
    partial: Vec<u8>,
    /// The unfinished line is on the terminal already.
    drawn: bool,
    look: log::Style,
}

impl Screen {
    /// A screen; each line begins with the prefix, if there is one.
    pub const fn new(style: Style, prefix: Option<String>) -> Self {
        Self { style, prefix, partial: Vec::new(), drawn: false, look: PLAIN }
    }

    /// Shows more output.
    pub fn show(&mut self, bytes: &[u8], out: &mut Out) -> Result<()> {
        if self.style == Style::Raw && self.prefix.is_none() {
            return out.bytes(bytes);
        }
        let mut rest = bytes;
        while let Some(newline) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(newline);
            rest = after.get(1..).unwrap_or_default();
            self.partial.extend_from_slice(line);
            self.line(out)?;
        }
        self.partial.extend_from_slice(rest);
        let longest = usize::try_from(MAX_LINE).unwrap_or(usize::MAX);
        while self.partial.len() > longest {
            let rest = self.partial.split_off(longest);
            self.line(out)?;
            self.partial = rest;
        }
        Ok(())
    }

    /// Draws a line that has not ended yet, such as a progress bar, so that it can be drawn over.
    pub fn draw(&mut self, out: &mut Out) -> Result<()> {
        let Style::Harmless { coloured, width } = self.style else { return Ok(()) };
        if self.partial.is_empty() || self.prefix.is_some() {
            return Ok(());
        }
        let (line, _) = style_line(&self.partial, self.look);
        let shown = line.slice_columns(0, width.saturating_sub(1));
        out.text(&format!("\r\x1b[K{}", painted(&shown, coloured)))?;
        self.drawn = true;
        Ok(())
    }

    /// Shows what is left at the end.
    pub fn end(&mut self, out: &mut Out) -> Result<()> {
        if self.partial.is_empty() { Ok(()) } else { self.line(out) }
    }

    fn line(&mut self, out: &mut Out) -> Result<()> {
        let line = std::mem::take(&mut self.partial);
        if std::mem::take(&mut self.drawn) {
            out.text("\r\x1b[K")?;
        }
        if let Some(prefix) = &self.prefix {
            out.text(prefix)?;
        }
        match self.style {
            Style::Raw => out.bytes(&line)?,
            Style::Harmless { coloured, .. } => {
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                let (line, look) = style_line(line, self.look);
                self.look = look;
                out.text(&painted(&line, coloured))?;
            }
        }
        out.text("\n")
    }
}

const PLAIN: log::Style = log::Style {
    fg: None,
    bg: None,
    bold: false,
    dim: false,
    italic: false,
    underline: false,
    reverse: false,
    strike: false,
};

/// Told by ctrl-c that the person has seen enough.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on ctrl-c only sets a mark; where that cannot be had, it ends the program as ever.
    pub fn catch() -> Self {
        let mark = Arc::new(AtomicBool::new(false));
        let signal = signal_hook::consts::SIGINT;
        // Pressed twice it ends the program at once: the terminal may have stopped taking output.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, LEFT.into(), Arc::clone(&mark));
        let _ = signal_hook::flag::register(signal, Arc::clone(&mark));
        Self(mark)
    }

    /// Whether it was pressed.
    pub fn is_pressed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// The exit status of a program that was left with ctrl-c.
const LEFT: u8 = 130;

/// When to stop watching, an option of the verbs that watch.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Escape {
    /// Stop watching after so many seconds; the run goes on.
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds)]
    pub escape: Option<Duration>,
}

/// What is shown of the output of runs, and for how long.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watching {
    /// Where to begin.
    pub from: From,
    /// Only this stream.
    pub only: Option<log::Stream>,
    /// In this style, if not in that of where standard output goes.
    pub style: Option<Style>,
    /// Leave after so long.
    pub escape: Option<Duration>,
}

/// Follows runs until they end, each line with its run's name where there are several. Ctrl-c leaves them
/// running, and so does the end of the time. Answers the exit status that stands for them.
pub fn follow(ctx: &Context, runs: &[Run], watching: Watching, out: &mut Out) -> Result<u8> {
    let style = watching.style.unwrap_or_else(|| Style::of(out));
    let interrupt = Interrupt::catch();
    let width = runs.iter().map(|run| run.run_name.to_string().len()).max().unwrap_or(0);
    let mut screens: Vec<_> = runs
        .iter()
        .map(|run| {
            let prefix = || {
                let mut prefix = String::new();
                let name = format!("{:width$} │ ", run.run_name.to_string());
                out.paint().write(&mut prefix, Role::Muted, &name);
                prefix
            };
            Screen::new(style, (runs.len() > 1).then(prefix))
        })
        .collect();
    let mut ended = Vec::with_capacity(runs.len());
    let mut monitor = Monitor::new(ctx, runs, watching.from, watching.only, watching.escape)?;
    while !monitor.is_done() && !out.is_closed() {
        let pressed = interrupt.is_pressed();
        if pressed || monitor.is_to_leave(ctx)? {
            screens.iter_mut().try_for_each(|screen| screen.end(out))?;
            tell_how_to_return(runs, out);
            return Ok(if pressed { LEFT } else { 0 });
        }
        let Some((index, piece)) = monitor.next(ctx)? else {
            screens.iter_mut().try_for_each(|screen| screen.draw(out))?;
            out.flush()?;
            continue;
        };
        let (Some(screen), Some(run)) = (screens.get_mut(index), runs.get(index)) else { continue };
        match piece {
            Piece::Output(bytes) => screen.show(&bytes, out)?,
            Piece::Attempt(number) => {
                screen.end(out)?;
                out.note(&format!("{} failed and is tried again: attempt {number}", run.run_name));
            }
            Piece::Ended(run) => {
                screen.end(out)?;
                out.note(&format!("{} {}", run.run_name, monitor::ending(&run)));
                ended.push(*run);
            }
        }
    }
    Ok(super::verbs::wait::exit_status(&ended))
}

fn tell_how_to_return(runs: &[Run], out: &mut Out) {
    let Some(first) = runs.first() else { return };
    let (name, goes, noun) = if let [run] = runs {
        (run.path().to_string(), "goes on", "run")
    } else {
        (first.job_id.to_string(), "go on", "job")
    };
    out.note(&format!(
        "{name} {goes}: `xt monitor {name}` to come back, `xt cancel {noun} {name}` to end it"
    ));
}
