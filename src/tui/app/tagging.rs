//! The form for tags and the note of runs and jobs.

use std::collections::BTreeSet;

use crossterm::event::KeyEvent;

use super::effect::Target;
use super::form::{Field, Fields, Pressed};
use super::model::Model;
use crate::model::{Scalar, Values};
use crate::ops::tags;
use crate::tui::command::{Command, OverCommand};

/// What is to become of tags and the note.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tagging {
    /// Tags that are set; `description` is the note.
    pub set: Values,
    /// Names of tags that are removed.
    pub clear: Vec<String>,
}

/// The form.
#[derive(Clone, Debug)]
pub struct TagForm {
    /// The frozen set.
    pub targets: Vec<Target>,
    /// The lines: tags, note.
    pub fields: Fields,
    /// Names of tags in use.
    pub names: Vec<String>,
    /// What is wrong with the input.
    pub problem: Option<String>,
}

impl TagForm {
    /// A form for these, filled with what all of them have.
    pub fn new(model: &Model, targets: Vec<Target>) -> Self {
        let mut known: Vec<(&Values, Option<&str>)> = Vec::new();
        for target in &targets {
            match target {
                Target::Run(path) => {
                    let found = model.runs.doc_at(path);
                    known.extend(found.map(|run| (&run.tags, run.description.as_deref())));
                }
                Target::Job(job) => {
                    let found = model.jobs.list.iter().find(|one| one.job_id == *job);
                    known.extend(found.map(|job| (&job.tags, job.description.as_deref())));
                }
                Target::File(_) | Target::Named(_) => {}
            }
        }
        let everywhere = |name: &String, value| known.iter().all(|(tags, _)| tags.get(name) == Some(value));
        let common: Values = known.first().map_or_else(Values::new, |(tags, _)| {
            let shared = tags.iter().filter(|(name, value)| everywhere(name, value));
            shared.map(|(name, value)| (name.clone(), value.clone())).collect()
        });
        let note = known.first().and_then(|(_, note)| *note).unwrap_or_default();
        let same = known.iter().all(|(_, other)| other.unwrap_or_default() == note);
        let of_runs = model.runs.at_hand().flat_map(|run| run.tags.keys());
        let of_jobs = model.jobs.list.iter().flat_map(|job| job.tags.keys());
        let names: BTreeSet<&String> = of_runs.chain(of_jobs).collect();
        let names = names.into_iter().cloned().collect();
        let fields = vec![
            Field::new("tags", &tags::line(&common), "best, lr=.1, note='a b'"),
            Field::new(
                "note",
                if same { note } else { "" },
                if same { "a line about it" } else { "differs" },
            ),
        ];
        Self { targets, fields: Fields { list: fields, focus: 0 }, names, problem: None }
    }

    /// What could stand in place of the word that is being typed.
    pub fn completions(&self) -> Vec<&str> {
        let Some(field) = self.fields.list.first().filter(|_| self.fields.focus == 0) else {
            return Vec::new();
        };
        let text = field.text();
        let typed = text.rsplit(',').next().unwrap_or_default().trim();
        if typed.contains('=') {
            return Vec::new();
        }
        let there: Vec<&str> =
            text.split(',').map(|word| word.split('=').next().unwrap_or_default().trim()).collect();
        let free = |name: &&str| name.starts_with(typed) && (*name == typed || !there.contains(name));
        self.names.iter().map(String::as_str).filter(free).filter(|name| *name != typed).collect()
    }

    /// Takes a key in, and the command it runs.
    pub fn press(&mut self, command: Option<Command>, event: KeyEvent) -> Pressed {
        let completes = command == Some(Command::Over(OverCommand::Complete)) && self.complete();
        if completes { Pressed::Typed } else { self.fields.press(command, event) }
    }

    /// Completes the word that is being typed; false if there is nothing to complete it to.
    fn complete(&mut self) -> bool {
        let Some(field) = self.fields.list.first() else { return false };
        let text = field.text();
        let typed = text.rsplit(',').next().unwrap_or_default().trim_start();
        let Some(name) = self.completions().first().map(|name| (*name).to_owned()) else { return false };
        if typed.is_empty() {
            return false;
        }
        let kept = text.strip_suffix(typed).unwrap_or_default().to_owned();
        if let Some(field) = self.fields.list.first_mut() {
            field.set(&format!("{kept}{name}"));
        }
        true
    }

    /// What the person asks for.
    pub fn request(&self) -> Result<Tagging, String> {
        let parse = |text: String| tags::parse(&[text]).map_err(|error| error.to_string());
        let [line, note] = self.fields.list.as_slice() else { return Ok(Tagging::default()) };
        let (before, after) = (parse(line.original.clone().unwrap_or_default())?, parse(line.text())?);
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        let mut clear: Vec<String> = gone.cloned().collect();
        let mut set = after;
        set.retain(|name, value| before.get(name) != Some(value));
        match note.changed() {
            Some(text) if text.trim().is_empty() => clear.push("description".to_owned()),
            Some(text) => drop(set.insert("description".to_owned(), Scalar::Text(text))),
            None => {}
        }
        Ok(Tagging { set, clear })
    }
}

impl Tagging {
    /// Reads what is typed after `tag`: tags to set, and with a `-` before it one to remove.
    pub fn parse(text: &str) -> Result<Self, String> {
        let set = tags::parse(&[text.to_owned()]).map_err(|error| error.to_string())?;
        let (clear, set): (Values, Values) = set.into_iter().partition(|(name, _)| name.starts_with('-'));
        let clear = clear.keys().map(|name| name.trim_start_matches('-').to_owned()).collect();
        Ok(Self { set, clear })
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.clear.is_empty()
    }
}

#[cfg(test)]
mod tests {
    // Proves B2, B15 (tags and notes by a form).
    use super::*;
    use crate::model::JobName;
    use crate::tui::testing::World;

    fn form() -> TagForm {
        let mut world = World::usual();
        for (_, run) in &mut world.runs {
            run.tags.insert("priority".into(), Scalar::Int(3));
            if run.run_name.child == 3 {
                run.tags.insert("best".into(), Scalar::Null);
                run.description = Some("the one".into());
            }
        }
        let model = world.model((120, 40));
        let run = |child| {
            let (_, run) = world.runs.iter().find(|(_, run)| run.run_name.child == child).unwrap();
            Target::Run(run.path())
        };
        TagForm::new(&model, vec![run(3), run(2)])
    }

    #[test]
    fn it_shows_what_all_have_and_changes_what_is_changed() {
        let mut form = form();
        assert_eq!(
            (form.fields.list[0].text(), form.fields.list[1].text()),
            ("priority=3".into(), String::new())
        );
        assert_eq!(form.request(), Ok(Tagging::default()));
        form.fields.list[0].set("note='a b', good");
        form.fields.list[1].set("both of them");
        let asked = form.request().unwrap();
        assert_eq!(tags::line(&asked.set), "note='a b', good, description='both of them'");
        assert_eq!(asked.clear, ["priority"]);
        form.fields.list[0].set("=x");
        assert!(form.request().is_err());
    }

    #[test]
    fn names_in_use_complete_what_is_typed() {
        let mut form = form();
        form.fields.list[0].set("priority=3, b");
        assert_eq!(form.completions(), ["best"]);
        assert!(form.complete());
        assert_eq!(form.fields.list[0].text(), "priority=3, best");
        assert!(!form.complete());
        form.fields.list[0].set("priority=");
        assert!(form.completions().is_empty());
    }

    #[test]
    fn a_typed_line_sets_and_removes() {
        let asked = Tagging::parse("good, lr=.1, -best").unwrap();
        assert_eq!((tags::line(&asked.set), asked.clear), ("good, lr=0.1".into(), vec!["best".into()]));
        assert!(Tagging::parse("").unwrap().is_empty());
        let model = World::usual().model((120, 40));
        assert_eq!(TagForm::new(&model, vec![Target::Job(JobName(12))]).fields.list.len(), 2);
    }
}
