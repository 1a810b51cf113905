//! The files of the selected run: to read, to edit a copy, to save; and a shell where they are.

use std::path::PathBuf;

use super::super::act::Act;
use super::super::dialog::{Confirm, Overlay, Prompt, PromptKind};
use super::super::effect::{Edit, Effect, List, LogSource, Target, TerminalRequest, Verb};
use super::super::message::{Looked, Planned};
use super::super::model::{Model, Severity};
use super::super::tab::Tab;
use super::{bulk, navigate, show};
use crate::model::RunPath;
use crate::model::names::visible;
use crate::ops::view::file::Kind;
use crate::report::shape::bytes;
use crate::tui::command::Command;
use crate::tui::keymap::KeyContext;

/// The selected file and its run.
fn selected(model: &mut Model) -> Option<(RunPath, String)> {
    let file = model.detail.file();
    if file.is_none() {
        let how = model.hint(Command::Tab(Tab::Files), "shows the files of the run");
        model.tell(Severity::Warning, &format!("no file is selected{how}"));
    }
    file
}

/// Looks what the selected file is, to show it.
pub fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((run, file)) = selected(model) else { return };
    let generation = model.generations.next();
    model.generations.look = generation;
    effects.push(Effect::List(List::Look { generation, run, file }));
}

/// The file was looked at: a text is shown as a log is, a picture in place of the list, of anything else one is told what it is.
pub fn looked(model: &mut Model, looked: Looked) {
    let stays = model.overlay.is_none() && model.key_context() == KeyContext::Detail(Tab::Files);
    if !stays || model.detail.file().as_ref() != Some(&(looked.run.clone(), looked.file.clone())) {
        // The person has gone elsewhere meanwhile.
        return;
    }
    match looked.look.kind {
        Kind::Text => {
            model.controller_log = false;
            model.log.pinned = Some(LogSource::File { run: looked.run, path: looked.look.path });
            navigate::show_tab(model, Tab::Log);
        }
        Kind::Picture(what) if model.means.ways.way().is_none() => {
            let (name, how) = (visible(&looked.file), model.hint(Command::SaveFile, "saves it"));
            model.tell(Severity::Warning, &format!("{name}: {what}, and pictures are off{how}"));
        }
        Kind::Picture(_) => model.detail.open_picture(),
        Kind::Binary(what) => {
            let (name, size) = (visible(&looked.file), bytes(looked.look.size));
            let how = model.hint(Command::SaveFile, "saves it");
            model.tell(Severity::Warning, &format!("{name}: {what}, {size}{how}"));
        }
    }
}

/// Has a copy made, for the editor.
pub fn edit(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((run, file)) = selected(model) else { return };
    bulk::start(model, Verb::TakeCopy { run, file }, effects);
}

/// The copy is there.
pub fn copied(path: PathBuf, effects: &mut Vec<Effect>) {
    effects.push(Effect::Terminal(TerminalRequest::Edit(Edit::Copy(path))));
}

/// Asks where the selected file is to be saved.
pub fn ask_where(model: &mut Model) {
    let Some((run, file)) = selected(model) else { return };
    let name = file.rsplit('/').next().unwrap_or(&file).to_owned();
    show(model, Overlay::Prompt(Box::new(Prompt::new(PromptKind::SaveFile { run, file }, &name))));
}

/// Saves a file of a run; what is there already stays.
pub fn save(
    model: &mut Model,
    (run, file): (RunPath, String),
    to: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let to = to.trim();
    if to.is_empty() {
        return Err("where to? type a name".to_owned());
    }
    bulk::start(model, Verb::SaveFile { run, file, to: to.to_owned(), overwrite: false }, effects);
    Ok(())
}

/// There is a file of this name already: whether it is to be replaced is the person's to say.
pub fn exists(model: &mut Model, run: RunPath, file: String, path: PathBuf) {
    let targets = vec![Target::File(path)];
    let detail = format!("with {}", visible(&file));
    let planned =
        targets.iter().cloned().map(|target| Planned { target, status: None, detail: detail.clone() });
    let (act, planned) = (Act::Replace { run, file }, Some(planned.collect()));
    model.questions.push_back(Overlay::Confirm(Confirm { act, targets, planned, task: None, scroll: 0 }));
}

/// Starts a shell where the selected run is.
pub fn shell(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.runs.selected().map(|run| run.path()) {
        Some(run) => bulk::start(model, Verb::Shell(run), effects),
        None => model.tell(Severity::Warning, "no run is selected"),
    }
}
