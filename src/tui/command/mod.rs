//! The registry of commands: one entry a verb. The keymap, the command line, the hints and the help read it.

mod log;

pub use log::LogCommand;

use super::app::{Pane, Tab};
use super::keymap::KeyContext;

/// What a command does; its [`Entry`] tells the rest about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Leave xt.
    Quit,
    /// Stop xt and go to the shell that started it.
    Suspend,
    /// Paint the whole screen anew.
    Redraw,
    /// Show the keys that work here.
    Help,
    /// Type a command.
    Prompt,
    /// Show what went wrong lately.
    Errors,
    /// Show the background tasks.
    Tasks,
    /// The next pane.
    FocusNext,
    /// The pane before.
    FocusPrevious,
    /// This pane.
    Focus(Pane),
    /// Shows a tab of the selected run, and goes there.
    Tab(Tab),
    /// The tab to the right.
    TabNext,
    /// The tab to the left.
    TabPrevious,
    /// Show the focused pane alone, or all again.
    Zoom,
    /// Make the focused pane larger.
    Grow,
    /// Make the focused pane smaller.
    Shrink,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// The first line.
    Top,
    /// The last line.
    Bottom,
    /// Go into what is selected.
    Open,
    /// Back to where one came from.
    Back,
    /// Filter the runs.
    Filter,
    /// Choose the column to sort by.
    Sort,
    /// Turn the order around.
    Reverse,
    /// Chooses the columns of the runs.
    Columns,
    /// Mark a run.
    Mark,
    /// Remove all marks.
    Unmark,
    /// End runs or a job.
    Cancel,
    /// Start a run again.
    Rerun,
    /// Attach to a run's console.
    Attach,
    /// Show the controller's log.
    ControllerLog,
    /// Copy the name.
    Copy,
    /// Something in a log.
    Log(LogCommand),
}

/// Where a command works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It works everywhere.
    Global,
    /// In the lists.
    Lists,
    /// In the list of runs.
    Runs,
    /// Where a run is selected: in the list of runs and in every tab.
    Run,
    /// Where something that can be ended is selected: a job or a run.
    Endable,
    /// In every tab.
    Detail,
    /// In one tab.
    Tab(Tab),
}

impl Scope {
    /// Whether it includes a part of the screen.
    pub fn includes(self, context: KeyContext) -> bool {
        let detail = matches!(context, KeyContext::Detail(_));
        match self {
            Self::Global => true,
            Self::Lists => !detail,
            Self::Runs => context == KeyContext::Runs,
            Self::Run => detail || context == KeyContext::Runs,
            Self::Endable => context != KeyContext::Workspaces,
            Self::Detail => detail,
            Self::Tab(tab) => context == KeyContext::Detail(tab),
        }
    }
}

/// What a command can do to people's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// It shows.
    Harmless,
    /// It makes something new.
    Writes,
    /// It ends or removes something, and asks first.
    Destroys,
}

/// The group a command stands under in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Acting on runs and jobs.
    Act,
    /// Finding things.
    Find,
    /// Reading a log.
    Log,
    /// Moving around.
    Move,
    /// The screen.
    Screen,
}

impl Group {
    /// All groups in the order of the help.
    pub const ALL: [Self; 5] = [Self::Act, Self::Find, Self::Log, Self::Move, Self::Screen];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Act => "Act",
            Self::Find => "Find",
            Self::Log => "Log",
            Self::Move => "Move",
            Self::Screen => "Screen",
        }
    }
}

/// All about a command.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// Its words, as in the shell: `cancel run`.
    pub name: &'static str,
    /// What may follow the words, or nothing.
    pub argument: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    /// Its word at the bottom of the screen, if it is shown there.
    pub hint: Option<&'static str>,
    /// Where it stands in the help.
    pub group: Group,
    /// Where it works.
    pub scope: Scope,
    /// What it can do.
    pub danger: Danger,
    /// Its default keys.
    pub keys: &'static [&'static str],
}

const fn entry_of(
    command: Command,
    name: &'static str,
    doc: &'static str,
    group: Group,
    scope: Scope,
    keys: &'static [&'static str],
) -> Entry {
    Entry { command, name, argument: "", doc, hint: None, group, scope, danger: Danger::Harmless, keys }
}

const fn log(
    command: LogCommand,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
) -> Entry {
    entry_of(Command::Log(command), name, doc, Group::Log, Scope::Tab(Tab::Log), keys)
}

impl Entry {
    const fn hint(mut self, word: &'static str) -> Self {
        self.hint = Some(word);
        self
    }

    const fn danger(mut self, danger: Danger) -> Self {
        self.danger = danger;
        self
    }

    const fn argument(mut self, argument: &'static str) -> Self {
        self.argument = argument;
        self
    }
}

/// Every command, in the order of the hints and the help.
pub const REGISTRY: &[Entry] = &[
    entry_of(
        Command::Cancel,
        "cancel run",
        "end the run, the marked, or a job",
        Group::Act,
        Scope::Endable,
        &["x"],
    )
    .hint("kill")
    .argument("[runs]")
    .danger(Danger::Destroys),
    entry_of(Command::Rerun, "rerun", "start it again, changed or not", Group::Act, Scope::Run, &["r"])
        .hint("rerun")
        .danger(Danger::Writes),
    entry_of(Command::Attach, "attach", "go to its live console", Group::Act, Scope::Run, &["a"])
        .hint("attach"),
    entry_of(Command::Mark, "mark", "mark or unmark the run", Group::Act, Scope::Runs, &["space"])
        .hint("mark"),
    entry_of(Command::Unmark, "mark none", "remove all marks", Group::Act, Scope::Runs, &["u"]),
    entry_of(
        Command::ControllerLog,
        "view controller log",
        "the controller's log",
        Group::Act,
        Scope::Global,
        &["L"],
    ),
    entry_of(Command::Copy, "copy name", "copy the selected name", Group::Act, Scope::Global, &["y", "c"]),
    entry_of(Command::Filter, "filter", "find runs: words, or lr<0.1", Group::Find, Scope::Lists, &["/"])
        .hint("filter")
        .argument("[text or condition]"),
    entry_of(Command::Sort, "sort", "choose the column to sort by", Group::Find, Scope::Lists, &["S"])
        .hint("sort")
        .argument("[column]"),
    entry_of(Command::Reverse, "sort reverse", "turn the order around", Group::Find, Scope::Lists, &["R"]),
    entry_of(
        Command::Columns,
        "columns",
        "choose the columns and their order",
        Group::Find,
        Scope::Lists,
        &["C"],
    ),
    log(LogCommand::Follow, "follow", "follow the end, or stop", &["f"]).hint("follow"),
    log(LogCommand::Search, "search", "search in the log", &["/"]).hint("search").argument("[pattern]"),
    log(LogCommand::SearchNext, "search next", "the next hit", &["n"]),
    log(LogCommand::SearchPrevious, "search previous", "the hit before", &["N"]),
    log(LogCommand::Filter, "lines", "only lines that match; `!` those that do not", &["&"])
        .hint("lines")
        .argument("[pattern or !pattern]"),
    log(LogCommand::ErrorNext, "next error", "the next line that says error", &["]"]).hint("error"),
    log(LogCommand::ErrorPrevious, "previous error", "the error before", &["["]),
    log(LogCommand::Jump, "jump", "go to a line or time: 42, 14:30, -10m", &["J"])
        .hint("jump")
        .argument("[line or time]"),
    log(LogCommand::Wrap, "wrap", "wrap long lines, or cut them", &["w"]).hint("wrap"),
    log(LogCommand::Times, "times", "when each line was written, `!` is stderr", &["@"]).hint("times"),
    log(LogCommand::Numbers, "numbers", "the numbers of the lines", &["#"]),
    log(LogCommand::AttemptPrevious, "previous attempt", "the log of the attempt before", &["{"]),
    log(LogCommand::AttemptNext, "next attempt", "the log of the attempt after", &["}"]),
    entry_of(
        Command::Log(LogCommand::Merge),
        "merge logs",
        "the marked runs, or the job's, in one log by time",
        Group::Log,
        Scope::Endable,
        &["M"],
    ),
    log(LogCommand::Copy, "copy lines", "copy the current line, or those seen", &["Y"]),
    log(LogCommand::Save, "save log", "write the lines shown to a file", &["W"]).argument("[file]"),
    log(LogCommand::Print, "print log", "print on the plain screen, to select there", &["P"]),
    entry_of(Command::Open, "open", "go into what is selected", Group::Move, Scope::Global, &["enter"]),
    entry_of(Command::Back, "back", "one step back", Group::Move, Scope::Global, &["esc"]),
    entry_of(Command::Up, "up", "one line up", Group::Move, Scope::Global, &["up", "k"]),
    entry_of(Command::Down, "down", "one line down", Group::Move, Scope::Global, &["down", "j"]),
    entry_of(Command::Left, "left", "to the left", Group::Move, Scope::Global, &["left", "h"]),
    entry_of(Command::Right, "right", "to the right", Group::Move, Scope::Global, &["right", "l"]),
    entry_of(Command::PageUp, "page up", "one screen up", Group::Move, Scope::Global, &["pgup", "ctrl-b"]),
    entry_of(
        Command::PageDown,
        "page down",
        "one screen down",
        Group::Move,
        Scope::Global,
        &["pgdn", "ctrl-f"],
    ),
    entry_of(Command::Top, "top", "the first line", Group::Move, Scope::Global, &["g", "home"]),
    entry_of(Command::Bottom, "bottom", "the last line", Group::Move, Scope::Global, &["G", "end"]),
    entry_of(Command::FocusNext, "next pane", "the next pane", Group::Move, Scope::Global, &["tab"]),
    entry_of(
        Command::FocusPrevious,
        "previous pane",
        "the pane before",
        Group::Move,
        Scope::Global,
        &["shift-tab"],
    ),
    entry_of(
        Command::Focus(Pane::Workspaces),
        "goto workspaces",
        "the workspaces",
        Group::Move,
        Scope::Global,
        &["1"],
    ),
    entry_of(Command::Focus(Pane::Jobs), "goto jobs", "the jobs", Group::Move, Scope::Global, &["2"]),
    entry_of(Command::Focus(Pane::Runs), "goto runs", "the runs", Group::Move, Scope::Global, &["3"]),
    entry_of(Command::Tab(Tab::Log), "goto log", "the log", Group::Move, Scope::Global, &["4"]),
    entry_of(Command::Tab(Tab::Metrics), "goto metrics", "the metrics", Group::Move, Scope::Global, &["5"]),
    entry_of(
        Command::Tab(Tab::Params),
        "goto params",
        "what it was started with",
        Group::Move,
        Scope::Global,
        &["6"],
    ),
    entry_of(Command::Tab(Tab::Files), "goto files", "the files it left", Group::Move, Scope::Global, &["7"]),
    entry_of(
        Command::Tab(Tab::Events),
        "goto events",
        "what happened to it",
        Group::Move,
        Scope::Global,
        &["8"],
    ),
    entry_of(Command::TabNext, "next tab", "the tab to the right", Group::Move, Scope::Detail, &[">", "."]),
    entry_of(
        Command::TabPrevious,
        "previous tab",
        "the tab to the left",
        Group::Move,
        Scope::Detail,
        &["<", ","],
    ),
    entry_of(Command::Zoom, "zoom", "this pane alone, or all again", Group::Screen, Scope::Global, &["z"])
        .hint("zoom"),
    entry_of(Command::Grow, "grow", "make this pane larger", Group::Screen, Scope::Global, &["+", "="]),
    entry_of(Command::Shrink, "shrink", "make this pane smaller", Group::Screen, Scope::Global, &["-"]),
    entry_of(Command::Prompt, "command", "type a command", Group::Screen, Scope::Global, &[":"])
        .hint("command"),
    entry_of(Command::Tasks, "tasks", "the background tasks", Group::Screen, Scope::Global, &["T"]),
    entry_of(Command::Errors, "errors", "what went wrong lately", Group::Screen, Scope::Global, &["!"]),
    entry_of(Command::Redraw, "redraw", "paint the screen anew", Group::Screen, Scope::Global, &["ctrl-l"]),
    entry_of(
        Command::Suspend,
        "suspend",
        "go to the shell; `fg` comes back",
        Group::Screen,
        Scope::Global,
        &["ctrl-z"],
    ),
    entry_of(Command::Help, "help", "the keys that work here", Group::Screen, Scope::Global, &["?"])
        .hint("keys"),
    entry_of(Command::Quit, "quit", "leave; runs go on", Group::Screen, Scope::Global, &["q", "ctrl-c"]),
];

/// The entry a typed line begins with, and what follows its words. The longest name wins.
pub fn parse(line: &str) -> Option<(&'static Entry, &str)> {
    let line = line.trim();
    REGISTRY
        .iter()
        .filter_map(|entry| {
            let rest = line.strip_prefix(entry.name)?;
            (rest.is_empty() || rest.starts_with(' ')).then_some((entry, rest.trim()))
        })
        .max_by_key(|(entry, _)| entry.name.len())
}

/// The entries that a typed line may become: those whose name begins with it, then those that contain its words.
pub fn complete(line: &str) -> Vec<&'static Entry> {
    let line = line.trim_start().to_lowercase();
    let words: Vec<&str> = line.split_whitespace().collect();
    let contains = |entry: &&Entry| {
        !entry.name.starts_with(&line)
            && words.iter().all(|word| entry.name.contains(word) || entry.doc.contains(word))
    };
    let begins = |entry: &&Entry| entry.name.starts_with(&line);
    REGISTRY.iter().filter(begins).chain(REGISTRY.iter().filter(contains)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    // Proves C1 (one registry of verbs).
    #[test]
    fn every_name_and_command_stands_once_and_can_be_typed() {
        let names: HashSet<_> = REGISTRY.iter().map(|entry| entry.name).collect();
        let commands: HashSet<_> = REGISTRY.iter().map(|entry| entry.command).collect();
        assert_eq!((names.len(), commands.len()), (REGISTRY.len(), REGISTRY.len()));
        for item in REGISTRY {
            let line = format!("{} some thing", item.name);
            let (found, rest) = parse(&line).unwrap();
            assert_eq!((found.name, rest), (item.name, "some thing"));
        }
    }

    #[test]
    fn what_destroys_is_not_on_a_key_that_moves() {
        let moving: HashSet<_> =
            REGISTRY.iter().filter(|e| e.group == Group::Move).flat_map(|e| e.keys).collect();
        for entry in REGISTRY.iter().filter(|entry| entry.danger == Danger::Destroys) {
            assert!(entry.keys.iter().all(|key| !moving.contains(key)), "{}", entry.name);
        }
    }

    #[test]
    fn completion_prefers_names_that_begin_so() {
        assert_eq!(complete("re").first().unwrap().name, "rerun");
        assert!(complete("kill the wabbit").is_empty());
        assert!(parse("reru").is_none());
    }
}
