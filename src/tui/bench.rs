//! What `benches/frame.rs` and `benches/logs.rs` measure: the real model and panes on a terminal in memory, the real log
//! reader.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::app::effect::{List, ListKind};
use super::app::log::Log;
use super::app::message::{ListAnswer, ListData};
use super::app::runs::Counts;
use super::app::{Effect, Model, Msg, Pane, Tab, update};
use super::panes;
use super::runtime::{Console, LogReader, Origin};
use super::theme::Theme;
use crate::chart::Curve;
use crate::model::{Run, RunName, Scalar, Status};
use crate::ops::plot::follow::{News, Points, Question};
use crate::store::{Changes, RunKey, RunQuery};

/// A screen of 120x40 on so many runs.
pub struct Screen {
    model: Model,
    theme: Theme,
    terminal: Terminal<TestBackend>,
    /// How many points of each metric the run has logged.
    logged: u32,
}

impl Screen {
    /// A list of `rows` running runs, of which the visible ones are at hand.
    pub fn new(rows: u32) -> Result<Self, Infallible> {
        let mut model = Model::new("local".into(), (120, 40));
        model.scope.ws = Some("ws1".into());
        model.runs.query = Some(RunQuery::default());
        let keys = keys(rows);
        model.runs.set_keys(&keys, Counts::of(&keys));
        let terminal = Terminal::new(TestBackend::new(120, 40))?;
        Ok(Self { model, theme: Theme::new(true, true), terminal, logged: 0 })
    }

    /// The metrics tab of a run with so many metrics of so many points each, alone on the screen; the first of them
    /// is logged on with [`Screen::batch`].
    pub fn metrics(metrics: u32, points: u32) -> Result<Self, Infallible> {
        let mut screen = Self::new(1)?;
        screen.step()?;
        let model = &mut screen.model;
        if let Some(run) = model.runs.selected().cloned() {
            let mut run = Run::clone(&run);
            run.metrics = (0..metrics).map(|i| (format!("metric{i}"), Scalar::Float(0.5))).collect();
            model.runs.take_change(run);
        }
        model.detail.show(Tab::Metrics);
        (model.focus, model.layout.zoom) = (Pane::Detail, true);
        screen.logged = points;
        let effects = update(&mut screen.model, Msg::Resize(120, 40));
        screen.answer(effects);
        Ok(screen)
    }

    /// The run logs so many points of each metric; they are read, taken in and drawn. Answers how many charts.
    pub fn batch(&mut self, points: u32) -> Result<usize, Infallible> {
        self.logged += points;
        let changed = self.model.runs.selected().map(|run| Run::clone(run));
        let changes = Changes { runs: changed.into_iter().collect(), ..Changes::default() };
        let effects = update(&mut self.model, Msg::Changed(changes));
        self.answer(effects);
        self.frame()
    }

    /// A frame of the charts, whose cursor moves.
    pub fn look(&mut self) -> Result<usize, Infallible> {
        update(&mut self.model, Msg::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE)));
        self.frame()
    }

    fn frame(&mut self) -> Result<usize, Infallible> {
        let mut drawn = 0;
        let (model, theme) = (&self.model, &self.theme);
        self.terminal.draw(|frame| drawn = panes::draw(frame, model, theme).charts_built)?;
        Ok(drawn)
    }

    /// Answers questions about metrics.
    fn answer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::List(List::Metrics { generation, questions, .. }) = effect {
                let news = questions.iter().flat_map(|question| news(question, self.logged)).collect();
                let answer =
                    ListAnswer { generation, kind: ListKind::Metrics, result: Ok(ListData::Metrics(news)) };
                update(&mut self.model, Msg::List(answer));
            }
        }
    }

    /// One key and one frame: the selection goes down, and back to the top from the end. Answers how many
    /// rows were built.
    pub fn step(&mut self) -> Result<usize, Infallible> {
        let runs = &self.model.runs;
        let key = if runs.cursor.row() + 1 == runs.len() { KeyCode::Home } else { KeyCode::Down };
        self.tell(Msg::Key(KeyEvent::new(key, KeyModifiers::NONE)));
        self.list()
    }

    /// Takes changes of runs in and the list that is read because of them, and draws a frame. Answers how many rows were
    /// built.
    pub fn refresh(&mut self, refresh: Refresh) -> Result<usize, Infallible> {
        for changes in refresh.changes {
            self.tell(Msg::Changed(changes));
        }
        // Of each kind the latest question alone is answered.
        let generation = self.model.generations.index;
        let result = Ok(ListData::Index { keys: refresh.keys, counts: refresh.counts });
        self.tell(Msg::List(ListAnswer { generation, kind: ListKind::Index, result }));
        self.list()
    }

    /// The number of the selected run, which no refresh may change.
    pub fn selected(&self) -> Option<i64> {
        self.model.runs.cursor.selected()
    }

    fn list(&mut self) -> Result<usize, Infallible> {
        let mut built = 0;
        let (model, theme) = (&self.model, &self.theme);
        self.terminal.draw(|frame| built = panes::draw(frame, model, theme).runs_built)?;
        Ok(built)
    }

    /// Takes a message in, and the answers to what it makes the screen ask of the list.
    fn tell(&mut self, msg: Msg) {
        for effect in update(&mut self.model, msg) {
            match effect {
                Effect::List(list @ List::Rows { .. }) => self.tell(Msg::List(rows(list))),
                Effect::List(List::Trends { generation, wanted }) => {
                    let result = Ok(ListData::Trends(wanted));
                    self.tell(Msg::List(ListAnswer { generation, kind: ListKind::Trends, result }));
                }
                _ => {}
            }
        }
    }
}

/// What other threads tell when runs have logged something.
pub struct Refresh {
    changes: Vec<Changes>,
    keys: Vec<RunKey>,
    counts: Counts,
}

impl Refresh {
    /// So many of so many runs have: the watch tells it in messages of 500.
    pub fn of(changed: u32, rows: u32) -> Self {
        let ids: Vec<i64> = (0..i64::from(changed)).collect();
        let message =
            |ids: &[i64]| Changes { runs: ids.iter().map(|id| run(*id)).collect(), ..Changes::default() };
        let keys = keys(rows);
        Self { changes: ids.chunks(500).map(message).collect(), counts: Counts::of(&keys), keys }
    }
}

fn keys(rows: u32) -> Vec<RunKey> {
    (0..rows).map(|id| RunKey { id: id.into(), status: Status::Running }).collect()
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

/// What a run has logged since.
fn news(question: &Question, logged: u32) -> Vec<News> {
    let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / 16_777_216.0;
    let news = |(name, from): &(String, u64)| {
        let first = u32::try_from(*from).unwrap_or(u32::MAX);
        let points =
            (first..logged).map(|i| (f64::from(i), 2.0 / (1.0 + f64::from(i) / 500.0) + noise(i) * 0.1));
        let points = if first == 0 {
            let mut curve = Curve::default().smoothed(question.look.smoothing);
            curve.extend(points);
            Points::Whole(Box::new(curve))
        } else {
            Points::More(points.collect())
        };
        let count = u64::from(logged.saturating_sub(first));
        let (run, name) = (question.run.clone(), name.clone());
        News { run, name, from: *from, count, others: 0, points, attempts: Vec::new() }
    };
    question.metrics.iter().map(news).collect()
}

/// The documents that the screen asks for.
fn rows(list: List) -> ListAnswer {
    let kind = list.kind();
    let generation = list.generation();
    let ids = if let List::Rows { ids, .. } = list { ids } else { Vec::new() };
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
