//! What is told about a command.

use std::fmt;

use super::Command;
use crate::tui::app::Tab;
use crate::tui::keymap::KeyContext;

/// Where a command works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On every screen.
    Global,
    /// On every screen, and in what lies over it and is not typed in.
    Popups,
    /// Everywhere, also where text is typed.
    Everywhere,
    /// Where text is typed: in forms and lines.
    Typing,
    /// In one part of what lies over the panes.
    Over(KeyContext),
    /// In the panes: not on the other screens.
    Panes,
    /// On the screen of tasks.
    Tasks,
    /// In the lists.
    Lists,
    /// In the list of workspaces.
    Workspaces,
    /// In the list of jobs.
    Jobs,
    /// In the lists whose things can be marked: jobs, runs.
    Markable,
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
    /// Where metrics are drawn.
    Charts,
    /// On the screen that compares runs.
    Compare,
}

impl fmt::Display for Scope {
    /// Where that is, for the person who is somewhere else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global | Self::Popups | Self::Everywhere => f.write_str("everywhere"),
            Self::Typing => f.write_str("where text is typed"),
            Self::Over(_) => f.write_str("in what lies over the panes"),
            Self::Panes => f.write_str("among the panes"),
            Self::Tasks => f.write_str("on the screen of tasks"),
            Self::Lists => f.write_str("in the lists"),
            Self::Workspaces => f.write_str("in the list of workspaces"),
            Self::Jobs => f.write_str("in the list of jobs"),
            Self::Markable | Self::Endable => f.write_str("on jobs and runs"),
            Self::Runs | Self::Run => f.write_str("on runs"),
            Self::Detail => f.write_str("in the tabs of a run"),
            Self::Tab(tab) => write!(f, "in the tab {}", tab.title()),
            Self::Charts => f.write_str("where metrics are drawn"),
            Self::Compare => f.write_str("where runs are compared"),
        }
    }
}

impl Scope {
    /// Whether it includes a part of the screen.
    pub fn includes(self, context: KeyContext) -> bool {
        let detail = matches!(context, KeyContext::Detail(_));
        let on_screen = !context.is_popup() && !context.is_typing();
        let main = on_screen
            && !matches!(
                context,
                KeyContext::Nodes | KeyContext::Compare | KeyContext::Tasks | KeyContext::Errors
            );
        match self {
            Self::Global => on_screen,
            Self::Popups => !context.is_typing(),
            Self::Everywhere => true,
            Self::Typing => context.is_typing(),
            Self::Over(part) => part == context,
            Self::Panes => main,
            Self::Tasks => context == KeyContext::Tasks,
            Self::Lists => !detail && main,
            Self::Workspaces => context == KeyContext::Workspaces,
            Self::Jobs => context == KeyContext::Jobs,
            Self::Markable => matches!(context, KeyContext::Jobs | KeyContext::Runs),
            Self::Runs => context == KeyContext::Runs,
            Self::Run => detail || context == KeyContext::Runs,
            Self::Endable => main && context != KeyContext::Workspaces,
            Self::Detail => detail,
            Self::Tab(tab) => context == KeyContext::Detail(tab),
            Self::Charts => matches!(context, KeyContext::Detail(Tab::Metrics) | KeyContext::Compare),
            Self::Compare => context == KeyContext::Compare,
        }
    }
}

/// What a command can do to people's work. Whoever may only read is refused all but the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// It shows.
    Harmless,
    /// It makes something new, or reaches a run.
    Writes,
    /// It ends or removes something, and asks first.
    Destroys,
}

/// What may follow the words of a command, and how it is completed. It can always be left out: the command then
/// takes what is selected, or asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// Runs and jobs by name: lists, ranges, wildcards.
    Runs,
    /// A column of the table of runs.
    Column,
    /// Words or a condition that runs are found by.
    Filter,
    /// A workspace, or an experiment in it.
    Workspace,
    /// The name of a theme.
    Theme,
    /// The name of a keymap.
    Keymap,
    /// The name of a help topic.
    Topic,
    /// Any text.
    Text,
}

impl fmt::Display for Argument {
    /// As it stands behind the words in the help; empty for none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "",
            Self::Runs => "[runs]",
            Self::Column => "[column]",
            Self::Filter => "[text or condition]",
            Self::Workspace => "[workspace]",
            Self::Theme | Self::Keymap => "[name]",
            Self::Topic => "[topic]",
            Self::Text => "[text]",
        })
    }
}

/// All about a command.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// Its words, as in the shell: `cancel run`.
    pub name: &'static str,
    /// What may follow the words.
    pub argument: Argument,
    /// What it does, in a line.
    pub doc: &'static str,
    /// Its place among the hints at the bottom of the screen, 1 being the most useful, and its word there, if it is
    /// shown there.
    pub hint: Option<(u8, &'static str)>,
    /// Where it works.
    pub scope: Scope,
    /// What it can do.
    pub danger: Danger,
}

impl Entry {
    /// A harmless command that works on every screen and takes no argument.
    pub const fn new(command: Command, name: &'static str, doc: &'static str) -> Self {
        Self {
            command,
            name,
            argument: Argument::None,
            doc,
            hint: None,
            scope: Scope::Global,
            danger: Danger::Harmless,
        }
    }

    /// Works here alone.
    #[must_use]
    pub const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Is shown at the bottom of the screen; where there is little room, the more useful (the lower rank) stay.
    #[must_use]
    pub const fn hint(mut self, rank: u8, word: &'static str) -> Self {
        self.hint = Some((rank, word));
        self
    }

    /// Can do this.
    #[must_use]
    pub const fn danger(mut self, danger: Danger) -> Self {
        self.danger = danger;
        self
    }

    /// Takes this.
    #[must_use]
    pub const fn takes(mut self, argument: Argument) -> Self {
        self.argument = argument;
        self
    }

    /// Whether it can be done from the `:` line: not what is only there for what lies over the panes.
    pub const fn can_be_typed(&self) -> bool {
        !matches!(self.scope, Scope::Typing | Scope::Over(_))
    }

    /// Whether a person who may only read can use it.
    pub fn allowed(&self, readonly: bool) -> bool {
        !readonly || self.danger == Danger::Harmless
    }
}
