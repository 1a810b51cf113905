//! A small world for tests: records in memory, a log, and a way to see a screen as text with its styles.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;

use super::app::detail::Page;
use super::app::effect::{Compared, Generation, List, LogRequest, LogSource, Target, Verb};
use super::app::message::{Done, ListAnswer, ListData, LogEvent, Looked, Planned};
use super::app::runs::Counts;
use super::app::{Effect, Model, Msg, update};
use super::keymap::Key;
use super::panes::{self, Drawn};
use super::runtime::{Console, LogReader, Origin};
use super::theme::Theme;
use crate::chart::Curve;
use crate::log::{Record, Stream};
use crate::model::job::{Launch, Provenance, Snapshot};
use crate::model::node::Heartbeat;
use crate::model::{Event, Experiment, Job, JobName, Run, RunName, RunPath, Scalar, Status, Time, Workspace};
use crate::ops::nodes::{Contact, Node};
use crate::ops::plot::Trend;
use crate::ops::plot::follow::{News, Points, Question};
use crate::ops::view::RunPage;
use crate::ops::view::file::{Kind, Look};
use crate::ops::view::listing::Stamp;
use crate::ops::view::load::Curves;
use crate::ops::view::{About, FileSummary, Subject, Thing};
use crate::store::{LoadSample, RunKey, RunQuery};

/// Noon of a day in the tests' world.
pub const NOON: i64 = 1_780_000_000_000_000;

/// A moment, seconds after (or before) noon.
pub fn at(seconds: i64) -> Time {
    Time::from_micros(NOON + seconds * 1_000_000)
}

/// A run of `job<job>`.
pub fn run(number: u64, child: u64, job: u64, status: Status) -> Run {
    let name = RunName { number, child };
    let mut run = Run {
        ws: "ws1".into(),
        run_name: name,
        run_num: name.run_num(),
        exper_name: if job.is_multiple_of(2) { "exper1".into() } else { "exper2".into() },
        job_id: JobName(job),
        script: "train.py".into(),
        command: vec!["python".into(), "train.py".into(), "--lr=.03".into()],
        status,
        create_time: at(-600),
        ..Run::default()
    };
    let lr = [0.03, 0.1, 0.3, 0.001][usize::try_from(child).unwrap_or(0) % 4];
    run.hparams.insert("lr".into(), Scalar::Float(lr));
    run.hparams.insert(
        "optimizer".into(),
        Scalar::Text(if child.is_multiple_of(2) { "adam" } else { "sgd" }.into()),
    );
    run.hparams.insert("epochs".into(), Scalar::Int(20));
    if !status.is_waiting() {
        run.start_time = Some(at(-130));
        run.box_name = Some("vm10".into());
        run.attempt = 1;
        run.metrics.insert("epoch".into(), Scalar::Int(7));
        #[allow(clippy::cast_precision_loss)]
        run.metrics.insert("loss".into(), Scalar::Float(0.413_24 + child as f64 / 7.0));
        run.metrics.insert("acc".into(), Scalar::Float(0.87));
    }
    if status.is_final() {
        run.end_time = Some(at(-60));
        run.run_duration = Some(70.0);
    }
    if status == Status::Error {
        run.exit_code = Some(1);
        run.metrics.clear();
        run.run_duration = Some(3.2);
        run.attempt = 2;
        run.end_reason = Some("CUDA out of memory after 2 attempts".into());
    }
    run
}

fn provenance() -> Provenance {
    Provenance {
        git_commit: Some("1f3c9d2e".into()),
        git_branch: Some("main".into()),
        git_dirty: true,
        interpreter: Some("/usr/bin/python3".into()),
        host: "laptop".into(),
        ..Provenance::default()
    }
}

/// What is read of a run for the tabs.
fn page(run: &Run) -> Page {
    let file = |path: &str, size| FileSummary { path: path.into(), size };
    let page = RunPage {
        standing: run.status.to_string(),
        waits_for: None,
        attempts: Vec::new(),
        launch: Launch { submit_dir: "/home/ada/sweep".into(), ..Launch::default() },
        provenance: provenance(),
        folder: format!("/data/ws1/runs/{}", run.run_name),
        more_files: false,
        stamp: Stamp::default(),
        files: vec![file("after/model.pt", 48_213_504), file("after/output/console.txt", 1_912)],
        run: run.clone(),
    };
    let event = |seconds, event: &str, data: &[(&'static str, serde_json::Value)]| {
        Event::at(at(seconds), event, data.iter().cloned())
    };
    let events = vec![
        event(-600, "created", &[("by", "ada".into())]),
        event(-130, "started", &[("attempt", 1.into()), ("pid", 4_711.into())]),
    ];
    Page { page, events }
}

/// What an end of these would be; a wildcard stands for two runs.
fn planned(targets: &[Target]) -> Vec<Planned> {
    let runs = |target: &Target| match target {
        Target::Named(_) => {
            [2, 3].map(|child| Target::Run(run(41, child, 12, Status::Running).path())).to_vec()
        }
        one => vec![one.clone()],
    };
    let end =
        |target| Planned { target, status: Some(Status::Running), detail: "python train.py --lr=.03".into() };
    targets.iter().flat_map(runs).map(end).collect()
}

/// A value that a run has logged: a loss that falls, what rises, and now and then nothing.
fn logged(run: &RunPath, metric: &str, i: u32) -> f64 {
    let (x, child) = (f64::from(i), f64::from(u32::try_from(run.run.child).unwrap_or(0)));
    let noise = f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5;
    match metric {
        "epoch" => f64::from(i / 10),
        "loss" => 2.0 / (1.0 + x / (20.0 + 15.0 * child)) + 0.1 * noise,
        _ if (120..130).contains(&i) => f64::NAN,
        _ => 0.9 - 0.7 / (1.0 + x / (30.0 + 9.0 * child)) + 0.02 * noise,
    }
}

/// Two minutes of load, with a pause in the middle.
fn load(run: &RunPath) -> Curves {
    let home = crate::ops::testing::World::new();
    let path = home.single(&run.ws);
    let sample = |step: i32| {
        let x = f64::from(step);
        let mut values = vec![
            ("run.cpu".to_owned(), 150.0 + 40.0 * (x / 9.0).sin()),
            ("run.memory".to_owned(), 6e8 + 4e8 * (1.0 - (-x / 20.0).exp())),
            ("run.processes".to_owned(), if step < 5 { 1.0 } else { 5.0 }),
            ("gpu0.busy".to_owned(), if step % 12 < 9 { 95.0 } else { 20.0 }),
            ("gpu0.memory".to_owned(), 2.1e10),
            ("box.cpu".to_owned(), 40.0 + 3.0 * f64::from(step % 5)),
            ("box.memory".to_owned(), 9e9 + 1e7 * x),
            ("box.load".to_owned(), 2.0 + x / 100.0),
            ("box.disk.free".to_owned(), 4.4e11),
        ];
        if step == 0 {
            values.push(("box.memory.total".to_owned(), 3.2e10));
            values.push(("gpu0.memory.total".to_owned(), 2.4e10));
        }
        let values = values.into_iter().map(|(name, value)| (name, Scalar::Float(value))).collect();
        LoadSample { run: path.clone(), time: at(i64::from(step) - 128), values }
    };
    let samples: Vec<_> = (0..126).filter(|step| !(60..72).contains(step)).map(sample).collect();
    home.ctx.records.keep_load(&samples).unwrap();
    Curves::default().read_on(&home.ctx, &path).unwrap()
}

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
    folder: tempfile::TempDir,
    reader: Option<(Generation, LogReader)>,
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
        Self { runs, jobs, points: 200, log, folder, reader: None, seen: Vec::new() }
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

    /// Sends a message, and answers its effects until there are no more.
    pub fn send(&mut self, model: &mut Model, msg: Msg) {
        let mut effects = update(model, msg);
        while !effects.is_empty() {
            let answers: Vec<Msg> = effects.drain(..).flat_map(|effect| self.answer(effect)).collect();
            effects = answers.into_iter().flat_map(|msg| update(model, msg)).collect();
        }
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
            let event = KeyEvent::new(crossterm::event::KeyCode::Char(char), KeyModifiers::NONE);
            self.send(model, Msg::Key(event));
        }
    }

    /// What the executor answers.
    pub fn answer(&mut self, effect: Effect) -> Vec<Msg> {
        match effect {
            Effect::List(list) => vec![self.list(list)],
            Effect::Log(request) => self.read_log(request),
            Effect::Control { task, verb: Verb::Plan { ref targets, .. } } => {
                let result = Ok(Done::Plan(planned(targets)));
                self.seen.push(effect);
                vec![Msg::Task { task, result }]
            }
            other => {
                self.seen.push(other);
                Vec::new()
            }
        }
    }

    fn select(&self, query: &RunQuery) -> Vec<&(i64, Run)> {
        let fits = |run: &Run| {
            query.ws.as_ref().is_none_or(|ws| *ws == run.ws)
                && (query.jobs.is_empty() || query.jobs.contains(&run.job_id))
                && (query.experiments.is_empty() || query.experiments.contains(&run.exper_name))
                && query.filter.as_ref().is_none_or(|filter| filter.matches(&|name| run.field(name)))
        };
        let mut found: Vec<_> = self.runs.iter().filter(|(_, run)| fits(run)).collect();
        if query.sort.first().is_some_and(|sort| sort.field == "run_num" && !sort.descending) {
            found.reverse();
        }
        found
    }

    fn list(&self, list: List) -> Msg {
        let kind = list.kind();
        let (generation, data) = match list {
            List::Tree(generation) => {
                let mut workspaces = Vec::new();
                let mut experiments = Vec::new();
                if !self.runs.is_empty() {
                    let count =
                        |ws: &str, runs| Workspace { ws: ws.into(), run_count: runs, ..Workspace::default() };
                    workspaces.push(count("curious", 4_096));
                    workspaces.push(Workspace {
                        running: 3,
                        last_time: Some(at(0)),
                        ..count("ws1", self.runs.len() as u64)
                    });
                    for name in ["exper1", "exper2"] {
                        let runs = self.runs.iter().filter(|(_, run)| run.exper_name == name).count() as u64;
                        experiments.push(Experiment {
                            ws: "ws1".into(),
                            exper_name: name.into(),
                            run_count: runs,
                            ..Experiment::default()
                        });
                    }
                }
                (generation, ListData::Tree(workspaces, experiments))
            }
            List::Jobs { generation, ws, .. } => {
                let jobs = self.jobs.iter().filter(|job| job.ws_name == ws).cloned().collect();
                (generation, ListData::Jobs(jobs))
            }
            List::Index { generation, query, all } => {
                let keys: Vec<RunKey> = self
                    .select(&query)
                    .into_iter()
                    .map(|(id, run)| RunKey { id: *id, status: run.status })
                    .collect();
                let count = |query: &RunQuery| {
                    let found = self.select(query);
                    let keys: Vec<RunKey> =
                        found.iter().map(|(id, run)| RunKey { id: *id, status: run.status }).collect();
                    Counts::of(&keys)
                };
                let counts = count(all.as_deref().unwrap_or(&query));
                (generation, ListData::Index { keys, counts })
            }
            List::Rows { generation, ids } => {
                let find = |id: &i64| self.runs.iter().find(|(key, _)| key == id);
                let rows =
                    ids.iter().filter_map(find).map(|(id, run)| (*id, Arc::new(run.clone()))).collect();
                (generation, ListData::Rows(rows))
            }
            List::About { generation, subject } => {
                (generation, ListData::About(Box::new(self.about(subject))))
            }
            List::Marks { generation, ids } => {
                let found = self.runs.iter().filter(|(id, _)| ids.contains(id));
                (generation, ListData::Marks(found.map(|(id, run)| (*id, run.path())).collect()))
            }
            List::Look { generation, run, file } => {
                let kind = if file.contains("model") {
                    Kind::Binary("zip archive (also .pt, .npz, .docx)")
                } else {
                    Kind::Text
                };
                let look = Look { path: format!("/data/{file}").into(), size: 48_213_504, kind };
                (generation, ListData::Looked(Box::new(Looked { run, file, look })))
            }
            List::Preview { generation, targets } => (generation, ListData::Preview(planned(&targets))),
            List::Nodes(generation) => (generation, ListData::Nodes(self.nodes())),
            List::Load { generation, run, known } => {
                let curves = if known.list.is_empty() { load(&run) } else { (*known).clone() };
                (generation, ListData::Load(Arc::new(curves)))
            }
            List::Metrics { generation, questions, .. } => {
                let news = |question| self.news(question);
                (generation, ListData::Metrics(questions.iter().flat_map(news).collect()))
            }
            List::Trends { generation, wanted } => (generation, ListData::Trends(self.trends(wanted))),
            List::Compare { generation, of } => {
                let ids = match of {
                    Compared::Ids(ids) => ids,
                    Compared::Found(query) => self.select(&query).into_iter().map(|(id, _)| *id).collect(),
                };
                let find = |id: &i64| self.runs.iter().find(|(key, _)| key == id);
                let runs = ids.iter().filter_map(find).map(|(_, run)| Arc::new(run.clone())).collect();
                (generation, ListData::Compare { runs, left_out: 0 })
            }
            List::Page { generation, run, .. } => {
                let found = self.runs.iter().map(|(_, one)| one).find(|one| one.path() == run);
                let Some(run) = found else {
                    return Msg::List(ListAnswer { generation, kind, result: Err("no such run".into()) });
                };
                (generation, ListData::Page(Arc::new(page(run))))
            }
        };
        Msg::List(ListAnswer { generation, kind, result: Ok(data) })
    }

    /// The curves in the table, read on.
    fn trends(&self, wanted: Vec<(RunPath, String, Trend)>) -> Vec<(RunPath, String, Trend)> {
        let read = |(run, metric, mut trend): (RunPath, String, Trend)| {
            trend.extend(&(0..self.points).map(|i| logged(&run, &metric, i)).collect::<Vec<_>>());
            (run, metric, trend)
        };
        wanted.into_iter().map(read).collect()
    }

    /// What every run has logged of some metrics, and not been read.
    fn news(&self, question: &Question) -> Vec<News> {
        let news = |(name, from): &(String, u64)| {
            let points = (u32::try_from(*from).unwrap()..self.points)
                .map(|i| (f64::from(i * 10), logged(&question.run, name, i)))
                .collect::<Vec<_>>();
            let count = points.len() as u64;
            let points = if *from == 0 {
                let mut curve = Curve::default().smoothed(question.look.smoothing);
                curve.extend(points);
                Points::Whole(Box::new(curve))
            } else {
                Points::More(points)
            };
            let attempts = if question.attempt > 1 { vec![(800.0, 2)] } else { Vec::new() };
            News {
                run: question.run.clone(),
                name: name.clone(),
                from: *from,
                count,
                others: 0,
                points,
                attempts,
            }
        };
        question.metrics.iter().map(news).collect()
    }

    fn about(&self, subject: Subject) -> About {
        let statuses = |wanted: &dyn Fn(&Run) -> bool| {
            let mut counts = std::collections::BTreeMap::new();
            for (_, run) in self.runs.iter().filter(|(_, run)| wanted(run)) {
                *counts.entry(run.status).or_insert(0) += 1;
            }
            counts.into_iter().collect()
        };
        match subject {
            Subject::Workspace(ws) => {
                let workspace = Workspace {
                    ws: ws.clone(),
                    description: "does dropout help?".into(),
                    username: "ada".into(),
                    create_time: at(-7_200),
                    last_time: Some(at(-60)),
                    ..Workspace::default()
                };
                let experiment = |name: &str, runs, failed| Experiment {
                    exper_name: name.into(),
                    run_count: runs,
                    failed,
                    ..Experiment::default()
                };
                let experiments = vec![experiment("exper1", 25, 1), experiment("exper2", 1, 0)];
                About {
                    thing: Thing::Workspace(workspace, experiments),
                    statuses: statuses(&|run| run.ws == ws),
                }
            }
            Subject::Experiment { ws, name } => {
                let found = Experiment {
                    ws,
                    exper_name: name.clone(),
                    last_time: Some(at(-60)),
                    ..Experiment::default()
                };
                About { thing: Thing::Experiment(found), statuses: statuses(&|run| run.exper_name == name) }
            }
            Subject::Job(job) => {
                let found = self.jobs.iter().find(|one| one.job_id == job).cloned().unwrap_or_default();
                About { thing: Thing::Job(Box::new(found)), statuses: statuses(&|run| run.job_id == job) }
            }
        }
    }

    /// A machine that works, one that has nothing to do, and one that is silent.
    fn nodes(&self) -> Vec<Node> {
        let gib = |number: u64| number << 30;
        let beat = |seconds: i64, gone| Heartbeat {
            pid: 4_711,
            version: "0.1.0".into(),
            time: at(-seconds),
            active: 3,
            slots: 4,
            gpus: 4,
            gpus_taken: 3,
            load: 3.27,
            machine: Some(crate::model::load::Load {
                cpu: Some(83.4),
                memory: gib(19),
                memory_total: gib(64),
                disk_free: Some(gib(412)),
                average: 3.27,
                gpus: [90.0, 96.0]
                    .map(|busy| crate::model::load::GpuLoad { busy: Some(busy), ..Default::default() })
                    .into(),
            }),
            gone,
            ..Heartbeat::default()
        };
        let node = |name: &str, contact, beat| Node {
            name: name.into(),
            address: String::new(),
            contact,
            process: None,
            beat: Some(beat),
            runs: Vec::new(),
        };
        let active = self.runs.iter().map(|(_, run)| run.clone()).filter(|run| run.status.is_active());
        vec![
            Node { runs: active.collect(), ..node("vm10", Contact::Working, beat(2, false)) },
            node("vm11", Contact::Idle, beat(3_700, true)),
            node("vm12", Contact::Lost, beat(95, false)),
        ]
    }

    /// Adds to the log of every run, and tells the model.
    pub fn grow(&mut self, model: &mut Model, text: &str) {
        self.log.push_str(text);
        self.write_log();
        if let Some((generation, reader)) = &mut self.reader {
            let mut events = reader.look().unwrap();
            events.extend(finish(reader));
            let generation = *generation;
            for event in events {
                self.send(model, Msg::Log { generation, event });
            }
        }
    }

    /// Writes the log and its times: a line a second, warnings to the standard error.
    fn write_log(&self) {
        let mut records = Vec::new();
        let mut offset = 0;
        for (line, second) in self.log.split_inclusive('\n').zip(0..) {
            let stream = if line.starts_with("WARNING") { Stream::Stderr } else { Stream::Stdout };
            records.extend(Record { offset, time_micros: at(second).micros(), stream }.to_bytes());
            offset += line.len() as u64;
        }
        std::fs::write(self.folder.path().join("console.log"), &self.log).unwrap();
        std::fs::write(self.folder.path().join("console.idx"), records).unwrap();
    }

    fn console(&self, attempt: (u32, u32)) -> Console {
        let path = |name: &str| self.folder.path().join(name);
        let sidecar = Some(path("console.idx"));
        Console { log: path("console.log"), sidecar, attempt: Some(attempt), finished: false }
    }

    fn open_log(&self, source: &LogSource) -> LogReader {
        let attempts = |path: &RunPath| {
            self.runs.iter().find(|(_, run)| run.path() == *path).map_or(1, |(_, run)| run.attempt)
        };
        let merged = |runs: Vec<RunPath>| {
            let place = self.folder.path().to_owned();
            let locate = move |_: &RunPath| {
                let (log, sidecar) = (place.join("console.log"), Some(place.join("console.idx")));
                Ok(Console { log, sidecar, attempt: Some((1, 1)), finished: false })
            };
            Origin::merged(runs, Box::new(locate)).unwrap_or_else(|_| panic!("it is there"))
        };
        LogReader::new(match source {
            LogSource::Run(path) => Origin::at(&self.console((attempts(path), attempts(path)))).unwrap(),
            LogSource::Attempt(path, attempt) => {
                Origin::at(&self.console((*attempt, attempts(path)))).unwrap()
            }
            LogSource::File { .. } | LogSource::Controller => {
                Origin::at(&Console { attempt: None, ..self.console((1, 1)) }).unwrap()
            }
            LogSource::Runs(runs) => merged(runs.clone()),
            LogSource::Job { job, .. } => {
                let of_job = self.runs.iter().filter(|(_, run)| run.job_id == *job);
                merged(of_job.map(|(_, run)| run.path()).collect())
            }
        })
    }

    fn read_log(&mut self, request: LogRequest) -> Vec<Msg> {
        let (generation, events) = match request {
            LogRequest::Open { generation, source } => {
                self.write_log();
                let mut reader = self.open_log(&source);
                let origin = reader.origin();
                let (runs, left_out, attempt) = (origin.runs(), origin.left_out(), origin.attempt());
                let opened = LogEvent::Opened { runs, left_out, attempt };
                let mut events = vec![opened, reader.end(400).unwrap()];
                events.extend(finish(&mut reader));
                self.reader = Some((generation, reader));
                (generation, events)
            }
            LogRequest::Close => {
                self.reader = None;
                return Vec::new();
            }
            request => {
                // What random keys save is not to lie about.
                let folder = self.folder.path().to_owned();
                let request = match request {
                    LogRequest::Save { generation, path, overwrite } => {
                        let path = folder.join(path).display().to_string();
                        LogRequest::Save { generation, path, overwrite }
                    }
                    other => other,
                };
                let Some((generation, reader)) = &mut self.reader else { return Vec::new() };
                let mut events = reader.answer(request).unwrap();
                events.extend(finish(reader));
                (*generation, events)
            }
        };
        events.into_iter().map(|event| Msg::Log { generation, event }).collect()
    }
}

/// Lets a reader do all its work.
fn finish(reader: &mut LogReader) -> Vec<LogEvent> {
    let mut events = Vec::new();
    while reader.has_work() {
        events.extend(reader.work().unwrap());
    }
    events
}

/// Draws a model; what it cost, and the screen.
pub fn draw(model: &Model, theme: &Theme) -> (Drawn, Buffer) {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    let mut drawn = Drawn::default();
    terminal.draw(|frame| drawn = panes::draw(frame, model, theme)).unwrap();
    (drawn, terminal.backend().buffer().clone())
}

/// A screen as text: each row's glyphs, and below all the styles of its stretches.
pub fn dump(model: &Model, theme: &Theme) -> String {
    let (_, buffer) = draw(model, theme);
    let (mut glyphs, mut styles) = (String::new(), String::new());
    for y in 0..buffer.area.height {
        let row: Vec<&Cell> = (0..buffer.area.width).map(|x| &buffer[(x, y)]).collect();
        let text: String = row.iter().map(|cell| cell.symbol()).collect();
        let _ = writeln!(glyphs, "{}", text.trim_end());
        let mut from = 0;
        let mut parts = Vec::new();
        for x in 1..=row.len() {
            if x == row.len() || look(row[x]) != look(row[from]) {
                if !look(row[from]).is_empty() {
                    parts.push(format!("{from}-{} {}", x - 1, look(row[from])));
                }
                from = x;
            }
        }
        if !parts.is_empty() {
            let _ = writeln!(styles, "{y:>2}: {}", parts.join(", "));
        }
    }
    format!("{glyphs}---\n{styles}")
}

fn look(cell: &Cell) -> String {
    let mut parts = Vec::new();
    if cell.fg != ratatui::style::Color::Reset {
        parts.push(format!("{:?}", cell.fg).to_lowercase());
    }
    if cell.bg != ratatui::style::Color::Reset {
        parts.push(format!("on-{:?}", cell.bg).to_lowercase());
    }
    for (name, _) in cell.modifier.iter_names().filter(|(_, m)| *m != Modifier::empty()) {
        parts.push(name.to_lowercase());
    }
    parts.join("+")
}
