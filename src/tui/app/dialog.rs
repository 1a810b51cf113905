//! What can lie over the panes: a question, a form, a line to type, a list to look at.

use tui_textarea::TextArea;

use super::columns::ColumnMenu;
use super::effect::{Generation, Target, TaskId};
use super::message::PlannedEnd;
use super::topics::Topics;
use crate::model::{Run, RunPath};
use crate::tui::command::Candidate;

/// What lies over the panes and gets the keys.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// A question about something that destroys.
    Confirm(Confirm),
    /// The form to start a run again.
    Rerun(Box<RerunForm>),
    /// A line to type.
    Prompt(Box<Prompt>),
    /// The choice of the column to sort by.
    Sort(SortMenu),
    /// The choice of the columns.
    Columns(ColumnMenu),
    /// The keys that work here.
    Help {
        /// Lines above the screen.
        scroll: usize,
    },
    /// The help topics.
    Topics(Topics),
    /// What went wrong lately.
    Errors {
        /// Lines above the screen.
        scroll: usize,
    },
    /// The background tasks.
    Tasks {
        /// Lines above the screen.
        scroll: usize,
    },
}

/// A question that only `y` answers with yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The frozen set.
    pub targets: Vec<Target>,
    /// What would be ended; none while it is looked up.
    pub planned: Option<Vec<PlannedEnd>>,
    /// The task that looks it up.
    pub task: Option<TaskId>,
    /// The first line that is seen.
    pub scroll: usize,
}

/// The form to start a run again.
#[derive(Clone, Debug)]
pub struct RerunForm {
    /// The run.
    pub run: RunPath,
    /// What it was, to look at.
    pub original: Vec<(String, String)>,
    /// Its arguments as they were.
    pub args: Vec<String>,
    /// The fields: arguments, settings.
    pub fields: [TextArea<'static>; 2],
    /// The field that gets the keys.
    pub focus: usize,
    /// What is wrong with the input.
    pub problem: Option<String>,
}

/// One line to type in.
#[must_use]
pub fn field(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(vec![text.to_owned()]);
    area.set_cursor_line_style(ratatui::style::Style::new());
    area.move_cursor(tui_textarea::CursorMove::End);
    area
}

/// The text of a field of one line.
pub fn text_of(area: &TextArea<'_>) -> String {
    area.lines().join(" ")
}

impl RerunForm {
    /// A form for a run.
    pub fn new(run: &Run) -> Self {
        let args = arguments(run);
        let line = shell_line(&args);
        let mut original =
            vec![("script".to_owned(), run.script.clone()), ("arguments".to_owned(), line.clone())];
        original.extend(run.hparams.iter().map(|(name, value)| (name.clone(), value.to_string())));
        Self { run: run.path(), original, args, fields: [field(&line), field("")], focus: 0, problem: None }
    }

    /// What the person asks for: arguments if they were changed, and settings.
    pub fn request(&self) -> Result<Request, String> {
        let split = |at: usize| {
            shell_words::split(&text_of(&self.fields[at]))
                .map_err(|_| "a quotation mark is not closed".to_owned())
        };
        let args = split(0)?;
        let mut set = Vec::new();
        for word in split(1)? {
            match word.split_once('=') {
                Some((name, value)) if !name.is_empty() => set.push((name.to_owned(), value.to_owned())),
                _ => return Err(format!("`{word}` is no setting: write name=value")),
            }
        }
        Ok(Request { args: (args != self.args).then_some(args), set })
    }
}

/// What a rerun changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Other arguments.
    pub args: Option<Vec<String>>,
    /// Settings.
    pub set: Vec<(String, String)>,
}

/// The arguments of a run's script: what follows the script in its command.
fn arguments(run: &Run) -> Vec<String> {
    let script = run.command.iter().position(|word| *word == run.script);
    run.command.get(script.map_or(1, |at| at + 1)..).unwrap_or_default().to_vec()
}

/// Words as a person would type them: quoted only where a shell needs it. (`shell_words` quotes `--lr=.03`.)
fn shell_line(words: &[String]) -> String {
    let plain = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-+=@%:,./".contains(c))
    };
    let quoted = words.iter().map(|word| if plain(word) { word.into() } else { shell_words::quote(word) });
    quoted.collect::<Vec<_>>().join(" ")
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// A command.
    Command,
    /// A filter of the runs; it works while it is typed.
    Filter,
    /// A pattern to find in the log.
    Search,
    /// A pattern that the lines of the log have, or with `!` have not.
    Lines,
    /// A line or a time to go to in the log.
    Jump,
    /// A file to save the log in.
    Save,
    /// Words in the names of metrics; they work while they are typed.
    Metrics,
}

/// What a command would end.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What it names.
    pub targets: Vec<Target>,
    /// The question that was asked.
    pub generation: Option<Generation>,
    /// The answer.
    pub ends: Option<Result<Vec<PlannedEnd>, String>>,
}

/// A line to type.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What it is for.
    pub kind: PromptKind,
    /// The line.
    pub input: TextArea<'static>,
    /// What it may become.
    pub found: Vec<Candidate>,
    /// The one of these that is chosen.
    pub choice: usize,
    /// The person has chosen it: it is meant, and not what was typed.
    pub moved: bool,
    /// The line of the history that is shown, if one is.
    pub walk: Option<usize>,
    /// What it would do.
    pub preview: Preview,
    /// The text before (of a command: the filter), to come back to.
    pub before: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Prompt {
    /// A line that begins with a text.
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            input: field(text),
            found: Vec::new(),
            choice: 0,
            moved: false,
            walk: None,
            preview: Preview::default(),
            before: text.to_owned(),
            problem: None,
        }
    }

    /// The text.
    pub fn text(&self) -> String {
        text_of(&self.input)
    }
}

/// The choice of the column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortMenu {
    /// Fields of the records, each with what it is called.
    pub fields: Vec<(String, String)>,
    /// The chosen one.
    pub choice: usize,
}

#[cfg(test)]
mod tests {
    // Proves C1, B1 (rerun with other arguments).
    use super::*;
    use rstest::rstest;

    fn form(args: &str, set: &str) -> RerunForm {
        let command = ["python", "train.py", "--lr=.03", "--name", "two words"];
        let run =
            Run { script: "train.py".into(), command: command.map(str::to_owned).to_vec(), ..Run::default() };
        let mut form = RerunForm::new(&run);
        assert_eq!(text_of(&form.fields[0]), "--lr=.03 --name 'two words'");
        if !args.is_empty() {
            form.fields[0] = field(args);
        }
        form.fields[1] = field(set);
        form
    }

    #[test]
    fn an_untouched_form_changes_nothing() {
        assert_eq!(form("", "").request(), Ok(Request { args: None, set: vec![] }));
    }

    #[test]
    fn arguments_and_settings_are_words_of_a_shell() {
        let request = form("--lr=.1 'a b'", "seed=7 note='x y'").request().unwrap();
        assert_eq!(request.args, Some(vec!["--lr=.1".into(), "a b".into()]));
        assert_eq!(request.set, [("seed".into(), "7".into()), ("note".into(), "x y".into())]);
    }

    #[rstest]
    #[case("--lr='.1", "", "quotation")]
    #[case("", "seed", "name=value")]
    #[case("", "=7", "name=value")]
    fn mistakes_are_told(#[case] args: &str, #[case] set: &str, #[case] part: &str) {
        assert!(form(args, set).request().unwrap_err().contains(part));
    }
}
