//! Changes that come faster than answers, and lists that are read on.
// Proves C1 (the screen is honest, and gets there whatever goes on), S3 (what is near the screen is read).

use super::*;
use crate::model::{Job, JobName, Run, Status};
use crate::store::Changes;
use crate::tui::app::dialog::Overlay;
use crate::tui::app::effect::ListKind;
use crate::tui::app::message::Msg;
use crate::tui::testing::{Lane, dump, run};
use crate::tui::theme::Theme;

/// The usual world, from now on late.
fn late() -> (World, Model) {
    let (mut world, model) = start("");
    world.late = true;
    (world, model)
}

/// What is asked for while changes come faster than answers.
#[derive(Clone, Copy, Debug)]
struct Steady {
    keys: &'static str,
    lane: ListKind,
    arrived: fn(&Model) -> bool,
}

#[test]
fn answers_arrive_while_changes_come_faster_than_they_do() {
    let list = [
        Steady { keys: "", lane: ListKind::Index, arrived: |model| model.runs.len() > 27 },
        Steady { keys: "", lane: ListKind::Jobs, arrived: |model| model.jobs.list.len() > 5 },
        Steady { keys: "0", lane: ListKind::Nodes, arrived: |model| model.nodes.loaded },
        Steady { keys: "6", lane: ListKind::Page, arrived: |model| model.detail.page().is_some() },
        Steady { keys: "9", lane: ListKind::Load, arrived: |model| model.detail.load.curves().is_some() },
        Steady {
            keys: "2 d",
            lane: ListKind::About,
            arrived: |model| matches!(&model.overlay, Some(Overlay::Sheet(sheet)) if !sheet.rows.is_empty()),
        },
    ];
    for Steady { keys, lane, arrived } in list {
        let (mut world, mut model) = late();
        world.press(&mut model, keys);
        let lane = Lane::List(lane);
        assert!(!arrived(&model), "{lane:?}");
        for round in 0..6 {
            let job = Job { job_id: JobName(20 + round), ws_name: "ws1".into(), ..Job::default() };
            let new = run(50 + round, 0, 12, Status::Running);
            world.jobs.insert(0, job.clone());
            world.runs.insert(0, (1_000 + round.cast_signed(), new.clone()));
            let (runs, jobs) = (vec![new, world.runs.last().unwrap().1.clone(), on_top(&model)], vec![job]);
            world.send(&mut model, Msg::Changed(Changes { stamp: 2, runs, jobs, ..Changes::default() }));
            world.send(&mut model, Msg::Heartbeats(Vec::new()));
            world.step(&mut model, lane, false);
        }
        assert!(arrived(&model), "{lane:?}");
        world.catch_up(&mut model);
        assert_eq!((model.runs.len(), model.jobs.list.len()), (33, 11), "and at last everything is there");
    }
}

/// The selected run, which has logged something.
fn on_top(model: &Model) -> Run {
    model.runs.selected().unwrap().as_ref().clone()
}

#[test]
fn a_job_that_changes_while_the_list_is_read_is_shown_as_it_is() {
    let (mut world, mut model) = late();
    let change = |world: &mut World, model: &mut Model, job: Job| {
        let jobs = vec![job];
        world.send(model, Msg::Changed(Changes { stamp: 2, jobs, ..Changes::default() }));
    };
    let new = Job { job_id: JobName(13), ws_name: "ws1".into(), ..Job::default() };
    change(&mut world, &mut model, new);
    world.step(&mut model, Lane::List(ListKind::Jobs), false);
    let changed = Job { job_status: Status::Cancelled, ..world.jobs[0].clone() };
    world.jobs[0] = changed.clone();
    change(&mut world, &mut model, changed);
    world.step(&mut model, Lane::List(ListKind::Jobs), false);
    assert_eq!(model.jobs.list[0].job_status, Status::Cancelled);
}

#[test]
fn jobs_are_read_on_when_one_comes_near_the_last_and_the_title_says_that_there_are_more() {
    let mut world = World::usual();
    let job = |id: u64| Job { job_id: JobName(id), ws_name: "ws1".into(), ..Job::default() };
    world.jobs = (1..=1_200).rev().map(job).collect();
    let mut model = world.model((120, 40));
    let title = |model: &Model| dump(model, &Theme::new(true, true)).contains("latest");
    world.press(&mut model, "2 down");
    assert_eq!((model.jobs.list.len(), title(&model)), (500, true));
    // An old one that changes is no reason to read them all again.
    world.late = true;
    world.send(&mut model, Msg::Changed(Changes { stamp: 2, jobs: vec![job(3)], ..Changes::default() }));
    assert!(!world.lanes().contains(&Lane::List(ListKind::Jobs)));
    world.press(&mut model, "G");
    // If they cannot be read they are not asked for again and again.
    world.fail_all(&mut model);
    world.late = false;
    assert_eq!(model.jobs.selected().unwrap().job_id, JobName(701));
    world.send(&mut model, Msg::Changed(Changes { stamp: 3, jobs: vec![job(1_201)], ..Changes::default() }));
    assert_eq!((model.jobs.list.len(), title(&model)), (1_000, true));
    world.press(&mut model, "G G");
    assert_eq!((model.jobs.list.len(), title(&model)), (1_200, false));
}
