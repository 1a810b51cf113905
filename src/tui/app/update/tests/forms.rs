//! Forms, questions, marks, files, tasks: what keys and answers do.
// Proves C1 (forms, bulk actions on a frozen set, tasks, files, nothing blocks), B2, B30, B34, B41.

use rstest::rstest;

use super::*;
use crate::model::{JobName, Scalar};
use crate::ops::rerun::Changes;
use crate::ops::shell::Shell;
use crate::ops::tags;
use crate::tui::app::act::Act;
use crate::tui::app::dialog::{Overlay, PromptKind};
use crate::tui::app::effect::{Edit, LogSource, Target, TerminalRequest, Verb};
use crate::tui::app::message::{Done, Msg};
use crate::tui::app::model::{Model, Severity, TaskState};
use crate::tui::app::tagging::Tagging;
use crate::tui::app::{Effect, Pane, Screen, Tab, TaskId};
use crate::tui::testing::World;

fn last_verb(world: &World) -> Option<&Verb> {
    world.seen.iter().rev().find_map(|effect| match effect {
        Effect::Control { verb, .. } => Some(verb),
        _ => None,
    })
}

fn terminal(world: &World) -> Option<&TerminalRequest> {
    world.seen.iter().rev().find_map(|effect| match effect {
        Effect::Terminal(request) => Some(request),
        _ => None,
    })
}

fn text(world: &mut World, model: &mut Model, typed: &str) {
    world.type_text(model, typed);
}

fn told(model: &Model) -> &str {
    model.toasts.back().map_or("", |(notice, _)| notice.text.as_str())
}

#[rstest]
#[case("2 d", true)]
#[case("1 d", true)]
#[case("d", false)]
fn what_is_described_has_a_sheet_and_a_run_its_tab(#[case] keys: &str, #[case] sheet: bool) {
    let (mut world, mut model) = start(keys);
    if !sheet {
        assert_eq!((model.detail.tab, model.focus), (Tab::Params, Pane::Detail));
        return;
    }
    let Some(Overlay::Sheet(shown)) = &model.overlay else { panic!("no sheet") };
    assert!(shown.rows.len() > 3 && shown.failed.is_none());
    world.press(&mut model, "down y");
    assert!(matches!(terminal(&world), Some(TerminalRequest::Copy(_))) && model.overlay.is_some());
    world.press(&mut model, "d");
    assert!(model.overlay.is_none());
}

#[test]
fn several_runs_are_listed_before_they_run_again() {
    let (mut world, mut model) = start("space space r");
    text(&mut world, &mut model, "seed=7");
    world.press(&mut model, "enter");
    let changes = Box::new(Changes { set: vec![("seed".into(), "7".into())], ..Changes::default() });
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question") };
    assert_eq!(confirm.act, Act::Rerun(changes.clone()));
    assert_eq!(confirm.planned.as_ref().map(Vec::len), Some(2));
    assert!(!matches!(last_verb(&world), Some(Verb::Rerun { .. })));
    world.press(&mut model, "y");
    assert_eq!(last_verb(&world), Some(&Verb::Rerun { runs: vec![path(41, 3), path(41, 2)], changes }));
    assert!(model.runs.marks.is_empty());
}

#[test]
fn the_arguments_go_to_the_editor_and_come_back() {
    let (mut world, mut model) = start("r ctrl-e");
    let Some(TerminalRequest::Edit(Edit::Text(sent))) = terminal(&world) else { panic!("no editor") };
    assert!(sent.ends_with("\n--lr=.03\n"), "{sent}");
    world.send(&mut model, Msg::Edited("--lr=.5\n".into()));
    world.press(&mut model, "enter");
    let changes = Box::new(Changes { arguments: Some(vec!["--lr=.5".into()]), ..Changes::default() });
    assert_eq!(last_verb(&world), Some(&Verb::Rerun { runs: vec![path(41, 3)], changes }));
}

#[test]
fn tags_are_typed_into_a_form_or_a_line() {
    let (mut world, mut model) = start("t");
    text(&mut world, &mut model, "best, lr=.1");
    world.press(&mut model, "tab");
    text(&mut world, &mut model, "the one");
    world.press(&mut model, "enter");
    let set = tags::parse(&["best, lr=.1, description='the one'".into()]).unwrap();
    let verb = Verb::Tag { targets: vec![Target::Run(path(41, 3))], asked: Tagging { set, clear: vec![] } };
    assert_eq!(last_verb(&world), Some(&verb));
    world.press(&mut model, "2 space space :");
    text(&mut world, &mut model, "tag good, -best");
    world.press(&mut model, "enter");
    let Some(Verb::Tag { targets, asked }) = last_verb(&world) else { panic!("not tagged") };
    assert_eq!(targets, &[Target::Job(JobName(12)), Target::Job(JobName(11))]);
    assert_eq!(
        (asked.set.get("good"), asked.clear.as_slice()),
        (Some(&Scalar::Null), &["best".to_owned()][..])
    );
    // A form that is left as it was does nothing.
    let before = world.seen.len();
    world.press(&mut model, "esc 3 t enter");
    assert_eq!(world.seen.len(), before);
}

#[rstest]
#[case("V", 1)]
#[case("space down down V", 4)]
#[case("shift-down shift-down", 3)]
#[case("shift-down shift-up", 2)]
#[case("*", 27)]
#[case("/ e r r o r enter *", 1)]
#[case("* u", 0)]
fn marks(#[case] keys: &str, #[case] count: usize) {
    let (_, model) = start(keys);
    assert_eq!(model.runs.marks.len(), count);
}

#[test]
fn all_that_are_marked_are_a_frozen_set_also_beyond_the_screen() {
    let mut world = World::usual();
    let mut model = world.model((80, 12));
    world.press(&mut model, "*");
    assert_eq!(model.runs.marks.len(), 27);
    world.runs.push((99, crate::tui::testing::run(50, 0, 12, crate::model::Status::Completed)));
    model.stale.index = true;
    world.press(&mut model, "D");
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question") };
    assert_eq!((confirm.act.clone(), confirm.targets.len()), (Act::Delete, 27));
    world.press(&mut model, "y");
    let Some(Verb::Delete { runs }) = last_verb(&world) else { panic!("not deleted") };
    assert!(runs.len() == 27 && !runs.contains(&path(50, 0)));
    assert_eq!(model.runs.pending.get(&path(41, 3)), Some(&"deleting"));
}

#[rstest]
#[case("n")]
#[case("esc")]
#[case("enter")]
#[case("D")]
fn only_y_deletes(#[case] key: &str) {
    let (mut world, mut model) = start("D");
    world.press(&mut model, key);
    assert!(matches!(last_verb(&world), Some(Verb::Plan { act: Act::Delete, .. })));
}

#[test]
fn one_job_is_held_at_once_and_several_are_listed() {
    let (mut world, mut model) = start("2 p");
    assert_eq!(last_verb(&world), Some(&Verb::Hold { jobs: vec![JobName(12)], hold: true }));
    model.jobs.list[0].hold = true;
    world.press(&mut model, "p");
    assert_eq!(last_verb(&world), Some(&Verb::Hold { jobs: vec![JobName(12)], hold: false }));
    world.press(&mut model, "space space P");
    text(&mut world, &mut model, "5");
    // The prompt begins with what the selected job has.
    world.press(&mut model, "backspace backspace");
    text(&mut world, &mut model, "-7");
    world.press(&mut model, "enter");
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question") };
    assert_eq!(confirm.act, Act::Priority(-7));
    world.press(&mut model, "y");
    assert_eq!(
        last_verb(&world),
        Some(&Verb::Priority { jobs: vec![JobName(12), JobName(11)], priority: -7 })
    );
    assert!(model.jobs.marks.is_empty());
    world.press(&mut model, "P x enter");
    assert!(matches!(&model.overlay, Some(Overlay::Prompt(prompt)) if prompt.problem.is_some()));
}

#[test]
fn a_text_file_is_read_as_a_log_and_one_comes_back_to_the_files() {
    let (mut world, mut model) = start("7 down enter");
    assert_eq!((model.detail.tab, model.focus), (Tab::Log, Pane::Detail));
    let file = LogSource::File { run: path(41, 3), path: "/data/after/output/console.txt".into() };
    assert_eq!(model.log.source.as_ref(), Some(&file));
    assert!(!model.log.follows(), "a file is read from its beginning");
    world.press(&mut model, "esc");
    assert_eq!((model.detail.tab, model.log.source.clone()), (Tab::Files, Some(LogSource::Run(path(41, 3)))));
    world.press(&mut model, "enter 3 down");
    assert_eq!(model.log.source, Some(LogSource::Run(path(41, 2))), "another run has another log");
}

#[test]
fn of_a_binary_file_one_is_told_what_it_is() {
    let (_, model) = start("7 enter");
    assert_eq!(model.detail.tab, Tab::Files);
    assert!(told(&model).contains("zip archive") && told(&model).contains("46"), "{}", told(&model));
}

#[test]
fn a_file_is_copied_for_the_editor_and_its_path_is_its_whole_path() {
    let (mut world, mut model) = start("7 down y");
    let whole = "/data/ws1/runs/run41.3/after/output/console.txt";
    assert_eq!(terminal(&world), Some(&TerminalRequest::Copy(whole.into())));
    world.press(&mut model, "e");
    let Some(Verb::TakeCopy { run, file }) = last_verb(&world) else { panic!("not copied") };
    assert_eq!((run, file.as_str()), (&path(41, 3), "after/output/console.txt"));
    let task = model.tasks[0].id;
    world.send(&mut model, Msg::Task { task, result: Ok(Done::Copied("/tmp/xt-1/console.txt".into())) });
    let edit = TerminalRequest::Edit(Edit::Copy("/tmp/xt-1/console.txt".into()));
    assert_eq!(terminal(&world), Some(&edit));
}

#[test]
fn what_is_there_is_replaced_only_when_the_person_agrees() {
    let (mut world, mut model) = start("7 down S");
    assert!(matches!(&model.overlay, Some(Overlay::Prompt(prompt))
        if matches!(prompt.kind, PromptKind::SaveFile { .. }) && prompt.text() == "console.txt"));
    world.press(&mut model, "enter");
    let (run, file) = (path(41, 3), "after/output/console.txt".to_owned());
    let save = |to: &str, overwrite| Verb::SaveFile {
        run: run.clone(),
        file: file.clone(),
        to: to.into(),
        overwrite,
    };
    assert_eq!(last_verb(&world), Some(&save("console.txt", false)));
    let task = model.tasks[0].id;
    let exists =
        || Done::Exists { run: run.clone(), file: file.clone(), path: "/home/ada/console.txt".into() };
    world.send(&mut model, Msg::Task { task, result: Ok(exists()) });
    world.read(&mut model);
    world.press(&mut model, "n");
    assert_eq!(last_verb(&world), Some(&save("console.txt", false)));
    world.send(&mut model, Msg::Task { task, result: Ok(exists()) });
    world.read(&mut model);
    world.press(&mut model, "y");
    assert_eq!(last_verb(&world), Some(&save("/home/ada/console.txt", true)));
}

#[test]
fn a_shell_is_refused_to_who_may_only_look() {
    let (mut world, mut model) = start("s");
    assert_eq!(last_verb(&world), Some(&Verb::Shell(path(41, 3))));
    let shell = Shell {
        program: "/bin/sh".into(),
        directory: "/home/ada/sweep".into(),
        environment: Vec::new(),
        ended: false,
    };
    let (task, run, shell) = (model.tasks[0].id, path(41, 3), Box::new(shell));
    world.send(
        &mut model,
        Msg::Task { task, result: Ok(Done::Shell { run: run.clone(), shell: shell.clone() }) },
    );
    assert_eq!(terminal(&world), Some(&TerminalRequest::Shell { run, shell }));
    let mut world = World::usual();
    let mut model = world.model((120, 40));
    model.readonly = true;
    world.press(&mut model, "s t D r space V 2 p P t");
    assert!(world.seen.is_empty() && model.overlay.is_none());
    world.press(&mut model, ":");
    text(&mut world, &mut model, "tag best");
    world.press(&mut model, "enter");
    assert!(world.seen.is_empty());
}

#[test]
fn a_task_tells_that_it_begins_how_far_it_is_and_that_it_was_stopped() {
    let (mut world, mut model) = start("7 down e");
    let id = model.tasks[0].id;
    assert_eq!((id, &model.tasks[0].state), (TaskId(1), &TaskState::Waiting));
    world.send(&mut model, Msg::TaskBegun(id));
    world.send(&mut model, Msg::TaskProgress { task: id, done: 3, all: 9 });
    assert_eq!((&model.tasks[0].state, model.tasks[0].progress), (&TaskState::Running, Some((3, 9))));
    world.send(&mut model, Msg::Task { task: id, result: Ok(Done::Stopped) });
    assert_eq!((&model.tasks[0].state, model.running_tasks()), (&TaskState::Stopped, 0));
    // What comes late changes nothing.
    world.send(&mut model, Msg::TaskBegun(id));
    assert_eq!(model.tasks[0].state, TaskState::Stopped);
}

#[test]
fn tasks_are_stopped_and_cleared_on_their_screen() {
    let (mut world, mut model) = start("7 down e x y T");
    assert_eq!((model.screen, model.tasks.len()), (Screen::Tasks, 2));
    world.press(&mut model, "x");
    let stops =
        |world: &World| world.seen.iter().filter(|effect| matches!(effect, Effect::Stop { .. })).count();
    assert!(matches!(world.seen.last(), Some(Effect::Stop { task: TaskId(2), stoppable: false })));
    world.send(&mut model, Msg::TaskBegun(TaskId(2)));
    world.send(&mut model, Msg::Unstoppable(TaskId(2)));
    assert!(told(&model).contains("cannot be stopped"), "{}", told(&model));
    world.press(&mut model, "down x");
    assert!(matches!(world.seen.last(), Some(Effect::Stop { task: TaskId(1), stoppable: true })));
    world.send(&mut model, Msg::Task { task: TaskId(1), result: Ok(Done::Stopped) });
    world.press(&mut model, "x");
    assert_eq!(stops(&world), 2, "what has ended is not stopped");
    world.press(&mut model, "c");
    assert_eq!(model.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), [TaskId(2)]);
    world.press(&mut model, "T");
    assert_eq!(model.screen, Screen::Main);
}

#[test]
fn the_selected_error_stays_selected_and_is_copied_in_full() {
    let (mut world, mut model) = start("");
    let long = "the disk is full ".repeat(40);
    model.tell(Severity::Error, long.trim());
    world.press(&mut model, "!");
    model.tell(Severity::Warning, "something newer");
    world.send(&mut model, Msg::Paste(String::new()));
    world.press(&mut model, "y");
    assert_eq!(terminal(&world), Some(&TerminalRequest::Copy(long.trim().into())));
    world.press(&mut model, "esc");
    assert_eq!((model.screen, model.focus), (Screen::Main, Pane::Runs));
}
