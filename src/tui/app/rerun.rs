//! The form to start runs again: arguments, each of them that has a name as a line of its own, settings.

use super::effect::Target;
use super::form::{Field, Fields};
use crate::model::job::{Gpus, GpusError};
use crate::model::{Job, Run, Values};
use crate::ops::rerun::{Changes, program_words};
use crate::ops::tags;
use crate::report::shape;

/// The most named arguments that have a line of their own.
const MOST_PARAMS: usize = 40;

/// What is said above the arguments in the editor.
const EDITOR_HEAD: &str =
    "# The arguments, quoted as for a shell. Lines and blanks separate them; `#` begins a comment.\n";

/// What is wrong with a line that cannot be taken apart into words.
const UNCLOSED: &str = "a quotation mark is not closed";

/// The settings, by the place of their lines behind those of the arguments.
const SETTINGS: [&str; 7] = ["about", "experiment", "tags", "gpus", "max retries", "max minutes", "priority"];

/// The form.
#[derive(Clone, Debug)]
pub struct RerunForm {
    /// The frozen set of runs.
    pub targets: Vec<Target>,
    /// The lines: the arguments (of several runs: what is set in all of them), then those among them that have
    /// a name, then the settings.
    pub fields: Fields,
    /// What is wrong with the input.
    pub problem: Option<String>,
    /// What comes before the arguments of one run.
    program: Vec<String>,
    /// The arguments of one run as they were, and as they are now.
    original: Vec<String>,
    args: Vec<String>,
    /// Where in the arguments the values of the lines of named arguments are, line by line.
    params: Vec<Param>,
    /// The hyperparameters of the record.
    known: Values,
}

/// An argument with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Param {
    name: String,
    /// The word in which its value is, and where the value begins there.
    word: usize,
    from: usize,
}

impl RerunForm {
    /// A form for runs. `runs` are those of them that are at hand; `job` is that of the first, if it is.
    pub fn new(targets: Vec<Target>, runs: &[&Run], job: Option<&Job>) -> Self {
        let mut form = Self {
            targets,
            fields: Fields::default(),
            problem: None,
            program: Vec::new(),
            original: Vec::new(),
            args: Vec::new(),
            params: Vec::new(),
            known: Values::new(),
        };
        let settings = settings(runs.first().copied(), job.filter(|_| form.is_single()));
        if let (true, Some(run)) = (form.is_single(), runs.first()) {
            let at = program_words(&run.command, &run.script);
            form.program = run.command.get(..at).unwrap_or_default().to_vec();
            form.original = run.command.get(at..).unwrap_or_default().to_vec();
            form.args.clone_from(&form.original);
            form.known.clone_from(&run.hparams);
            form.fields.list.push(Field::new("arguments", &shape::command(&form.original), "none"));
            form.show_params();
        } else {
            form.fields.list.push(Field::new("set", "", "name=value … in all of them"));
            form.fields.list.extend(common(runs));
        }
        form.fields.list.extend(settings);
        form
    }

    /// Whether it is about one run.
    pub const fn is_single(&self) -> bool {
        self.targets.len() == 1
    }

    /// The command as it would be, word for word, each with whether it is new; none for several runs.
    pub fn command(&self) -> Vec<(String, bool)> {
        let same = |word: &String| (word.clone(), false);
        let program = self.program.iter().map(same);
        let new = |word: &String| (word.clone(), !self.original.contains(word));
        program.chain(self.args.iter().map(new)).collect()
    }

    /// Something was typed into the line with the focus: what hangs together follows.
    pub fn typed(&mut self) {
        self.problem = None;
        if !self.is_single() {
            return;
        }
        // A line that is not finished stays as it was typed, whatever is typed into the others.
        let Ok(args) = self.words() else { return self.problem = Some(UNCLOSED.to_owned()) };
        if self.fields.focus == 0 {
            self.args = args;
            self.show_params();
        } else if let Some(param) = self.params.get(self.fields.focus - 1) {
            let value = self.fields.focused().map(|field| field.text()).unwrap_or_default();
            if let Some(word) = self.args.get_mut(param.word) {
                word.truncate(param.from);
                word.push_str(&value);
            }
            let line = shape::command(&self.args);
            if let Some(field) = self.fields.list.first_mut() {
                field.set(&line);
            }
        }
    }

    /// The first line.
    fn line(&self) -> String {
        self.fields.list.first().map(Field::text).unwrap_or_default()
    }

    /// The words of the first line.
    fn words(&self) -> Result<Vec<String>, shell_words::ParseError> {
        shell_words::split(&self.line())
    }

    /// The arguments as a text for the editor, as they were typed if they are not finished; none for several runs.
    pub fn for_editor(&self) -> Option<String> {
        let mut text = EDITOR_HEAD.to_owned();
        if self.is_single() && self.words().is_err() {
            return Some(format!("{text}{}\n", self.line()));
        }
        for (at, word) in self.args.iter().enumerate() {
            let joined = at == 0
                || !word.starts_with('-')
                    && self.args[at - 1].starts_with('-')
                    && !self.args[at - 1].contains('=');
            text.push(if at == 0 || joined { ' ' } else { '\n' });
            text.push_str(&shape::command(std::slice::from_ref(word)));
        }
        text.push('\n');
        self.is_single().then(|| text.replacen("\n ", "\n", 1))
    }

    /// Takes the text back from the editor.
    pub fn edited(&mut self, text: &str) {
        match shell_words::split(text) {
            Ok(args) => {
                self.problem = None;
                self.args = args;
                let line = shape::command(&self.args);
                if let Some(field) = self.fields.list.first_mut() {
                    field.set(&line);
                }
                self.show_params();
            }
            Err(_) => self.problem = Some("in what was edited a quotation mark is not closed".to_owned()),
        }
    }

    /// What the person asks for.
    pub fn request(&self) -> Result<Changes, String> {
        let mut changes = Changes::default();
        let words = self.words().map_err(|_| UNCLOSED.to_owned())?;
        if self.is_single() {
            changes.arguments = (words != self.original).then_some(words);
        } else {
            for word in words {
                match word.split_once('=') {
                    Some((name, value)) if !name.is_empty() => {
                        changes.set.push((name.to_owned(), value.to_owned()));
                    }
                    _ => return Err(format!("`{word}` is no setting: write name=value")),
                }
            }
            let params = self.fields.list.get(1..self.settings_at()).unwrap_or_default();
            let changed = params.iter().filter_map(|field| Some((field.label.clone(), field.changed()?)));
            changes.set.extend(changed);
        }
        self.settings_of(&mut changes)?;
        Ok(changes)
    }

    fn settings_of(&self, changes: &mut Changes) -> Result<(), String> {
        let at = |place: usize| self.fields.list.get(self.settings_at() + place).and_then(Field::changed);
        let number = |what: &str, text: &str| format!("`{text}` is no {what}");
        changes.description = at(0).filter(|text| !text.trim().is_empty());
        changes.experiment = at(1).filter(|text| !text.trim().is_empty());
        changes.tags =
            at(2).map(|text| tags::parse(&[text]).map_err(|error| error.to_string())).transpose()?;
        changes.gpus = at(3)
            .map(|text| gpus(&text).map_err(|_| number("number of GPUs: 2, shared or auto", &text)))
            .transpose()?;
        let retries =
            at(4).map(|text| or_zero(&text).parse().map_err(|_| number("number of retries", &text)));
        changes.max_retries = retries.transpose()?;
        let minutes = at(5).map(|text| {
            let minutes: Option<f64> = or_zero(&text).parse().ok();
            minutes
                .filter(|minutes| minutes.is_finite() && *minutes >= 0.0)
                .ok_or_else(|| number("number of minutes", &text))
        });
        changes.max_minutes = minutes.transpose()?;
        let priority = at(6).map(|text| or_zero(&text).parse().map_err(|_| number("priority", &text)));
        changes.priority = priority.transpose()?;
        Ok(())
    }

    const fn settings_at(&self) -> usize {
        self.fields.list.len() - SETTINGS.len()
    }

    /// Makes the lines of the named arguments those that the arguments have now.
    fn show_params(&mut self) {
        let value = |args: &[String], param: &Param| -> String {
            args.get(param.word).and_then(|word| word.get(param.from..)).unwrap_or_default().to_owned()
        };
        let before = params(&self.original, &self.known);
        self.params = params(&self.args, &self.known);
        let field = |param: &Param| {
            let was = before.iter().find(|one| one.name == param.name).map(|one| value(&self.original, one));
            Field { original: was, ..Field::new(&param.name, &value(&self.args, param), "") }
        };
        let fields: Vec<_> = self.params.iter().map(field).collect();
        let settings = if self.fields.list.len() > 1 { self.settings_at() } else { 1 };
        self.fields.list.splice(1..settings, fields);
    }
}

/// No words are a zero.
fn or_zero(text: &str) -> &str {
    let text = text.trim();
    if text.is_empty() { "0" } else { text }
}

/// No words are what is done without them.
fn gpus(text: &str) -> Result<Gpus, GpusError> {
    let text = text.trim();
    if text.is_empty() { Ok(Gpus::default()) } else { text.parse() }
}

/// The lines of the settings, with what they are where it is known.
fn settings(run: Option<&Run>, job: Option<&Job>) -> Vec<Field> {
    let unknown = |label: &str| Field { original: None, ..Field::new(label, "", "as it was") };
    let known = |label: &str, value: Option<String>, hint: &str| match value {
        Some(value) => Field::new(label, &value, hint),
        None => unknown(label),
    };
    let minutes = |job: &Job| job.launch.max_minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    let experiment = run.filter(|_| job.is_some()).map(|run| run.exper_name.clone());
    vec![
        Field::new(SETTINGS[0], "", "a line about it"),
        known(SETTINGS[1], experiment, "as it was"),
        known(SETTINGS[2], job.map(|job| tags::line(&job.tags)), "best, note='a b'"),
        known(SETTINGS[3], job.map(|job| job.launch.gpus.to_string()), "auto, shared, or a number"),
        known(SETTINGS[4], job.map(|job| job.launch.max_retries.to_string()), "0"),
        known(SETTINGS[5], job.map(minutes), "no limit"),
        known(SETTINGS[6], job.map(|job| job.priority.to_string()), "0"),
    ]
}

/// The lines of what several runs have in their arguments; with its value where it is the same in all.
fn common(runs: &[&Run]) -> Vec<Field> {
    let of = |run: &Run| {
        let args = run.command.get(program_words(&run.command, &run.script)..).unwrap_or_default().to_vec();
        let found = params(&args, &run.hparams);
        let pair =
            |param: Param| (args[param.word].get(param.from..).unwrap_or_default().to_owned(), param.name);
        found.into_iter().map(pair).collect::<Vec<_>>()
    };
    let all: Vec<_> = runs.iter().map(|run| of(run)).collect();
    let Some(first) = all.first() else { return Vec::new() };
    let line = |(value, name): &(String, String)| {
        let same = all.iter().all(|one| one.iter().any(|(other, of)| of == name && other == value));
        if same { Field::new(name, value, "") } else { Field::new(name, "", "differs") }
    };
    first.iter().map(line).collect()
}

/// The arguments that have a name: `--lr=.03`, `--lr .03`, `lr=.03`, and a short `-n 3` if a run logged it.
fn params(args: &[String], known: &Values) -> Vec<Param> {
    let mut found: Vec<Param> = Vec::new();
    let mut put = |name: &str, word: usize, from: usize| {
        if found.len() < MOST_PARAMS && !found.iter().any(|one| one.name == name) {
            found.push(Param { name: name.to_owned(), word, from });
        }
    };
    for (at, word) in args.iter().enumerate() {
        let bare = word.trim_start_matches('-');
        let dashes = word.len() - bare.len();
        if word == "--" {
            break;
        }
        match bare.split_once('=') {
            Some((name, _)) if is_name(name) => put(name, at, dashes + name.len() + 1),
            None if is_name(bare) && (dashes == 2 || dashes == 1 && known.contains_key(bare)) => {
                let has_value = args
                    .get(at + 1)
                    .is_some_and(|next| !next.starts_with('-') || next.parse::<f64>().is_ok());
                if has_value {
                    put(bare, at + 1, 0);
                }
            }
            _ => {}
        }
    }
    found
}

fn is_name(name: &str) -> bool {
    name.starts_with(|char: char| char.is_alphabetic() || char == '_')
        && name.chars().all(|char| char.is_alphanumeric() || "_-.".contains(char))
}

#[cfg(test)]
mod tests;
