//! Records of the tests' world.

use crate::model::job::{Launch, Provenance};
use crate::model::node::{Place, Shortage};
use crate::model::{Event, JobName, Run, RunName, Scalar, Status, Time};
use crate::ops::view::listing::Stamp;
use crate::ops::view::{FileSummary, RunPage};
use crate::tui::app::detail::Page;

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

pub(super) fn provenance() -> Provenance {
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
pub(super) fn page(run: &Run) -> Page {
    let file = |path: &str, size| FileSummary { path: path.into(), size };
    let page = RunPage {
        jobless: false,
        standing: run.status.to_string(),
        waits_for: (run.status == Status::Queued).then_some(Shortage {
            place: Place::Gpu,
            wanted: 1,
            others: Some(2),
            all: 2,
            trouble: None,
        }),
        attempts: Vec::new(),
        launch: Launch { submit_dir: "/home/ada/sweep".into(), ..Launch::default() },
        provenance: provenance(),
        folder: format!("/data/ws1/runs/{}", run.run_name),
        more_files: false,
        stamp: Stamp::default(),
        files: vec![
            file("after/model.pt", 48_213_504),
            file("after/output/console.txt", 1_912),
            file("after/output/loss.png", 21_340),
            file("after/output/samples.png", 9_218),
        ],
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
