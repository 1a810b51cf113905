//! What the store would answer.

use std::sync::Arc;

use super::World;
use super::curves::load;
use super::picture::shown;
use super::records::{at, page, run};
use crate::model::node::Heartbeat;
use crate::model::{Experiment, Run, Status, Workspace};
use crate::ops::nodes::{Contact, Node};
use crate::ops::view::file::{Kind, Look};
use crate::ops::view::picture::is_picture;
use crate::ops::view::{About, Subject, Thing};
use crate::store::{RunKey, RunQuery};
use crate::tui::app::Msg;
use crate::tui::app::effect::{Compared, List, Target};
use crate::tui::app::message::{ListAnswer, ListData, Looked, Planned};
use crate::tui::app::runs::Counts;

/// What an end of these would be; a wildcard stands for two runs.
pub(super) fn planned(targets: &[Target]) -> Vec<Planned> {
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

/// What a file is, by its name.
fn look(file: &str) -> Look {
    let kind = if file.contains("model") {
        Kind::Binary("zip archive (also .pt, .npz, .docx)")
    } else if is_picture(file) {
        Kind::Picture("PNG image")
    } else {
        Kind::Text
    };
    Look { path: format!("/data/{file}").into(), size: 48_213_504, kind }
}

impl World {
    pub(super) fn select(&self, query: &RunQuery) -> Vec<&(i64, Run)> {
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

    pub(super) fn list(&self, list: List) -> Msg {
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
            List::Jobs { generation, ws, limit } => {
                let jobs = self.jobs.iter().filter(|job| job.ws_name == ws).take(limit).cloned().collect();
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
                let look = look(&file);
                (generation, ListData::Looked(Box::new(Looked { run, file, look })))
            }
            List::Picture { generation, file, canvas, known, .. } => {
                let read = || shown(&file, &canvas, u32::try_from(generation.0).unwrap());
                (generation, ListData::Picture(known.is_none().then(read).map(Arc::new)))
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
}
