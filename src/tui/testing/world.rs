//! The world itself, and how a test plays with a model of it.

use std::fmt::Write as _;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::answers::planned;
use super::lanes::{Item, Lane};
use super::records::{at, provenance, run};
use crate::model::job::{Launch, Snapshot};
use crate::model::{Job, JobName, Run, Status};
use crate::tui::app::effect::{Generation, Verb};
use crate::tui::app::message::Done;
use crate::tui::app::{Effect, Model, Msg};
use crate::tui::keymap::Key;
use crate::tui::runtime::LogReader;

/// What the executor would reach.
pub struct World {
    /// The runs, with their keys.
    pub runs: Vec<(i64, Run)>,
    /// The jobs, the latest first.
    pub jobs: Vec<Job>,
    /// How many points of each metric every run has logged.
    pub points: u32,
    /// The log of every run; see [`World::grow`].
    pub log: String,
    pub(super) folder: tempfile::TempDir,
    pub(super) reader: Option<(Generation, LogReader)>,
    /// Nothing is answered until [`World::step`] or its like is called.
    pub late: bool,
    pub(super) items: Vec<(Lane, Item)>,
    /// Effects that change things or go to the terminal: what a test looks at.
    pub seen: Vec<Effect>,
}

impl World {
    /// Nothing at all.
    pub fn empty() -> Self {
        Self::of(Vec::new(), Vec::new(), String::new())
    }

    fn of(runs: Vec<(i64, Run)>, jobs: Vec<Job>, log: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (late, items) = (false, Vec::new());
        Self { runs, jobs, points: 200, log, folder, reader: None, late, items, seen: Vec::new() }
    }

    /// A workspace with a sweep that runs, and what came before it.
    pub fn usual() -> Self {
        let mut runs: Vec<Run> = Vec::new();
        runs.extend((1..=3).map(|child| run(41, child, 12, Status::Running)));
        runs.extend((4..=6).map(|child| run(41, child, 12, Status::Queued)));
        runs.push(run(40, 0, 11, Status::Error));
        runs.push(run(39, 0, 10, Status::Cancelled));
        runs.push(run(38, 0, 9, Status::Lost));
        runs.extend((20..38).rev().map(|number| run(number, 0, 8, Status::Completed)));
        runs.sort_by_key(|run| std::cmp::Reverse(run.run_num));
        let job = |id: u64, status: Status| {
            let of_it = |wanted: fn(Status) -> bool| {
                runs.iter().filter(|run| run.job_id == JobName(id) && wanted(run.status)).count() as u64
            };
            Job {
                job_id: JobName(id),
                ws_name: "ws1".into(),
                exper_name: if id.is_multiple_of(2) { "exper1".into() } else { "exper2".into() },
                job_status: status,
                run_count: of_it(|_| true),
                queued_runs: of_it(Status::is_waiting),
                running_runs: of_it(Status::is_active),
                completed_runs: of_it(|status| status == Status::Completed),
                error_runs: of_it(Status::is_failure),
                cancelled_runs: of_it(|status| status == Status::Cancelled),
                username: "ada".into(),
                xt_cmd: "xt run --runs=8 train.py --lr=.03".into(),
                started: at(-600),
                compute: "local".into(),
                launch: Launch {
                    tty: id == 12,
                    submit_dir: "/home/ada/sweep".into(),
                    snapshot: Some(Snapshot { hash: "5b1fca07e2d94c".into(), files: 12, bytes: 48_213 }),
                    max_minutes: Some(90.0),
                    max_retries: 2,
                    retry_delay: 30.0,
                    after_files: vec!["*.pt".into()],
                    ..Launch::default()
                },
                provenance: provenance(),
                ..Job::default()
            }
        };
        let jobs = vec![
            job(12, Status::Running),
            job(11, Status::Error),
            job(10, Status::Cancelled),
            job(9, Status::Lost),
            job(8, Status::Completed),
        ];
        let mut log = String::from("loading data … 60,000 examples\n");
        for epoch in 1..=40 {
            let _ = writeln!(
                log,
                "epoch {epoch:>2}  loss \x1b[33m{:.4}\x1b[0m  acc 0.87{epoch:02}",
                1.0 / f64::from(epoch)
            );
        }
        log.push_str("WARNING: learning rate is high\nepoch 41  10%\repoch 41  55%\n");
        let runs = runs.into_iter().zip(1..).map(|(run, id)| (id, run)).collect();
        Self::of(runs, jobs, log)
    }

    /// A model of this world at a screen's size, with everything loaded.
    pub fn model(&mut self, size: (u16, u16)) -> Model {
        let mut model = Model::new("local".into(), size);
        self.send(&mut model, Msg::Clock { now: at(0), uptime: Duration::from_secs(1) });
        model
    }

    /// Sends a message, and unless it is late answers its effects until there are no more.
    pub fn send(&mut self, model: &mut Model, msg: Msg) {
        self.take(model, msg);
        if !self.late {
            self.catch_up(model);
        }
    }

    /// Lets as much time pass as a person needs to read a question that came by itself.
    pub fn read(&mut self, model: &mut Model) {
        let (now, uptime) = (model.now, model.unread_until.max(model.uptime));
        self.send(model, Msg::Clock { now, uptime });
    }

    /// Presses keys, as the keymap writes them, blanks between.
    pub fn press(&mut self, model: &mut Model, keys: &str) {
        for key in keys.split_whitespace() {
            let key = Key::parse(key).unwrap_or_else(|| panic!("no key: {key}"));
            self.send(model, Msg::Key(KeyEvent::new(key.code, key.modifiers)));
        }
    }

    /// Types a text.
    pub fn type_text(&mut self, model: &mut Model, text: &str) {
        for char in text.chars() {
            let event = KeyEvent::new(KeyCode::Char(char), KeyModifiers::NONE);
            self.send(model, Msg::Key(event));
        }
    }

    /// What the executor answers.
    pub fn answer(&mut self, effect: Effect) -> Vec<Msg> {
        match effect {
            Effect::List(list) => vec![self.list(list)],
            Effect::Log(request) => self.read_log(request),
            Effect::Control { task, verb: Verb::Plan { ref targets, .. } } => {
                vec![Msg::Task { task, result: Ok(Done::Plan(planned(targets))) }]
            }
            _ => Vec::new(),
        }
    }
}
