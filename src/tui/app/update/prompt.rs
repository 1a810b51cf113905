//! The line to type: a command, a filter, a text to find.

use crossterm::event::{KeyCode, KeyEvent};

use super::super::dialog::{Overlay, Prompt, PromptKind, field};
use super::super::effect::Effect;
use super::super::form::type_into;
use super::super::log::Jump;
use super::super::model::Model;
use super::super::palette;
use super::{actions, bulk, files, log, show};
use crate::tui::command::{Command, Invocation, LineError, OverCommand};

/// Opens the command line.
pub fn open(model: &mut Model) {
    let mut prompt = Prompt::new(PromptKind::Command, "");
    prompt.before.clone_from(&model.filter.text);
    palette::refresh(model, &mut prompt);
    show(model, Overlay::Prompt(Box::new(prompt)));
}

/// A key while a line is typed, and the command it runs; the line, unless it is done.
pub fn key(
    model: &mut Model,
    mut prompt: Prompt,
    command: Option<Command>,
    event: KeyEvent,
    effects: &mut Vec<Effect>,
) -> Option<Prompt> {
    let empty = prompt.text().is_empty();
    match command {
        Some(Command::Back) => {
            left(model, &prompt);
            return None;
        }
        Some(Command::Over(OverCommand::Accept)) => return done(model, prompt, effects),
        // As in a shell, while nothing is typed or a line from before is shown.
        Some(Command::Up) if prompt.walk.is_some() || (empty && prompt.choice == 0) => {
            palette::walk(model, &mut prompt, true);
        }
        Some(Command::Down) if prompt.walk.is_some() => palette::walk(model, &mut prompt, false),
        Some(Command::Over(OverCommand::HistoryBack)) => palette::walk(model, &mut prompt, true),
        Some(Command::Over(OverCommand::HistoryForward)) => palette::walk(model, &mut prompt, false),
        Some(Command::Over(OverCommand::Complete)) => {
            if let Some(found) = prompt.found.get(prompt.choice) {
                prompt.input = field(&found.continued());
                prompt = typed(model, prompt);
            }
        }
        Some(command) => choose(&mut prompt, command.rows().unwrap_or(0)),
        // An empty line, and one more step back: it is left.
        None if event.code == KeyCode::Backspace && empty => {
            left(model, &prompt);
            return None;
        }
        None => {
            type_into(&mut prompt.input, event);
            prompt = typed(model, prompt);
        }
    }
    Some(prompt)
}

fn choose(prompt: &mut Prompt, by: isize) {
    // The first step down is to the one that is offered first.
    let by = if by > 0 && !palette::is_chosen(prompt) { by - 1 } else { by };
    prompt.choice = prompt.choice.saturating_add_signed(by).min(prompt.found.len().saturating_sub(1));
    prompt.moved = !prompt.found.is_empty();
}

/// The line being typed changed: a filter works while it is typed.
pub fn typed(model: &mut Model, mut prompt: Prompt) -> Prompt {
    (prompt.walk, prompt.problem) = (None, None);
    let text = prompt.text();
    let filter = match &prompt.kind {
        PromptKind::Filter => Some(text),
        PromptKind::Metrics => {
            model.find_metrics(&text);
            None
        }
        PromptKind::Search
        | PromptKind::Lines
        | PromptKind::Jump
        | PromptKind::Save(_)
        | PromptKind::SaveFile { .. }
        | PromptKind::Priority(_) => None,
        PromptKind::Command => match Invocation::parse(&text) {
            Ok(line) if line.entry.command == Command::Filter && !line.argument.is_empty() => {
                Some(line.argument)
            }
            _ => Some(prompt.before.clone()),
        },
    };
    if let Some(filter) = filter
        && filter.trim() != model.filter.text
        && let Err(why) = actions::apply_filter(model, &filter)
    {
        prompt.problem = Some(why);
    }
    palette::refresh(model, &mut prompt);
    prompt
}

/// The line is left: what it had changed is as before.
pub fn left(model: &mut Model, prompt: &Prompt) {
    if prompt.kind == PromptKind::Metrics {
        model.find_metrics(&prompt.before);
    }
    let filters = matches!(prompt.kind, PromptKind::Filter | PromptKind::Command);
    if filters && model.filter.text != prompt.before {
        // It was a filter before.
        let _ = actions::apply_filter(model, &prompt.before);
    }
}

/// The line is done; it stays open while something is wrong with it.
fn done(model: &mut Model, mut prompt: Prompt, effects: &mut Vec<Effect>) -> Option<Prompt> {
    let text = prompt.text();
    let result = match &prompt.kind {
        PromptKind::Filter => actions::apply_filter(model, &text),
        PromptKind::Search => log::search(model, &text, effects),
        PromptKind::Lines => log::filter(model, &text, effects),
        PromptKind::Jump => log::jump(model, &text, effects),
        PromptKind::Save(generation) => log::save(model, *generation, &text, effects),
        PromptKind::Metrics => {
            model.find_metrics(&text);
            Ok(())
        }
        PromptKind::Priority(jobs) => bulk::set_priority(model, jobs.clone(), &text, effects),
        PromptKind::SaveFile { run, file } => files::save(model, (run.clone(), file.clone()), &text, effects),
        PromptKind::Command => run(model, &prompt, effects),
    };
    prompt.problem = Some(result.err()?);
    Some(prompt)
}

/// Runs a typed command.
fn run(model: &mut Model, prompt: &Prompt, effects: &mut Vec<Effect>) -> Result<(), String> {
    if prompt.text().trim().is_empty() && !prompt.moved {
        return Ok(());
    }
    let text = prompt.text();
    if Jump::parse(&text).is_some() {
        return log::jump(model, &text, effects);
    }
    let line = match Invocation::parse(&palette::meant(prompt)) {
        Ok(line) => line,
        Err(LineError::Unknown { line, nearest: Some(name) }) => {
            return Err(format!("there is no command `{line}`; did you mean `{name}`?"));
        }
        Err(LineError::Unknown { line, nearest: None }) => {
            return Err(format!("there is no command `{line}`{}", model.hint(Command::Help, "shows them")));
        }
        Err(error) => return Err(error.to_string()),
    };
    if line.entry.command != Command::Filter {
        left(model, prompt);
    }
    actions::invoke(model, &line, effects)?;
    palette::remember(&mut model.history, &line.to_string());
    palette::remember(&mut model.typed, &line.to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    // Proves C1 (the palette: completion, history, what will be affected; a filter's count).
    use super::super::super::effect::{Effect, Target, Verb};
    use super::super::super::message::Planned;
    use super::*;
    use crate::tui::testing::{World, dump};
    use crate::tui::theme::Theme;

    fn start(typed: &str) -> (World, Model) {
        let mut world = World::usual();
        let mut model = world.model((100, 30));
        world.press(&mut model, ":");
        world.type_text(&mut model, typed);
        (world, model)
    }

    fn prompt(model: &Model) -> &Prompt {
        let Some(Overlay::Prompt(prompt)) = &model.overlay else { panic!("it is gone") };
        prompt
    }

    fn found(model: &Model) -> Vec<&str> {
        prompt(model).found.iter().map(|found| found.name.as_str()).collect()
    }

    #[test]
    fn tab_and_the_arrows_take_what_the_line_may_become() {
        let (mut world, mut model) = start("canc");
        world.press(&mut model, "tab");
        assert_eq!(prompt(&model).text(), "cancel run ");
        assert!(found(&model).starts_with(&["run41.6", "run41.5"]), "{:?}", found(&model));
        world.type_text(&mut model, "412");
        assert_eq!(found(&model), ["run41.2"]);
        world.press(&mut model, "tab enter");
        let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question") };
        assert_eq!(confirm.targets.iter().map(ToString::to_string).collect::<Vec<_>>(), ["run41.2"]);
        world.press(&mut model, "n : s o r t space down down");
        let second = prompt(&model).found[1].line.clone();
        world.press(&mut model, "enter");
        assert_eq!(model.history.last(), Some(&second), "what was chosen is meant");
    }

    #[test]
    fn what_a_wildcard_would_end_is_seen_before_and_is_what_is_asked_about() {
        let (mut world, mut model) = start("cancel run run41.*");
        let ends = prompt(&model).preview.ends.clone().unwrap().unwrap();
        let names = |ends: &[Planned]| ends.iter().map(|end| end.target.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&ends), ["run41.2", "run41.3"]);
        insta::assert_snapshot!("preview", dump(&model, &Theme::new(true, true)));
        world.press(&mut model, "enter");
        let Some(Overlay::Confirm(confirm)) = &model.overlay else { panic!("no question") };
        assert_eq!(confirm.planned.as_ref().unwrap(), &ends);
        world.press(&mut model, "y");
        let ended: Vec<Vec<Target>> = world
            .seen
            .iter()
            .filter_map(|effect| match effect {
                Effect::Control { verb: Verb::Cancel { targets }, .. } => Some(targets.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(ended, [ends.into_iter().map(|end| end.target).collect::<Vec<_>>()]);
        // Nobody is asked about a name that is not whole, and who may only look sees no such thing.
        assert!(prompt(&start("cancel run ru").1).preview.targets.is_empty());
        let (mut world, mut model) = start("");
        model.readonly = true;
        world.type_text(&mut model, "cancel run run41.*");
        assert!(prompt(&model).preview.targets.is_empty());
    }

    #[test]
    fn a_filter_is_seen_while_it_is_typed_and_undone_when_the_line_is_left() {
        let (mut world, mut model) = start("filter status=error");
        assert_eq!((model.filter.text.as_str(), model.runs.len()), ("status=error", 1));
        assert!(dump(&model, &Theme::new(true, true)).contains("1 found"));
        world.press(&mut model, "esc");
        assert_eq!(model.filter.text, "");
        world.press(&mut model, ":");
        world.type_text(&mut model, "filter status=error");
        world.press(&mut model, "enter");
        assert_eq!(model.filter.text, "status=error");
        world.press(&mut model, ": f i l t e r space x backspace");
        assert_eq!(model.filter.text, "status=error", "an empty one asks for the filter there is");
    }

    #[test]
    fn up_in_an_empty_line_walks_what_was_typed_before() {
        let (mut world, mut model) = start("sort loss");
        world.press(&mut model, "enter : z o o m enter :");
        world.press(&mut model, "up up up");
        assert_eq!(prompt(&model).text(), "sort loss");
        world.press(&mut model, "down");
        assert_eq!(prompt(&model).text(), "zoom");
        world.press(&mut model, "down");
        assert_eq!((prompt(&model).text(), prompt(&model).walk), (String::new(), None));
        world.press(&mut model, "up enter");
        assert!(!model.layout.zoom, "it is done again");
        assert_eq!(model.typed, ["sort loss", "zoom"]);
    }

    #[test]
    fn themes_keymaps_and_workspaces_are_found_by_their_beginning() {
        let (mut world, mut model) = start("theme hi");
        assert!(found(&model).is_empty());
        world.press(&mut model, "esc");
        model.themes = ["default", "high-contrast"].map(str::to_owned).to_vec();
        for (line, effect) in [
            ("theme hi", Effect::Theme("high-contrast".into())),
            ("theme", Effect::Theme("default".into())),
            ("keymap vi", Effect::Keymap("vim".into())),
            // No such theme, and nothing like it: it is told by who reads it.
            ("theme zz", Effect::Theme("zz".into())),
        ] {
            world.press(&mut model, ":");
            world.type_text(&mut model, line);
            world.press(&mut model, "enter");
            assert_eq!(world.seen.pop(), Some(effect), "{line}");
        }
        world.press(&mut model, ":");
        world.type_text(&mut model, "workspace w1e2");
        world.press(&mut model, "enter");
        let scope = (model.scope.ws.as_deref(), model.scope.experiment.as_deref());
        assert_eq!(scope, (Some("ws1"), Some("exper2")));
        world.press(&mut model, ":");
        world.type_text(&mut model, "workspace zzz");
        world.press(&mut model, "enter");
        assert!(prompt(&model).problem.as_ref().unwrap().contains("no workspace"));
    }
}
