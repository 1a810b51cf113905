//! Commands: what each of them does to the model and asks of the world.

use std::collections::HashSet;

use super::super::act::Act;
use super::super::columns::{self, ColumnMenu};
use super::super::dialog::{Overlay, Prompt, PromptKind, SortMenu};
use super::super::effect::{self, Effect, Target, TerminalRequest};
use super::super::filter::filter_of;
use super::super::layout::Pane;
use super::super::model::{Model, RunFilter, Severity, Task};
use super::super::screen::Screen;
use super::super::sheet::Sheet;
use super::super::tab::Tab;
use super::super::tagging::Tagging;
use super::super::topics::Topics;
use super::{bulk, charts, files, layout, log, navigate, over, prompt, show, tasks};
use crate::model::names::{Selector, nearest, visible};
use crate::model::{NameError, RunPath, Scalar, Status};
use crate::ops::select::is_job;
use crate::ops::view::Subject;
use crate::store::SortKey;
use crate::tui::command::{Argument, Command, Invocation};

/// Does what a command with its argument says, whether a key or a typed line says it. What destroys asks first,
/// whoever says it.
pub fn invoke(model: &mut Model, line: &Invocation, effects: &mut Vec<Effect>) -> Result<(), String> {
    if !line.entry.allowed(model.readonly) {
        return Err(format!(
            "`{}` would change something, and xt was started with --readonly",
            line.entry.name
        ));
    }
    let names_targets = line.entry.argument == Argument::Runs && !line.argument.is_empty();
    if !names_targets && !model.reaches(line.entry.scope) {
        return Err(format!("`{}` works {}", line.entry.name, line.entry.scope));
    }
    match (line.entry.command, line.argument.as_str()) {
        (command, "") => perform(model, command, effects),
        (Command::Filter, text) => apply_filter(model, text)?,
        (Command::Topics, name) => show(model, Overlay::Topics(Topics::on(name)?)),
        (Command::Log(command), text) => log::perform_with(model, command, text, effects)
            .unwrap_or_else(|| Err(format!("`{}` takes no arguments", line.entry.name)))?,
        (Command::Chart(command), text) => charts::perform_with(model, command, text)
            .unwrap_or_else(|| Err(format!("`{}` takes no arguments", line.entry.name)))?,
        (Command::SaveFile, to) => {
            let file = model.detail.file().ok_or("no file is selected")?;
            files::save(model, file, to, effects)?;
        }
        (Command::Sort, word) => {
            let field = field_named(model, word)?;
            sort_by(model, field);
        }
        (Command::Keymap, name) => effects.push(Effect::Keymap(name.to_owned())),
        (Command::Workspace, name) => navigate::go_to_workspace(model, name)?,
        (Command::Theme, name) => effects.push(Effect::Theme(name.to_owned())),
        (Command::Cancel, names) => {
            let targets = named_targets(model, names)?;
            bulk::ask(model, Act::Cancel, targets, effects);
        }
        (Command::Delete, names) => {
            let targets = named_targets(model, names)?;
            bulk::ask(model, Act::Delete, targets, effects);
        }
        (Command::Tag, text) => bulk::tag_line(model, Tagging::parse(text)?, effects)?,
        (Command::Note, text) => {
            let set = [("description".to_owned(), Scalar::Text(text.to_owned()))].into_iter().collect();
            bulk::tag_line(model, Tagging { set, clear: Vec::new() }, effects)?;
        }
        (Command::Hold, names) => bulk::hold(model, names, true, effects)?,
        (Command::Release, names) => bulk::hold(model, names, false, effects)?,
        (Command::Priority, number) => {
            let jobs = bulk::jobs(model, "")?;
            bulk::set_priority(model, jobs, number, effects)?;
        }
        _ => return Err(format!("`{}` takes no arguments", line.entry.name)),
    }
    Ok(())
}

/// Does what a command without an argument says.
fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Quit => model.quit = true,
        Command::Workspace => navigate::focus(model, Pane::Workspaces),
        Command::Theme => next_theme(model, effects),
        Command::Suspend => effects.push(Effect::Terminal(TerminalRequest::Suspend)),
        Command::Redraw => effects.push(Effect::Terminal(TerminalRequest::Redraw)),
        Command::Help | Command::Keymap => over::show_keys(model),
        Command::Topics => show(model, Overlay::Topics(Topics::default())),
        Command::Errors => navigate::toggle_screen(model, Screen::Errors),
        Command::Tasks => navigate::toggle_screen(model, Screen::Tasks),
        Command::StopTask => tasks::stop(model, effects),
        Command::ClearTasks => tasks::clear(model),
        Command::Prompt => prompt::open(model),
        Command::FocusNext | Command::FocusPrevious if model.screen == Screen::Compare => {
            toggle(model, |model| &mut model.compare.on_table);
        }
        Command::FocusNext => navigate::focus(model, model.layout.step(model.focus, true)),
        Command::FocusPrevious => navigate::focus(model, model.layout.step(model.focus, false)),
        Command::Focus(pane) => navigate::focus(model, pane),
        Command::Tab(tab) => navigate::show_tab(model, tab),
        Command::Screen(screen) => navigate::show_screen(model, screen),
        Command::TabNext => navigate::show_tab(model, model.detail.tab.step(true)),
        Command::TabPrevious => navigate::show_tab(model, model.detail.tab.step(false)),
        Command::Zoom if model.screen == Screen::Compare => toggle(model, |model| &mut model.compare.alone),
        Command::Zoom => toggle(model, |model| &mut model.layout.zoom),
        Command::Grow => layout::resize(model, 1),
        Command::Shrink => layout::resize(model, -1),
        Command::HidePane => layout::hide(model),
        Command::ShowPanes => layout::show_all(model),
        Command::Up
        | Command::Down
        | Command::Left
        | Command::Right
        | Command::PageUp
        | Command::PageDown
        | Command::Top
        | Command::Bottom => navigate::travel(model, command),
        Command::TreeOpen => navigate::branch(model, true),
        Command::TreeClose => navigate::branch(model, false),
        Command::Open if model.can_open_file() => {
            files::open(model, effects);
        }
        Command::Open => navigate::open(model),
        Command::Back => navigate::back(model, effects),
        Command::Filter => {
            let text = model.filter.text.clone();
            show(model, Overlay::Prompt(Box::new(Prompt::new(PromptKind::Filter, &text))));
        }
        Command::Sort => sort_menu(model),
        Command::Reverse => reverse(model),
        Command::Watch => watch(model),
        Command::Columns => show(model, Overlay::Columns(ColumnMenu::new(model))),
        Command::Mark => bulk::mark(model),
        Command::MarkRange => bulk::mark_range(model, effects),
        Command::MarkUp => bulk::mark_along(model, -1, effects),
        Command::MarkDown => bulk::mark_along(model, 1, effects),
        Command::MarkAll => bulk::mark_all(model, effects),
        Command::Unmark => bulk::unmark(model),
        Command::Cancel => bulk::cancel(model, effects),
        Command::Delete => bulk::delete(model, effects),
        Command::Rerun => bulk::rerun(model),
        Command::Tag => bulk::edit_tags(model, 0),
        Command::Note => bulk::edit_tags(model, 1),
        Command::Hold | Command::Release => {
            let hold = command == Command::Hold;
            if let Err(why) = bulk::hold(model, "", hold, effects) {
                model.tell(Severity::Warning, &why);
            }
        }
        Command::Priority => {
            if let Err(why) = bulk::ask_priority(model) {
                model.tell(Severity::Warning, &why);
            }
        }
        Command::Attach => attach(model, effects),
        Command::ControllerLog => {
            if model.screen == Screen::Nodes {
                // It is asked for, wherever the log stands.
                model.controller_log = false;
            }
            toggle(model, |model| &mut model.controller_log);
            if model.controller_log {
                navigate::show_tab(model, Tab::Log);
            }
        }
        Command::Copy => copy(model, effects),
        Command::Describe => describe(model),
        Command::EditFile => files::edit(model, effects),
        Command::SaveFile => files::ask_where(model),
        Command::Shell => files::shell(model, effects),
        Command::Log(command) => log::perform(model, command, effects),
        Command::Chart(command) => charts::perform(model, command),
        Command::Over(_) => model.tell(Severity::Warning, "this works only in a form, a line or a list"),
    }
}

/// The theme after the one that was chosen last.
fn next_theme(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.themes.iter().position(|name| *name == model.theme);
    let next = now.map_or(0, |at| at + 1) % model.themes.len().max(1);
    effects.extend(model.themes.get(next).cloned().map(Effect::Theme));
}

pub(super) fn toggle(model: &mut Model, flag: impl Fn(&mut Model) -> &mut bool) {
    let flag = flag(model);
    *flag = !*flag;
    model.dirty = true;
}

/// The run that a verb without a name is about.
fn selected_run(model: &mut Model) -> Option<std::sync::Arc<crate::model::Run>> {
    let run = model.runs.selected().cloned();
    if run.is_none() {
        model.tell(Severity::Warning, "no run is selected");
    }
    run
}

/// The end of the selected job, of the marked runs or of the selected run is told aloud, or no more.
fn watch(model: &mut Model) {
    let Some(targets) = bulk::some_targets(model) else { return };
    if targets.iter().all(|target| model.watched.contains(target)) {
        let names: HashSet<&Target> = targets.iter().collect();
        model.watched.retain(|target| !names.contains(target));
        return model.tell(Severity::Good, &format!("no longer watching {}", effect::names(&targets)));
    }
    let listed = model.runs.marked_statuses();
    let status = |target: &Target| match target {
        Target::Run(path) => {
            let known = model.runs.doc_at(path).map(|run| run.status);
            known.or_else(|| listed.get(path).copied())
        }
        Target::Job(name) => model.jobs.list.iter().find(|job| job.job_id == *name).map(|job| job.job_status),
        Target::Named(_) | Target::File(_) => None,
    };
    // One that is in no list any more is not waited for.
    let is_open = |target: &Target| status(target).is_some_and(|status| !status.is_final());
    let open: Vec<Target> = targets.into_iter().filter(is_open).collect();
    if open.is_empty() {
        return model.tell(Severity::Warning, "nothing here is still to end");
    }
    model.tell(Severity::Good, &format!("watching {}: the bell rings at the end", effect::names(&open)));
    model.watched.extend(open);
}

fn attach(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(run) = selected_run(model) else { return };
    let tty = model.jobs.list.iter().find(|job| job.job_id == run.job_id).map(|job| job.launch.tty);
    if run.status == Status::Running && tty == Some(false) {
        // It takes no keys: its console is the log, on the whole screen.
        navigate::show_tab(model, Tab::Log);
        (model.layout.zoom, model.controller_log) = (true, false);
        navigate::set_follow(model, true);
    } else if run.status == Status::Running {
        effects.push(Effect::Terminal(TerminalRequest::Attach(run.path())));
    } else {
        let said = format!("{} is {}: only a running run can be attached to", run.run_name, run.status);
        model.tell(Severity::Warning, &said);
    }
}

fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    let name = match model.focus {
        _ if model.screen == Screen::Tasks => model.selected_task().map(Task::text),
        _ if model.screen == Screen::Errors => model.selected_notice().map(|notice| notice.text.clone()),
        _ if model.screen == Screen::Nodes => model.nodes.selected().map(|node| node.name.clone()),
        _ if model.screen == Screen::Compare => model.compare.selected().map(|run| run.run_name.to_string()),
        Pane::Detail if model.detail.tab == Tab::Metrics => model.board.selected().map(str::to_owned),
        Pane::Workspaces => model.tree.selected().map(|(ws, experiment)| experiment.unwrap_or(ws).to_owned()),
        Pane::Jobs => model.jobs.selected().map(|job| job.job_id.to_string()),
        Pane::Detail if model.detail.tab == Tab::Files => {
            let folder = model.detail.page().map(|page| page.page.folder.clone()).unwrap_or_default();
            model.detail.file().map(|(_, file)| format!("{folder}/{file}"))
        }
        Pane::Detail if model.detail.tab != Tab::Log => model.detail.selected(),
        Pane::Runs | Pane::Detail => model.runs.selected().map(|run| run.run_name.to_string()),
    };
    copy_text(model, name, effects);
}

/// Copies a text, if there is one.
pub fn copy_text(model: &mut Model, text: Option<String>, effects: &mut Vec<Effect>) {
    if let Some(text) = text {
        model.tell(Severity::Good, &format!("copied {text}"));
        effects.push(Effect::Terminal(TerminalRequest::Copy(text)));
    }
}

/// Shows all about what is selected: a sheet, or of a run its tab.
fn describe(model: &mut Model) {
    let subject = match model.focus {
        Pane::Workspaces => model.tree.selected().map(|(ws, experiment)| match experiment {
            Some(name) => Subject::Experiment { ws: ws.to_owned(), name: name.to_owned() },
            None => Subject::Workspace(ws.to_owned()),
        }),
        Pane::Jobs => model.jobs.selected().map(|job| Subject::Job(job.job_id)),
        Pane::Runs | Pane::Detail => return navigate::show_tab(model, Tab::Params),
    };
    if let Some(subject) = subject {
        show(model, Overlay::Sheet(Box::new(Sheet::new(subject))));
    }
}

/// The fields one can sort by: those of the table, and when a run was submitted.
/// What one may sort by that needs no column.
const FURTHER: [&str; 2] = ["created", "box_name"];

fn sort_fields(model: &Model) -> Vec<(String, String)> {
    let mut fields = ColumnMenu::new(model).chosen();
    fields.extend(FURTHER.map(str::to_owned));
    let fields: indexmap::IndexSet<String> = fields.into_iter().collect();
    fields.into_iter().map(|field| (field.clone(), columns::heading(&field).to_owned())).collect()
}

/// The field of a column by its heading or its name in the records.
fn field_named(model: &Model, word: &str) -> Result<String, String> {
    let known = ColumnMenu::new(model).fields.into_iter().map(|(field, _)| field);
    let fields: Vec<(String, String)> = known
        .chain(FURTHER.map(str::to_owned))
        .map(|field| (columns::heading(&field).to_owned(), field))
        .collect();
    if let Some((_, field)) = fields.iter().find(|(heading, field)| heading == word || field == word) {
        return Ok(field.clone());
    }
    let near = nearest(word, fields.iter().map(|(heading, _)| heading.as_str()));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(format!("there is no column `{}`{near}", visible(word)))
}

fn sort_menu(model: &mut Model) {
    let fields = sort_fields(model);
    let now = model.order().field;
    let choice = fields.iter().position(|(field, _)| *field == now).unwrap_or(0);
    show(model, Overlay::Sort(SortMenu { fields, choice }));
}

/// A column was chosen; the same once more turns the order around.
pub fn sort_chosen(model: &mut Model, menu: &SortMenu) {
    if let Some((field, _)) = menu.fields.get(menu.choice) {
        sort_by(model, field.clone());
    }
}

/// Sorts by a field; the same once more turns the order around.
pub fn sort_by(model: &mut Model, field: String) {
    let now = model.order();
    if now.field == field {
        return reverse(model);
    }
    let descending = field == "run_num" || field == "created" || field == "duration";
    model.sort = Some(SortKey { field, descending });
    model.stale.index = true;
    model.dirty = true;
}

fn reverse(model: &mut Model) {
    let now = model.order();
    model.sort = Some(SortKey { descending: !now.descending, ..now });
    model.stale.index = true;
    model.dirty = true;
}

/// Filters the runs.
pub fn apply_filter(model: &mut Model, text: &str) -> Result<(), String> {
    let filter = filter_of(text).map_err(|error| error.to_string())?;
    navigate::set_filter(model, RunFilter { text: text.trim().to_owned(), filter });
    Ok(())
}

/// The runs and jobs that words name: those by a range or a wildcard are looked up later.
pub fn named_targets(model: &Model, names: &str) -> Result<Vec<Target>, String> {
    let words = crate::model::names::words(names.split_whitespace());
    let target = |word: &str| -> Result<Target, NameError> {
        if is_job(word) {
            return word
                .parse()
                .map(Target::Job)
                .or_else(|_| Selector::job(word).map(|_| Target::Named(word.to_owned())));
        }
        let ws = model.scope.ws.as_deref().unwrap_or_default();
        RunPath::parse(word, ws).map(Target::Run).or_else(|_| {
            let (ws, name) = word.rsplit_once('/').unwrap_or((ws, word));
            Selector::run(name).map(|_| Target::Named(format!("{ws}/{name}")))
        })
    };
    words.map(|word| target(word).map_err(|error| error.to_string())).collect()
}
