//! What `benches/frame.rs` and `benches/logs.rs` measure: the real model and panes on a terminal in memory, the real log
//! reader.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::app::effect::List;
use super::app::log::Log;
use super::app::message::{ListAnswer, ListData};
use super::app::runs::Counts;
use super::app::{Effect, Model, Msg, update};
use super::panes;
use super::runtime::{Console, LogReader, Origin};
use super::theme::Theme;
use crate::model::{Run, RunName, Scalar, Status};
use crate::store::{RunKey, RunQuery};

/// A screen of 120x40 on so many runs.
pub struct Screen {
    model: Model,
    theme: Theme,
    terminal: Terminal<TestBackend>,
}

impl Screen {
    /// A list of `rows` running runs, of which the visible ones are at hand.
    pub fn new(rows: u32) -> Result<Self, Infallible> {
        let mut model = Model::new("local".into(), (120, 40));
        model.scope.ws = Some("ws1".into());
        model.runs.query = Some(RunQuery::default());
        let keys: Vec<_> = (0..rows).map(|id| RunKey { id: id.into(), status: Status::Running }).collect();
        model.runs.set_keys(&keys, Counts::of(&keys));
        let terminal = Terminal::new(TestBackend::new(120, 40))?;
        Ok(Self { model, theme: Theme::new(true, true), terminal })
    }

    /// One key and one frame: the selection goes down, and back to the top from the end. Answers how many
    /// rows were built.
    pub fn step(&mut self) -> Result<usize, Infallible> {
        let runs = &self.model.runs;
        let key = if runs.cursor.row() + 1 == runs.len() { KeyCode::Home } else { KeyCode::Down };
        let effects = update(&mut self.model, Msg::Key(KeyEvent::new(key, KeyModifiers::NONE)));
        for effect in effects {
            if let Effect::List(list @ List::Rows { .. }) = effect {
                let answer = rows(list);
                update(&mut self.model, Msg::List(answer));
            }
        }
        let mut built = 0;
        let (model, theme) = (&self.model, &self.theme);
        self.terminal.draw(|frame| built = panes::draw(frame, model, theme).runs_built)?;
        Ok(built)
    }
}

/// A log that is followed as in the log tab: the real reader and the real model, without a screen.
pub struct Followed {
    reader: LogReader,
    log: Log,
}

impl Followed {
    /// Opens a log at its end, counted.
    pub fn open(path: &Path) -> io::Result<Self> {
        let place = Console { log: path.to_owned(), sidecar: None, attempt: None, finished: false };
        let mut followed = Self { reader: LogReader::new(Origin::at(&place)?), log: Log::default() };
        let event = followed.reader.end(400)?;
        followed.log.take(event);
        followed.work()?;
        Ok(followed)
    }

    /// Looks for what came, and counts it.
    pub fn look(&mut self) -> io::Result<()> {
        for event in self.reader.look()? {
            self.log.take(event);
        }
        self.work()
    }

    /// The lines there are, and the text of the last one at hand.
    pub fn state(&self) -> (u64, String) {
        let last = self.log.lines.back().map_or_else(String::new, |line| line.text.text());
        (self.log.count.map_or(0, |(lines, _)| lines), last)
    }

    fn work(&mut self) -> io::Result<()> {
        while self.reader.has_work() {
            for event in self.reader.work()? {
                self.log.take(event);
            }
        }
        Ok(())
    }
}

/// The documents that the screen asks for.
fn rows(list: List) -> ListAnswer {
    let kind = list.kind();
    let (generation, ids) = match list {
        List::Rows { generation, ids } => (generation, ids),
        List::Tree(generation)
        | List::Jobs { generation, .. }
        | List::Index { generation, .. }
        | List::Preview { generation, .. }
        | List::Nodes(generation)
        | List::Load { generation, .. }
        | List::Metrics { generation, .. }
        | List::Trends { generation, .. }
        | List::Compare { generation, .. }
        | List::Page { generation, .. } => (generation, Vec::new()),
    };
    let found = ids.into_iter().map(|id| (id, Arc::new(run(id)))).collect();
    ListAnswer { generation, kind, result: Ok(ListData::Rows(found)) }
}

fn run(id: i64) -> Run {
    let name = RunName::top(id.unsigned_abs() + 1);
    let mut run = Run { ws: "ws1".into(), run_name: name, run_num: name.run_num(), ..Run::default() };
    run.status = Status::Running;
    for (number, metric) in (1_u8..).zip(["loss", "train-acc", "test-acc"]) {
        run.metrics.insert(metric.to_owned(), Scalar::Float(1.0 / f64::from(number)));
    }
    run.hparams.insert("lr".to_owned(), Scalar::Int(id));
    run
}
